// Skeleton of the third front door.

import type { FinalRunStatus, FineTuningTask } from './describe-fine-tuning-task';
import type { WaitProgress } from './errors';
import type { CallOptions, FineTuningTaskInput } from './input';

export const DEFAULT_WAIT_TIMEOUT_MS = 600_000;
export const DEFAULT_POLL_INTERVAL_MS = 15_000;

export interface WaitOptions extends CallOptions {
  readonly pollIntervalMs?: number | undefined;
  readonly onProgress?: ((progress: WaitProgress) => void) | undefined;
}

export interface StopFineTuningTaskAndWaitResponse {
  readonly requestId: string;
  readonly result: FineTuningTask & { readonly runStatus: FinalRunStatus };
}

export async function stopFineTuningTaskAndWait(
  _input: FineTuningTaskInput,
  _options?: WaitOptions,
): Promise<StopFineTuningTaskAndWaitResponse> {
  throw new Error('not written yet');
}
