// Reads how a call ended, with what was seen of it on the wire, and says what happened: a result or one of our errors.
// Pure: it must not know timers, sockets or the environment.

import type { CallReport, Ending, Wire } from './console-action';
import * as codes from './error-codes';
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
import { createRedactor, describe, redactThrown } from './redact';

/** What must be known of an action to read its answers. */
export interface ActionReading<Result> {
  /** The `result` of an answer, or `undefined` where it is not of the documented type. */
  readonly readResult: (result: unknown) => Result | undefined;
  /** What to do where nobody knows whether the action took effect. */
  readonly adviceIfUnknown: string;
}

type Context = ReturnType<typeof contextOf>;

/** An answer of the server, as far as the SDK handed it on. */
interface Answer {
  readonly status: number | undefined;
  readonly headers: unknown;
  /** Parsed, with or without the SDK's `headers`; `undefined` where it was not JSON. */
  readonly body: unknown;
  /** The body as it came. */
  readonly raw: unknown;
}

// The SDK puts this before whatever goes wrong with a request, also where nothing timed out.
const PREFIX = 'Request timed out.';
const SDK_TIMEOUT_MS = 600_000;

// Anchored to what the SDK writes around what a server sends: the headers are one line of JSON, so the first line break
// behind them is the SDK's own.
const STATUS_MESSAGE =
  /^Request timed out\.\s+HTTP error, status = (\d{3})\n\n\s+Response Header ([^\n]*)\n {4}(?:\nResponse Body )?/;
const CONNECTION_MESSAGE = /^Request timed out\.request to [^\n]* failed, reason: ([^\n]*)/;
const UNREADABLE_MESSAGE = /^(?:invalid json|Invalid) response body (?:at|while trying to fetch) /;
const REDIRECT_MESSAGE = /^Request timed out\.(?:maximum redirect reached at|uri requested responds)/;

const WINDOW_HINT =
  ' There is a global `window` here (jsdom?), and where there is one, the SDK ignores the environment: run this under Node alone.';
const CONFIGURATION_PROBLEMS = [
  {
    message: /^请设置.*QIANFAN_ACCESS_KEY/,
    code: 'MISSING_CREDENTIALS',
    what: 'A key is missing: set both QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY. QIANFAN_AK, QIANFAN_SK and bearer tokens do not serve the console.',
  },
  {
    message: /^(?:Request timed out\.)?(?:Invalid URL|Only .{1,30} are supported)$/,
    code: 'INVALID_CONFIGURATION',
    what: 'QIANFAN_CONSOLE_API_BASE_URL is not an http or https URL such as https://qianfan.baidubce.com: correct it, or leave it out.',
  },
  {
    message: / is not a legal HTTP header value$|^Request timed out\.Invalid character in header/,
    code: 'INVALID_CONFIGURATION',
    what: 'QIANFAN_ACCESS_KEY has a character that no HTTP header can carry, such as a line break.',
  },
] as const;

/** The response where the server gave a result, else an error that says what happened. */
export function interpretReport<Result>(
  report: CallReport,
  action: ActionReading<Result>,
): { readonly requestId: string; readonly result: Result } | AnyQianfanError {
  const { ending, wire, timeoutMs } = report;
  const answer = answerOf(ending, wire);
  if (answer && isSuccess(answer) && codesIn(answer.body).length === 0) {
    const result = action.readResult(own(answer.body, 'result'));
    if (result !== undefined) return { requestId: requestIdOf(answer) ?? '', result };
  }

  const context = contextOf(report, action, answer);
  const { say, common } = context;
  if (answer) return answerError(answer, context);
  if (ending.kind === 'aborted') {
    return new AbortError(say('The call was aborted.', common.outcome), { ...common, code: 'ABORTED' });
  }
  if (wire.redirect !== undefined) return unexpectedResponse(seenAnswer('', wire), context);
  if (ending.kind === 'timed_out')
    return timeoutError(`There was no answer within ${timeoutMs} ms.`, timeoutMs, context);
  if (ending.kind === 'no_sdk') {
    const what =
      'The SDK is missing or has no consoleAction. Install it beside this package, version 0.1.9 or newer: npm install @baiducloud/qianfan.';
    return configurationError('INVALID_CONFIGURATION', what, context);
  }
  return rejectionError(context);
}

/** What the server answered, where the SDK handed it on. */
function answerOf(ending: Ending, wire: Wire): Answer | undefined {
  if (ending.kind === 'resolved') return resolvedAnswer(ending.value, wire);
  if (ending.kind !== 'rejected') return undefined;
  const message = messageOf(ending.reason);
  const [start, status, headers = ''] = STATUS_MESSAGE.exec(message) ?? [];
  if (start !== undefined) {
    const raw = message.slice(start.length);
    return { status: Number(status), headers: wire.headers ?? parseJson(headers), body: parseJson(raw), raw };
  }
  const thrown = message.startsWith('{') ? parseJson(message) : undefined;
  return thrown === undefined ? undefined : resolvedAnswer(thrown, wire);
}

/** What the errors are made of: the report, and what is worked out of it only where there is an error to tell. */
function contextOf(report: CallReport, action: ActionReading<unknown>, answer: Answer | undefined) {
  const { ending, wire, secrets, cookies } = report;
  const clean = createRedactor(secrets, cookies);
  const advice = { unknown: ` ${action.adviceIfUnknown}`, not_sent: ' Nothing was sent.', refused: '' };
  const say = (what: string, outcome: Outcome) => what + advice[outcome];
  const thrown = 'reason' in ending ? ending.reason : undefined;
  const cause = ending.kind === 'aborted' ? thrown : redactThrown(thrown, clean);
  const requestId = requestIdOf(answer ?? seenAnswer('', wire));
  // Only an abort before the call, or a single request that was seen not to connect, proves that nothing was sent.
  const isBefore = ending.kind === 'aborted' && ending.before;
  const outcome: Outcome = isBefore || (wire.requests === 1 && !wire.connected) ? 'not_sent' : 'unknown';
  const common = { outcome, requestId: requestId && clean(requestId), cause };
  return { ...report, ...action, thrown, clean, say, common };
}

/** Of an error of which no answer of the server is known. */
function rejectionError(context: Context): AnyQianfanError {
  const { wire, thrown, say, common } = context;
  const message = messageOf(thrown);
  const failure = connectionError(message, context);
  if (failure) return failure;
  if (message === PREFIX) return timeoutError("The SDK's own timer of 600 s ran out.", SDK_TIMEOUT_MS, context);
  const problem = CONFIGURATION_PROBLEMS.find((one) => one.message.test(message));
  if (problem && wire.requests === 0) {
    const hint = problem.code === 'MISSING_CREDENTIALS' && context.hasWindow ? WINDOW_HINT : '';
    return configurationError(problem.code, problem.what + hint, context);
  }
  // An answer was seen, but the SDK could not read its body.
  if (wire.status !== undefined || UNREADABLE_MESSAGE.test(message)) {
    return answerError(seenAnswer(message, wire), context);
  }
  if (REDIRECT_MESSAGE.test(message)) {
    const answer = seenAnswer(message.slice(PREFIX.length), wire);
    return unexpectedResponse(answer, context, 'The server redirected the request.');
  }
  const what = 'The SDK failed in a way that nobody foresaw; the cause has its words.';
  return new UnexpectedError(say(what, 'unknown'), { ...common, code: 'UNEXPECTED_ERROR', outcome: 'unknown' });
}

/** Of an answer that has no result. */
function answerError(answer: Answer, context: Context): AnyQianfanError {
  const { wire, clean, say, readResult, common } = context;
  const { status, headers, body } = answer;
  const inBody = codesIn(body);
  // The headers stand in for a body that names no code.
  const given = inBody.length > 0 ? inBody : [own(headers, 'x-bce-error-code')].filter(isCode);
  const named = given.filter((code) => typeof code === 'string' || typeof code === 'number').map(String);
  const rawCode = named.find((code) => codes.OUR_CODE_BY_API_CODE.has(code)) ?? named[0];
  const ours =
    codes.OUR_CODE_BY_API_CODE.get(rawCode ?? '') ??
    codes.ourCodeByStatus(status) ??
    (isSuccess(answer) && rawCode !== undefined ? 'API_ERROR' : undefined);
  if (ours === undefined) return unexpectedResponse(answer, context);

  const apiCode = rawCode && clean(rawCode);
  // A result that says that something happened contradicts a refusal beside it.
  const isRefused = !codes.UNCERTAIN.has(ours) && !readResult(own(body, 'result'));
  const outcome: Outcome = isRefused && wire.requests <= 1 ? 'refused' : 'unknown';
  const words = textOf(body, 'message') ?? textOf(body, 'error_msg') ?? textOf(headers, 'x-bce-error-message');
  const apiMessage = words && clean(words);
  const facts = [status === undefined ? '' : `HTTP ${status}`, apiCode].filter(Boolean).join(', ');
  const start = isRefused ? 'The server refused the request' : 'The server answered with an error';
  const said = apiMessage === undefined ? '' : `: ${apiMessage.replace(/[.。]$/, '')}`;
  const repeats =
    wire.requests > 1
      ? ` The SDK sent the request ${wire.requests} times, and an earlier one may have been accepted.`
      : '';
  const advice = codes.ADVICE_BY_API_CODE.get(rawCode ?? '') ?? codes.ADVICE[ours];
  const what = `${start} (${facts})${said}.${repeats} ${advice}`;
  return new ApiError(say(what, outcome), {
    ...common,
    code: ours,
    outcome,
    status,
    apiCode,
    apiMessage,
    retryAfterMs: retryAfterMs(textOf(headers, 'retry-after')),
  });
}

/** Of an answer that is neither a result nor an error of the server. */
function unexpectedResponse(answer: Answer, context: Context, words?: string): UnexpectedResponseError {
  const { ending, wire, clean, say, common } = context;
  const http = answer.status === undefined ? '' : ` (HTTP ${answer.status})`;
  let what = words ?? `The answer is not of the documented shape${http}.`;
  if (wire.redirect !== undefined) {
    what = `The server redirected the request to ${clean(hostOf(wire.redirect))}${http}, and redirects are not followed: check the base URL.`;
  } else if (ending.kind === 'resolved' && ending.value === undefined) {
    what =
      "The SDK gave nothing back. In a test, the SDK's mock has no return value; else QIANFAN_TPM_LIMIT is too low for any request.";
  }
  return new UnexpectedResponseError(say(what, 'unknown'), {
    ...common,
    code: 'UNEXPECTED_RESPONSE',
    outcome: 'unknown',
    response: clean(describe(answer.raw, 'headers')),
  });
}

function timeoutError(what: string, timeoutMs: number, { say, common }: Context): TimeoutError {
  return new TimeoutError(say(what, common.outcome), { ...common, code: 'TIMEOUT', timeoutMs });
}

function configurationError(code: ConfigurationError['code'], what: string, { say, common }: Context) {
  return new ConfigurationError(say(what, 'not_sent'), { ...common, code, outcome: 'not_sent' });
}

// The SDK spreads what came into an object, beside `headers`; a text becomes its characters.
function resolvedAnswer(value: unknown, wire: Wire): Answer {
  const headers = wire.headers ?? own(value, 'headers');
  const text = own(value, 'result') === undefined ? textOfCharacters(value) : undefined;
  return { status: wire.status, headers, body: text === undefined ? value : parseJson(text), raw: text ?? value };
}

// Read one by one: copying an object of millions of characters would hold up everybody's deadlines.
function textOfCharacters(value: unknown): string | undefined {
  let text = '';
  for (let next = own(value, '0'); next !== undefined; next = own(value, `${text.length}`)) {
    if (typeof next !== 'string' || next.length !== 1) return undefined;
    text += next;
  }
  return text === '' ? undefined : text;
}

/** An answer whose body the SDK could not read. */
function seenAnswer(raw: string, { status, headers }: Wire): Answer {
  return { status, headers, body: undefined, raw };
}

function connectionError(message: string, context: Context): ConnectionError | undefined {
  const { wire, thrown, clean, say, common } = context;
  const words = CONNECTION_MESSAGE.exec(message)?.[1];
  const thrownCode = /^(?:E(?!RR_)[A-Z_]+|ERR_STREAM_PREMATURE_CLOSE)$/.exec(textOf(thrown, 'code') ?? '')?.[0];
  if (words === undefined && thrownCode === undefined && wire.failure === undefined) return undefined;
  const spelled = words === 'socket hang up' ? 'ECONNRESET' : /^[a-z]+ (E[A-Z_]{3,})\b/.exec(words ?? '')?.[1];
  const systemCode = wire.failure?.systemCode ?? thrownCode ?? spelled;
  const what =
    wire.status === undefined
      ? `The connection failed: ${clean(words || systemCode || 'the system gave no reason')}.`
      : 'The connection broke in the middle of the answer.';
  return new ConnectionError(say(what, common.outcome), { ...common, code: 'CONNECTION_FAILED', systemCode });
}

function isSuccess({ status }: Answer): boolean {
  return status === undefined || Math.floor(status / 100) === 2;
}

function codesIn(body: unknown): unknown[] {
  return [own(body, 'code'), own(body, 'error_code')].filter(isCode);
}

function requestIdOf({ headers, body }: Answer): string | undefined {
  const inBody = ['requestId', 'request_id', 'log_id'].map((field) => own(body, field));
  // A larger number has lost its last digits in JSON.parse: an ID, but of another request.
  const isId = (value: unknown) => isText(value) || Number.isSafeInteger(value);
  const id = [...inBody, own(headers, 'x-bce-request-id')].find(isId);
  return id === undefined ? undefined : `${id}`;
}

function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d{1,9}$|GMT$/.test(value)) return undefined;
  const delayMs = value.endsWith('GMT') ? Date.parse(value) - Date.now() : Number(value) * 1_000;
  return Number.isNaN(delayMs) ? undefined : Math.max(0, delayMs);
}

function hostOf(location: string): string {
  const same = 'the-same-host.invalid';
  if (!URL.canParse(location, `http://${same}`)) return location;
  const { host } = new URL(location, `http://${same}`);
  return host === same ? `${location} on the same host` : host || location;
}

// `0` and the like beside a result mean that there was no error.
function isCode(value: unknown): boolean {
  const none: readonly unknown[] = [undefined, null, 0, '', '0'];
  return !none.includes(typeof value === 'string' ? value.trim() : value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function messageOf(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : (textOf(thrown, 'message') ?? '');
}

function textOf(value: unknown, field: string): string | undefined {
  const text = own(value, field);
  return isText(text) ? text : undefined;
}

/** An own field of whatever came: never an inherited one, and a getter that throws is no field. */
function own(value: unknown, field: string): unknown {
  try {
    const hasField = typeof value === 'object' && value !== null && Object.hasOwn(value, field);
    return hasField ? Reflect.get(value, field) : undefined;
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
