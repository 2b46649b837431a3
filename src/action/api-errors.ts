// One table of what is known of each of our API error codes: which HTTP statuses and which of the server's codes mean it,
// what the server's codes say, and what a person can do. Data only. Sources: Baidu's public documentation and the sources
// of its SDKs; the codes from 500001 up, but for 500002, from a third-party mirror of the older fine-tuning API.

import type { ApiErrorCode } from '../errors';

export interface ApiErrorRow {
  readonly code: ApiErrorCode;
  /** How the HTTP statuses begin that mean this error if the server names no known code. */
  readonly statuses: readonly string[];
  /** The server's codes, a number as its digits, with what they mean. */
  readonly apiCodes: Readonly<Record<string, string>>;
  /** What the server's own code says of the request. */
  readonly outcome: 'refused' | 'unknown';
  readonly retryable: boolean;
  /** What to do. `undefined`: ask for one of the policies of the action. */
  readonly advice: string | undefined;
}

/** Read from the top: the first row that fits the status counts. */
export const API_ERRORS: readonly ApiErrorRow[] = [
  {
    code: 'AUTHENTICATION_FAILED',
    statuses: ['401'],
    apiCodes: {
      InvalidHTTPAuthHeader: 'the Authorization header is invalid',
      SignatureDoesNotMatch: 'the signature does not match',
      RequestExpired: 'the signature is too old',
      InvalidAccessKeyId: 'the access key is unknown',
      13: 'the service token failed',
      14: 'IAM certification failed',
      15: 'the application does not exist',
      110: 'the token is invalid',
      111: 'the token has expired',
    },
    outcome: 'refused',
    retryable: false,
    advice: 'Check both keys: an IAM access key and its secret key.',
  },
  {
    code: 'PERMISSION_DENIED',
    statuses: ['403'],
    apiCodes: {
      AccessDenied: 'the user has no permission',
      OptInRequired: 'the service is not enabled',
      6: 'no permission to access the data',
      336004: 'permission error',
      500002: 'authorization failed',
    },
    outcome: 'refused',
    retryable: false,
    advice: undefined,
  },
  {
    code: 'NOT_FOUND',
    statuses: ['404'],
    apiCodes: {
      NoSuchKey: 'no such thing', // a generic example; Qianfan's own code for an unknown task is unconfirmed
      510202: 'the task does not exist',
      510301: 'the job does not exist',
    },
    outcome: 'refused',
    retryable: false,
    advice: 'Check the task ID, that it belongs to the account of this key, and the base URL.',
  },
  {
    code: 'RATE_LIMITED',
    statuses: ['429'],
    apiCodes: {
      4: 'the request limit is reached',
      17: 'the daily limit is reached',
      18: 'the QPS limit is reached',
      19: 'the total limit is reached',
      336501: 'the RPM limit is reached',
      336502: 'the TPM limit is reached',
    },
    outcome: 'refused',
    retryable: true,
    advice: 'Wait, then try again.',
  },
  {
    code: 'SERVER_ERROR',
    statuses: ['408', '5'],
    apiCodes: {
      InternalError: 'internal error',
      1: 'unknown error',
      2: 'the service is unavailable',
      336000: 'internal error',
      336100: 'the load is too high',
      500000: 'internal error',
    },
    outcome: 'unknown',
    retryable: true,
    advice: 'It may be temporary.',
  },
  {
    code: 'INVALID_REQUEST',
    statuses: ['4'],
    apiCodes: {
      InappropriateJSON: 'a JSON item is missing or of the wrong type',
      MalformedJSON: 'the body is not valid JSON',
      InvalidHTTPRequest: 'the body has the wrong encoding or format',
      InvalidURI: 'the URI is wrong',
      IdempotentParameterMismatch: 'a client token was used twice',
      InvalidVersion: 'the API version in the URI is wrong',
      PreconditionFailed: 'a precondition failed',
      3: 'the method is not supported',
      100: 'invalid request',
      336001: 'invalid argument',
      336002: 'invalid JSON',
      336003: 'invalid parameter',
      336005: 'the API name does not exist',
      336101: 'invalid HTTP method',
      336104: 'invalid argument',
      336105: 'invalid argument',
      500001: 'invalid parameter',
      510302: 'the state of the job does not allow it',
    },
    outcome: 'refused',
    retryable: false,
    advice: 'Check the task ID and the base URL.',
  },
];

/** An undocumented code in a 2xx response. */
export const UNDOCUMENTED: ApiErrorRow = {
  code: 'API_ERROR',
  statuses: [],
  apiCodes: {},
  outcome: 'unknown',
  retryable: false,
  advice: 'This code is not documented.',
};

/** The row of a documented code. */
export function rowOf(apiCode: string): ApiErrorRow | undefined {
  return API_ERRORS.find(({ apiCodes }) => Object.hasOwn(apiCodes, apiCode));
}

const IAM_KEY = 'it must be an IAM access key, not an API key of an application';
const CLEAN_KEYS = 'check both keys for blanks and quotes';

/** What to do, for the codes that tell more than ours. */
const ADVICE: Readonly<Record<string, string>> = {
  InvalidHTTPAuthHeader: `Check the access key: ${IAM_KEY}; ${CLEAN_KEYS}.`,
  SignatureDoesNotMatch: `The secret key does not belong to the access key: ${CLEAN_KEYS}.`,
  RequestExpired: "Set this machine's clock.",
  InvalidAccessKeyId: `The server does not know the access key: ${IAM_KEY}.`,
  OptInRequired: 'Enable the service for this account in the Qianfan console.',
  510302: 'Check the state of the task: it may be changing, have ended, or not have started.',
};

/** What to do, where a documented code tells more than ours. */
export function adviceFor(apiCode: string): string | undefined {
  return Object.hasOwn(ADVICE, apiCode) ? ADVICE[apiCode] : undefined;
}
