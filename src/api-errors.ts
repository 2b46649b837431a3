// Tables: which of our codes the server's codes and statuses are, and what to do about each.
// From Baidu's public documentation and the sources of its SDKs; 5xxxxx codes but 500000 and 500002
// from a third-party mirror of the older fine-tuning API.

import type { ApiErrorCode } from './errors';

const rows = (ours: ApiErrorCode, theirs: string) => theirs.split(' ').map((apiCode) => [apiCode, ours] as const);

/** The server's code, a number as its digits, to ours. */
export const OUR_CODE_BY_API_CODE: ReadonlyMap<string, ApiErrorCode> = new Map([
  // 13 get service token failed, 14 IAM certification failed, 15 app does not exist, 110 token invalid, 111 expired
  ...rows('AUTHENTICATION_FAILED', 'InvalidHTTPAuthHeader SignatureDoesNotMatch RequestExpired InvalidAccessKeyId'),
  ...rows('AUTHENTICATION_FAILED', '13 14 15 110 111'),
  // 6 no permission to access data, 336004 permission error, 500002 authorization failed
  ...rows('PERMISSION_DENIED', 'AccessDenied OptInRequired 6 336004 500002'),
  // 510202 task does not exist, 510301 job does not exist
  ...rows('NOT_FOUND', 'NoSuchKey 510202 510301'),
  // 3 unsupported method, 100 invalid request, 336001 and 33610x invalid argument, 336002 invalid JSON, 336003 invalid
  // parameter, 336005 API name does not exist, 336101 invalid HTTP method, 500001 parameter invalid, 510302 job status
  ...rows('INVALID_REQUEST', 'InappropriateJSON MalformedJSON InvalidHTTPRequest InvalidURI'),
  ...rows('INVALID_REQUEST', 'IdempotentParameterMismatch InvalidVersion PreconditionFailed'),
  ...rows('INVALID_REQUEST', '3 100 336001 336002 336003 336005 336101 336104 336105 500001 510302'),
  // 4 request limit, 17 daily limit, 18 QPS limit, 19 total limit, 336501 RPM limit, 336502 TPM limit
  ...rows('RATE_LIMITED', '4 17 18 19 336501 336502'),
  // 1 unknown, 2 service unavailable, 336000 internal, 336100 high load, 500000 console internal
  ...rows('SERVER_ERROR', 'InternalError 1 2 336000 336100 500000'),
]);

const OUR_CODE_BY_STATUS: ReadonlyMap<number, ApiErrorCode> = new Map([
  [401, 'AUTHENTICATION_FAILED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [408, 'SERVER_ERROR'],
  [429, 'RATE_LIMITED'],
  // Of the others, the class decides.
  [4, 'INVALID_REQUEST'],
  [5, 'SERVER_ERROR'],
]);

/** The HTTP status to our code, where it is an error's. */
export function ourCodeByStatus(status = 0): ApiErrorCode | undefined {
  return OUR_CODE_BY_STATUS.get(status) ?? OUR_CODE_BY_STATUS.get(Math.floor(status / 100));
}

/** With these nobody knows; with all others the server says that it did not do it. */
export const UNCERTAIN: ReadonlySet<ApiErrorCode> = new Set(['SERVER_ERROR', 'API_ERROR']);

/** What a person can do, by our code. */
export const ADVICE: Readonly<Record<ApiErrorCode, string>> = {
  AUTHENTICATION_FAILED:
    'Check the keys (`credentials`, else QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY): an IAM access key and its secret key.',
  PERMISSION_DENIED:
    "The key's user needs the policy QianfanFullControlAccessPolicy or QianfanModelTuningFullControlAccessPolicy.",
  NOT_FOUND: "Check the ID, that it belongs to this key's account, and the base URL.",
  INVALID_REQUEST: 'Trying again will not help; check the ID and the base URL.',
  RATE_LIMITED: 'Wait, then try again.',
  SERVER_ERROR: 'The fault is on its side, and may pass.',
  API_ERROR: 'The code is not documented.',
};

/** What a person can do, where the server's code says more than ours. */
export const ADVICE_BY_API_CODE: ReadonlyMap<string, string> = new Map([
  ['RequestExpired', "The signature was too old: set this machine's clock."],
  ['SignatureDoesNotMatch', 'The secret key does not belong to the access key.'],
  ['InvalidAccessKeyId', 'The access key is unknown: check it (`credentials`, else QIANFAN_ACCESS_KEY).'],
  ['OptInRequired', 'Enable the service for this account in the Qianfan console.'],
]);
