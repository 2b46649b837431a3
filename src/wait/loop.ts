// The loop of a wait: request, learn, pause. It must not know how a request is made.

import { startTimeLimit } from '../common/time-limit';
import { isQianfanError, type WaitProgress } from '../errors';
import { DEFAULT_POLL_INTERVAL_MS, DEFAULT_TIMEOUT_MS, DEFAULT_WAIT_TIMEOUT_MS } from '../limits';
import type {
  CallOptions,
  DescribeFineTuningTaskResponse,
  StopFineTuningTaskAndWaitResponse,
  StopFineTuningTaskResponse,
  WaitOptions,
} from '../types';
import { type Attempt, advance, FIRST_STEP, NOTHING_KNOWN, type Step, wasCut } from './policy';
import { progressOf } from './progress';
import { aborted, rejection, timedOut } from './wait-errors';

/** What a wait asks for. */
export interface WaitRequests {
  readonly taskId: string;
  stop(options: CallOptions): Promise<StopFineTuningTaskResponse>;
  describe(options: CallOptions): Promise<DescribeFineTuningTaskResponse>;
  /** The secret key, asked for each time: the SDK may find it meanwhile. */
  secretKey(): string | undefined;
}

/** Requests the stop until one is accepted, and the state until it is final. */
export async function stopAndWait(
  requests: WaitRequests,
  {
    timeoutMs = DEFAULT_WAIT_TIMEOUT_MS,
    pollIntervalMs = DEFAULT_POLL_INTERVAL_MS,
    onProgress,
    signal,
    ...access
  }: WaitOptions,
): Promise<StopFineTuningTaskAndWaitResponse> {
  const limit = startTimeLimit(timeoutMs, signal);
  const requestOptions = { ...access, timeoutMs: DEFAULT_TIMEOUT_MS, signal: limit.signal() };
  let known = NOTHING_KNOWN;
  let step: Step = FIRST_STEP;
  const progress = () => progressOf(requests.taskId, known, requests.secretKey());
  try {
    while (!limit.over) {
      const attempt = await make(step.next, requests, requestOptions);
      const timing = { pollIntervalMs, remainingMs: limit.remainingMs(), random: Math.random() };
      ({ known, step } = advance(known, attempt, timing));
      if (wasCut(attempt)) break;
      report(onProgress, progress());
      if (step.next === 'resolve') return step.response;
      if (step.next === 'reject') throw rejection(step.error, progress());
      if (step.pauseMs > 0) await limit.sleep(step.pauseMs);
    }
    throw limit.over === 'aborted' ? aborted(signal?.reason, progress()) : timedOut(timeoutMs, progress());
  } finally {
    limit.close();
  }
}

async function make(to: 'stop' | 'describe', requests: WaitRequests, options: CallOptions): Promise<Attempt> {
  try {
    if (to === 'stop') return { to, response: await requests.stop(options) };
    return { to, response: await requests.describe(options) };
  } catch (error) {
    if (!isQianfanError(error)) throw error;
    return { to, error };
  }
}

// A callback that throws or rejects must not change how the wait ends.
function report(onProgress: WaitOptions['onProgress'], progress: WaitProgress): void {
  (async () => onProgress?.(progress))().catch(() => {});
}
