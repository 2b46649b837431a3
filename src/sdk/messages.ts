// What the SDK's ways of ending a call mean: the only file that knows its messages and shapes. Where the wire was seen, it
// decides; a message is read for the body, and where nothing was seen (a mock). It must not know our errors.

import { own } from '../common/fields';
import { describeMissingKeys } from './environment';
import type { Wire } from './watch-requests';

/** How a call ended. */
export type Ending =
  | { readonly kind: 'resolved'; readonly value: unknown }
  | { readonly kind: 'rejected'; readonly reason: unknown }
  | { readonly kind: 'aborted'; readonly reason: unknown }
  | { readonly kind: 'timed_out'; readonly timeoutMs: number }
  | Misconfigured;

interface Misconfigured {
  readonly kind: 'misconfigured';
  readonly code: 'MISSING_CREDENTIALS' | 'INVALID_CONFIGURATION';
  readonly problem: string;
}

/** An HTTP response, as far as it could be read. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number | undefined;
  readonly headers: unknown;
  /** Parsed; `undefined` if it is not JSON or could not be read. */
  readonly body: unknown;
  /** The body as text or, if the SDK parsed it, as what it was parsed to; `''` if it could not be read. */
  readonly raw: unknown;
  /** How many requests the SDK made: it retries by itself on some codes, and only the last answer is known. */
  readonly requests: number;
  readonly isTooLarge: boolean;
}

/** What a call ended with, read as far as it can be. */
export type Reply =
  | Answer
  | Misconfigured
  | Redirect
  | ConnectionReply
  | { readonly kind: 'timed_out'; readonly timeoutMs: number; readonly bySdk: boolean; readonly headers: unknown }
  | { readonly kind: 'aborted'; readonly reason: unknown; readonly headers: unknown }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unforeseen'; readonly thrown: unknown };

interface Redirect extends Pick<Answer, 'status' | 'headers' | 'body' | 'raw'> {
  readonly kind: 'redirect';
  readonly to?: string | undefined;
}

interface ConnectionReply {
  readonly kind: 'connection_failed' | 'answer_broke_off';
  readonly reason: string;
  readonly systemCode: string | undefined;
  /** The system's own error, if it was seen. */
  readonly thrown: unknown;
  readonly headers: unknown;
}

// The SDK puts this in front of everything that goes wrong with a request, whether or not anything timed out.
const PREFIX = 'Request timed out.';
const SDK_TIMEOUT_MS = 600_000;
// Anchored to what the SDK writes around what a server sends: the headers are one line of JSON, so the first line break
// behind them is the SDK's own.
const HTTP_ERROR =
  /^Request timed out\.\s+HTTP error, status = (\d{3})\n\n\s+Response Header ([^\n]*)\n {4}(?:\nResponse Body )?/;
const CONNECTION = /^request to [^\n]* failed, reason: ([^\n]*)/;
const UNREADABLE_BODY = /^(?:invalid json|Invalid) response body (?:at|while trying to fetch) /;
const REDIRECT = /^(?:maximum redirect reached at|uri requested responds)/;
const MISSING_KEYS = /^请设置.*QIANFAN_ACCESS_KEY/;
const BAD_BASE_URL = /^(?:Invalid URL|Only .{1,30} are supported)$/;
const BAD_HEADER = /is not a legal HTTP header value$|^Invalid character in header/;

// A body with one of these error codes is resolved only after four requests; in a text the SDK sees none.
const RETRIED_CODES: readonly unknown[] = [18, 336100, 336502, 500000];
const REQUESTS_BEFORE_RESOLVING_A_RETRIED_CODE = 4;

/** Reads how a call ended, with what was seen of it on the wire. */
export function readEnding(ending: Ending, wire: Wire): Reply {
  const { headers, redirect } = wire;
  switch (ending.kind) {
    case 'misconfigured':
      return ending;
    case 'aborted':
      return { ...ending, headers };
    case 'timed_out':
      if (redirect !== undefined) return { ...unreadAnswer(wire), kind: 'redirect', to: redirect };
      return { ...ending, bySdk: false, headers };
    case 'resolved':
      return ending.value === undefined ? { kind: 'nothing' } : parsedAnswer(ending.value, wire);
    case 'rejected':
      return readRejection(ending.reason, wire);
  }
}

function readRejection(reason: unknown, wire: Wire): Reply {
  const { status, headers, redirect } = wire;
  const message = messageOf(reason);
  if (redirect !== undefined) {
    return { ...(httpError(message, wire) ?? unreadAnswer(wire)), kind: 'redirect', to: redirect };
  }
  if (wire.tooLarge) return { ...unreadAnswer(wire), isTooLarge: true };
  const answer = httpError(message, wire) ?? thrownBody(message, wire);
  if (answer) return answer;
  const words = message.startsWith(PREFIX) ? message.slice(PREFIX.length) : message;
  const failure = connectionFailure(reason, words, wire);
  if (failure) return failure;
  if (message === PREFIX) return { kind: 'timed_out', timeoutMs: SDK_TIMEOUT_MS, bySdk: true, headers };
  const misconfigured = wire.requests === 0 ? misconfiguration(words) : undefined;
  if (misconfigured) return misconfigured;
  if (status !== undefined || UNREADABLE_BODY.test(words)) return unreadAnswer(wire);
  if (REDIRECT.test(words)) return { ...unreadAnswer(wire), kind: 'redirect' };
  return { kind: 'unforeseen', thrown: reason };
}

/** What the SDK makes of any status that is not 2xx. */
function httpError(message: string, wire: Wire): Answer | undefined {
  const [start, status, headers = ''] = HTTP_ERROR.exec(message) ?? [];
  if (start === undefined) return undefined;
  const raw = message.slice(start.length);
  return {
    ...unreadAnswer(wire),
    status: Number(status),
    headers: wire.headers ?? parseJson(headers),
    body: parseJson(raw),
    raw,
  };
}

/** What the SDK makes of a 2xx with an error code: it throws the body as JSON. */
function thrownBody(message: string, wire: Wire): Answer | undefined {
  const body = message.startsWith('{') ? parseJson(message) : undefined;
  return body === undefined ? undefined : { ...parsedAnswer(body, wire), requests: wire.requests };
}

/** What the SDK makes of a 2xx otherwise: it spreads the body into an object, beside `headers`. */
function parsedAnswer(value: unknown, wire: Wire): Answer {
  const headers = wire.headers ?? own(value, 'headers');
  const text = own(value, 'result') === undefined ? textOfCharacters(value, headers) : undefined;
  const body = text === undefined ? value : parseJson(text);
  const isRetried = RETRIED_CODES.includes(own(value, 'error_code'));
  return {
    ...unreadAnswer(wire),
    headers,
    body,
    raw: text ?? withoutHeaders(value) ?? '', // null for 204, which has no body
    requests: Math.max(wire.requests, isRetried ? REQUESTS_BEFORE_RESOLVING_A_RETRIED_CODE : 0),
  };
}

function unreadAnswer({ status, headers, requests }: Wire): Answer {
  return { kind: 'answer', status, headers, body: undefined, raw: '', requests, isTooLarge: false };
}

function connectionFailure(reason: unknown, words: string, wire: Wire): ConnectionReply | undefined {
  const told = CONNECTION.exec(words)?.[1];
  const thrownCode = systemCodeIn(own(reason, 'code'));
  if (!wire.failure && told === undefined && thrownCode === undefined) return undefined;
  // Some errors say nothing themselves: of a name with several addresses that all refuse, only the request's own has a code.
  const seen = wire.failure?.error ?? (thrownCode === undefined ? undefined : reason);
  const code = own(seen, 'code');
  const systemCode = typeof code === 'string' ? code : (thrownCode ?? systemCodeIn(told));
  return {
    kind: wire.status === undefined ? 'connection_failed' : 'answer_broke_off',
    reason: messageOf(seen) || told || systemCode || 'the system gave no reason',
    systemCode,
    thrown: seen,
    headers: wire.headers,
  };
}

function misconfiguration(words: string): Misconfigured | undefined {
  const invalid = (problem: string) => ({ kind: 'misconfigured', code: 'INVALID_CONFIGURATION', problem }) as const;
  if (MISSING_KEYS.test(words)) {
    const hint =
      Reflect.get(globalThis, 'window') === undefined
        ? `${describeMissingKeys()} Set both QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY; QIANFAN_AK, QIANFAN_SK and bearer tokens do not work here.`
        : 'The SDK found no keys: there is a global `window` here (jsdom?), and then the SDK ignores the environment. Run this in a plain Node environment.';
    return { kind: 'misconfigured', code: 'MISSING_CREDENTIALS', problem: hint };
  }
  if (BAD_BASE_URL.test(words)) {
    return invalid(
      'QIANFAN_CONSOLE_API_BASE_URL is not an http or https URL such as https://qianfan.baidubce.com: correct it or remove it.',
    );
  }
  if (BAD_HEADER.test(words)) {
    return invalid('QIANFAN_ACCESS_KEY has a character that no HTTP header can carry, such as a line break.');
  }
  return undefined;
}

/** The text that was spread into its characters; JSON of an odd shape may be an array, whose entries are no characters. */
function textOfCharacters(value: unknown, headers: unknown): string | undefined {
  let text = '';
  for (let next = own(value, '0'); next !== undefined; next = own(value, `${text.length}`)) {
    if (typeof next !== 'string' || next.length !== 1) return undefined;
    text += next;
  }
  const fields = Object.keys(Object(value)).filter((field) => field !== 'headers');
  const mayBeJson = headers === undefined || `${own(headers, 'content-type')}`.includes('application/json');
  return (text === '' && mayBeJson) || fields.length > text.length ? undefined : text;
}

function withoutHeaders(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'headers')) return value;
  const { headers: _, ...body } = { headers: undefined, ...value };
  return body;
}

function systemCodeIn(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  if (text === 'socket hang up') return 'ECONNRESET';
  return /^(?:[a-z]+ )?(E(?!RR_)[A-Z_]{3,}|ERR_STREAM_PREMATURE_CLOSE)\b/.exec(text)?.[1];
}

function messageOf(thrown: unknown): string {
  const message = typeof thrown === 'string' ? thrown : own(thrown, 'message');
  return typeof message === 'string' ? message : '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
