// The facade: check, call, read, return.

import { callConsoleAction } from './console-action';
import { isQianfanError, UnexpectedError } from './errors';
import { type ActionReading, interpretReport } from './interpret-report';
import {
  parseArguments,
  readStopResult,
  type StopFineTuningTaskInput,
  type StopFineTuningTaskOptions,
  type StopFineTuningTaskResponse,
  stopInput,
} from './schemas';

const STOP: ActionReading<boolean> = {
  readResult: readStopResult,
  adviceIfUnknown:
    'The task may still be running: look at it, on its page in the console or with consoleAction (route /v2/finetuning, action DescribeFineTuningTask, the same { taskId }: result.runStatus), and stop it again if it runs.',
};

/**
 * Stops a fine-tuning task with one call of the SDK's `consoleAction`. After Baidu's page of the API,
 * {@link https://cloud.baidu.com/doc/WENXINWORKSHOP/s/Olt73nl77 | 停止模型精调任务}, as of 2025-06-26.
 *
 * @param input - The task to stop.
 * @param options - Time limit, abort signal, keys and base URL of this call; each may be left out.
 * @returns The server's answer. `result: true` means that it accepted the stop, which may take a while;
 * `result: false` that this request stopped nothing.
 * @throws A {@link QianfanError}, and never anything else; its `outcome` says whether the task may still be running.
 * @example
 * ```ts
 * import { stopFineTuningTask } from 'qianfan-finetuning';
 *
 * const { requestId, result } = await stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' });
 * if (!result) console.warn(`Nothing was stopped (request ${requestId}): the task may have ended before.`);
 * ```
 */
export async function stopFineTuningTask(
  input: StopFineTuningTaskInput,
  options?: StopFineTuningTaskOptions,
): Promise<StopFineTuningTaskResponse> {
  try {
    const { data, settings } = parseArguments(stopInput, input, options);
    const request = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data };
    const reading = interpretReport(await callConsoleAction(request, settings), STOP);
    if (isQianfanError(reading)) throw reading;
    return reading;
  } catch (error) {
    if (isQianfanError(error)) throw error;
    const message = `This package failed in a way that nobody foresaw. ${STOP.adviceIfUnknown}`;
    // No more than the name: where our own code fails, nobody has taken the secrets out.
    const cause = error instanceof Error ? error.name : typeof error;
    throw new UnexpectedError(message, { code: 'UNEXPECTED_ERROR', outcome: 'unknown', cause });
  }
}
