// What is refused before anything is sent, with the message that a person gets, and what is accepted.

import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { isQianfanError, stopFineTuningTask } from '../../src';

jest.mock('@baiducloud/qianfan');
const { consoleAction } = jest.requireMock<{ consoleAction: jest.Mock<() => Promise<unknown>> }>('@baiducloud/qianfan');

const TASK = { taskId: 'task-5kjifvzerc5n' };
const NO_INPUT = "input: must be an object such as { taskId: 'task-5kjifvzerc5n' }, not ";
const REQUIRED = "taskId: is required: the ID on the task's detail page, such as task-5kjifvzerc5n";
const NOT_A_STRING = 'taskId: must be a string such as task-5kjifvzerc5n, not ';
const AROUND = 'taskId: has white space around it, which is not removed for you';
const NUMBER = 'taskId: must be a string: numbers were task IDs of version 1, which version 2 refuses';
const TIMEOUT = 'timeoutMs: must be a whole number of milliseconds from 1 to 600000';
const SIGNAL = 'signal: must be an AbortSignal';
const BASE_URL = 'baseUrl: must be an http or https URL such as https://qianfan.baidubce.com';
const ACCESS_KEY = 'credentials.accessKey: must be a string of visible ASCII characters, without white space';
const SECRET_KEY = 'credentials.secretKey: must be a string of visible ASCII characters, without white space';
const NO_KEY = 'is required: an access key and its secret key go together';
const THROWS = {
  get(): never {
    throw new Error('not today');
  },
  enumerable: true,
};

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

beforeEach(() => {
  consoleAction.mockReset().mockResolvedValue({ requestId: 'r', result: true });
});

/** As a caller without types would call it. */
function call(...args: readonly unknown[]): Promise<unknown> {
  return Reflect.apply(stopFineTuningTask, undefined, args);
}

async function refusalOf(...args: readonly unknown[]) {
  const error: unknown = await call(...args).catch((thrown: unknown) => thrown);
  expect(consoleAction).not.toHaveBeenCalled();
  if (!isQianfanError(error) || error.code !== 'INVALID_INPUT') throw new Error(`Not refused: ${error}`);
  expect(error.outcome).toBe('not_sent');
  expect(error.message).toBe(
    `Nothing was sent. ${error.issues.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
  );
  return error;
}

const odd = (codePoint: string, position: number) =>
  `taskId: has a character that is not visible ASCII, U+${codePoint}, at position ${position}`;

describe('an input is refused', () => {
  test.each<readonly [string, unknown, string]>([
    ['missing', undefined, `${NO_INPUT}undefined`],
    ['null', null, `${NO_INPUT}null`],
    ['a text', 'task-5kjifvzerc5n', `${NO_INPUT}a string`],
    ['a number', 7, `${NO_INPUT}a number`],
    ['a boolean', true, `${NO_INPUT}a boolean`],
    ['an array', ['task-5kjifvzerc5n'], `${NO_INPUT}an array`],
    ['a function', () => {}, `${NO_INPUT}a function`],
    ['empty', {}, REQUIRED],
    ['without a value', { taskId: undefined }, REQUIRED],
    ['with null', { taskId: null }, `${NOT_A_STRING}null`],
    ['with a number', { taskId: 42 }, NUMBER],
    ['with NaN', { taskId: Number.NaN }, NUMBER],
    ['with a bigint', { taskId: 1n }, `${NOT_A_STRING}a bigint`],
    ['with a boolean', { taskId: false }, `${NOT_A_STRING}a boolean`],
    ['with a symbol', { taskId: Symbol('task') }, `${NOT_A_STRING}a symbol`],
    ['with an array', { taskId: ['task-1'] }, `${NOT_A_STRING}an array`],
    ['with an object', { taskId: { id: 'task-1' } }, `${NOT_A_STRING}an object`],
    ['with a String object', { taskId: Object('task-1') }, `${NOT_A_STRING}an object`],
    ['with an empty text', { taskId: '' }, 'taskId: is blank'],
    ['with blanks', { taskId: '   ' }, 'taskId: is blank'],
    ['with a tab', { taskId: '\t' }, 'taskId: is blank'],
    ['with a blank in front', { taskId: ' task-1' }, AROUND],
    ['with a line break behind', { taskId: 'task-1\n' }, AROUND],
    ['with a no-break space behind', { taskId: 'task-1\u00a0' }, AROUND],
    ['with a byte order mark', { taskId: '\ufefftask-1' }, AROUND],
    ['with a blank inside', { taskId: 'task- 1' }, odd('0020', 6)],
    ['with a tab inside', { taskId: 'task\t-1' }, odd('0009', 5)],
    ['with a NUL', { taskId: 'task-\u00001' }, odd('0000', 6)],
    ['with an escape', { taskId: 'task-\u001b[31m' }, odd('001B', 6)],
    ['with a DEL', { taskId: 'task-\u007f' }, odd('007F', 6)],
    ['with a zero-width space', { taskId: 'task-\u200b1' }, odd('200B', 6)],
    ['with a letter of another script', { taskId: 'tаsk-1' }, odd('0430', 2)],
    ['with a Chinese text', { taskId: '任务' }, odd('4EFB', 1)],
    ['with an emoji', { taskId: 'task-😀' }, odd('1F600', 6)],
    ['with a lone surrogate', { taskId: 'task-\ud800' }, odd('D800', 6)],
    ['too long', { taskId: 'x'.repeat(257) }, 'taskId: has 257 characters; at most 256 can be'],
    [
      'with a job ID',
      { taskId: 'job-5kjifvzerc5n' },
      "taskId: is a job ID (job-…); a task ID starts with task- and is on the task's detail page",
    ],
    ['with taskID', { taskID: 'task-1' }, `${REQUIRED}; taskID: is unknown; taskId is meant?`],
    ['with task_id', { task_id: 'task-1' }, `${REQUIRED}; task_id: is unknown; taskId is meant?`],
    ['with jobId too', { ...TASK, jobId: 'job-1' }, 'jobId: is unknown; known: taskId'],
    ['with a name that is no word', { ...TASK, 'a\nb': 1 }, '"a\\nb": is unknown; known: taskId'],
    [
      'with a getter that throws',
      Object.defineProperty({}, 'taskId', THROWS),
      'taskId: cannot be read: a getter threw',
    ],
    ['a proxy that was revoked', revoked(), 'taskId: cannot be read: a getter threw'],
    [
      'a proxy that throws',
      new Proxy({}, { get: THROWS.get, ownKeys: THROWS.get }),
      'taskId: cannot be read: a getter threw',
    ],
  ])('%s', async (_, input, message) => {
    expect((await refusalOf(input)).message).toBe(`Nothing was sent. ${message}`);
  });
});

describe('options are refused', () => {
  test.each<readonly [string, unknown, string]>([
    ['null', null, 'options: must be an object such as { timeoutMs: 10000 }, not null'],
    ['a number', 5_000, 'options: must be an object such as { timeoutMs: 10000 }, not a number'],
    ['an array', [], 'options: must be an object such as { timeoutMs: 10000 }, not an array'],
    ['timeout', { timeout: 5 }, 'timeout: is unknown; timeoutMs is meant?'],
    ['timeout_ms', { timeout_ms: 5 }, 'timeout_ms: is unknown; timeoutMs is meant?'],
    ['baseURL', { baseURL: 'http://h' }, 'baseURL: is unknown; baseUrl is meant?'],
    ['abortSignal', { abortSignal: 1 }, 'abortSignal: is unknown; signal is meant?'],
    ['retries', { retries: 1 }, 'retries: is unknown; known: timeoutMs, signal, credentials, baseUrl'],
    ...[0, -1, 1.5, 600_001, Number.NaN, Number.POSITIVE_INFINITY, '5000', null, {}, 5n].map(
      (timeoutMs) => [`timeoutMs ${String(timeoutMs)}`, { timeoutMs }, TIMEOUT] as const,
    ),
    ...[null, {}, 'abort', new AbortController(), { aborted: false }, { aborted: 'no', addEventListener() {} }].map(
      (signal, index) => [`a signal that is none (${index})`, { signal }, SIGNAL] as const,
    ),
    [
      'credentials that are a text',
      { credentials: 'ak:sk' },
      'credentials: must be an object such as { accessKey, secretKey }, not a string',
    ],
    [
      'credentials that are null',
      { credentials: null },
      'credentials: must be an object such as { accessKey, secretKey }, not null',
    ],
    ['no keys', { credentials: {} }, `credentials.accessKey: ${NO_KEY}; credentials.secretKey: ${NO_KEY}`],
    ['one key only', { credentials: { accessKey: 'a' } }, `credentials.secretKey: ${NO_KEY}`],
    ['an empty key', { credentials: { accessKey: '', secretKey: 's' } }, ACCESS_KEY],
    ['a key with a line break', { credentials: { accessKey: 'a\nb', secretKey: 's' } }, ACCESS_KEY],
    ['a key with a blank', { credentials: { accessKey: 'a', secretKey: ' s' } }, SECRET_KEY],
    ['a key that is no text', { credentials: { accessKey: 1, secretKey: 's' } }, ACCESS_KEY],
    [
      'keys by other names',
      { credentials: { ak: 'a', sk: 's' } },
      `credentials.accessKey: ${NO_KEY}; credentials.secretKey: ${NO_KEY}; credentials.ak: is unknown; accessKey is meant?; credentials.sk: is unknown; secretKey is meant?`,
    ],
    [
      'a key whose getter throws',
      { credentials: Object.defineProperty({ accessKey: 'a' }, 'secretKey', THROWS) },
      'options: cannot be read: a getter threw',
    ],
    ...['', 'qianfan.baidubce.com', 'ftp://h', 'http://', '/v2', ' http://h', 'http://h\n', 7, null].map(
      (baseUrl) => [`baseUrl ${JSON.stringify(baseUrl)}`, { baseUrl }, BASE_URL] as const,
    ),
    ['baseUrl with more slashes than a stack is deep', { baseUrl: `h${'/'.repeat(20_000)}` }, BASE_URL],
    ['baseUrl with a user', { baseUrl: 'http://u:p@h' }, 'baseUrl: must not hold a user name or a password'],
    ['baseUrl with a query', { baseUrl: 'http://h/?a=b' }, 'baseUrl: must not have a query or a fragment'],
    ['baseUrl with an empty query', { baseUrl: 'http://h/?' }, 'baseUrl: must not have a query or a fragment'],
    ['baseUrl with a fragment', { baseUrl: 'http://h/#a' }, 'baseUrl: must not have a query or a fragment'],
  ])('%s', async (_, options, message) => {
    expect((await refusalOf(TASK, options)).message).toBe(`Nothing was sent. ${message}`);
  });

  test('and all that is wrong is named at once', async () => {
    const { issues } = await refusalOf({ taskId: '' }, { timeoutMs: 0, baseUrl: 'h', credentials: null });
    expect(issues.map(({ path }) => path)).toEqual(['taskId', 'timeoutMs', 'credentials', 'baseUrl']);
  });

  test('and no key is ever shown', async () => {
    const credentials = { accessKey: 'AK geheim', secretKey: 'SK geheim', token: 'T-geheim' };
    expect(JSON.stringify(await refusalOf(TASK, { credentials, baseUrl: 'http://u:geheim@h' }))).not.toContain(
      'geheim',
    );
  });
});

class Task {
  readonly #id = 'task-5kjifvzerc5n';
  get taskId(): string {
    return this.#id;
  }
}

describe('is accepted, and sent as it is', () => {
  test.each<readonly [string, { readonly taskId: string }]>([
    ['an ID as the console shows it', { taskId: 'task-5kjifvzerc5n' }],
    ['one of letters only', { taskId: 'task-abcdefghijkl' }],
    ['one of digits only', { taskId: 'task-123456789012' }],
    ['one in mixed case', { taskId: 'task-wBhA7So2t89b' }],
    ['one without a prefix', { taskId: '5kjifvzerc5n' }],
    ['a short one', { taskId: 'x' }],
    ['one of 256 characters', { taskId: 'x'.repeat(256) }],
    [
      'one with every visible ASCII character',
      {
        taskId: String.fromCharCode(...Array.from({ length: 94 }, (_, at) => at + 33)),
      },
    ],
    ['one that has job- inside', { taskId: 'task-job-1' }],
    ['an instance of a class', new Task()],
    ['an object without a prototype', Object.assign(Object.create(null), TASK)],
    ['a frozen object', Object.freeze({ ...TASK })],
    ['an instance whose methods are enumerable', Object.assign(Object.create({ describe() {} }), TASK)],
  ])('%s', async (_, input) => {
    await expect(call(input)).resolves.toEqual({ requestId: 'r', result: true });
    const { taskId } = input;
    const request = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId } };
    expect(consoleAction.mock.calls).toEqual([[request]]);
  });

  test('every option given as undefined, and none', async () => {
    const options = { timeoutMs: undefined, signal: undefined, credentials: undefined, baseUrl: undefined };
    for (const one of [options, {}, undefined]) await expect(call(TASK, one)).resolves.toHaveProperty('result', true);
  });

  test('options and keys of classes whose methods are enumerable', async () => {
    const credentials = Object.assign(Object.create({ rotate() {} }), { accessKey: 'a', secretKey: 's' });
    const options = Object.assign(Object.create({ reset() {} }), { credentials });
    await expect(call(TASK, options)).resolves.toHaveProperty('result', true);
  });

  test.each([1, 30_000, 600_000])('a time limit of %d ms', async (timeoutMs) => {
    await expect(call(TASK, { timeoutMs })).resolves.toHaveProperty('result', true);
  });

  test('each field is read once, so that what was checked is what is sent', async () => {
    let reads = 0;
    const input = {
      get taskId() {
        reads += 1;
        return reads === 1 ? 'task-1' : 'job-1';
      },
    };
    await call(input);
    expect(consoleAction.mock.calls).toEqual([[expect.objectContaining({ data: { taskId: 'task-1' } })]]);
    expect(reads).toBe(1);
  });
});
