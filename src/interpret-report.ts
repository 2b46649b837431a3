// Reads how a call ended, with what was seen of it on the wire, and says what happened: a result or
// one of our errors. Pure: no timers, no sockets, no environment.

import type { CallReport, Wire } from './console-action';
import {
  ADVICE,
  ADVICE_BY_API_CODE,
  OUR_CODE_BY_API_CODE,
  OUR_CODE_BY_STATUS,
  OUR_CODE_BY_STATUS_CLASS,
  REFUSALS,
} from './error-codes';
import {
  AbortError,
  type AnyQianfanError,
  ApiError,
  ConfigurationError,
  ConnectionError,
  type Outcome,
  TimeoutError,
  UnexpectedError,
  UnexpectedResponseError,
} from './errors';
import { createRedactor, cut, describe, type Redactor, redactThrown } from './redact';

/** What must be known of an action to read its answers. */
export interface ActionReading<Result> {
  /** The `result` of an answer, or `undefined` where it is not of the documented type. */
  readonly readResult: (result: unknown) => Result | undefined;
  /** What to do where nobody knows whether the action took effect. */
  readonly adviceIfUnknown: string;
}

/** What a call gives back where the server gave a result. */
export interface ActionResponse<Result> {
  readonly requestId: string;
  readonly result: Result;
}

interface Context<Result> extends ActionReading<Result>, CallReport {
  readonly redact: Redactor;
  readonly clean: (text: string) => string;
}

/** An answer of the server, as far as the SDK handed it on. */
interface Answer {
  readonly status: number | undefined;
  readonly headers: unknown;
  /** The parsed body; `undefined` where it was not JSON. */
  readonly body: unknown;
  /** The body for a person. */
  readonly text: string;
}

// The SDK puts this before whatever goes wrong with a request, also where nothing timed out.
const PREFIX = 'Request timed out.';
const SDK_TIMEOUT_MS = 600_000;

// Anchored to what the SDK writes around what a server sends: the headers are one line of JSON, so
// the first line break behind them is the SDK's own.
const STATUS_MESSAGE =
  /^Request timed out\.\s+HTTP error, status = (\d{3})\n\n\s+Response Header ([^\n]*)\n {4}(?:\nResponse Body )?/;
const CONNECTION_MESSAGE = /^Request timed out\.request to [^\n]* failed, reason: ([^\n]*)/;
const UNREADABLE_MESSAGE = /^(?:invalid json|Invalid) response body (?:at|while trying to fetch) /;
const REDIRECT_MESSAGE = /^Request timed out\.(?:maximum redirect reached at|uri requested responds)/;
const BASE_URL_MESSAGE = /^(?:Request timed out\.)?(?:Invalid URL|Only .{1,30} are supported)$/;
const HEADER_MESSAGE = / is not a legal HTTP header value$|^Request timed out\.Invalid character in header/;

/**
 * Reads a report.
 *
 * @returns The response where the server gave a result, else an error that says what happened.
 */
export function interpretReport<Result>(
  report: CallReport,
  action: ActionReading<Result>,
): ActionResponse<Result> | AnyQianfanError {
  const redact = createRedactor(report.secrets);
  const context = { ...report, ...action, redact, clean: (text: string) => cut(redact(text)) };
  const { ending, wire, timeoutMs } = report;
  switch (ending.kind) {
    case 'resolved':
      return readAnswer(answerOf(ending.value, wire), context, undefined);
    case 'rejected':
      return readRejection(ending.reason, context);
    case 'timed_out': {
      const details = { ...evidence(context), code: 'TIMEOUT', timeoutMs } as const;
      return new TimeoutError(say(context, details, `There was no answer within ${timeoutMs} ms.`), details);
    }
    case 'aborted': {
      const details = { ...evidence(context), code: 'ABORTED', cause: ending.reason } as const;
      const outcome = ending.before ? 'not_sent' : details.outcome;
      return new AbortError(say(context, { outcome }, 'The call was aborted.'), { ...details, outcome });
    }
    case 'no_sdk':
      return new ConfigurationError(
        'The SDK is missing or has no consoleAction, so nothing was sent. Install it beside this package, version 0.1.9 or newer: npm install @baiducloud/qianfan',
        { code: 'INVALID_CONFIGURATION', outcome: 'not_sent', cause: redactThrown(ending.reason, redact) },
      );
  }
}

function readRejection<Result>(thrown: unknown, context: Context<Result>): ActionResponse<Result> | AnyQianfanError {
  const { wire, redact, clean } = context;
  const message = typeof thrown === 'string' ? thrown : (textOf(thrown, 'message') ?? '');
  const cause = redactThrown(thrown, redact);
  const answer = answerInMessage(message, wire);
  if (answer) return readAnswer(answer, context, cause);

  const details = { ...evidence(context), cause };
  const failure = connectionFailure(message, thrown, wire);
  if (failure) {
    const what =
      wire.status === undefined
        ? `The connection failed: ${clean(failure.words)}.`
        : 'The connection broke in the middle of the answer.';
    return new ConnectionError(say(context, details, what), {
      ...details,
      code: 'CONNECTION_FAILED',
      systemCode: failure.systemCode,
    });
  }
  if (message === PREFIX) {
    return new TimeoutError(say(context, details, "The SDK's own timer of 600 s ran out."), {
      ...details,
      code: 'TIMEOUT',
      timeoutMs: SDK_TIMEOUT_MS,
    });
  }
  const problem = wire.requests === 0 ? configurationProblem(message, context.hasWindow) : undefined;
  if (problem) {
    const { code, words } = problem;
    return new ConfigurationError(`${words} Nothing was sent.`, { code, outcome: 'not_sent', cause });
  }
  // An answer was seen, but the SDK could not read its body.
  if (wire.status !== undefined || UNREADABLE_MESSAGE.test(message)) {
    const { status, headers } = wire;
    return readAnswer({ status, headers, body: undefined, text: message }, context, cause);
  }
  const unknown = { requestId: details.requestId, outcome: 'unknown', cause } as const;
  if (REDIRECT_MESSAGE.test(message)) {
    return new UnexpectedResponseError(say(context, unknown, 'The server redirected the request.'), {
      ...unknown,
      code: 'UNEXPECTED_RESPONSE',
      response: clean(message.slice(PREFIX.length)),
    });
  }
  const what = 'The SDK failed in a way that nobody foresaw; the cause has its words.';
  return new UnexpectedError(say(context, unknown, what), { ...unknown, code: 'UNEXPECTED_ERROR' });
}

function readAnswer<Result>(
  answer: Answer,
  context: Context<Result>,
  cause: unknown,
): ActionResponse<Result> | AnyQianfanError {
  const { wire, clean, readResult } = context;
  const { status, headers, body } = answer;
  const requestId = requestIdOf(body, headers, clean);
  const result = readResult(own(body, 'result'));
  const bodyCode = ['code', 'error_code'].map((field) => own(body, field)).find(isCode);
  const isSilent = bodyCode === undefined && result === undefined;
  const code = isSilent ? [own(headers, 'x-bce-error-code')].find(isCode) : bodyCode;
  const isSuccess = status === undefined || Math.floor(status / 100) === 2;
  if (isSuccess && code === undefined && result !== undefined) {
    return { requestId: requestId ?? '', result };
  }
  const apiCode = typeof code === 'string' || typeof code === 'number' ? clean(`${code}`) : undefined;
  const ours =
    OUR_CODE_BY_API_CODE.get(apiCode ?? '') ??
    OUR_CODE_BY_STATUS.get(status ?? 0) ??
    OUR_CODE_BY_STATUS_CLASS.get(Math.floor((status ?? 0) / 100)) ??
    (isSuccess && apiCode !== undefined ? 'API_ERROR' : undefined);
  if (ours === undefined) return unexpectedResponse(answer, context, requestId, cause);

  // A result that says that something happened contradicts a refusal beside it.
  const isRefused = REFUSALS.has(ours) && (result === undefined || result === false);
  const outcome: Outcome = isRefused && wire.requests <= 1 ? 'refused' : 'unknown';
  const words = textOf(body, 'message') ?? textOf(body, 'error_msg') ?? textOf(headers, 'x-bce-error-message');
  const apiMessage = words === undefined ? undefined : clean(words);
  const facts = [status === undefined ? [] : `HTTP ${status}`, apiCode ?? []].flat().join(', ');
  const what = isRefused ? 'The server refused the request' : 'The server answered with an error';
  const repeats =
    wire.requests > 1
      ? ` The SDK sent the request ${wire.requests} times, and an earlier one may have been accepted.`
      : '';
  const advice = ADVICE_BY_API_CODE.get(apiCode ?? '') ?? ADVICE[ours];
  const summary = `${what} (${facts})${apiMessage === undefined ? '' : `: ${apiMessage.replace(/[.。]$/, '')}`}.${repeats} ${advice}`;
  return new ApiError(say(context, { outcome }, summary), {
    code: ours,
    outcome,
    requestId,
    cause,
    status,
    apiCode,
    apiMessage,
    retryAfterMs: retryAfterMs(textOf(headers, 'retry-after')),
  });
}

function unexpectedResponse<Result>(
  { status, text }: Answer,
  context: Context<Result>,
  requestId: string | undefined,
  cause: unknown,
): UnexpectedResponseError {
  const { ending, wire, clean } = context;
  const details = { code: 'UNEXPECTED_RESPONSE', outcome: 'unknown', requestId, cause } as const;
  const http = status === undefined ? '' : ` (HTTP ${status})`;
  let what = `The answer is not of the documented shape${http}.`;
  if (wire.redirect !== undefined) {
    what = `The server redirected the request to ${clean(hostOf(wire.redirect))}${http}, and redirects are not followed: check the base URL.`;
  } else if (ending.kind === 'resolved' && ending.value === undefined) {
    what =
      "The SDK gave nothing back. In a test, the SDK's mock has no return value; else QIANFAN_TPM_LIMIT is too low for any request.";
  }
  return new UnexpectedResponseError(say(context, details, what), { ...details, response: clean(text) });
}

/** What happened, and then what to do. */
function say(
  { adviceIfUnknown }: ActionReading<unknown>,
  { outcome }: { readonly outcome: Outcome },
  what: string,
): string {
  if (outcome === 'unknown') return `${what} ${adviceIfUnknown}`;
  return outcome === 'not_sent' ? `${what} Nothing was sent.` : what;
}

/** Only a single request that was seen not to connect proves that nothing was sent. */
function evidence({ wire, clean }: Context<unknown>): {
  readonly outcome: Outcome;
  readonly requestId: string | undefined;
} {
  const isProven = wire.requests === 1 && !wire.connected;
  return { outcome: isProven ? 'not_sent' : 'unknown', requestId: requestIdOf(undefined, wire.headers, clean) };
}

// The SDK spreads what came into an object, beside `headers`; a text becomes its characters.
function answerOf(value: unknown, wire: Wire): Answer {
  const { status } = wire;
  const headers = wire.headers ?? own(value, 'headers');
  const { headers: _, ...body } = copyOf(value);
  const characters = Object.values(body);
  if (typeof value !== 'object' || value === null) {
    return { status, headers, body: undefined, text: describe(value) };
  }
  if (!('0' in body) || !characters.every((item) => typeof item === 'string' && item.length === 1)) {
    return { status, headers, body, text: describe(body) };
  }
  const text = characters.join('');
  return { status, headers, body: parseJson(text), text };
}

function answerInMessage(message: string, wire: Wire): Answer | undefined {
  const [start, status, headers = ''] = STATUS_MESSAGE.exec(message) ?? [];
  if (start !== undefined) {
    const text = message.slice(start.length);
    return {
      status: Number(status),
      headers: wire.headers ?? parseJson(headers),
      body: parseJson(text),
      text,
    };
  }
  const thrown = message.startsWith('{') ? parseJson(message) : undefined;
  return thrown === undefined ? undefined : answerOf(thrown, wire);
}

function connectionFailure(
  message: string,
  thrown: unknown,
  wire: Wire,
): { readonly systemCode: string | undefined; readonly words: string } | undefined {
  const words = CONNECTION_MESSAGE.exec(message)?.[1];
  const thrownCode = /^(?:E(?!RR_)[A-Z_]+|ERR_STREAM_PREMATURE_CLOSE)$/.exec(textOf(thrown, 'code') ?? '')?.[0];
  if (words === undefined && thrownCode === undefined && wire.failure === undefined) return undefined;
  const spelled = words === 'socket hang up' ? 'ECONNRESET' : /^[a-z]+ (E[A-Z_]{3,})\b/.exec(words ?? '')?.[1];
  const systemCode = wire.failure?.systemCode ?? thrownCode ?? spelled;
  return { systemCode, words: words || systemCode || 'the system gave no reason' };
}

function configurationProblem(
  message: string,
  hasWindow: boolean,
): { readonly code: ConfigurationError['code']; readonly words: string } | undefined {
  if (message.startsWith('请设置') && message.includes('QIANFAN_ACCESS_KEY')) {
    const window = hasWindow
      ? ' There is a global `window` here (jsdom?), and where there is one, the SDK ignores the environment: run this under Node alone.'
      : '';
    return {
      code: 'MISSING_CREDENTIALS',
      words: `There are no keys: set QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY. QIANFAN_AK, QIANFAN_SK and bearer tokens do not serve the console.${window}`,
    };
  }
  if (BASE_URL_MESSAGE.test(message)) {
    return {
      code: 'INVALID_CONFIGURATION',
      words: 'The base URL is none: set QIANFAN_CONSOLE_API_BASE_URL to an http or https URL, or leave it out.',
    };
  }
  if (HEADER_MESSAGE.test(message)) {
    return {
      code: 'INVALID_CONFIGURATION',
      words: 'QIANFAN_ACCESS_KEY has a character that no HTTP header can carry, such as a line break.',
    };
  }
  return undefined;
}

function requestIdOf(body: unknown, headers: unknown, clean: (text: string) => string): string | undefined {
  const inBody = ['requestId', 'request_id', 'log_id'].map((field) => own(body, field));
  // A larger number has lost its last digits in JSON.parse: an ID, but of another request.
  const id = [...inBody, own(headers, 'x-bce-request-id')].find(
    (value) => isText(value) || Number.isSafeInteger(value),
  );
  return id === undefined ? undefined : clean(`${id}`);
}

function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const delayMs = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return /^\d{1,9}$|GMT$/.test(value) && Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}

function hostOf(location: string): string {
  const same = 'the-same-host.invalid';
  const host = URL.canParse(location, `http://${same}`) ? new URL(location, `http://${same}`).host : same;
  return host === same ? `${location} on the same host` : host;
}

// `0` and the like beside a result mean that there was no error.
function isCode(value: unknown): boolean {
  return typeof value === 'string' ? !['', '0'].includes(value.trim()) : Boolean(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function textOf(value: unknown, field: string): string | undefined {
  const text = own(value, field);
  return isText(text) ? text : undefined;
}

/** An own field of whatever came: never an inherited one, and a getter that throws is no field. */
function own(value: unknown, field: string): unknown {
  try {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
      ? Reflect.get(value, field)
      : undefined;
  } catch {
    return undefined;
  }
}

function copyOf(value: unknown): { [field: string]: unknown } {
  try {
    return typeof value === 'object' ? { ...value } : {};
  } catch {
    return {};
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
