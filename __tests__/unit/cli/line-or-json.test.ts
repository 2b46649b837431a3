// How the end of a task is shown: as a line or as an object.

import { describe, expect, test } from '@jest/globals';
import type { Success } from '../../../src/cli/commands';
import { explain, show } from '../../../src/cli/line-or-json';
import { ApiError, InvalidInputError, UnexpectedError, UnexpectedResponseError } from '../../../src/index';
import { keepLines } from '../../support/processes/shown-lines';

const WORDS = ' may still be running';
const SUCCESS: Success = {
  taskId: 'task-a',
  requestId: 'r-1',
  result: true,
  words: ': stop accepted',
  mark: '✔',
  isGood: true,
};
const REFUSAL = { code: 'PERMISSION_DENIED', outcome: 'unknown', retryable: false, requestId: 'r-1' } as const;

const oddResponse = (response: string) => new UnexpectedResponseError('Odd.', { outcome: 'unknown', response });

/** What is shown as an object. */
function objectOf(end: Parameters<typeof show>[0]): unknown {
  const { lines, output } = keepLines();
  show(end, true, output);
  return JSON.parse(`${lines[0]}`.replace('result ', ''));
}

test('a success is a line on standard output', () => {
  const { lines, output } = keepLines();
  show(SUCCESS, false, output);
  show({ ...SUCCESS, requestId: '' }, false, output);
  expect(lines).toEqual(['result ✔task-a: stop accepted (request r-1).', 'result ✔task-a: stop accepted.']);
});

test('a failure is a line on standard error, with code, request and what to do', () => {
  const { lines, output } = keepLines();
  show({ taskId: 'task-a', error: new ApiError('Denied. Ask.', REFUSAL), words: WORDS }, false, output);
  expect(lines).toEqual(['note ✖task-a may still be running: PERMISSION_DENIED (request r-1). Denied. Ask.']);
});

test('both are objects on standard output', () => {
  const error = new ApiError('Denied.', REFUSAL);
  expect(objectOf(SUCCESS)).toEqual({ taskId: 'task-a', requestId: 'r-1', result: true });
  expect(objectOf({ taskId: 'task-a', error, words: WORDS })).toEqual({ taskId: 'task-a', error: error.toJSON() });
});

describe('the token in a vdlLink is not shown', () => {
  test('of a result, wherever it is', () => {
    const result = {
      vdlLink: 'https://x/?token=t',
      checkpointList: [{ vdlLink: 'y', step: 1 }],
      text: '{"vdlLink":"z"}',
    };
    expect(objectOf({ ...SUCCESS, result })).toMatchObject({
      result: { checkpointList: [{ step: 1 }], text: '{"vdlLink":""}' },
    });
    expect(JSON.stringify(objectOf({ ...SUCCESS, result }))).not.toContain('token');
  });

  test.each([
    ['{"vdlLink": "https://x/?a=b\\u0026token=t", "runStatus": 1}', '{"vdlLink": "", "runStatus": 1}'],
    ['{"text":"{\\"vdlLink\\":\\"https://x/?token=t\\"}"}', '{"text":"{\\"vdlLink\\":\\""}"}'],
    [`{"vdlLink":"${'t'.repeat(300)}`, '{"vdlLink":"'],
  ])('of a response that an error quotes: %s', (response, shown) => {
    const error = oddResponse(response);
    expect(objectOf({ taskId: 'task-a', error, words: WORDS })).toMatchObject({ error: { response: shown } });
    expect(explain(error)).toBe(`Odd. The response: ${shown}`);
  });
});

test('JSON that is not as documented follows the message, on one line, and not too long', () => {
  const response = `{\n  "message": "Forbidden${'x'.repeat(300)}"}`;
  expect(explain(oddResponse(response))).toMatch(/^Odd\. The response: \{ "message": "Forbiddenx+…$/);
  expect(explain(oddResponse(response)).length).toBeLessThan(240);
});

test('a page is not repeated, as the message quotes its start', () => {
  expect(explain(oddResponse('<h1>Forbidden</h1>'))).toBe('Odd.');
  expect(explain(new ApiError('Odd.', { ...REFUSAL, response: '{"message":"no"}' }))).toBe('Odd.');
});

test('an unforeseen failure is shown with its cause', () => {
  const error = new UnexpectedError('It failed.', { cause: new TypeError('x is not a function') });
  expect(explain(error)).toBe('It failed. Cause: TypeError: x is not a function');
  expect(objectOf({ taskId: 'task-a', error, words: WORDS })).toMatchObject({
    error: { code: 'UNEXPECTED_ERROR', outcome: 'unknown', cause: expect.stringContaining('TypeError: x is not') },
  });
});

test('the words of the server are shown as they are', () => {
  const message = 'Check `credentials` with describeFineTuningTask.';
  expect(explain(new ApiError(message, REFUSAL))).toBe(message);
});

test.each([
  ['credentials.accessKey', 'QIANFAN_ACCESS_KEY in the --keys-file'],
  ['credentials.secretKey', 'QIANFAN_SECRET_KEY in the --keys-file'],
  ['baseUrl', 'QIANFAN_CONSOLE_API_BASE_URL in the --keys-file'],
  ['--timeout-ms', '--timeout-ms'],
])('the option %s is called %s', (path, name) => {
  const issues = [{ path, message: 'has quotes around it' }];
  expect(explain(new InvalidInputError('x', { issues }))).toBe(`Nothing was sent: ${name} has quotes around it.`);
});

test('a result that cannot be written is a failure of its task', () => {
  let result: unknown = [];
  for (let depth = 0; depth < 20_000; depth += 1) result = [result];
  const { lines, output } = keepLines();
  const shown = show({ ...SUCCESS, result }, true, output);
  expect(shown).toMatchObject({ taskId: 'task-a', error: { code: 'UNEXPECTED_ERROR', requestId: 'r-1' } });
  expect(lines).toHaveLength(1);
  expect(objectOf(shown)).toMatchObject({
    taskId: 'task-a',
    error: { taskId: 'task-a', cause: expect.stringMatching(/^RangeError/) },
  });
});
