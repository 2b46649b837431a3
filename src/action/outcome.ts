// The contract's rules of evidence: what a response proves, and which failures of a connection will not pass. Pure. It
// must not know words or errors.

import { CERTIFICATE_CODE, type HttpResponse } from '../sdk/messages';
import type { Effect } from './action';
import { API_ERRORS, type ApiErrorRow, rowOf, UNDOCUMENTED } from './api-errors';
import { apiCodesIn, apiCodesOf } from './read-response';

/** What a response proves. */
export type Verdict =
  | { readonly kind: 'result' }
  /** The last of several requests did nothing, but an earlier one may have. */
  | { readonly kind: 'nothing_done_at_last' }
  | ErrorVerdict
  /** Neither a documented result nor an error. */
  | { readonly kind: 'not_documented' };

export interface ErrorVerdict {
  readonly kind: 'error';
  readonly row: ApiErrorRow;
  readonly outcome: 'refused' | 'unknown';
  /** The server's own code. Without one, the response may be a proxy's or a gateway's. */
  readonly apiCode: string | undefined;
}

/** Judges a response. `effect` is that of its `result`, if it has one of the documented shape. */
export function judge(response: HttpResponse, effect: Effect | undefined): Verdict {
  if (effect !== undefined && isSuccess(response.status) && apiCodesIn(response.body).length === 0) {
    const isLastOfSeveral = response.requests > 1;
    return { kind: effect === 'nothing_done' && isLastOfSeveral ? 'nothing_done_at_last' : 'result' };
  }
  const apiCodes = apiCodesOf(response);
  const apiCode = apiCodes.find(rowOf) ?? apiCodes[0];
  const row = rowFor(apiCode, response.status);
  if (row === undefined) return { kind: 'not_documented' };
  // A proxy's page has no code; an earlier request of several may have worked; a result of `true` contradicts a refusal.
  const isServersWord = apiCode !== undefined && response.requests <= 1 && effect !== 'done';
  return { kind: 'error', row, outcome: isServersWord ? row.outcome : 'unknown', apiCode };
}

/** A known code decides before the status does; an unknown one leaves it to the status. */
function rowFor(apiCode: string | undefined, status: number | undefined): ApiErrorRow | undefined {
  const ofCode = apiCode === undefined ? undefined : rowOf(apiCode);
  if (ofCode) return ofCode;
  const ofStatus = API_ERRORS.find(({ statuses }) => statuses.some((start) => `${status}`.startsWith(start)));
  if (ofStatus) return ofStatus;
  return apiCode !== undefined && isSuccess(status) ? UNDOCUMENTED : undefined;
}

function isSuccess(status: number | undefined): boolean {
  return status === undefined || Math.floor(status / 100) === 2;
}

/** Whether a connection fails for a reason that trying again will not mend: a certificate, or no TLS behind https. */
export function isLasting(systemCode: string | undefined, reason: string): boolean {
  return CERTIFICATE_CODE.test(systemCode ?? '') || (systemCode === 'EPROTO' && reason.includes('SSL routines'));
}
