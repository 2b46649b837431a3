// The front door of one request for a task's state. It must not know HTTP or the SDK.

import type { Action } from './action/action';
import { fineTuningTaskInput } from './action/check-arguments';
import { runAction } from './action/run-action';
import type { CallOptions, FineTuningTaskInput } from './types';

/** The states in which a task has ended: run to its end, failed, or stopped. */
export type FinalRunStatus = 'Done' | 'Failed' | 'Stopped';

/** The documented states of a task. The type is open, as Baidu may add one; Baidu's own SDK also expects `''`. */
export type RunStatus = 'Waiting' | 'Running' | FinalRunStatus | (string & {});

/**
 * A training task. Only `runStatus` and, if there is one, `taskId` are checked; all other fields are handed on as they
 * came, the documented ones such as `jobName`, `createDate` and `metrics`, too. `vdlLink` holds a token: do not log it.
 */
export interface FineTuningTask {
  readonly taskId?: string | undefined;
  readonly jobId?: string | undefined;
  readonly runStatus: RunStatus;
  /** Such as `45%`; documented only while the task is `Running`. */
  readonly runProgress?: string | undefined;
  readonly [field: string]: unknown;
}

/** What {@link describeFineTuningTask} resolves with. */
export interface DescribeFineTuningTaskResponse {
  /** The server's ID of the request (请求ID), for Baidu's support; `''` if it sent none. */
  readonly requestId: string;
  readonly result: FineTuningTask;
}

/** @internal */
export const DESCRIBE: Action<FineTuningTaskInput, FineTuningTask> = {
  name: 'DescribeFineTuningTask',
  route: '/v2/finetuning',
  input: fineTuningTaskInput,
  documentedResult: 'an object with a runStatus, of the task that was asked for',
  readResult: (result, { taskId }) => (isTask(result) && (result.taskId ?? taskId) === taskId ? result : undefined),
  policies: [
    'QianfanFullControlAccessPolicy',
    'QianfanReadAccessPolicy',
    'QianfanModelTuningFullControlAccessPolicy',
    'QianfanModelTuningReadAccessPolicy',
  ],
  adviceIfUnknown: 'The state of the task could not be read: ask again.',
};

/**
 * Asks for the state of a fine-tuning task with one request, which changes nothing. Source: Baidu's page
 * {@link https://cloud.baidu.com/doc/qianfan-api/s/lmo1afnju | 获取模型精调任务详情}, as of 2026-04-17.
 *
 * @param input - The task to describe.
 * @param options - Time limit, abort signal, keys and base URL of this call. All are optional.
 * @returns The task as the server describes it.
 * @throws A {@link QianfanError}, never anything else. An `outcome` of `unknown` means that no answer could be read.
 * @example
 * ```ts
 * import { describeFineTuningTask } from 'qianfan-finetuning';
 *
 * const { result } = await describeFineTuningTask({ taskId: 'task-5kjifvzerc5n' });
 * console.log(result.runStatus, result.runProgress ?? '');
 * ```
 */
export async function describeFineTuningTask(
  input: FineTuningTaskInput,
  options?: CallOptions,
): Promise<DescribeFineTuningTaskResponse> {
  return runAction(DESCRIBE, input, options);
}

function isTask(result: unknown): result is FineTuningTask {
  return typeof result === 'object' && result !== null && 'runStatus' in result && typeof result.runStatus === 'string';
}
