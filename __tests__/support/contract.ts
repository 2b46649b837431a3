// The contract's table of codes, spelled out once more, so that the tests do not ask `src/` what is right.

import { expect } from '@jest/globals';
import type { Outcome, QianfanErrorCode } from '../../src';

export interface CodeRow {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
  readonly retryable: boolean;
  /** The fields an error of this code may have beside those that every error has. */
  readonly fields: readonly string[];
}

const API_FIELDS = ['status', 'apiCode', 'apiMessage', 'retryAfterMs'];
// After the SDK's hidden repeats a refusal is only the last answer's: `unknown`.
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

/** What `toJSON()` must give, but for the message: any other text. Fields that are `undefined` count as absent. */
export function errorFields(code: QianfanErrorCode, outcome: Outcome, more: object = {}): object {
  const { name, retryable } = CONTRACT[code];
  return { name, code, outcome, retryable, message: expect.any(String), ...more };
}
