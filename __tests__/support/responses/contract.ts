// The contract's table of codes, and the server's codes, written down once more, so that the tests do not read it from `src/`.

import { expect } from '@jest/globals';
import type { Outcome, QianfanErrorCode } from '../../../src';

export interface CodeRow {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
  readonly retryable: boolean;
  /** The fields that an error of this code may have beside those of every error. */
  readonly fields: readonly string[];
}

const API_FIELDS = ['status', 'apiCode', 'apiMessage', 'retryAfterMs', 'response'];
// A refusal needs a code of the server's own and a call of a single request. Otherwise the outcome is unknown.
const REFUSAL = { name: 'ApiError', outcomes: ['refused', 'unknown'], fields: API_FIELDS } as const;
const BY_EVIDENCE = ['not_sent', 'unknown'] as const;

export const CONTRACT: Readonly<Record<QianfanErrorCode, CodeRow>> = {
  INVALID_INPUT: { name: 'InvalidInputError', outcomes: ['not_sent'], retryable: false, fields: ['issues'] },
  MISSING_CREDENTIALS: { name: 'ConfigurationError', outcomes: ['not_sent'], retryable: false, fields: [] },
  INVALID_CONFIGURATION: { name: 'ConfigurationError', outcomes: ['not_sent'], retryable: false, fields: [] },
  AUTHENTICATION_FAILED: { ...REFUSAL, retryable: false },
  PERMISSION_DENIED: { ...REFUSAL, retryable: false },
  NOT_FOUND: { ...REFUSAL, retryable: false },
  INVALID_REQUEST: { ...REFUSAL, retryable: false },
  RATE_LIMITED: { ...REFUSAL, retryable: true },
  SERVER_ERROR: { name: 'ApiError', outcomes: ['unknown'], retryable: true, fields: API_FIELDS },
  API_ERROR: { name: 'ApiError', outcomes: ['unknown'], retryable: false, fields: API_FIELDS },
  CONNECTION_FAILED: { name: 'ConnectionError', outcomes: BY_EVIDENCE, retryable: true, fields: ['systemCode'] },
  TIMEOUT: { name: 'TimeoutError', outcomes: BY_EVIDENCE, retryable: true, fields: ['timeoutMs'] },
  ABORTED: { name: 'AbortError', outcomes: BY_EVIDENCE, retryable: false, fields: [] },
  UNEXPECTED_RESPONSE: {
    name: 'UnexpectedResponseError',
    outcomes: ['unknown'],
    retryable: false,
    fields: ['response'],
  },
  UNEXPECTED_ERROR: { name: 'UnexpectedError', outcomes: ['unknown'], retryable: false, fields: [] },
};

/** What `toJSON()` must give, with any message. Fields that are `undefined` count as absent. */
export function errorFields(code: QianfanErrorCode, outcome: Outcome, more: object = {}): object {
  const { name, retryable } = CONTRACT[code];
  return { name, code, outcome, retryable, message: expect.any(String), ...more };
}

/** An unknown code: the status decides. */
export const ANY_CODE = 'AnyCodeAtAll';

// Baidu's table of common error codes, with the HTTP status that it gives to each.
export const STRING_CODES: readonly (readonly [status: number, apiCode: string, code: QianfanErrorCode])[] = [
  [400, 'InappropriateJSON', 'INVALID_REQUEST'],
  [400, 'MalformedJSON', 'INVALID_REQUEST'],
  [400, 'InvalidHTTPRequest', 'INVALID_REQUEST'],
  [400, 'InvalidURI', 'INVALID_REQUEST'],
  [400, 'InvalidHTTPAuthHeader', 'AUTHENTICATION_FAILED'],
  [400, 'SignatureDoesNotMatch', 'AUTHENTICATION_FAILED'],
  [400, 'RequestExpired', 'AUTHENTICATION_FAILED'],
  [403, 'InvalidAccessKeyId', 'AUTHENTICATION_FAILED'],
  [403, 'AccessDenied', 'PERMISSION_DENIED'],
  [403, 'OptInRequired', 'PERMISSION_DENIED'],
  [403, 'IdempotentParameterMismatch', 'INVALID_REQUEST'],
  [404, 'InvalidVersion', 'INVALID_REQUEST'],
  [404, 'NoSuchKey', 'NOT_FOUND'],
  [412, 'PreconditionFailed', 'INVALID_REQUEST'],
  [429, ANY_CODE, 'RATE_LIMITED'],
  [500, 'InternalError', 'SERVER_ERROR'],
];

// The numeric codes of Qianfan's services.
export const NUMERIC_CODES: readonly (readonly [apiCode: number, code: QianfanErrorCode])[] = [
  ...[13, 14, 15, 110, 111].map((number) => [number, 'AUTHENTICATION_FAILED'] as const),
  ...[6, 336004, 500002].map((number) => [number, 'PERMISSION_DENIED'] as const),
  ...[510202, 510301].map((number) => [number, 'NOT_FOUND'] as const),
  ...[3, 100, 336001, 336002, 336003, 336005, 336101, 336104, 336105, 500001, 510302].map(
    (number) => [number, 'INVALID_REQUEST'] as const,
  ),
  ...[4, 17, 18, 19, 336501, 336502].map((number) => [number, 'RATE_LIMITED'] as const),
  ...[1, 2, 336000, 336100, 500000].map((number) => [number, 'SERVER_ERROR'] as const),
];
