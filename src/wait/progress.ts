// What a wait tells of what it knows: a fresh object each time, without secrets.

import { createRedactor } from '../common/redact';
import { shownTaskId } from '../common/task-id';
import type { WaitProgress } from '../errors';
import type { Known } from './policy';

export function progressOf(taskId: string, known: Known, secretKey: string | undefined): WaitProgress {
  const { stop, task, stopRequests, describeRequests, lastError } = known;
  const redact = createRedactor(secretKey);
  return {
    taskId: shownTaskId(taskId, secretKey),
    stop,
    ...(task && { runStatus: redact(task.runStatus) }),
    // The server may send anything here.
    ...(typeof task?.runProgress === 'string' && { runProgress: redact(task.runProgress) }),
    stopRequests,
    describeRequests,
    ...(lastError && { lastError }),
  };
}
