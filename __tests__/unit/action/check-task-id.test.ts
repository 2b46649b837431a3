// Which inputs are refused before anything is sent, with which message, and which are accepted. For options and keys
// see check-options.test.ts.

import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeFineTuningTask, stopFineTuningTask, stopFineTuningTaskAndWait } from '../../../src';
import { revokedProxy, THROWING_GETTER } from '../../support/hostile-values';
import { errorOf, inputProblemOf } from '../../support/responses/errors';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';

const NO_INPUT = "input must be an object such as { taskId: 'task-5kjifvzerc5n' }, not";
const REQUIRED = "taskId is required: the ID on the task's detail page, such as task-5kjifvzerc5n";
const NO_STRING = 'taskId must be a string such as task-5kjifvzerc5n, not';
const NUMBER = 'taskId must be a string: numbers were IDs of version 1; version 2 takes IDs such as task-5kjifvzerc5n';
const OBJECT = 'taskId is an object, turned into a string: check the code that passes it';
const DIGITS = 'taskId has only digits: numbers were IDs of version 1; version 2 takes IDs such as task-5kjifvzerc5n';
const JOB = "taskId is a job ID; a task ID starts with task- and is on the task's detail page";
const textOf = (word: string) => `taskId is the text "${word}": the code that passes it had no value`;
const WHITE_SPACE = 'taskId has white space in it, which is not removed for you';
const QUOTES = 'taskId has quotes around it';
const MEANT = '; the ID in it is task-5kjifvzerc5n';
const START = 'taskId must start with a letter or a digit';
const UNREADABLE = 'input cannot be read: a getter threw';

const odd = (character: string) => `taskId has a character that no task ID has, ${character}`;

beforeEach(() => {
  consoleAction.mockResolvedValue({ requestId: 'r', result: true });
});

/** As a caller without types would call it. */
const call = (...args: readonly unknown[]): Promise<unknown> => Reflect.apply(stopFineTuningTask, undefined, args);

async function refusalOf(...args: readonly unknown[]): Promise<string> {
  const problem = await inputProblemOf(call(...args));
  expect(consoleAction).not.toHaveBeenCalled();
  return problem;
}

describe('an input is refused that is', () => {
  test.each<readonly [string, unknown, string]>([
    ['missing', undefined, `${NO_INPUT} undefined`],
    ['null', null, `${NO_INPUT} null`],
    ['a string', 'task-5kjifvzerc5n', `${NO_INPUT} a string`],
    ['a number', 7, `${NO_INPUT} a number`],
    ['an array', ['task-5kjifvzerc5n'], `${NO_INPUT} an array`],
    ['a function', () => {}, `${NO_INPUT} a function`],
    ['an empty object', {}, REQUIRED],
    ['without a value', { taskId: undefined }, REQUIRED],
    ['with taskID', { taskID: 'task-1' }, `${REQUIRED}; taskID is not a known field; did you mean taskId?`],
    ['with task_id', { task_id: 'task-1' }, `${REQUIRED}; task_id is not a known field; did you mean taskId?`],
    ['with a jobId, too', { ...TASK, jobId: 'job-1' }, 'jobId is not a known field; known: taskId'],
    ['with a field name that is not a word', { ...TASK, 'a\nb': 1 }, '"a\\nb" is not a known field; known: taskId'],
    [
      'with a long field name',
      { ...TASK, ['x'.repeat(70)]: 1 },
      `"${'x'.repeat(64)}" is not a known field; known: taskId`,
    ],
    ['with a getter that throws', Object.defineProperty({}, 'taskId', THROWING_GETTER), UNREADABLE],
    ['a proxy that was revoked', revokedProxy(), UNREADABLE],
    ['a proxy that throws', new Proxy({}, { get: THROWING_GETTER.get, ownKeys: THROWING_GETTER.get }), UNREADABLE],
  ])('%s', async (_, input, refusal) => {
    expect(await refusalOf(input)).toBe(refusal);
  });
});

describe('a taskId is refused that is', () => {
  test.each<readonly [string, unknown, string]>([
    ['null', null, `${NO_STRING} null`],
    ['a number', 42, NUMBER],
    ['NaN', Number.NaN, NUMBER],
    ['a bigint', 1n, `${NO_STRING} a bigint`],
    ['a boolean', false, `${NO_STRING} a boolean`],
    ['a symbol', Symbol('task'), `${NO_STRING} a symbol`],
    ['an array', ['task-1'], `${NO_STRING} an array`],
    ['an object', { id: 'task-1' }, `${NO_STRING} an object`],
    ['a String object', Object('task-1'), `${NO_STRING} an object`],
    ['empty', '', 'taskId is empty'],
    ['blanks', '   ', 'taskId is empty'],
    ['an object in a template', `${{ id: 'task-1' }}`, OBJECT],
    ['an object in a template, behind task-', 'task-[object Object]', OBJECT],
    ['the word undefined', 'undefined', textOf('undefined')],
    ['the word null', 'null', textOf('null')],
    ['the word NaN', 'NaN', textOf('NaN')],
    ['only digits', '4217', DIGITS],
    ['a job ID', 'job-5kjifvzerc5n', JOB],
    ['a job ID in capitals', 'JOB-5kjifvzerc5n', JOB],
    ['in double quotes', '"task-5kjifvzerc5n"', QUOTES + MEANT],
    ['in single quotes', "'task-5kjifvzerc5n'", QUOTES + MEANT],
    ['in backticks', '`task-5kjifvzerc5n`', QUOTES + MEANT],
    ['in curly quotes', '“task-5kjifvzerc5n”', QUOTES + MEANT],
    ['in closing quotes', '”task-5kjifvzerc5n”', QUOTES + MEANT],
    [
      'a URL of the console',
      'https://console.bce.baidu.com/qianfan/train/sft/job-1/task-5kjifvzerc5n?tab=log',
      `taskId is a URL, not an ID${MEANT}`,
    ],
    ['a URL without TLS', 'http://localhost/task', 'taskId is a URL, not an ID'],
    ['with a quote behind', 'task-1"', `${odd('"')}; the ID in it is task-1`],
    ['a URL within other text', 'at https://console.bce.baidu.com/qianfan', WHITE_SPACE],
    ['another URL', 'https://console.bce.baidu.com/qianfan', 'taskId is a URL, not an ID'],
    ['JSON', '{"taskId":"task-5kjifvzerc5n"}', `taskId is JSON, not an ID${MEANT}`],
    ['JSON that names it twice', '["task-5kjifvzerc5n", "task-5kjifvzerc5n"]', `taskId is JSON, not an ID${MEANT}`],
    ['several IDs', 'task-a,task-b', 'taskId has several task IDs in it; one call takes one'],
    ['with a blank in front', ' task-5kjifvzerc5n', WHITE_SPACE + MEANT],
    ['with a line break behind', 'task-5kjifvzerc5n\n', WHITE_SPACE + MEANT],
    ['with a no-break space behind', 'task-5kjifvzerc5n\u00a0', WHITE_SPACE + MEANT],
    ['with a byte order mark', '\ufefftask-5kjifvzerc5n', WHITE_SPACE + MEANT],
    ['with a blank inside', 'task- 1', WHITE_SPACE],
    ['a job ID with a blank, for one reason', 'job-1 ', WHITE_SPACE],
    ['with a comma behind', 'task-5kjifvzerc5n,', odd(',') + MEANT],
    ['with a slash', 'a/b', odd('/')],
    ['with a NUL', 'task-\u00001', odd('U+0000')],
    ['with an escape', 'task-\u001b[31m', odd('U+001B')],
    ['with a zero-width space', 'task-\u200b1', odd('U+200B')],
    ['with a letter of another script', 'tаsk-1', odd('а (U+0430)')],
    ['in Chinese', '任务', odd('任 (U+4EFB)')],
    ['with an emoji', 'task-😀', odd('😀 (U+1F600)')],
    ['with a lone surrogate', 'task-\ud800', odd('U+D800')],
    ['an option of a command', '--json', START],
    ['with a dot in front', '.env', START],
    ['too long', 'x'.repeat(257), 'taskId has 257 characters; an ID has at most 256'],
  ])('%s', async (_, taskId, refusal) => {
    expect(await refusalOf({ taskId })).toBe(refusal);
  });
});

test('all that is wrong in both arguments is named at once', async () => {
  expect(await refusalOf({ taskId: '' }, { timeoutMs: 0 })).toBe(
    'taskId is empty; timeoutMs must be an integer from 1 to 600000 (milliseconds)',
  );
});

test.each([describeFineTuningTask, stopFineTuningTaskAndWait])('%p refuses the same', async (run) => {
  const error = await errorOf(Reflect.apply(run, undefined, [{ taskId: 'job-1' }]));
  expect(error).toMatchObject({ code: 'INVALID_INPUT', outcome: 'not_sent', message: `Nothing was sent: ${JOB}.` });
  expect(consoleAction).not.toHaveBeenCalled();
});

class Task {
  readonly #id = 'task-5kjifvzerc5n';
  get taskId(): string {
    return this.#id;
  }
}

describe('an input is accepted, and its ID sent as it is, that is', () => {
  test.each<readonly [string, { readonly taskId: string }]>([
    ['an ID as the console shows it', { taskId: 'task-5kjifvzerc5n' }],
    ['one whose own characters are digits only', { taskId: 'task-123456789012' }],
    ['one in mixed case', { taskId: 'task-wBhA7So2t89b' }],
    ['one without a prefix', { taskId: '5kjifvzerc5n' }],
    ['one of a single letter', { taskId: 'x' }],
    ['one of 256 characters', { taskId: 'x'.repeat(256) }],
    ['one with a dot, an underscore and a hyphen', { taskId: 'a.b_c-d' }],
    ['one that has job- inside', { taskId: 'task-job-1' }],
    ['one that ends with null', { taskId: 'task-null' }],
    ['one that only begins as a word that is refused', { taskId: 'nullable' }],
    ['an instance of a class', new Task()],
    ['an object without a prototype', Object.assign(Object.create(null), TASK)],
    ['a frozen object', Object.freeze({ ...TASK })],
  ])('%s', async (_, input) => {
    await expect(call(input)).resolves.toEqual({ requestId: 'r', result: true });
    const { taskId } = input;
    const request = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId } };
    expect(consoleAction.mock.calls).toEqual([[request]]);
  });
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
