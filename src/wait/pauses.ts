// How long a wait pauses before its next request. Pure: the random number comes from outside.

/** What the length of a pause depends on, beside what is known. */
export interface Timing {
  readonly pollIntervalMs: number;
  readonly remainingMs: number;
  /** A random number from 0 to 1. */
  readonly random: number;
}

const FIRST_PAUSE_MS = 2_000;
const LONGEST_WHILE_STOPS_ARE_LIMITED_MS = 8_000;
const LONGEST_WHILE_DESCRIBES_ARE_LIMITED_MS = 60_000;
const LAST_REQUESTS_MS = 2_000;

/** The full length of the pause after so many others: it doubles each time. */
export function fullPauseMs(pauses: number, longestMs: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** pauses, longestMs);
}

/** After a rate-limited stop: short, as a stop that waits costs money. `limitedStops` is how many came in a row. */
export function fullPauseOfLimitedStopMs(limitedStops: number): number {
  return fullPauseMs(limitedStops - 1, LONGEST_WHILE_STOPS_ARE_LIMITED_MS);
}

/** The longest pause after a request that was no limited stop. */
export function longestPauseMs(pollIntervalMs: number, isRateLimited: boolean): number {
  return isRateLimited ? Math.max(pollIntervalMs, LONGEST_WHILE_DESCRIBES_ARE_LIMITED_MS) : pollIntervalMs;
}

/** The pause itself: a random half to whole of its full length, never below Retry-After, and such that it fits. */
export function pauseMs(fullMs: number, retryAfterMs: number, { random, remainingMs }: Timing): number {
  const wantedMs = Math.max(fullMs * (0.5 + random / 2), retryAfterMs);
  if (wantedMs < remainingMs) return wantedMs;
  // Leaves time for the last requests. Where a pause of a fair length does not fit, it lasts until the wait is over.
  const cutMs = remainingMs - LAST_REQUESTS_MS;
  return cutMs >= Math.max(wantedMs / 2, retryAfterMs) ? cutMs : Number.POSITIVE_INFINITY;
}
