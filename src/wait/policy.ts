// What follows each answer: what is known + what was answered → what next. Pure: no timers, no network.

import { rowOf } from '../action/api-errors';
import type { DescribeFineTuningTaskResponse, FinalRunStatus, FineTuningTask } from '../describe-fine-tuning-task';
import type { AnyQianfanError, WaitProgress } from '../errors';
import type { StopFineTuningTaskResponse } from '../stop-fine-tuning-task';

/** How one request ended. */
export type Answer =
  | { readonly to: 'stop'; readonly response: StopFineTuningTaskResponse }
  | { readonly to: 'describe'; readonly response: DescribeFineTuningTaskResponse }
  | { readonly to: 'stop' | 'describe'; readonly error: AnyQianfanError };

/** What is known of the task and of this call's requests. */
export interface Known {
  /** The best that is known of the stop requests. */
  readonly stop: WaitProgress['stop'];
  /** What is known of the last stop request alone. */
  readonly lastStop: WaitProgress['stop'];
  readonly stopRequests: number;
  readonly describeRequests: number;
  /** What the last Describe that was answered said. */
  readonly task?: FineTuningTask | undefined;
  /** Why the last request failed, if it did. */
  readonly lastError?: AnyQianfanError | undefined;
  /** A stop was refused for good, and the Describe that tells whether it was needed is still to come. */
  readonly refusal?: AnyQianfanError | undefined;
  /** The task's state does not allow a stop any more, after a stop that may have worked. */
  readonly isTooLateToStop: boolean;
  /** Whether any answer came from Qianfan for certain, and not from whoever stands in front of it. */
  readonly wasInForm: boolean;
  readonly pauses: number;
}

export const NOTHING_KNOWN: Known = {
  stop: 'not_sent',
  lastStop: 'not_sent',
  stopRequests: 0,
  describeRequests: 0,
  isTooLateToStop: false,
  wasInForm: false,
  pauses: 0,
};

/** A Describe of a task that is not running. */
export interface FinalDescribe extends DescribeFineTuningTaskResponse {
  readonly result: FineTuningTask & { readonly runStatus: FinalRunStatus };
}

export type Step =
  | { readonly next: 'stop' | 'describe'; readonly pauseMs: number }
  | { readonly next: 'resolve'; readonly response: FinalDescribe }
  | { readonly next: 'reject'; readonly error: AnyQianfanError };

/** What is known now, and what to do. */
export interface Turn {
  readonly known: Known;
  readonly step: Step;
}

/** What the length of a pause depends on, beside what is known. */
export interface Timing {
  readonly pollIntervalMs: number;
  readonly remainingMs: number;
  /** A random number from 0 to 1. */
  readonly random: number;
}

const FIRST_PAUSE_MS = 2_000;
const RATE_LIMITED_PAUSE_MS = 60_000;
const LAST_REQUESTS_MS = 2_000;
const JOB_STATUS_INVALID = '510302';
// A `result` of the answer's own, behind plain fields at most. No JSON.parse, as the text may have been cut.
const STARTS_WITH_RESULT = /^\s*\{\s*(?:"[^"]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)\s*,\s*)*"result"\s*:/s;
const RANKS: readonly WaitProgress['stop'][] = ['not_sent', 'refused', 'unknown', 'accepted'];

/** The first step of every wait. */
export const FIRST_STEP = { next: 'stop', pauseMs: 0 } as const satisfies Step;

/** What follows an answer. */
export function advance(before: Known, answer: Answer, timing: Timing): Turn {
  const known = learn(before, answer);
  if ('error' in answer) {
    const { to, error } = answer;
    return to === 'stop' ? afterFailedStop(known, error, timing) : afterFailedDescribe(known, error, timing);
  }
  // Also after `false`: the task may have ended before.
  if (answer.to === 'stop') return now(known, 'describe');
  return afterDescribe(known, answer.response, timing);
}

/** A request that this wait cut itself, as it was over. It says nothing about the server. */
export function wasCut(answer: Answer): boolean {
  return 'error' in answer && answer.error.code === 'ABORTED';
}

function learn(known: Known, answer: Answer): Known {
  const error = 'error' in answer ? answer.error : undefined;
  const wasInForm = known.wasInForm || !error || isInForm(error);
  const all = { ...known, wasInForm, lastError: wasCut(answer) ? known.lastError : error };
  if (answer.to === 'describe') {
    const task = 'response' in answer ? answer.response.result : known.task;
    return { ...all, task, describeRequests: known.describeRequests + 1 };
  }
  const accepted = 'response' in answer && answer.response.result;
  const lastStop = error?.outcome ?? (accepted ? 'accepted' : 'refused');
  const isBetter = RANKS.indexOf(lastStop) > RANKS.indexOf(known.stop);
  return { ...all, lastStop, stop: isBetter ? lastStop : known.stop, stopRequests: known.stopRequests + 1 };
}

function afterFailedStop(known: Known, error: AnyQianfanError, timing: Timing): Turn {
  const { code, outcome, retryable } = error;
  if (outcome === 'unknown') return pause(known, 'describe', timing);
  if (retryable) return pause(known, 'stop', timing);
  if (outcome === 'not_sent' || code === 'AUTHENTICATION_FAILED') return reject(known, error);
  // What a task that is stopping already may well answer.
  if (known.stop === 'unknown' && isAboutState(error)) {
    return pause({ ...known, isTooLateToStop: true }, 'describe', timing);
  }
  // The task may have ended before; if it has not, this refusal ends the wait.
  return now({ ...known, refusal: error }, 'describe');
}

function afterDescribe(known: Known, response: DescribeFineTuningTaskResponse, timing: Timing): Turn {
  if (isFinal(response)) return { known, step: { next: 'resolve', response } };
  if (known.refusal) return reject(known, known.refusal);
  return nextRound(known, timing);
}

function afterFailedDescribe(known: Known, error: AnyQianfanError, timing: Timing): Turn {
  if (known.refusal) return reject(known, known.refusal);
  // A broken Describe must not keep a task alive.
  if (error.retryable) return nextRound(known, timing);
  // A gateway spoke, if Qianfan itself spoke before.
  if (isOutOfForm(error) && known.wasInForm) return nextRound(known, timing);
  // The task matters more than its state.
  if (error.name === 'ApiError' && isInForm(error) && isStopDue(known) && known.lastStop === 'unknown') {
    return nextRound(known, timing);
  }
  return reject(known, error);
}

function now(known: Known, next: 'stop' | 'describe'): Turn {
  return { known, step: { next, pauseMs: 0 } };
}

function reject(known: Known, error: AnyQianfanError): Turn {
  return { known, step: { next: 'reject', error } };
}

function nextRound(known: Known, timing: Timing): Turn {
  return pause(known, isStopDue(known) ? 'stop' : 'describe', timing);
}

function pause(known: Known, next: 'stop' | 'describe', { pollIntervalMs, remainingMs, random }: Timing): Turn {
  const { lastError, pauses } = known;
  const isRateLimited = lastError?.code === 'RATE_LIMITED';
  const retryAfterMs = (lastError?.name === 'ApiError' && lastError.retryAfterMs) || 0;
  if (lastError && retryAfterMs > remainingMs) return reject(known, lastError);
  const longestMs = isRateLimited ? Math.max(pollIntervalMs, RATE_LIMITED_PAUSE_MS) : pollIntervalMs;
  const fullMs = Math.min(FIRST_PAUSE_MS * 2 ** pauses, longestMs);
  const wantedMs = Math.max(fullMs * (0.5 + random / 2), retryAfterMs);
  const pauseMs = wantedMs < remainingMs ? wantedMs : cutPause(wantedMs, retryAfterMs, remainingMs);
  return { known: { ...known, pauses: pauses + 1 }, step: { next, pauseMs } };
}

// Leaves time for the last requests. Where a pause of a fair length does not fit, it lasts until the wait is over.
function cutPause(wantedMs: number, retryAfterMs: number, remainingMs: number): number {
  const cutMs = remainingMs - LAST_REQUESTS_MS;
  return cutMs >= Math.max(wantedMs / 2, retryAfterMs) ? cutMs : Number.POSITIVE_INFINITY;
}

function isStopDue(known: Known): boolean {
  return known.stop !== 'accepted' && !known.isTooLateToStop;
}

function isFinal(response: DescribeFineTuningTaskResponse): response is FinalDescribe {
  const { runStatus } = response.result;
  return runStatus === 'Done' || runStatus === 'Failed' || runStatus === 'Stopped';
}

function isAboutState(error: AnyQianfanError): boolean {
  if (error.code !== 'INVALID_REQUEST') return false;
  const { apiCode = '' } = error;
  return apiCode === JOB_STATUS_INVALID || rowOf(apiCode) === undefined;
}

/** An answer that is Qianfan's own: a JSON object with a `result` or an error code. */
function isInForm(error: AnyQianfanError): boolean {
  if (error.name === 'ApiError' && error.apiCode !== undefined) return true;
  // Where a code stands in a response that is kept, it is a redirect's: any other code is the error's apiCode.
  return 'response' in error && STARTS_WITH_RESULT.test(`${error.response}`);
}

/** An answer of whoever stands in front of Qianfan: a bare 4xx, an odd page, a redirect. */
function isOutOfForm(error: AnyQianfanError): boolean {
  return (error.name === 'ApiError' || error.name === 'UnexpectedResponseError') && !isInForm(error);
}
