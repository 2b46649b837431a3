// What the SDK's ways of ending a call mean: the only file that knows its messages and shapes. What was seen of the requests
// decides; a message is read for the body, and where nothing was seen (a mock). It must not know our errors.

import { ACCESS_KEY, BASE_URL } from '../common/credentials';
import { messageOf, ownField, textField } from '../common/fields';
import { explainFoundKeys, explainMissingKeys } from './missing-keys';
import type { RequestsSeen } from './watch-requests';

/** How a call ended, before the SDK's messages are read. */
export type RawEnd =
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
export interface HttpResponse {
  readonly kind: 'response';
  readonly status: number | undefined;
  readonly headers: unknown;
  /** Parsed; `undefined` if it is not JSON or could not be read. */
  readonly body: unknown;
  /** The body as text or, if the SDK parsed it, as what it was parsed to; `''` if it could not be read. */
  readonly raw: unknown;
  /** How many requests the SDK made: it retries by itself on some codes, and only the last response is known. */
  readonly requests: number;
  readonly isTooLarge: boolean;
}

/** How a call ended, read as far as it can be. */
export type CallEnd =
  | HttpResponse
  | Misconfigured
  | Redirect
  | ConnectionEnd
  | { readonly kind: 'timed_out'; readonly timeoutMs: number; readonly bySdk: boolean; readonly headers: unknown }
  | { readonly kind: 'aborted'; readonly reason: unknown; readonly headers: unknown }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unforeseen'; readonly thrown: unknown };

interface Redirect extends Pick<HttpResponse, 'status' | 'headers' | 'body' | 'raw'> {
  readonly kind: 'redirect';
  readonly to?: string | undefined;
}

interface ConnectionEnd {
  readonly kind: 'connection_failed' | 'response_broke_off';
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
// Node's codes for what OpenSSL finds wrong with a certificate, those of X509_verify_cert_error_string, and its own for a
// wrong name. The SDK shows only Node's sentence, but a mock may throw a code.
export const CERTIFICATE_CODE =
  /^(?:(?:UNABLE_TO|CERT|CRL|ERROR_IN|DEPTH_ZERO|SELF_SIGNED|PATH_LENGTH|HOSTNAME|ERR_TLS_CERT)_\w+|INVALID_(?:CA|PURPOSE))$/;
const UNREADABLE_BODY = /^(?:invalid json|Invalid) response body (?:at|while trying to fetch) /;
const REDIRECT = /^(?:maximum redirect reached at|uri requested responds)/;
const MISSING_KEYS = /^请设置.*QIANFAN_ACCESS_KEY/;
const BAD_BASE_URL = /^(?:Invalid URL|Only .{1,30} are supported)$/;
const BAD_HEADER = /is not a legal HTTP header value$|^Invalid character in header/;

const BAD_BASE_URL_PROBLEM = `${BASE_URL} is not an http or https URL such as https://qianfan.baidubce.com: correct or remove it. If a test set it so, its mock of @baiducloud/qianfan was not reached.`;

// A body with one of these error codes is resolved only after four requests. The SDK looks for a code in JSON only.
const RETRIED_CODES: readonly unknown[] = [18, 336100, 336502, 500000];
const REQUESTS_BEFORE_RESOLVING_A_RETRIED_CODE = 4;

/** Reads how a call ended, with what was seen of its requests. */
export function readCallEnd(end: RawEnd, seen: RequestsSeen): CallEnd {
  const { headers, redirect } = seen;
  switch (end.kind) {
    case 'misconfigured':
      return end;
    case 'aborted':
      return { ...end, headers };
    case 'timed_out':
      if (redirect !== undefined) return { ...unreadResponse(seen), kind: 'redirect', to: redirect };
      return { ...end, bySdk: false, headers };
    case 'resolved':
      return end.value === undefined ? { kind: 'nothing' } : parsedResponse(end.value, seen);
    case 'rejected':
      return readRejection(end.reason, seen);
  }
}

function readRejection(reason: unknown, seen: RequestsSeen): CallEnd {
  const { status, headers, redirect } = seen;
  const message = messageOf(reason);
  if (redirect !== undefined) {
    return { ...(httpError(message, seen) ?? unreadResponse(seen)), kind: 'redirect', to: redirect };
  }
  if (seen.tooLarge) return { ...unreadResponse(seen), isTooLarge: true };
  const response = httpError(message, seen) ?? thrownBody(message, seen);
  if (response) return response;
  const words = message.startsWith(PREFIX) ? message.slice(PREFIX.length) : message;
  const failure = connectionFailure(reason, words, seen);
  if (failure) return failure;
  if (message === PREFIX) return { kind: 'timed_out', timeoutMs: SDK_TIMEOUT_MS, bySdk: true, headers };
  const misconfigured = seen.requests === 0 ? misconfiguration(words) : undefined;
  if (misconfigured) return misconfigured;
  if (status !== undefined || UNREADABLE_BODY.test(words)) return unreadResponse(seen);
  if (REDIRECT.test(words)) return { ...unreadResponse(seen), kind: 'redirect' };
  return { kind: 'unforeseen', thrown: reason };
}

/** What the SDK makes of any status that is not 2xx. */
function httpError(message: string, seen: RequestsSeen): HttpResponse | undefined {
  const [start, status, headers = ''] = HTTP_ERROR.exec(message) ?? [];
  if (start === undefined) return undefined;
  const raw = message.slice(start.length);
  return {
    ...unreadResponse(seen),
    status: Number(status),
    headers: seen.headers ?? parseJson(headers),
    body: parseJson(raw),
    raw,
  };
}

/** What the SDK makes of a 2xx with an error code: it throws the body as JSON. */
function thrownBody(message: string, seen: RequestsSeen): HttpResponse | undefined {
  const body = message.startsWith('{') ? parseJson(message) : undefined;
  return body === undefined ? undefined : { ...parsedResponse(body, seen), requests: seen.requests };
}

/** What the SDK makes of a 2xx otherwise: it spreads the body into an object, beside `headers`. */
function parsedResponse(value: unknown, seen: RequestsSeen): HttpResponse {
  const headers = seen.headers ?? ownField(value, 'headers');
  const text = textOfCharacters(value, headers);
  const body = text === undefined ? value : parseJson(text);
  const isRetried = RETRIED_CODES.includes(ownField(value, 'error_code'));
  return {
    ...unreadResponse(seen),
    headers,
    body,
    raw: text ?? withoutHeaders(value) ?? '', // null for 204, which has no body
    requests: Math.max(seen.requests, isRetried ? REQUESTS_BEFORE_RESOLVING_A_RETRIED_CODE : 0),
  };
}

function unreadResponse({ status, headers, requests }: RequestsSeen): HttpResponse {
  return { kind: 'response', status, headers, body: undefined, raw: '', requests, isTooLarge: false };
}

function connectionFailure(reason: unknown, words: string, seen: RequestsSeen): ConnectionEnd | undefined {
  const inWords = CONNECTION.exec(words)?.[1];
  const thrownCode =
    systemCodeIn(ownField(reason, 'code')) ?? CERTIFICATE_CODE.exec(textField(reason, 'code') ?? '')?.[0];
  if (!seen.failure && inWords === undefined && thrownCode === undefined) return undefined;
  // An AggregateError of several refused addresses has no message; its code is only on the request's own error.
  const thrown = seen.failure?.error ?? (thrownCode === undefined ? undefined : reason);
  const code = ownField(thrown, 'code');
  const systemCode = typeof code === 'string' ? code : (thrownCode ?? systemCodeIn(inWords));
  return {
    kind: seen.status === undefined ? 'connection_failed' : 'response_broke_off',
    reason: messageOf(thrown) || inWords || systemCode || 'the system gave no reason',
    systemCode,
    thrown,
    headers: seen.headers,
  };
}

function misconfiguration(words: string): Misconfigured | undefined {
  const misconfigured = { kind: 'misconfigured', code: 'INVALID_CONFIGURATION' } as const;
  if (MISSING_KEYS.test(words)) return { ...misconfigured, code: 'MISSING_CREDENTIALS', problem: explainMissingKeys() };
  if (BAD_BASE_URL.test(words)) return { ...misconfigured, problem: BAD_BASE_URL_PROBLEM };
  if (BAD_HEADER.test(words))
    return { ...misconfigured, problem: `${explainFoundKeys() ?? `${ACCESS_KEY} fits no HTTP header`}.` };
  return undefined;
}

/** The text that was spread into its characters; JSON of an odd shape may be an array, whose entries are no characters. */
function textOfCharacters(value: unknown, headers: unknown): string | undefined {
  let text = '';
  for (let next = ownField(value, '0'); next !== undefined; next = ownField(value, `${text.length}`)) {
    if (typeof next !== 'string' || next.length !== 1) return undefined;
    text += next;
  }
  const fields = Object.keys(Object(value)).filter((field) => field !== 'headers');
  const mayBeJson = headers === undefined || `${ownField(headers, 'content-type')}`.includes('application/json');
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
  return /^(?:[a-z]+ )?(E(?!RR_)[A-Z_]{3,}|ERR_(?:STREAM_PREMATURE_CLOSE|SSL_\w+))\b/.exec(text)?.[1];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, '')); // the SDK's fetch keeps a byte order mark
  } catch {
    return undefined;
  }
}
