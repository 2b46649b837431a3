// Every default and every bound of an option, once, in milliseconds.

/** The time limit of a call that is given no `timeoutMs`: 30 000 milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** The time limit of a `stopFineTuningTaskAndWait` that is given no `timeoutMs`: 600 000 milliseconds, 10 minutes. */
export const DEFAULT_WAIT_TIMEOUT_MS = 600_000;

/** The longest pause of a `stopFineTuningTaskAndWait` that is given no `pollIntervalMs`: 15 000 milliseconds. */
export const DEFAULT_POLL_INTERVAL_MS = 15_000;

/**
 * The highest `timeoutMs` of one call: the SDK's own time limit.
 * @internal
 */
export const MAX_TIMEOUT_MS = 600_000;

/**
 * The highest `timeoutMs` of a wait: a day.
 * @internal
 */
export const MAX_WAIT_TIMEOUT_MS = 86_400_000;

/** @internal */
export const MIN_POLL_INTERVAL_MS = 100;

/** @internal */
export const MAX_POLL_INTERVAL_MS = 600_000;
