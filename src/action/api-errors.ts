// One table of what is known of each of our API error codes: which HTTP statuses and which of the server's codes stand for
// it, what they mean, and what a person can do. Data only. Sources: Baidu's public documentation and the sources of its
// SDKs; the codes from 500001 up, but for 500002, from a third-party mirror of the older fine-tuning API.

import type { ApiErrorCode } from '../errors';

interface ApiCode {
  readonly meaning: string;
  /** What to do, if this code tells more than ours. */
  readonly advice?: string;
}

export interface ApiErrorRow {
  readonly code: ApiErrorCode;
  /** How the HTTP statuses begin that stand for it if the server names no known code. */
  readonly statuses: readonly string[];
  /** The server's codes, a number as its digits. */
  readonly apiCodes: Readonly<Record<string, ApiCode>>;
  /** What the server's own code says of the request. */
  readonly outcome: 'refused' | 'unknown';
  readonly retryable: boolean;
  readonly advice: string;
}

const IAM_KEY =
  'it must be an IAM access key, not the API key of an application nor one that starts with bce-v3/ (`credentials`, else QIANFAN_ACCESS_KEY)';
const CLEAN_KEYS = 'check that no blank, line break or quote stands around either key';

/** Read from the top: the first row that fits the status counts. */
export const API_ERRORS: readonly ApiErrorRow[] = [
  {
    code: 'AUTHENTICATION_FAILED',
    statuses: ['401'],
    apiCodes: {
      InvalidHTTPAuthHeader: {
        meaning: 'the Authorization header is invalid',
        advice: `Check the access key: ${IAM_KEY}; ${CLEAN_KEYS}.`,
      },
      SignatureDoesNotMatch: {
        meaning: 'the signature does not match',
        advice: `The secret key does not belong to the access key: ${CLEAN_KEYS}.`,
      },
      RequestExpired: { meaning: 'the signature is too old', advice: "Set this machine's clock." },
      InvalidAccessKeyId: {
        meaning: 'the access key is unknown',
        advice: `The server does not know the access key: ${IAM_KEY}.`,
      },
      13: { meaning: 'getting the service token failed' },
      14: { meaning: 'IAM certification failed' },
      15: { meaning: 'the application does not exist' },
      110: { meaning: 'the token is invalid' },
      111: { meaning: 'the token has expired' },
    },
    outcome: 'refused',
    retryable: false,
    advice:
      'Check the keys (`credentials`, else QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY): an IAM access key and its secret key.',
  },
  {
    code: 'PERMISSION_DENIED',
    statuses: ['403'],
    apiCodes: {
      AccessDenied: { meaning: 'the user has no permission' },
      OptInRequired: {
        meaning: 'the service is not enabled',
        advice: 'Enable the service for this account in the Qianfan console.',
      },
      6: { meaning: 'no permission to access the data' },
      336004: { meaning: 'permission error' },
      500002: { meaning: 'authorization failed, no access' },
    },
    outcome: 'refused',
    retryable: false,
    advice: '', // the policies of the action stand in its place
  },
  {
    code: 'NOT_FOUND',
    statuses: ['404'],
    apiCodes: {
      NoSuchKey: { meaning: 'no such thing' }, // a generic example; Qianfan's own code for an unknown task is unconfirmed
      510202: { meaning: 'the task does not exist' },
      510301: { meaning: 'the job does not exist' },
    },
    outcome: 'refused',
    retryable: false,
    advice: 'Check the task ID, that it belongs to the account of this key, and the base URL.',
  },
  {
    code: 'RATE_LIMITED',
    statuses: ['429'],
    apiCodes: {
      4: { meaning: 'the request limit is reached' },
      17: { meaning: 'the daily limit is reached' },
      18: { meaning: 'the QPS limit is reached' },
      19: { meaning: 'the total limit is reached' },
      336501: { meaning: 'the RPM limit is reached' },
      336502: { meaning: 'the TPM limit is reached' },
    },
    outcome: 'refused',
    retryable: true,
    advice: 'Wait, then try again.',
  },
  {
    code: 'SERVER_ERROR',
    statuses: ['408', '5'],
    apiCodes: {
      InternalError: { meaning: 'internal error' },
      1: { meaning: 'unknown error' },
      2: { meaning: 'the service is unavailable' },
      336000: { meaning: 'internal error' },
      336100: { meaning: 'the load is too high' },
      500000: { meaning: 'internal error of the console' },
    },
    outcome: 'unknown',
    retryable: true,
    advice: 'This is a server-side problem and may be temporary.',
  },
  {
    code: 'INVALID_REQUEST',
    statuses: ['4'],
    apiCodes: {
      InappropriateJSON: { meaning: 'an item of the JSON is missing or of the wrong type' },
      MalformedJSON: { meaning: 'the body is not valid JSON' },
      InvalidHTTPRequest: { meaning: 'the encoding or the format of the body is wrong' },
      InvalidURI: { meaning: 'the URI is wrong' },
      IdempotentParameterMismatch: { meaning: 'a client token was used twice' },
      InvalidVersion: { meaning: 'the API version in the URI is wrong' },
      PreconditionFailed: { meaning: 'a precondition failed' },
      3: { meaning: 'the method is not supported' },
      100: { meaning: 'invalid request' },
      336001: { meaning: 'invalid argument' },
      336002: { meaning: 'invalid JSON' },
      336003: { meaning: 'invalid parameter' },
      336005: { meaning: 'the API name does not exist' },
      336101: { meaning: 'invalid HTTP method' },
      336104: { meaning: 'invalid argument' },
      336105: { meaning: 'invalid argument' },
      500001: { meaning: 'invalid parameter' },
      510302: {
        meaning: 'the state of the job does not allow it',
        advice: 'Check the state of the task: it may have ended.',
      },
    },
    outcome: 'refused',
    retryable: false,
    advice: 'Trying again will not help: check the task ID and the base URL.',
  },
];

/** A code in a 2xx answer that nobody documents. */
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
