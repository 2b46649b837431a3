// The exit statuses, which `--help` explains.

import type { SuccessOrFailure } from './commands';

export const DONE = 0;
export const NOT_DONE = 1;
/** The command line, an ID or the configuration is wrong. */
export const WRONG_USE = 2;

// Every call checks the same options and finds the same keys.
const FAULTS: readonly string[] = ['INVALID_INPUT', 'INVALID_CONFIGURATION', 'MISSING_CREDENTIALS'];

/** Of a command whose tasks have all ended. */
export function statusOf(ends: readonly SuccessOrFailure[]): number {
  if (ends.every((end) => 'isGood' in end && end.isGood)) return DONE;
  return ends.every((end) => 'error' in end && FAULTS.includes(end.error.code)) ? WRONG_USE : NOT_DONE;
}

/** Of a command that a signal ends, as a shell would report it. */
export function statusOfSignal(signalNumber: number): number {
  return 128 + signalNumber;
}
