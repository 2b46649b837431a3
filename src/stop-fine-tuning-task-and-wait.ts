// The front door of a stop that is waited for: rounds of stop, Describe and pause. It must not know HTTP or how the SDK is
// called.

import * as z from 'zod/mini';
import { callOptions, checkArguments, fineTuningTaskInput, milliseconds, object } from './action/check-arguments';
import { runAction } from './action/run-action';
import { createRedactor } from './common/redact';
import { startSpan } from './common/time-limit';
import { DESCRIBE, type FinalRunStatus, type FineTuningTask } from './describe-fine-tuning-task';
import { isQianfanError, type WaitProgress } from './errors';
import { secretKeyOf } from './sdk/environment';
import { STOP } from './stop-fine-tuning-task';
import type { CallOptions, FineTuningTaskInput } from './types';
import { type Answer, advance, FIRST_STEP, NOTHING_KNOWN, type Step, wasCut } from './wait/policy';
import { progressOf } from './wait/progress';
import { aborted, ownFailure, rejection, timedOut } from './wait/wait-errors';

/** The time limit of a `stopFineTuningTaskAndWait` that is given no `timeoutMs`: 600 000 milliseconds, 10 minutes. */
export const DEFAULT_WAIT_TIMEOUT_MS = 600_000;

/** The longest pause of a `stopFineTuningTaskAndWait` that is given no `pollIntervalMs`: 15 000 milliseconds. */
export const DEFAULT_POLL_INTERVAL_MS = 15_000;

/** The options of {@link stopFineTuningTaskAndWait}. */
export interface WaitOptions extends CallOptions {
  /**
   * The time limit of the whole call, all requests and pauses together, in milliseconds: an integer from 1 to
   * 86 400 000 (a day). One request takes at most 30 000 of them.
   * @defaultValue {@link DEFAULT_WAIT_TIMEOUT_MS}, 600 000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * The longest pause between two requests, in milliseconds: an integer from 100 to 600 000. The pauses start at 2 000
   * and grow to it. Where the server limits the rate or asks to wait longer, the pauses are longer.
   * @defaultValue {@link DEFAULT_POLL_INTERVAL_MS}, 15 000
   */
  readonly pollIntervalMs?: number | undefined;
  /** Called after every answer, a failure included. It is not awaited; what it throws or rejects with is ignored. */
  readonly onProgress?: ((progress: WaitProgress) => void) | undefined;
}

/** What {@link stopFineTuningTaskAndWait} resolves with: the Describe that says that the task is not running. */
export interface StopFineTuningTaskAndWaitResponse {
  /** The server's ID of that request (请求ID), for Baidu's support; `''` if it sent none. */
  readonly requestId: string;
  /** The task in its final state: `Stopped`, or `Done` or `Failed` if it ended by itself. */
  readonly result: FineTuningTask & { readonly runStatus: FinalRunStatus };
}

const MAX_TIMEOUT_MS = 86_400_000;
const MAX_REQUEST_MS = 30_000;

const waitOptions = object('{ timeoutMs: 600000 }', {
  ...callOptions.shape,
  timeoutMs: z.optional(milliseconds(1, MAX_TIMEOUT_MS)),
  pollIntervalMs: z.optional(milliseconds(100, 600_000)),
  onProgress: z.optional(
    z.custom<(progress: WaitProgress) => void>((value) => typeof value === 'function', { error: 'must be a function' }),
  ),
});

/**
 * Stops a fine-tuning task and waits until the server says that it is not running. The stop is requested until one is
 * accepted; the state is requested until it is final. A stop that fails for a passing reason is requested again.
 *
 * @param input - The task to stop.
 * @param options - Time limit of the whole call (10 minutes unless you say otherwise), longest pause, progress, abort
 * signal, keys and base URL. All are optional.
 * @returns The task, as a Describe sent after the stop shows it: `Stopped`, or `Done` or `Failed` if it ended by itself.
 * @throws A {@link QianfanError}, never anything else. `code` says what ended the wait, `outcome` whether a stop may
 * have taken effect, and `progress` what was known of the task. `TIMEOUT`: the task was not seen to end in time.
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
  try {
    const checked = checkArguments(fineTuningTaskInput, waitOptions, input, options);
    return await stopAndWait(checked.input, checked.options);
  } catch (error) {
    throw isQianfanError(error) ? error : ownFailure(error);
  }
}

async function stopAndWait(
  input: FineTuningTaskInput,
  {
    timeoutMs = DEFAULT_WAIT_TIMEOUT_MS,
    pollIntervalMs = DEFAULT_POLL_INTERVAL_MS,
    onProgress,
    signal,
    ...access
  }: z.infer<typeof waitOptions>,
): Promise<StopFineTuningTaskAndWaitResponse> {
  const span = startSpan(timeoutMs, signal);
  let known = NOTHING_KNOWN;
  let step: Step = FIRST_STEP;
  const progress = () => progressOf(input.taskId, known, createRedactor(secretKeyOf(access)));
  try {
    while (!span.over) {
      const answer = await ask(step.next, input, { ...access, timeoutMs: MAX_REQUEST_MS, signal: span.signal });
      const timing = { pollIntervalMs, remainingMs: span.remainingMs(), random: Math.random() };
      ({ known, step } = advance(known, answer, timing));
      if (wasCut(answer)) break;
      report(onProgress, progress());
      if (step.next === 'resolve') return step.response;
      if (step.next === 'reject') throw rejection(step.error, progress());
      if (step.pauseMs > 0) await span.sleep(step.pauseMs);
    }
    throw span.over === 'aborted' ? aborted(signal?.reason, progress()) : timedOut(timeoutMs, progress());
  } finally {
    span.close();
  }
}

/** Makes one request. What to do if its outcome is unknown is for the wait to say. */
async function ask(to: 'stop' | 'describe', input: FineTuningTaskInput, options: CallOptions): Promise<Answer> {
  try {
    if (to === 'stop') return { to, response: await runAction({ ...STOP, adviceIfUnknown: '' }, input, options) };
    return { to, response: await runAction({ ...DESCRIBE, adviceIfUnknown: '' }, input, options) };
  } catch (error) {
    if (!isQianfanError(error)) throw error;
    return { to, error };
  }
}

// Whoever is told must not change the end of the wait, nor leave a rejection that nobody handles.
function report(onProgress: WaitOptions['onProgress'], progress: WaitProgress): void {
  (async () => onProgress?.(progress))().catch(() => {});
}
