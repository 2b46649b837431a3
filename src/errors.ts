// What a caller catches: one family of errors, one closed union of codes, and `outcome`, which tells whether a stop
// request may have taken effect. It must not know anything else of this package.

/**
 * Whether a stop request of this call may have taken effect.
 *
 * - `not_sent`: no. It is proved that nothing reached the server.
 * - `refused`: no. The server said itself that it did not do it.
 * - `unknown`: maybe. The task may have been stopped, or may still be running and cost money. From
 *   `describeFineTuningTask`, which stops nothing, it means only that no answer could be read.
 */
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
  /** The best that is known of this call's stop requests. It only rises, in this order. */
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
export type ErrorDetails = Pick<QianfanError, 'requestId' | 'cause' | 'progress'>;

// A registered symbol, so that two installed copies of this package recognise each other's errors.
const BRAND = Symbol.for('qianfan-finetuning.QianfanError');

/**
 * What all errors of this package have in common. Recognise one with {@link isQianfanError} rather than `instanceof`,
 * which fails across two installed copies of the package.
 */
export abstract class QianfanError extends Error {
  /** The name of the class, such as `TimeoutError`, also in minified code. */
  abstract override readonly name: string;
  /** What went wrong, for a program: use it in a `switch`. */
  abstract readonly code: QianfanErrorCode;
  /** Whether a stop request may have taken effect. */
  abstract readonly outcome: Outcome;
  /** Whether the same call may succeed later. It does not tell whether this one took effect. */
  abstract readonly retryable: boolean;
  // `declare`: a field that is not there must not be printed as `undefined`.
  /** The server's ID of the request, for Baidu's support. */
  declare readonly requestId?: string | undefined;
  /** From `stopFineTuningTaskAndWait` only: what was known when it ended. */
  declare readonly progress?: WaitProgress | undefined;

  constructor(message: string, { requestId, cause, progress }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, BRAND, { value: true });
    setFields(this, { requestId, progress });
  }

  /** The fields without `cause` and `stack`, for a log. They hold no secret. */
  toJSON(): object {
    const { name, code, message, outcome } = this;
    return Object.assign({ name, code, message, outcome }, this);
  }
}

/** The input or an option is invalid. Nothing was sent. */
export class InvalidInputError extends QianfanError {
  override readonly name = 'InvalidInputError';
  readonly code = 'INVALID_INPUT';
  readonly outcome = 'not_sent';
  readonly retryable = false;
  /** Everything that is wrong; at least one entry. */
  readonly issues: readonly InputIssue[];

  constructor(message: string, details: ErrorDetails & { readonly issues: readonly InputIssue[] }) {
    super(message, details);
    this.issues = details.issues;
  }
}

/** The keys, the base URL or the SDK is missing or unusable. Nothing was sent. */
export class ConfigurationError extends QianfanError {
  override readonly name = 'ConfigurationError';
  readonly code: 'MISSING_CREDENTIALS' | 'INVALID_CONFIGURATION';
  readonly outcome = 'not_sent';
  readonly retryable = false;

  constructor(message: string, details: ErrorDetails & Pick<ConfigurationError, 'code'>) {
    super(message, details);
    this.code = details.code;
  }
}

type ApiErrorField = Exclude<keyof ApiError, keyof QianfanError> | 'code' | 'outcome' | 'retryable';

/** The server, or whoever stands in front of it, answered with an error. */
export class ApiError extends QianfanError {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly outcome: Outcome;
  readonly retryable: boolean;
  /** The HTTP status, if it is known. */
  declare readonly status?: number | undefined;
  /** The server's own code, such as `AccessDenied`; a number as its digits. */
  declare readonly apiCode?: string | undefined;
  /** The server's own words. */
  declare readonly apiMessage?: string | undefined;
  /** How long the server asks to wait before the next request, in milliseconds (from `Retry-After`). */
  declare readonly retryAfterMs?: number | undefined;
  /** The first 2 000 characters of an answer that is not in Qianfan's form, such as a proxy's page. */
  declare readonly response?: string | undefined;

  constructor(message: string, details: ErrorDetails & Pick<ApiError, ApiErrorField>) {
    super(message, details);
    this.code = details.code;
    this.outcome = details.outcome;
    this.retryable = details.retryable;
    const { status, apiCode, apiMessage, retryAfterMs, response } = details;
    setFields(this, { status, apiCode, apiMessage, retryAfterMs, response });
  }
}

/** The connection could not be made, or it broke. */
export class ConnectionError extends QianfanError {
  override readonly name = 'ConnectionError';
  readonly code = 'CONNECTION_FAILED';
  readonly outcome: Outcome;
  readonly retryable = true;
  /** Node's code, such as `ECONNREFUSED` or `DEPTH_ZERO_SELF_SIGNED_CERT`, if it is known. */
  declare readonly systemCode?: string | undefined;

  constructor(message: string, details: ErrorDetails & Pick<ConnectionError, 'outcome' | 'systemCode'>) {
    super(message, details);
    this.outcome = details.outcome;
    setFields(this, { systemCode: details.systemCode });
  }
}

/** The time limit of the call was reached before it had an answer. */
export class TimeoutError extends QianfanError {
  override readonly name = 'TimeoutError';
  readonly code = 'TIMEOUT';
  readonly outcome: Outcome;
  readonly retryable = true;
  /** The time limit, in milliseconds. */
  readonly timeoutMs: number;

  constructor(message: string, details: ErrorDetails & Pick<TimeoutError, 'outcome' | 'timeoutMs'>) {
    super(message, details);
    this.outcome = details.outcome;
    this.timeoutMs = details.timeoutMs;
  }
}

/** The caller's signal was aborted. `cause` is the signal's own reason. */
export class AbortError extends QianfanError {
  override readonly name = 'AbortError';
  readonly code = 'ABORTED';
  readonly outcome: Outcome;
  readonly retryable = false;

  constructor(message: string, details: ErrorDetails & Pick<AbortError, 'outcome'>) {
    super(message, details);
    this.outcome = details.outcome;
  }
}

/** The response is not of the documented shape, or it is a redirect, which is never followed. */
export class UnexpectedResponseError extends QianfanError {
  override readonly name = 'UnexpectedResponseError';
  readonly code = 'UNEXPECTED_RESPONSE';
  readonly outcome: Outcome;
  readonly retryable = false;
  /** The body of the response, at most 2 000 characters; `''` if it had none or none could be read. */
  readonly response: string;

  constructor(message: string, details: ErrorDetails & Pick<UnexpectedResponseError, 'outcome' | 'response'>) {
    super(message, details);
    this.outcome = details.outcome;
    this.response = details.response;
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
 * try {
 *   await stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' });
 * } catch (error) {
 *   if (!isQianfanError(error)) throw error;
 *   if (error.outcome === 'unknown') console.error('The task may still be running.');
 *   if (error.code === 'RATE_LIMITED') console.error(`Wait ${error.retryAfterMs ?? 1000} ms.`);
 * }
 * ```
 */
export function isQianfanError(value: unknown): value is AnyQianfanError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

function setFields(error: QianfanError, fields: object): void {
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) Object.assign(error, { [name]: value });
}
