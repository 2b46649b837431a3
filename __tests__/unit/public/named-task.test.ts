// Every error says whose it is, so that a batch can tell. The SDK is mocked.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  type AnyQianfanError,
  describeFineTuningTask,
  stopFineTuningTask,
  stopFineTuningTaskAndWait,
} from '../../../src';
import { errorOf, printed } from '../../support/responses/errors';
import { bodyError, connectionError, httpError, NO_KEYS_MESSAGE, resolvedBody } from '../../support/sdk/messages';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK, TASK_ID } from '../../support/task';

const credentials = { accessKey: 'access-key', secretKey: 'the-secret-key' };

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** As a caller without types would call it. */
const call = (run: (...args: never[]) => Promise<unknown>, ...args: readonly unknown[]): Promise<unknown> =>
  Reflect.apply(run, undefined, args);

describe.each([
  ['stopFineTuningTask', stopFineTuningTask],
  ['describeFineTuningTask', describeFineTuningTask],
  ['stopFineTuningTaskAndWait', stopFineTuningTaskAndWait],
] as const)('an error of %s', (_, run) => {
  async function failureOf(end: unknown, options: object = {}): Promise<AnyQianfanError> {
    consoleAction.mockReset().mockImplementation(async () => {
      if (end instanceof Error) throw end;
      return end;
    });
    const error = errorOf(call(run, TASK, options));
    await jest.advanceTimersByTimeAsync(600_000);
    return error;
  }

  test.each<[string, unknown, object?]>([
    ['INVALID_INPUT', undefined, { timeoutMs: 0 }],
    ['MISSING_CREDENTIALS', new Error(NO_KEYS_MESSAGE)],
    ['INVALID_CONFIGURATION', new TypeError('Invalid URL')],
    ['AUTHENTICATION_FAILED', httpError(401, { code: 'InvalidHTTPAuthHeader' })],
    ['NOT_FOUND', bodyError({ error_code: 510202 })],
    ['ABORTED', undefined, { signal: AbortSignal.abort() }],
    ['UNEXPECTED_RESPONSE', resolvedBody({ result: 'odd' })],
    ['UNEXPECTED_ERROR', new Error('boom')],
    ['CONNECTION_FAILED or TIMEOUT', connectionError('socket hang up')],
  ])('with %s names the task, also in JSON', async (code, end, options = {}) => {
    const error = await failureOf(end, options);
    expect(code).toContain(error.code);
    expect(error.taskId).toBe(TASK_ID);
    expect(error.toJSON()).toHaveProperty('taskId', TASK_ID);
  });

  test.each<[string, unknown, string | undefined]>([
    ['an ID in quotes', { taskId: '"task-1"' }, '"task-1"'],
    ['a text with controls', { taskId: 'task-1\u001b[31m\n' }, 'task-1\\u001b[31m\\u000a'],
    ['a long text', { taskId: '任'.repeat(5_000) }, '任'.repeat(256)],
    ['the secret key', { taskId: 'the-secret-key!' }, '[redacted]!'],
    ['an empty text', { taskId: '' }, ''],
    ['a number', { taskId: 7 }, undefined],
    ['no ID', {}, undefined],
    ['no object', 'task-1', undefined],
    ['an unknown field beside it', { taskId: TASK_ID, jobId: 1 }, TASK_ID],
  ])('for %s has what was passed, where it was text', async (_, input, taskId) => {
    const error = await errorOf(call(run, input, { credentials }));
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.taskId).toBe(taskId);
    expect(printed(error)).not.toContain('the-secret-key');
  });

  test('does not show the secret key where it was passed as the ID', async () => {
    consoleAction.mockResolvedValue({ code: 'AccessDenied' });
    const error = errorOf(call(run, { taskId: 'the-secret-key' }, { credentials }));
    await jest.advanceTimersByTimeAsync(600_000);
    expect(await error).toMatchObject({ code: 'PERMISSION_DENIED', taskId: '[redacted]' });
    expect(printed(await error)).not.toContain('the-secret-key');
  });
});

test('the secret key of options with inherited fields is in no error', async () => {
  const options = Object.create({ credentials });
  const error = await errorOf(call(stopFineTuningTask, { taskId: 'job key=the-secret-key' }, options));
  expect(error.taskId).toBe('job key=[redacted]');
});

test('the secret key is not in the cause of a fault', async () => {
  const signal = {
    aborted: false,
    removeEventListener() {},
    addEventListener() {
      throw new Error('the-secret-key');
    },
  };
  const error = await errorOf(call(stopFineTuningTask, TASK, { credentials, signal }));
  expect(error).toMatchObject({ code: 'UNEXPECTED_ERROR', cause: { message: '[redacted]' } });
  expect(printed(error)).not.toContain('the-secret-key');
});

describe('a wait', () => {
  test('names the task in the errors of its requests', async () => {
    consoleAction.mockRejectedValue(httpError(503, { code: 'InternalError' }));
    const onProgress = jest.fn();
    const error = errorOf(stopFineTuningTaskAndWait(TASK, { timeoutMs: 5_000, onProgress }));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await error).toMatchObject({
      taskId: TASK_ID,
      progress: { taskId: TASK_ID, lastError: { taskId: TASK_ID } },
    });
    expect(onProgress).toHaveBeenCalledWith(expect.objectContaining({ lastError: expect.objectContaining(TASK) }));
  });

  test('has an error whose JSON is plain to the bottom, so that another thread gets all of it', async () => {
    consoleAction.mockRejectedValue(httpError(503, { code: 'InternalError', message: 'busy' }));
    const pending = errorOf(stopFineTuningTaskAndWait(TASK, { timeoutMs: 5_000 }));
    await jest.advanceTimersByTimeAsync(5_000);
    const error = await pending;
    const lastError = error.progress?.lastError?.toJSON();
    expect(lastError).toMatchObject({ name: 'ApiError', code: 'SERVER_ERROR', status: 503, apiMessage: 'busy' });
    expect(structuredClone(error.toJSON())).toEqual({
      ...error,
      message: error.message,
      progress: { ...error.progress, lastError },
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual(structuredClone(error.toJSON()));
  });
});

test('an unforeseen failure has its cause as text in JSON, with its frames', async () => {
  consoleAction.mockRejectedValue(new RangeError('boom of the-secret-key'));
  const error = await errorOf(stopFineTuningTask(TASK, { credentials }));
  const { cause } = structuredClone(error.toJSON()) as { readonly cause: string };
  expect(cause).toMatch(/^RangeError: boom of \[redacted\]\n {4}at .*named-task/);
});
