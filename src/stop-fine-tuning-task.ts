// The front door of one stop request. It must not know HTTP or the SDK.

import type { Action } from './action/action';
import { STOP_ADVICE } from './action/advice';
import { checkTaskCall } from './action/check-arguments';
import { runAction } from './action/run-action';
import type { CallOptions, FineTuningTaskInput, StopFineTuningTaskResponse } from './types';

/** @internal */
export const STOP_ACTION: Action<FineTuningTaskInput, boolean> = {
  name: 'StopFineTuningTask',
  route: '/v2/finetuning',
  check: checkTaskCall,
  documentedResult: 'true or false',
  readResult: (result) => (typeof result === 'boolean' ? result : undefined),
  effectOf: (result) => (result ? 'done' : 'nothing_done'),
  policies: ['QianfanFullControlAccessPolicy', 'QianfanModelTuningFullControlAccessPolicy'],
  advice: STOP_ADVICE,
};

/**
 * Stops a fine-tuning task with one request: exactly one call of the SDK's `consoleAction`. Source: Baidu's page
 * {@link https://cloud.baidu.com/doc/qianfan/s/Zmh4sux81 | 停止模型精调任务}, as of 2025-10-29.
 *
 * @param input - The task to stop.
 * @param options - Time limit, abort signal, keys and base URL of this call. All are optional.
 * @returns The server's response. `result: true`: it accepted the stop, which may take a while. `result: false`: this
 * request stopped nothing.
 * @throws A {@link QianfanError}, never anything else. Its `outcome` tells whether the stop took effect: `not_sent` and
 * `refused`, no; `unknown`, maybe: call `stopFineTuningTaskAndWait`. An abort does not undo a stop that was sent.
 * @example
 * ```ts
 * import { stopFineTuningTask } from 'qianfan-finetuning';
 *
 * const { requestId, result } = await stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' });
 * if (!result) console.warn(`Request ${requestId} stopped nothing: the task may have ended before.`);
 * ```
 */
export async function stopFineTuningTask(
  input: FineTuningTaskInput,
  options?: CallOptions,
): Promise<StopFineTuningTaskResponse> {
  return runAction(STOP_ACTION, input, options);
}
