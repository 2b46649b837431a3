// The front door of one request for a task's state. It must not know HTTP or the SDK.

import type { Action } from './action/action';
import { DESCRIBE_ADVICE } from './action/advice';
import { checkTaskCall } from './action/check-arguments';
import { runAction } from './action/run-action';
import type { CallOptions, DescribeFineTuningTaskResponse, FineTuningTask, FineTuningTaskInput } from './types';

/** @internal */
export const DESCRIBE_ACTION: Action<FineTuningTaskInput, FineTuningTask> = {
  name: 'DescribeFineTuningTask',
  route: '/v2/finetuning',
  check: checkTaskCall,
  documentedResult: 'an object with a runStatus, of the task that was asked for',
  readResult: (result, { taskId }) => (isTask(result) && (result.taskId ?? taskId) === taskId ? result : undefined),
  effectOf: () => 'none',
  policies: [
    'QianfanFullControlAccessPolicy',
    'QianfanReadAccessPolicy',
    'QianfanModelTuningFullControlAccessPolicy',
    'QianfanModelTuningReadAccessPolicy',
  ],
  advice: DESCRIBE_ADVICE,
};

/**
 * Asks for the state of a fine-tuning task with one request, which changes nothing. Source: Baidu's page
 * {@link https://cloud.baidu.com/doc/qianfan-api/s/lmo1afnju | 获取模型精调任务详情}, as of 2026-04-17.
 *
 * @param input - The task to describe.
 * @param options - Time limit, abort signal, keys and base URL of this call. All are optional.
 * @returns The task as the server describes it.
 * @throws A {@link QianfanError}, never anything else. An `outcome` of `unknown` means that no response could be read.
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
  return runAction(DESCRIBE_ACTION, input, options);
}

function isTask(result: unknown): result is FineTuningTask {
  return typeof result === 'object' && result !== null && 'runStatus' in result && typeof result.runStatus === 'string';
}
