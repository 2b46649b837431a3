// The front door of a stop that is waited for. It must not know HTTP, the SDK, or what follows a response.

import { NO_ADVICE, WAIT_ADVICE } from './action/advice';
import { checkTaskWait } from './action/check-arguments';
import { runAction, secretKeyAmong, withArguments } from './action/run-action';
import { DESCRIBE_ACTION } from './describe-fine-tuning-task';
import { STOP_ACTION } from './stop-fine-tuning-task';
import type { FineTuningTaskInput, StopFineTuningTaskAndWaitResponse, WaitOptions } from './types';
import { stopAndWait } from './wait/loop';

/**
 * Stops a fine-tuning task and waits until the server says that it is not running. The stop is requested until one is
 * accepted; the state is requested until it is final. A stop that fails for a passing reason is requested again.
 *
 * @param input - The task to stop.
 * @param options - Time limit of the whole call (10 minutes unless you say otherwise), longest pause, progress, abort
 * signal, keys and base URL. All are optional.
 * @returns The task, as a Describe sent after the stop shows it: `Stopped`, or `Done` or `Failed` if it ended by itself.
 * @throws A {@link QianfanError}, never anything else. The task may be running then, whatever the `outcome`: that is
 * about the stop requests alone (`not_sent`, `refused`, or `unknown`, which an accepted one is, too). `code` says what
 * ended the wait, and `progress` what was known. An abort, a timeout or the end of the process ends the wait, not a stop
 * that was sent.
 * @example
 * ```ts
 * import { stopFineTuningTaskAndWait } from 'qianfan-finetuning';
 *
 * const { result } = await stopFineTuningTaskAndWait(
 *   { taskId: 'task-5kjifvzerc5n' },
 *   { onProgress: ({ stop, runStatus }) => console.log(`stop: ${stop}, task: ${runStatus ?? 'not known yet'}`) },
 * );
 * console.log(`The task is not running any more: ${result.runStatus}.`);
 * ```
 */
export async function stopFineTuningTaskAndWait(
  input: FineTuningTaskInput,
  options?: WaitOptions,
): Promise<StopFineTuningTaskAndWaitResponse> {
  return withArguments({ check: checkTaskWait, advice: WAIT_ADVICE }, input, options, (checked) => {
    // The wait itself says what to do.
    const requests = {
      taskId: checked.input.taskId,
      stop: (of: WaitOptions) => runAction({ ...STOP_ACTION, advice: NO_ADVICE }, checked.input, of),
      describe: (of: WaitOptions) => runAction({ ...DESCRIBE_ACTION, advice: NO_ADVICE }, checked.input, of),
      secretKey: () => secretKeyAmong(checked.options),
    };
    return stopAndWait(requests, checked.options);
  });
}
