// One stop request, with the SDK mocked as our users do it: what the SDK gets, and what the caller gets.

import * as sdk from '@baiducloud/qianfan';
import { describe, expect, jest, test } from '@jest/globals';
import { stopFineTuningTask } from '../../../src';
import { errorFields } from '../../support/responses/contract';
import { errorOf } from '../../support/responses/errors';
import { bodyError, httpError, NO_KEYS_MESSAGE, TIMEOUT_MESSAGE } from '../../support/sdk/messages';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';

jest.mock('@baiducloud/qianfan');

const REQUEST = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: TASK };
const SUCCESS = { requestId: 'r-1', result: true };

/** Has the mock return something that is not a promise, as mocks of users do. */
const returns = (value: unknown) => consoleAction.mockReturnValue(value as Promise<unknown>);

describe('the call', () => {
  test("is exactly one of the SDK's consoleAction, with exactly these arguments", async () => {
    consoleAction.mockResolvedValue(SUCCESS);
    await stopFineTuningTask(TASK);
    expect(consoleAction.mock.calls).toStrictEqual([[REQUEST]]);
  });

  test.each([undefined, { error_code: 18 }, { code: 'InternalError' }])(
    'is not repeated when it resolves with %j',
    async (value) => {
      consoleAction.mockResolvedValue(value);
      await errorOf(stopFineTuningTask(TASK));
      expect(consoleAction).toHaveBeenCalledTimes(1);
    },
  );

  test('is not repeated when it fails', async () => {
    consoleAction.mockRejectedValue(new Error(TIMEOUT_MESSAGE));
    await errorOf(stopFineTuningTask(TASK));
    expect(consoleAction).toHaveBeenCalledTimes(1);
  });

  test('needs no keys where the SDK is mocked', async () => {
    expect(Object.keys(process.env).filter((name) => name.startsWith('QIANFAN_'))).toEqual([]);
    consoleAction.mockResolvedValue(SUCCESS);
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual(SUCCESS);
  });

  test('can be watched and replaced with jest.spyOn', async () => {
    const spy = jest.spyOn(sdk, 'consoleAction').mockResolvedValueOnce({ requestId: 'spied', result: false });
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual({ requestId: 'spied', result: false });
    expect(spy.mock.calls).toStrictEqual([[REQUEST]]);
  });

  test('gets its own response when many run at once', async () => {
    consoleAction.mockImplementation(async (request) => {
      const { data } = request as unknown as typeof REQUEST;
      return { requestId: data.taskId, result: true };
    });
    const ids = Array.from({ length: 20 }, (_, index) => `task-${index}`);
    const responses = await Promise.all(ids.map((taskId) => stopFineTuningTask({ taskId })));
    expect(responses.map(({ requestId }) => requestId)).toEqual(ids);
  });
});

describe('the response', () => {
  test.each([true, false])('has the result %s and the ID of the request, and nothing else', async (result) => {
    consoleAction.mockResolvedValue({ headers: { date: 'today' }, requestId: 'r-1', result, extra: { a: 1 } });
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual({ requestId: 'r-1', result });
  });

  test.each<readonly [string, object, string]>([
    ["is the body's", { requestId: 'r-1', headers: { 'x-bce-request-id': 'h-1' } }, 'r-1'],
    ['is a number as its digits', { requestId: 4_294_967_296 }, '4294967296'],
    ["is the header's if the body has none", { headers: { 'x-bce-request-id': 'h-1' } }, 'h-1'],
    [
      "is the header's if the body's number has lost digits",
      { requestId: 2 ** 60, headers: { 'x-bce-request-id': 'h' } },
      'h',
    ],
    ['is empty if there is none at all', {}, ''],
  ])('has an ID that %s', async (_title, fields, requestId) => {
    consoleAction.mockResolvedValue({ ...fields, result: true });
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual({ requestId, result: true });
  });

  test('may be returned by a mock without a promise', async () => {
    returns(SUCCESS);
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual(SUCCESS);
  });

  test('may be in a promise of another library', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    returns({ then: (done: (value: object) => void) => done(SUCCESS) });
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual(SUCCESS);
  });

  test('may be thrown, as the SDK does for an error_code of 0', async () => {
    consoleAction.mockRejectedValue(bodyError({ error_code: 0, ...SUCCESS }));
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual(SUCCESS);
  });
});

describe('a mock that behaves otherwise than the SDK', () => {
  test('gets a hint if it has no return value', async () => {
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error.toJSON()).toEqual(errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: '' }));
    expect(error.message).toMatch(/its mock has no return value; otherwise QIANFAN_TPM_LIMIT is too low/);
  });

  const boom = (): never => {
    throw new Error('boom');
  };

  test.each<readonly [string, () => unknown]>([
    ['throws at once', () => consoleAction.mockImplementation(boom)],
    ['has a `then` that throws', () => returns(Object.defineProperty({}, 'then', { get: boom }))],
  ])('leads to a rejection, not an exception, if it %s', async (_, mock) => {
    mock();
    const call = stopFineTuningTask(TASK);
    const error = await errorOf(call);
    const cause = expect.stringMatching(/^Error: boom\n/);
    expect(error.toJSON()).toEqual(errorFields('UNEXPECTED_ERROR', 'unknown', { cause }));
    expect(error.cause).toMatchObject({ name: 'Error', message: 'boom' });
    expect(error.cause).toHaveProperty('stack', expect.stringContaining('stop-fine-tuning-task.test.ts'));
  });
});

test('a refused input is a rejection, too, never an exception', async () => {
  const call = Reflect.apply(stopFineTuningTask, undefined, []);
  expect(call).toBeInstanceOf(Promise);
  expect(await errorOf(call)).toMatchObject({ code: 'INVALID_INPUT', outcome: 'not_sent' });
});

describe('the message', () => {
  const CHECK =
    /may still be running: stop it again and wait for its end \(stopFineTuningTaskAndWait, or stop --wait\)\.$/;

  test('of an unknown outcome says how to check the task', async () => {
    consoleAction.mockRejectedValue(new Error(TIMEOUT_MESSAGE));
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    expect(error.message).toMatch(CHECK);
  });

  test('of a refusal does not, and names the policies, one of which this action needs', async () => {
    consoleAction.mockRejectedValue(httpError(403, { code: 'AccessDenied', message: 'No.' }));
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', outcome: 'refused' });
    expect(error.message).not.toMatch(CHECK);
    expect(error.message).toMatch(
      /policies: QianfanFullControlAccessPolicy, QianfanModelTuningFullControlAccessPolicy\.$/,
    );
  });

  test('of a call that sent nothing does not either', async () => {
    consoleAction.mockRejectedValue(new Error(NO_KEYS_MESSAGE));
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error).toMatchObject({ code: 'MISSING_CREDENTIALS', outcome: 'not_sent' });
    expect(error.message).not.toMatch(CHECK);
  });
});
