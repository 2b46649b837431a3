// One request for a task's state, with the SDK mocked: what is checked of the response, what is returned, and that its errors
// say nothing about stopping.

import { describe, expect, test } from '@jest/globals';
import { describeFineTuningTask } from '../../../src';
import { errorFields } from '../../support/responses/contract';
import { errorOf } from '../../support/responses/errors';
import { connectionError, httpError, NO_KEYS_MESSAGE, resolvedBody, TIMEOUT_MESSAGE } from '../../support/sdk/messages';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';

const RUNNING = { ...TASK, jobId: 'job-1', runStatus: 'Running', runProgress: '45%' };

test('exactly one request is made, with exactly these arguments', async () => {
  consoleAction.mockResolvedValue({ requestId: 'r-1', result: RUNNING });
  await describeFineTuningTask(TASK);
  expect(consoleAction.mock.calls).toStrictEqual([
    [{ base_api_route: '/v2/finetuning', action: 'DescribeFineTuningTask', data: TASK }],
  ]);
});

describe('a task is returned as it came', () => {
  test.each<readonly [string, object]>([
    ['with the documented fields', RUNNING],
    ['with undocumented fields', { ...RUNNING, metrics: [{ loss: 0.1 }], vdlLink: null, more: { a: 1 } }],
    ['with a state alone', { runStatus: 'Done' }],
    ['with a state that Baidu may add', { runStatus: 'Stopping' }],
    ['with an empty state', { runStatus: '' }],
    ['with fields of other types than documented', { runStatus: 'Done', runProgress: 45, jobId: 7 }],
    ['with a taskId of null', { taskId: null, runStatus: 'Done' }],
    ['with a field called code', { runStatus: 'Failed', code: 'OutOfMemory' }],
  ])('%s', async (_, result) => {
    consoleAction.mockResolvedValue(resolvedBody({ requestId: 'r-1', result }));
    await expect(describeFineTuningTask(TASK)).resolves.toStrictEqual({ requestId: 'r-1', result });
  });
});

describe('a response is unexpected', () => {
  test.each<readonly [string, unknown]>([
    ['without a state', { jobId: 'job-1' }],
    ['with a state that is not a string', { runStatus: 3 }],
    ['with a state that is null', { runStatus: null }],
    ['about another task', { ...RUNNING, taskId: 'task-of-another' }],
    ['with a taskId that is not a string', { ...RUNNING, taskId: 7 }],
    ['with true, as a stop has it', true],
    ['with a list', [RUNNING]],
    ['with null', null],
  ])('%s', async (_, result) => {
    consoleAction.mockResolvedValue({ requestId: 'r-1', result });
    const error = await errorOf(describeFineTuningTask(TASK));
    const response = JSON.stringify({ requestId: 'r-1', result });
    expect(error.toJSON()).toEqual(errorFields('UNEXPECTED_RESPONSE', 'unknown', { requestId: 'r-1', response }));
    expect(error.message).toMatch(/its result must be an object with a runStatus, of the task that was asked for/);
  });
});

describe('the error says nothing about stopping', () => {
  test.each<readonly [string, Error, object]>([
    ['of a refusal', httpError(404, { code: 'NoSuchKey' }), { code: 'NOT_FOUND', outcome: 'refused' }],
    ["of a server's failure", httpError(500, { code: 'InternalError' }), { code: 'SERVER_ERROR', outcome: 'unknown' }],
    ['of a gateway', httpError(403, '<html>'), { code: 'PERMISSION_DENIED', outcome: 'unknown' }],
    ['of a connection', connectionError('socket hang up'), { code: 'CONNECTION_FAILED', outcome: 'unknown' }],
    ['of a timeout', new Error(TIMEOUT_MESSAGE), { code: 'TIMEOUT', outcome: 'unknown' }],
    ['of missing keys', new Error(NO_KEYS_MESSAGE), { code: 'MISSING_CREDENTIALS', outcome: 'not_sent' }],
    ['of anything else', new Error('boom'), { code: 'UNEXPECTED_ERROR', outcome: 'unknown' }],
  ])('%s', async (_, thrown, fields) => {
    consoleAction.mockRejectedValue(thrown);
    const error = await errorOf(describeFineTuningTask(TASK));
    expect(error).toMatchObject(fields);
    expect(error.message).not.toMatch(/stop/i);
  });
});

test('a refusal names the policies that allow reading', async () => {
  consoleAction.mockRejectedValue(httpError(403, { code: 'AccessDenied' }));
  const { message } = await errorOf(describeFineTuningTask(TASK));
  expect(message).toMatch(
    /QianfanFullControlAccessPolicy, QianfanReadAccessPolicy, QianfanModelTuningFullControlAccessPolicy, QianfanModelTuningReadAccessPolicy\.$/,
  );
});
