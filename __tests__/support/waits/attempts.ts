// Attempts of a wait, written by hand, and what the policy says after them.

import { keepForm } from '../../../src/action/response-form';
import { type AnyQianfanError, ApiError, ConnectionError, UnexpectedResponseError } from '../../../src/errors';
import type { Timing } from '../../../src/wait/pauses';
import { type Attempt, advance, FIRST_STEP, type Known, NOTHING_KNOWN, type Step } from '../../../src/wait/policy';
import { isDocumented } from '../responses/contract';

export const TIMING: Timing = { pollIntervalMs: 15_000, remainingMs: 600_000, random: 1 };
export const STOPPED_NOTHING: Attempt = { to: 'stop', response: { requestId: '', result: false } };
export const ACCEPTED: Attempt = { to: 'stop', response: { requestId: '', result: true } };
export const state = (runStatus: string): Attempt => ({
  to: 'describe',
  response: { requestId: '', result: { runStatus } },
});
export const failed = (to: 'stop' | 'describe', error: AnyQianfanError): Attempt => ({ to, error });

type ApiFields = Partial<Pick<ApiError, 'outcome' | 'retryable' | 'apiCode' | 'retryAfterMs'>>;

/** An error in Qianfan's form, unless its code is `undefined`, as on a gateway's page. */
export function api(code: ApiError['code'], more: ApiFields = {}): ApiError {
  const fields = { code, outcome: 'refused', retryable: false, apiCode: 'AnyCode', ...more } as const;
  const isInForm = fields.apiCode !== undefined;
  return keepForm(new ApiError('No.', fields), { isInForm, isDocumented: isDocumented(fields.apiCode) });
}

export const RATE_LIMITED = api('RATE_LIMITED', { retryable: true });
export const EXPIRED = api('AUTHENTICATION_FAILED', { apiCode: 'RequestExpired' });
export const BROKEN = new ConnectionError('It broke.', { outcome: 'unknown' });
export const REFUSED = new ConnectionError('It was refused.', { outcome: 'not_sent', systemCode: 'ECONNREFUSED' });
export const UNKNOWN_HOST = new ConnectionError('No such host.', { outcome: 'not_sent', systemCode: 'ENOTFOUND' });
export const BAD_CERTIFICATE = new ConnectionError('Self-signed.', {
  outcome: 'not_sent',
  retryable: false,
  systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT',
});

/** A response that is no result of the documented shape: Qianfan's own, or a gateway's page. */
export function odd(from: 'qianfan' | 'gateway'): UnexpectedResponseError {
  const error = new UnexpectedResponseError('Odd.', { outcome: 'unknown', response: '' });
  return keepForm(error, { isInForm: from === 'qianfan', isDocumented: false });
}

/** Where the answers lead, one after the other. */
export function follow(answers: readonly Attempt[], timing: Partial<Timing> = {}): { known: Known; step: Step } {
  let known = NOTHING_KNOWN;
  let step: Step = FIRST_STEP;
  for (const answer of answers) ({ known, step } = advance(known, answer, { ...TIMING, ...timing }));
  return { known, step };
}
