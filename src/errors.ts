// What a caller catches: one family of errors, one closed union of codes. It must not know anything else of this package.

/** Whether a stop request may have taken effect, see {@link QianfanError.outcome}. */
export type Outcome = 'not_sent' | 'refused' | 'unknown';

/** The codes of {@link ApiError}: the server answered with an error. */
export type ApiErrorCode =
  | 'AUTHENTICATION_FAILED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'INVALID_REQUEST'
  | 'RATE_LIMITED'
  | 'SERVER_ERROR'
  | 'API_ERROR';

/** One thing that is wrong with the input or the options. */
export interface InputIssue {
  /** The field, such as `taskId` or `credentials.secretKey`; `input` or `options` for the whole argument. */
  readonly path: string;
  /** What is wrong with it and what to do. Never shows a key. */
  readonly message: string;
}

/** What `stopFineTuningTaskAndWait` knows so far: the argument of `onProgress`, and `error.progress`. */
export interface WaitProgress {
  readonly taskId: string;
  /** The best that is known of the stop requests; it only rises, in this order. `refused`: also after `result: false`. */
  readonly stop: 'not_sent' | 'refused' | 'unknown' | 'accepted';
  /** The task's state in the last Describe that was answered; secrets are replaced, at most 2 000 characters. */
  readonly runStatus?: string | undefined;
  /** Its progress, such as `45%`; secrets are replaced, at most 2 000 characters. */
  readonly runProgress?: string | undefined;
  /** How many requests of each kind were made. */
  readonly stopRequests: number;
  readonly describeRequests: number;
  /** Why the last request failed, if it did. */
  readonly lastError?: AnyQianfanError | undefined;
}

/** What every error may carry beside its own fields. */
export type ErrorDetails = Pick<QianfanError, 'taskId' | 'requestId' | 'cause' | 'progress'>;

// A registered symbol, so that two installed copies of this package recognise each other's errors.
const BRAND = Symbol.for('qianfan-finetuning.QianfanError');

/** What all errors have in common. Use {@link isQianfanError}: `instanceof` fails across two copies of the package. */
export abstract class QianfanError extends Error {
  /** The name of the class, such as `TimeoutError`, also in minified code. */
  abstract override readonly name: string;
  /**
   * What went wrong, for a `switch`, and what to do:
   * - `INVALID_INPUT`: correct what `issues` names. `MISSING_CREDENTIALS`: set both keys.
   * - `INVALID_CONFIGURATION`: read the message. `AUTHENTICATION_FAILED`: check both keys and the clock.
   * - `PERMISSION_DENIED`: give the key's user a policy. `NOT_FOUND`: check the ID, the key's account, the base URL.
   * - `INVALID_REQUEST`, `API_ERROR`: read `apiMessage`. `RATE_LIMITED`: wait `retryAfterMs`, call again.
   * - `SERVER_ERROR`, `TIMEOUT`: call again. `CONNECTION_FAILED`: check the network, call again. `ABORTED`: nothing.
   * - `UNEXPECTED_RESPONSE`: read `response`, check the proxy and the base URL. `UNEXPECTED_ERROR`: report it.
   */
  abstract readonly code: QianfanErrorCode;
  /**
   * Whether a stop request of this call may have taken effect. It is about the requests: the task may be running in all
   * three cases.
   * - `not_sent`: no. It is proved that nothing reached the server. Remove the cause, then call again.
   * - `refused`: no. The server itself said that it did not do it. Remove the cause, then call again.
   * - `unknown`: maybe, or it was accepted. Call `stopFineTuningTaskAndWait`. Of a Describe: no response could be read.
   */
  abstract readonly outcome: Outcome;
  /** Whether the same call may succeed later. It does not tell whether this one took effect. */
  abstract readonly retryable: boolean;
  // `declare`: a field that is not there must not be printed as `undefined`.
  /** The ID that was passed, if it was a string. One that is not valid is cut, and secrets in it are replaced. */
  declare readonly taskId?: string | undefined;
  /** The server's ID of the request, for Baidu's support. */
  declare readonly requestId?: string | undefined;
  /** From `stopFineTuningTaskAndWait` only: what was known when it ended. */
  declare readonly progress?: WaitProgress | undefined;
  /** The system's error, the signal's reason, or the error of a wait's last request; never the server's text. */
  declare readonly cause?: unknown; // declared here, as `lib` before es2022 has none

  // A field that a class declares comes from the details; one with a value is the same in all errors of the class.
  constructor(message: string, { cause, ...fields }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, BRAND, { value: true });
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) Object.assign(this, { [name]: value });
  }

  /** The fields without `cause` and `stack`, for a log: plain, no secrets. An `UnexpectedError` has its cause as text. */
  toJSON(): object {
    const { name, code, message, outcome, progress, cause } = this;
    const lastError = progress?.lastError?.toJSON();
    return {
      ...Object.assign({ name, code, message, outcome }, this),
      ...(lastError && { progress: { ...progress, lastError } }),
      ...(code === 'UNEXPECTED_ERROR' &&
        cause !== undefined && { cause: (cause instanceof Error && cause.stack) || String(cause) }),
    };
  }
}

/** The input or an option is invalid. Nothing was sent. */
export class InvalidInputError extends QianfanError {
  override readonly name = 'InvalidInputError';
  readonly code = 'INVALID_INPUT';
  readonly outcome = 'not_sent';
  readonly retryable = false;
  /** Everything that is wrong; at least one entry. A `path` of `taskId` means the caller's ID, any other one an option. */
  declare readonly issues: readonly InputIssue[];

  constructor(message: string, details: ErrorDetails & Pick<InvalidInputError, 'issues'>) {
    super(message, details);
  }
}

/** The keys, the base URL or the SDK is missing or unusable. Nothing was sent. */
export class ConfigurationError extends QianfanError {
  override readonly name = 'ConfigurationError';
  declare readonly code: 'MISSING_CREDENTIALS' | 'INVALID_CONFIGURATION';
  readonly outcome = 'not_sent';
  readonly retryable = false;

  constructor(message: string, details: ErrorDetails & Pick<ConfigurationError, 'code'>) {
    super(message, details);
  }
}

type ApiErrorField = Exclude<keyof ApiError, keyof QianfanError> | 'code' | 'outcome' | 'retryable';

/** The server, or a proxy or gateway in front of it, answered with an error. */
export class ApiError extends QianfanError {
  override readonly name = 'ApiError';
  declare readonly code: ApiErrorCode;
  declare readonly outcome: Outcome;
  declare readonly retryable: boolean;
  /** The HTTP status, if it is known. */
  declare readonly status?: number | undefined;
  /** The server's own code, such as `AccessDenied`; a number as its digits. */
  declare readonly apiCode?: string | undefined;
  /** The server's own words. */
  declare readonly apiMessage?: string | undefined;
  /** How long the server asks to wait before the next request, in milliseconds (from `Retry-After`). */
  declare readonly retryAfterMs?: number | undefined;
  /** The first 2 000 characters of a response that is not in Qianfan's form, such as a proxy's page. */
  declare readonly response?: string | undefined;

  constructor(message: string, details: ErrorDetails & Pick<ApiError, ApiErrorField>) {
    super(message, details);
  }
}

type Retryable = { readonly retryable?: boolean | undefined };

/** The connection could not be made, or it broke. */
export class ConnectionError extends QianfanError {
  override readonly name = 'ConnectionError';
  readonly code = 'CONNECTION_FAILED';
  declare readonly outcome: Outcome;
  /** `false` where the failure will not pass: a certificate that is not trusted, or plain HTTP behind an https URL. */
  declare readonly retryable: boolean;
  /** Node's code, such as `ECONNREFUSED` or `DEPTH_ZERO_SELF_SIGNED_CERT`, if it is known. */
  declare readonly systemCode?: string | undefined;

  constructor(message: string, details: ErrorDetails & Pick<ConnectionError, 'outcome' | 'systemCode'> & Retryable) {
    super(message, details);
    this.retryable = details.retryable ?? true;
  }
}

/** The time limit of the call was reached before it had a response. */
export class TimeoutError extends QianfanError {
  override readonly name = 'TimeoutError';
  readonly code = 'TIMEOUT';
  declare readonly outcome: Outcome;
  readonly retryable = true;
  /** The time limit, in milliseconds. */
  declare readonly timeoutMs: number;

  constructor(message: string, details: ErrorDetails & Pick<TimeoutError, 'outcome' | 'timeoutMs'>) {
    super(message, details);
  }
}

/** The caller's signal was aborted; `cause` is its reason. A stop that was sent is not undone: the task may end by it. */
export class AbortError extends QianfanError {
  override readonly name = 'AbortError';
  readonly code = 'ABORTED';
  declare readonly outcome: Outcome;
  readonly retryable = false;

  constructor(message: string, details: ErrorDetails & Pick<AbortError, 'outcome'>) {
    super(message, details);
  }
}

/** The response is not of the documented shape, or it is a redirect, which is never followed. */
export class UnexpectedResponseError extends QianfanError {
  override readonly name = 'UnexpectedResponseError';
  readonly code = 'UNEXPECTED_RESPONSE';
  declare readonly outcome: Outcome;
  readonly retryable = false;
  /** The body of the response, at most 2 000 characters; `''` if it had none or none could be read. */
  declare readonly response: string;

  constructor(message: string, details: ErrorDetails & Pick<UnexpectedResponseError, 'outcome' | 'response'>) {
    super(message, details);
  }
}

/** Something unforeseen failed. `cause` has its name and stack frames: please report it. */
export class UnexpectedError extends QianfanError {
  override readonly name = 'UnexpectedError';
  readonly code = 'UNEXPECTED_ERROR';
  readonly outcome = 'unknown';
  readonly retryable = false;
}

/** All errors of this package: `switch (error.code)` narrows it. */
export type AnyQianfanError =
  | InvalidInputError
  | ConfigurationError
  | ApiError
  | ConnectionError
  | TimeoutError
  | AbortError
  | UnexpectedResponseError
  | UnexpectedError;

/** Every `code` that an error of this package can have. */
export type QianfanErrorCode = AnyQianfanError['code'];

/**
 * Tells whether a caught value is an error of this package, also if it comes from another installed copy of it.
 *
 * @param value - Whatever was caught.
 * @returns `true` if it is one; `switch (value.code)` then narrows to the fields of each case.
 * @example
 * ```ts
 * import { isQianfanError, stopFineTuningTask } from 'qianfan-finetuning';
 *
 * const error = await stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' }).catch((reason: unknown) => reason);
 * if (isQianfanError(error) && error.code === 'RATE_LIMITED') console.error(`Wait ${error.retryAfterMs ?? 1000} ms.`);
 * ```
 */
export function isQianfanError(value: unknown): value is AnyQianfanError {
  try {
    return BRAND in Object(value);
  } catch {
    return false; // a revoked proxy
  }
}
