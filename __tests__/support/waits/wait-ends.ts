// How a wait ended and what it requested, in the notation of the rows.

import { type AnyQianfanError, isQianfanError, type StopFineTuningTaskAndWaitResponse } from '../../../src';
import type { To } from './script';

/** `SDD` and the like. */
export const letters = (requests: readonly { readonly to: To }[]): string =>
  requests.map(({ to }) => (to === 'stop' ? 'S' : 'D')).join('');

/** How a wait ended: with a response, or with one of our errors. */
export type End = StopFineTuningTaskAndWaitResponse | AnyQianfanError;

export async function endOf(wait: Promise<StopFineTuningTaskAndWaitResponse>): Promise<End> {
  return wait.catch((error: unknown) => {
    if (!isQianfanError(error)) throw error;
    return error;
  });
}

/** The end in the notation of the rows. */
export function inNotation(end: End): string {
  if (!isQianfanError(end)) return end.result.runStatus;
  const { code, outcome, progress } = end;
  return `${code} ${outcome} ${progress?.stop} ${progress?.runStatus ?? '-'}`;
}
