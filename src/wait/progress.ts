// What a wait tells of what it knows: a fresh object each time, without secrets.

import type { WaitProgress } from '../errors';
import type { Known } from './policy';

export function progressOf(taskId: string, known: Known, redact: (text: string) => string): WaitProgress {
  const { stop, task, stopRequests, describeRequests, lastError } = known;
  return {
    taskId,
    stop,
    ...(task && { runStatus: redact(task.runStatus) }),
    // Nobody checked that it is a string.
    ...(typeof task?.runProgress === 'string' && { runProgress: redact(task.runProgress) }),
    stopRequests,
    describeRequests,
    ...(lastError && { lastError }),
  };
}
