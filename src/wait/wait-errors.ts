// The errors that a wait rejects with: always new ones, which say what is known of the whole wait and not of one request.

import { NOTHING_SENT, WAIT_ADVICE } from '../action/advice';
import { inOneLine } from '../common/characters';
import {
  AbortError,
  type AnyQianfanError,
  type Outcome,
  TimeoutError,
  UnexpectedError,
  type WaitProgress,
} from '../errors';

const STOPS: Readonly<Record<WaitProgress['stop'], string>> = {
  not_sent: 'No stop request reached the server.',
  refused: 'The server stopped nothing.',
  unknown: 'A stop request may have taken effect; none was confirmed.',
  accepted: 'The server accepted the stop.',
};

/** An error of the same class as the one that ended the wait. */
export function rejection(end: AnyQianfanError, progress: WaitProgress): AnyQianfanError {
  // An earlier request was made with the same configuration, so the error's `not_sent` is true of the last one only.
  if (end.name === 'ConfigurationError' && progress.stop !== 'not_sent') {
    const failure = new UnexpectedError('A later request could not be made.', { cause: end, taskId: end.taskId });
    return inOtherWords(failure, progress, WAIT_ADVICE.unknown);
  }
  return inOtherWords(end, progress, WAIT_ADVICE[outcomeOf(progress)]);
}

/** The time of the wait is over. */
export function timedOut(timeoutMs: number, progress: WaitProgress): AnyQianfanError {
  const details = { timeoutMs, outcome: 'unknown', cause: progress.lastError, taskId: progress.taskId } as const;
  const error = new TimeoutError(`The task was not seen to end within ${timeoutMs} ms.`, details);
  return inOtherWords(error, progress, WAIT_ADVICE.unknown);
}

/** The caller's signal was aborted. */
export function aborted(reason: unknown, progress: WaitProgress): AnyQianfanError {
  const details = { outcome: 'unknown', cause: reason, taskId: progress.taskId } as const;
  return inOtherWords(new AbortError('The wait was aborted.', details), progress, WAIT_ADVICE.unknown);
}

function outcomeOf({ stop }: WaitProgress): Outcome {
  return stop === 'accepted' ? 'unknown' : stop;
}

/** A new error of the same class, with the fields of this one, about the whole wait. */
function inOtherWords(end: AnyQianfanError, progress: WaitProgress, advice: string): AnyQianfanError {
  const details = { ...end, cause: end.cause, outcome: outcomeOf(progress), progress };
  return Reflect.construct(end.constructor, [explain(end, progress, advice), details]);
}

function explain(end: AnyQianfanError, progress: WaitProgress, advice: string): string {
  const { stop, runStatus, runProgress, lastError } = progress;
  if (end.outcome === 'not_sent' && stop === 'not_sent') return `${end.message} ${NOTHING_SENT}.`;
  const percent = runProgress === undefined ? '' : ` (${runProgress})`;
  const state =
    runStatus === undefined
      ? 'The state of the task is not known.'
      : inOneLine(`The last known state of the task is ${runStatus || "''"}${percent}.`);
  const isSame = lastError === undefined || lastError.message === end.message;
  const failure = isSame ? '' : `The last request failed: ${lastError.message}`;
  return [end.message, explainRetryAfter(end), STOPS[stop], state, failure, advice].filter(Boolean).join(' ');
}

/** What may pass ends a wait only where the server asks for a pause that does not fit. */
function explainRetryAfter(end: AnyQianfanError): string {
  if (end.name !== 'ApiError' || !end.retryable || end.retryAfterMs === undefined) return '';
  return `The server asks to wait ${Math.ceil(end.retryAfterMs / 1_000)} s, longer than the time left.`;
}
