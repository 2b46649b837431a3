// Which options are refused before anything is sent, with which message, and which are accepted.

import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeFineTuningTask, stopFineTuningTask } from '../../../src';
import { THROWING_GETTER } from '../../support/hostile-values';
import { errorOf, inputProblemOf } from '../../support/responses/errors';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';

const NO_OPTIONS = 'options must be an object such as { timeoutMs: 10000 }, not';
const NO_CREDENTIALS = 'credentials must be an object such as { accessKey, secretKey }, not';
const TIMEOUT = 'timeoutMs must be an integer from 1 to 600000 (milliseconds)';
const SIGNAL = 'signal must be an AbortSignal';
const BASE_URL = 'baseUrl must be an http or https URL such as https://qianfan.baidubce.com';
const USER = 'baseUrl must not have a user name or a password';
const QUERY = 'baseUrl must not have a query or a fragment';
const NO_KEY = 'is required as a string: an access key and its secret key go together';
const QUOTES = 'has quotes around it, which are not part of a key: remove them';
const WHITE_SPACE = 'has white space or a line break in it, which no key has: remove it';
const UNREADABLE = 'options cannot be read: a getter threw';
const inheriting = (field: string): object => Object.create(Object.defineProperty({}, field, THROWING_GETTER));
const odd = (character: string) =>
  `has a character that no key has, ${character}: keys are visible ASCII characters only`;

beforeEach(() => {
  consoleAction.mockResolvedValue({ requestId: 'r', result: true });
});

/** As a caller without types would call it. */
const call = (options: unknown): Promise<unknown> => Reflect.apply(stopFineTuningTask, undefined, [TASK, options]);

async function refusalOf(options: unknown): Promise<string> {
  const problem = await inputProblemOf(call(options));
  expect(consoleAction).not.toHaveBeenCalled();
  return problem;
}

describe('options are refused that are or have', () => {
  const values = (option: string, refusal: string, ...all: readonly unknown[]) =>
    all.map((value, index) => [`${option} of a wrong kind (${index})`, { [option]: value }, refusal] as const);

  test.each<readonly [string, unknown, string]>([
    ['null', null, `${NO_OPTIONS} null`],
    ['a number', 5_000, `${NO_OPTIONS} a number`],
    ['an array', [], `${NO_OPTIONS} an array`],
    ['timeout', { timeout: 5 }, 'timeout is not a known field; did you mean timeoutMs?'],
    ['timeout_ms', { timeout_ms: 5 }, 'timeout_ms is not a known field; did you mean timeoutMs?'],
    ['baseURL', { baseURL: 'http://h' }, 'baseURL is not a known field; did you mean baseUrl?'],
    ['abortSignal', { abortSignal: 1 }, 'abortSignal is not a known field; did you mean signal?'],
    ['retries', { retries: 1 }, 'retries is not a known field; known: timeoutMs, signal, credentials, baseUrl'],
    ...values('timeoutMs', TIMEOUT, 0, -1, 1.5, 600_001, Number.NaN, Number.POSITIVE_INFINITY, '5000', null, {}, 5n),
    ...values('signal', SIGNAL, null, {}, 'abort', new AbortController(), { aborted: false }),
    ...values('signal', SIGNAL, { aborted: 'no', addEventListener() {}, removeEventListener() {} }),
    ...values(
      'signal',
      SIGNAL,
      { aborted: false, addEventListener() {} },
      { aborted: false, removeEventListener() {} },
    ),
    ['a signal whose inherited getter throws', { signal: inheriting('aborted') }, 'signal must be an AbortSignal'],
    ...values('baseUrl', 'baseUrl must be a string', 7, null, new URL('http://h')),
    ...values('baseUrl', BASE_URL, '', 'qianfan.baidubce.com', 'ftp://h', 'http://', '/v2', ' http://h', 'http://h\n'),
    ...values(
      'baseUrl',
      BASE_URL,
      'HTTPS://h',
      `h${'/'.repeat(20_000)}`,
      'https:\\\\h',
      'http://h:99999',
      'http://千帆',
    ),
    ...values('baseUrl', USER, 'http://u:p@h', 'http://u@h', 'http://:p@h'),
    ...values('baseUrl', QUERY, 'http://h/?a=b', 'http://h/?', 'http://h/#a'),
  ])('%s', async (_, options, refusal) => {
    expect(await refusalOf(options)).toBe(refusal);
  });

  test.each<readonly [string, unknown, string]>([
    ['a string', 'ak:sk', `${NO_CREDENTIALS} a string`],
    ['null', null, `${NO_CREDENTIALS} null`],
    ['an empty object', {}, `credentials.accessKey ${NO_KEY}; credentials.secretKey ${NO_KEY}`],
    ['one key only', { accessKey: 'a' }, `credentials.secretKey ${NO_KEY}`],
    ['a key that is not a string', { accessKey: 1, secretKey: 's' }, `credentials.accessKey ${NO_KEY}`],
    ['an empty key', { accessKey: '', secretKey: 's' }, `credentials.accessKey is empty`],
    ['a key with a line feed', { accessKey: 'a', secretKey: 's\n' }, `credentials.secretKey ${WHITE_SPACE}`],
    ['a key with a blank', { accessKey: 'a b', secretKey: 's' }, `credentials.accessKey ${WHITE_SPACE}`],
    ['a key in double quotes', { accessKey: '"a"', secretKey: 's' }, `credentials.accessKey ${QUOTES}`],
    ['a key in single quotes', { accessKey: 'a', secretKey: "'s'" }, `credentials.secretKey ${QUOTES}`],
    ['a key in Chinese', { accessKey: '密钥', secretKey: 's' }, `credentials.accessKey ${odd('密 (U+5BC6)')}`],
    [
      'a key with a control character',
      { accessKey: 'a\u0007', secretKey: 's' },
      `credentials.accessKey ${odd('U+0007')}`,
    ],
    [
      'keys by other names',
      { ak: 'a', sk: 's' },
      `credentials.accessKey ${NO_KEY}; credentials.secretKey ${NO_KEY}; credentials.ak is not a known field; did you mean accessKey?; credentials.sk is not a known field; did you mean secretKey?`,
    ],
    ['a key whose getter throws', Object.defineProperty({ accessKey: 'a' }, 'secretKey', THROWING_GETTER), UNREADABLE],
    ['a key whose inherited getter throws', inheriting('secretKey'), UNREADABLE],
  ])('credentials: %s', async (_, credentials, refusal) => {
    expect(await refusalOf({ credentials })).toBe(refusal);
  });
});

test('every option that is wrong is named, in the order in which they are documented', async () => {
  const error = await errorOf(call({ baseUrl: 'h', credentials: null, timeoutMs: 0 }));
  if (error.code !== 'INVALID_INPUT') throw error;
  expect(error.issues.map(({ path }) => path)).toEqual(['timeoutMs', 'credentials', 'baseUrl']);
});

test('no key and no password is ever shown', async () => {
  const credentials = { accessKey: 'AK geheim', secretKey: '"SK-geheim"', token: 'T-geheim' };
  const error = await errorOf(call({ credentials, baseUrl: 'http://u:geheim@h' }));
  expect(JSON.stringify(error)).not.toContain('geheim');
});

test('a field that is unknown is not named by the secret key that it is', async () => {
  const credentials = { accessKey: 'a', secretKey: 'the-secret-key', 'the-secret-key': 1 };
  const refusal = await refusalOf({ credentials, 'the-secret-key': 1 });
  expect(refusal).not.toContain('the-secret-key');
  expect(refusal).toContain('credentials.[redacted] is not a known field');
});

test('of very many unknown fields the first are named', async () => {
  const refusal = await refusalOf(
    Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, 1])),
  );
  expect(refusal.match(/is not a known field/g)).toHaveLength(20);
});

describe('options are accepted that are', () => {
  test.each<readonly [string, unknown]>([
    ['absent', undefined],
    ['empty', {}],
    ['all undefined', { timeoutMs: undefined, signal: undefined, credentials: undefined, baseUrl: undefined }],
    ['the shortest time limit', { timeoutMs: 1 }],
    ['the longest time limit', { timeoutMs: 600_000 }],
    ['a signal', { signal: new AbortController().signal }],
    ['keys with every visible ASCII character', { credentials: { accessKey: 'a"b\'c`', secretKey: '!~\\/+=' } }],
    ['a base URL with a path', { baseUrl: 'http://127.0.0.1:8080/qianfan/' }],
  ])('%s', async (_, options) => {
    await expect(call(options)).resolves.toHaveProperty('result', true);
  });

  test('the same for a Describe', async () => {
    consoleAction.mockResolvedValue({ requestId: 'r', result: { runStatus: 'Done' } });
    await expect(describeFineTuningTask(TASK, { timeoutMs: 600_000 })).resolves.toHaveProperty('requestId', 'r');
    await expect(describeFineTuningTask(TASK, { timeoutMs: 600_001 })).rejects.toMatchObject({
      message: `Nothing was sent: ${TIMEOUT}.`,
    });
  });
});
