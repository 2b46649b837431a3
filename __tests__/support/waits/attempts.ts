// Attempts of a wait, written by hand, and what the policy says after them.

import { type AnyQianfanError, ApiError, ConnectionError, UnexpectedResponseError } from '../../../src/errors';
import {
  type Answer,
  advance,
  FIRST_STEP,
  type Known,
  NOTHING_KNOWN,
  type Step,
  type Timing,
} from '../../../src/wait/policy';

export const TIMING: Timing = { pollIntervalMs: 15_000, remainingMs: 600_000, random: 1 };
export const STOPPED_NOTHING: Answer = { to: 'stop', response: { requestId: '', result: false } };
export const ACCEPTED: Answer = { to: 'stop', response: { requestId: '', result: true } };
export const state = (runStatus: string): Answer => ({
  to: 'describe',
  response: { requestId: '', result: { runStatus } },
});
export const failed = (to: 'stop' | 'describe', error: AnyQianfanError): Answer => ({ to, error });

export const api = (
  code: ApiError['code'],
  more: Partial<Pick<ApiError, 'outcome' | 'retryable' | 'apiCode' | 'retryAfterMs' | 'response'>> = {},
) => new ApiError('No.', { code, outcome: 'refused', retryable: false, apiCode: 'AnyCode', ...more });
export const RATE_LIMITED = api('RATE_LIMITED', { retryable: true });
export const BROKEN = new ConnectionError('It broke.', { outcome: 'unknown' });
export const odd = (response: string) => new UnexpectedResponseError('Odd.', { outcome: 'unknown', response });

/** What the policy knows and says after these, one after the other. */
export function follow(answers: readonly Answer[], timing: Partial<Timing> = {}): { known: Known; step: Step } {
  let known = NOTHING_KNOWN;
  let step: Step = FIRST_STEP;
  for (const answer of answers) ({ known, step } = advance(known, answer, { ...TIMING, ...timing }));
  return { known, step };
}
