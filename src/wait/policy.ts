// What follows each attempt: what is known + how a request ended → what next. Pure: no timers, no network.

import { formOf } from '../action/response-form';
import type { AnyQianfanError, WaitProgress } from '../errors';
import type {
  DescribeFineTuningTaskResponse,
  FineTuningTask,
  StopFineTuningTaskAndWaitResponse,
  StopFineTuningTaskResponse,
} from '../types';
import { fullPauseMs, fullPauseOfLimitedStopMs, longestPauseMs, pauseMs, type Timing } from './pauses';

/** One request of a wait and how it ended. */
export type Attempt =
  | { readonly to: 'stop'; readonly response: StopFineTuningTaskResponse }
  | { readonly to: 'describe'; readonly response: DescribeFineTuningTaskResponse }
  | { readonly to: 'stop' | 'describe'; readonly error: AnyQianfanError };

/** What is known of the task and of this wait's requests. */
export interface Known {
  /** The best that is known of the stop requests. */
  readonly stop: WaitProgress['stop'];
  /** What is known of the last stop request alone. */
  readonly lastStop: WaitProgress['stop'];
  readonly stopRequests: number;
  readonly describeRequests: number;
  /** The task in the last response to a Describe. */
  readonly task?: FineTuningTask | undefined;
  /** Why the last request failed, if it did. */
  readonly lastError?: AnyQianfanError | undefined;
  /** A stop was refused for good, and the Describe that says whether it was needed is still to come. */
  readonly refusal?: AnyQianfanError | undefined;
  /** A stop that was not rate-limited may have worked. */
  readonly mayHaveStopped: boolean;
  /** After such a stop the server refused one with an undocumented code: the task may be stopping. */
  readonly isTooLateToStop: boolean;
  /** How many stops in a row were rate-limited. */
  readonly limitedStops: number;
  /** How many requests ended as the name of the host is unknown. */
  readonly unknownHosts: number;
  /** Whether any response was certainly Qianfan's, and not that of a proxy or gateway in front of it. */
  readonly wasInForm: boolean;
  /** The same, but for responses that the request has expired: those also come while a clock is being set. */
  readonly wasAnswered: boolean;
  readonly pauses: number;
}

export const NOTHING_KNOWN: Known = {
  stop: 'not_sent',
  lastStop: 'not_sent',
  stopRequests: 0,
  describeRequests: 0,
  mayHaveStopped: false,
  isTooLateToStop: false,
  limitedStops: 0,
  unknownHosts: 0,
  wasInForm: false,
  wasAnswered: false,
  pauses: 0,
};

export type Step =
  | { readonly next: 'stop' | 'describe'; readonly pauseMs: number }
  | { readonly next: 'resolve'; readonly response: StopFineTuningTaskAndWaitResponse }
  | { readonly next: 'reject'; readonly error: AnyQianfanError };

/** What is known now, and what to do. */
export interface Turn {
  readonly known: Known;
  readonly step: Step;
}

const LIMITED_STOPS_BEFORE_DESCRIBE = 5;
const UNKNOWN_HOSTS_BEFORE_END = 3;
const STATE_FORBIDS_STOP = '510302';
const RANKS: readonly WaitProgress['stop'][] = ['not_sent', 'refused', 'unknown', 'accepted'];

/** The first step of every wait. */
export const FIRST_STEP = { next: 'stop', pauseMs: 0 } as const satisfies Step;

/** What follows an attempt. */
export function advance(before: Known, attempt: Attempt, timing: Timing): Turn {
  const known = learn(before, attempt);
  if ('error' in attempt) {
    const { to, error } = attempt;
    return to === 'stop' ? afterFailedStop(known, error, timing) : afterFailedDescribe(known, error, timing);
  }
  // Also after `false`: the task may have ended before.
  if (attempt.to === 'stop') return now(known, 'describe');
  return afterDescribe(known, attempt.response, timing);
}

/** Whether the wait itself cut the request, as its time was over. Such a request says nothing about the server. */
export function wasCut(attempt: Attempt): boolean {
  return 'error' in attempt && attempt.error.code === 'ABORTED';
}

function learn(known: Known, attempt: Attempt): Known {
  const error = 'error' in attempt ? attempt.error : undefined;
  const isInForm = error === undefined || formOf(error).isInForm;
  const all = {
    ...known,
    lastError: wasCut(attempt) ? known.lastError : error,
    unknownHosts: known.unknownHosts + (isUnknownHost(error) ? 1 : 0),
    wasInForm: known.wasInForm || isInForm,
    wasAnswered: known.wasAnswered || (isInForm && !isExpired(error)),
  };
  if (attempt.to === 'describe') {
    const task = 'response' in attempt ? attempt.response.result : known.task;
    return { ...all, task, describeRequests: known.describeRequests + 1 };
  }
  const accepted = 'response' in attempt && attempt.response.result;
  const lastStop = error?.outcome ?? (accepted ? 'accepted' : 'refused');
  const isBetter = RANKS.indexOf(lastStop) > RANKS.indexOf(known.stop);
  const isLimited = error?.code === 'RATE_LIMITED';
  return {
    ...all,
    lastStop,
    stop: isBetter ? lastStop : known.stop,
    stopRequests: known.stopRequests + 1,
    limitedStops: isLimited ? known.limitedStops + 1 : 0,
    mayHaveStopped: known.mayHaveStopped || (lastStop === 'unknown' && !isLimited),
  };
}

function afterFailedStop(known: Known, error: AnyQianfanError, timing: Timing): Turn {
  const { code, outcome, retryable } = error;
  if (code === 'RATE_LIMITED') return afterLimitedStop(known, timing);
  if (isHostUnknown(known)) return reject(known, error);
  if (outcome === 'unknown') return later(known, 'describe', timing);
  // What follows is certain: the stop did not take effect.
  if (retryable || mayPass(known, error)) return later(known, 'stop', timing);
  if (error.name === 'ApiError' && error.apiCode === STATE_FORBIDS_STOP) return now(known, 'describe'); // as after `false`
  if (outcome === 'not_sent' || code === 'AUTHENTICATION_FAILED') return reject(known, error);
  if (known.mayHaveStopped && isUndocumented(error)) {
    return later({ ...known, isTooLateToStop: true }, 'describe', timing);
  }
  // The task may have ended before; if it has not, this refusal ends the wait.
  return now({ ...known, refusal: error }, 'describe');
}

// A Describe would only take a place from the stops, but the task may have ended meanwhile.
function afterLimitedStop(known: Known, timing: Timing): Turn {
  const next = known.limitedStops % LIMITED_STOPS_BEFORE_DESCRIBE === 0 ? 'describe' : 'stop';
  return after(fullPauseOfLimitedStopMs(known.limitedStops), known, next, timing);
}

function afterDescribe(known: Known, response: DescribeFineTuningTaskResponse, timing: Timing): Turn {
  if (isFinal(response)) return { known, step: { next: 'resolve', response } };
  if (known.refusal) return reject(known, known.refusal);
  return nextRound(known, timing);
}

function afterFailedDescribe(known: Known, error: AnyQianfanError, timing: Timing): Turn {
  if (known.refusal) return reject(known, known.refusal);
  // A broken Describe must not keep a task alive.
  if (error.retryable || mayPass(known, error)) return nextRound(known, timing);
  const { isInForm } = formOf(error);
  const isResponse = error.name === 'ApiError' || error.name === 'UnexpectedResponseError';
  // A proxy or gateway spoke, if Qianfan itself spoke before.
  if (isResponse && !isInForm && known.wasInForm) return nextRound(known, timing);
  // The task matters more than its state.
  if (error.name === 'ApiError' && isInForm && isStopDue(known) && known.lastStop === 'unknown') {
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
  return later(known, isStopDue(known) ? 'stop' : 'describe', timing);
}

/** After the next of the pauses that grow. */
function later(known: Known, next: 'stop' | 'describe', timing: Timing): Turn {
  const longestMs = longestPauseMs(timing.pollIntervalMs, known.lastError?.code === 'RATE_LIMITED');
  return after(fullPauseMs(known.pauses, longestMs), { ...known, pauses: known.pauses + 1 }, next, timing);
}

/** After a pause, unless the server asks for one that is longer than the time left. */
function after(fullMs: number, known: Known, next: 'stop' | 'describe', timing: Timing): Turn {
  const { lastError } = known;
  const retryAfterMs = (lastError?.name === 'ApiError' && lastError.retryAfterMs) || 0;
  if (lastError && retryAfterMs > timing.remainingMs) return reject(known, lastError);
  return { known, step: { next, pauseMs: pauseMs(fullMs, retryAfterMs, timing) } };
}

function isStopDue(known: Known): boolean {
  return known.stop !== 'accepted' && !known.isTooLateToStop;
}

// Every request so far ended so: it is no passing failure of the name server.
function isHostUnknown({ unknownHosts, stopRequests, describeRequests }: Known): boolean {
  return unknownHosts === UNKNOWN_HOSTS_BEFORE_END && stopRequests + describeRequests === unknownHosts;
}

function isFinal(response: DescribeFineTuningTaskResponse): response is StopFineTuningTaskAndWaitResponse {
  const { runStatus } = response.result;
  return runStatus === 'Done' || runStatus === 'Failed' || runStatus === 'Stopped';
}

// A captive portal, or a clock that is being set: what Qianfan answered before, it will answer again.
function mayPass({ wasAnswered }: Known, error: AnyQianfanError): boolean {
  return wasAnswered && (error.code === 'CONNECTION_FAILED' || isExpired(error));
}

function isExpired(error: AnyQianfanError | undefined): boolean {
  return error?.name === 'ApiError' && error.apiCode === 'RequestExpired';
}

function isUnknownHost(error: AnyQianfanError | undefined): boolean {
  return error?.code === 'CONNECTION_FAILED' && error.systemCode === 'ENOTFOUND';
}

function isUndocumented(error: AnyQianfanError): boolean {
  return error.code === 'INVALID_REQUEST' && !formOf(error).isDocumented;
}
