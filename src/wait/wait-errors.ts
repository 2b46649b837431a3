// The errors that a wait rejects with: always new ones, which tell about the whole wait and not about one request.

import { safeError } from '../common/redact';
import {
  AbortError,
  type AnyQianfanError,
  ApiError,
  ConfigurationError,
  ConnectionError,
  TimeoutError,
  UnexpectedError,
  UnexpectedResponseError,
  type WaitProgress,
} from '../errors';

const STOP: Readonly<Record<WaitProgress['stop'], string>> = {
  not_sent: 'No stop request reached the server.',
  refused: 'The server stopped nothing.',
  unknown: 'A stop request may have taken effect; none was confirmed.',
  accepted: 'The server accepted the stop.',
};

const ADVICE = 'Check the state of the task with describeFineTuningTask, or call stopFineTuningTaskAndWait again.';

/** An error of the same class as the one that ended the wait, with what is known of the stop and of the task. */
export function rejection(end: AnyQianfanError, progress: WaitProgress, advice?: string): AnyQianfanError {
  const outcome = progress.stop === 'accepted' ? 'unknown' : progress.stop;
  const message = explain(end, progress, advice ?? (outcome === 'unknown' ? ADVICE : ''));
  const { cause } = end;
  switch (end.name) {
    case 'ApiError':
      return new ApiError(message, { ...end, outcome, cause, progress });
    case 'ConnectionError':
      return new ConnectionError(message, { ...end, outcome, cause, progress });
    case 'TimeoutError':
      return new TimeoutError(message, { ...end, outcome, cause, progress });
    case 'AbortError':
      return new AbortError(message, { ...end, outcome, cause, progress });
    case 'UnexpectedResponseError':
      return new UnexpectedResponseError(message, { ...end, outcome, cause, progress });
    case 'UnexpectedError':
      return new UnexpectedError(message, { ...end, cause, progress });
    case 'ConfigurationError':
      if (progress.stop === 'not_sent') return new ConfigurationError(message, { ...end, cause, progress });
      return laterFailure(end, progress);
    case 'InvalidInputError':
      return laterFailure(end, progress);
  }
}

// What was right at the first request was right for all. An error that says that nothing was sent is true of the last one
// only.
function laterFailure(cause: AnyQianfanError, progress: WaitProgress): AnyQianfanError {
  return rejection(new UnexpectedError('A later request could not be made.', { cause }), progress, ADVICE);
}

/** The time of the wait is over. */
export function timedOut(timeoutMs: number, progress: WaitProgress): AnyQianfanError {
  const details = { timeoutMs, outcome: 'unknown', cause: progress.lastError } as const;
  const error = new TimeoutError(`The task was not seen to end within ${timeoutMs} ms.`, details);
  return rejection(error, progress, ADVICE);
}

/** The caller's signal was aborted. */
export function aborted(reason: unknown, progress: WaitProgress): AnyQianfanError {
  const error = new AbortError('The wait was aborted.', { outcome: 'unknown', cause: reason });
  return rejection(error, progress, ADVICE);
}

/** This package itself failed. */
export function ownFailure(error: unknown): AnyQianfanError {
  return new UnexpectedError(`This package failed; please report the cause. ${ADVICE}`, { cause: safeError(error) });
}

function explain(end: AnyQianfanError, progress: WaitProgress, advice: string): string {
  const { stop, runStatus, runProgress, lastError } = progress;
  if (end.outcome === 'not_sent' && stop === 'not_sent') return end.message;
  const percent = runProgress === undefined ? '' : ` (${runProgress})`;
  const state =
    runStatus === undefined
      ? 'The state of the task is not known.'
      : `The last known state of the task is ${runStatus || "''"}${percent}.`;
  // That nothing was sent is true of the last request alone.
  const words = lastError?.message.replace(/ Nothing was sent\.$/, '');
  const failure = lastError && lastError !== end ? `The last request failed: ${words}` : '';
  return [end.message, explainRetryAfter(end), STOP[stop], state, failure, advice].filter(Boolean).join(' ');
}

/** What may pass ends a wait only where the server asks for a pause that does not fit. */
function explainRetryAfter(end: AnyQianfanError): string {
  if (end.name !== 'ApiError' || !end.retryable || end.retryAfterMs === undefined) return '';
  return `The server asks to wait ${Math.ceil(end.retryAfterMs / 1_000)} s, longer than the time left.`;
}
