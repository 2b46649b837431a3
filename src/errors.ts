// What a caller catches: one family of errors, one closed union of codes, and `outcome`, which
// answers whether the request may have taken effect all the same.

/**
 * Did the request take effect?
 *
 * - `not_sent`: no. Nothing reached the server.
 * - `refused`: no. The server answered that it would not do it.
 * - `unknown`: nobody knows. The task may have been stopped, or may still be running.
 */
export type Outcome = 'not_sent' | 'refused' | 'unknown';

/** The codes of {@link ApiError}: the server answered, and its answer was an error. */
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
  /** The field, such as `taskId` or `credentials.secretKey`; `input` or `options` for the whole. */
  readonly path: string;
  /** What is wrong with it and what to do. Never holds the value of a key. */
  readonly message: string;
}

/** What the constructor of an error takes: the error's own fields and, where there is one, a cause. */
export type ErrorDetails<E extends QianfanError> = Omit<E, keyof Error | 'retryable' | 'requestId' | 'toJSON'> & {
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
};

const RETRYABLE = new Set<QianfanErrorCode>(['RATE_LIMITED', 'SERVER_ERROR', 'CONNECTION_FAILED', 'TIMEOUT']);

// A registered symbol, so that two installed copies of this package recognise each other's errors.
const BRAND = Symbol.for('qianfan-finetuning.QianfanError');

/**
 * What all errors of this package have in common. Recognise one with {@link isQianfanError} rather
 * than `instanceof`: it also works across two installed copies of the package.
 */
export abstract class QianfanError extends Error {
  /** The class's name, such as `TimeoutError`: one for each class, whoever minifies the code. */
  declare readonly name: string;
  /** What went wrong, for a program: `switch` on it. The README says what to do for each. */
  declare readonly code: QianfanErrorCode;
  /** Whether the request may have taken effect all the same: where it is `unknown`, look at the task. */
  declare readonly outcome: Outcome;
  /** Whether the same call may succeed later, for a retry; never whether it took effect. */
  declare readonly retryable: boolean;
  /** The server's ID of the request, to give to Baidu's support. */
  declare readonly requestId: string | undefined;

  protected constructor(name: string, message: string, details: ErrorDetails<QianfanError>) {
    const { code, outcome, requestId, cause, ...more } = details;
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true });
    Object.defineProperty(this, BRAND, { value: true });
    // Again, now that the name is known: it stands in the stack's first line.
    Error.captureStackTrace(this, new.target);
    const known = Object.entries(more).filter(([, value]) => value !== undefined);
    Object.assign(this, { code, outcome, retryable: RETRYABLE.has(code), requestId }, Object.fromEntries(known));
  }

  /** The error's fields without `cause` and `stack`, for a log. They hold no secret. */
  toJSON(): object {
    const { name, message } = this;
    return Object.assign({ name, message }, this);
  }
}

/** The input or an option was refused, before anything was sent. */
export class InvalidInputError extends QianfanError {
  declare readonly name: 'InvalidInputError';
  declare readonly code: 'INVALID_INPUT';
  declare readonly outcome: 'not_sent';
  /** Everything that is wrong; at least one entry. */
  declare readonly issues: readonly InputIssue[];

  constructor(message: string, details: ErrorDetails<InvalidInputError>) {
    super('InvalidInputError', message, details);
  }
}

/** The keys, the base URL or the SDK is missing or unusable. Nothing was sent. */
export class ConfigurationError extends QianfanError {
  declare readonly name: 'ConfigurationError';
  declare readonly code: 'MISSING_CREDENTIALS' | 'INVALID_CONFIGURATION';
  declare readonly outcome: 'not_sent';

  constructor(message: string, details: ErrorDetails<ConfigurationError>) {
    super('ConfigurationError', message, details);
  }
}

/** The server answered with an error. */
export class ApiError extends QianfanError {
  declare readonly name: 'ApiError';
  declare readonly code: ApiErrorCode;
  /** The HTTP status, where it is known. */
  declare readonly status?: number | undefined;
  /** The server's own code, such as `AccessDenied`; a number as its digits. */
  declare readonly apiCode?: string | undefined;
  /** The server's own words. */
  declare readonly apiMessage?: string | undefined;
  /** How long the server asks to wait before the next try, in milliseconds (from `Retry-After`). */
  declare readonly retryAfterMs?: number | undefined;

  constructor(message: string, details: ErrorDetails<ApiError>) {
    super('ApiError', message, details);
  }
}

/** There was no connection (`not_sent`, where that was seen), or it broke (`unknown`). */
export class ConnectionError extends QianfanError {
  declare readonly name: 'ConnectionError';
  declare readonly code: 'CONNECTION_FAILED';
  /** Node's code, such as `ECONNREFUSED` or `DEPTH_ZERO_SELF_SIGNED_CERT`, where it is known. */
  declare readonly systemCode?: string | undefined;

  constructor(message: string, details: ErrorDetails<ConnectionError>) {
    super('ConnectionError', message, details);
  }
}

/** The call's time was over before the answer was there: `not_sent` where no connection was seen, else `unknown`. */
export class TimeoutError extends QianfanError {
  declare readonly name: 'TimeoutError';
  declare readonly code: 'TIMEOUT';
  /** The time that was over, in milliseconds. */
  declare readonly timeoutMs: number;

  constructor(message: string, details: ErrorDetails<TimeoutError>) {
    super('TimeoutError', message, details);
  }
}

/** The caller's signal was aborted; `cause` is its reason itself. `not_sent` if that was before the call or a connection. */
export class AbortError extends QianfanError {
  declare readonly name: 'AbortError';
  declare readonly code: 'ABORTED';

  constructor(message: string, details: ErrorDetails<AbortError>) {
    super('AbortError', message, details);
  }
}

/** What came back is not of the documented shape, or is a redirect, which is never followed. */
export class UnexpectedResponseError extends QianfanError {
  declare readonly name: 'UnexpectedResponseError';
  declare readonly code: 'UNEXPECTED_RESPONSE';
  declare readonly outcome: 'unknown';
  /** What came, at most 2 000 characters. */
  declare readonly response: string;

  constructor(message: string, details: ErrorDetails<UnexpectedResponseError>) {
    super('UnexpectedResponseError', message, details);
  }
}

/** Something that nobody foresaw; `cause` has it. Please report it. */
export class UnexpectedError extends QianfanError {
  declare readonly name: 'UnexpectedError';
  declare readonly code: 'UNEXPECTED_ERROR';
  declare readonly outcome: 'unknown';

  constructor(message: string, details: ErrorDetails<UnexpectedError>) {
    super('UnexpectedError', message, details);
  }
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
 * Tells whether a caught value is an error of this package, also of another installed copy of it.
 *
 * @param value - Whatever was caught.
 * @returns `true` where it is one; `switch (value.code)` then narrows to the fields of each case.
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
