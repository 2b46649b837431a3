// How a row of the truth table is written, and its two readings: how the SDK ends the call, and the bytes of a server.

import type { QianfanErrorCode } from '../../../src';
import type { Ending } from '../../../src/sdk/messages';
import type { Wire } from '../../../src/sdk/watch-requests';
import { bodyError, httpError, rejected, resolved, resolvedBody, unreadableBodyError } from '../sdk/messages';
import { json, response } from '../servers/raw-responses';
import { errorFields } from './contract';

export type Headers = Readonly<Record<string, string>>;

/** One response of a server. */
export interface Sent {
  readonly status: number;
  /** An object is sent as JSON, a string as a page, unless the headers name another type. */
  readonly body: object | string;
  readonly headers: Headers;
}

/** What a server sends, one response to each request, and the value or the error's fields that the caller gets. */
export type ResponseRow = readonly [title: string, sent: Sent | readonly Sent[], expected: object];

export type ResponseRows = Readonly<Record<string, readonly ResponseRow[]>>;

export const PAGE = '<html>\n<h1>Denied by the gateway</h1>\n</html>';
export const GOOD = { requestId: 'r-1', result: true };
export const NONE = { requestId: 'r-1', result: false };
export const JSON_TYPE = { 'content-type': 'application/json' };
export const ID = { 'x-bce-request-id': 'r-header' };

export const sent = (status: number, body: object | string = '', headers: Headers = {}): Sent => ({
  status,
  body,
  headers,
});
export const ok = (body: object | string, headers: Headers = {}): Sent => sent(200, body, headers);
export const inHeader = (code: string): Headers => ({
  'x-bce-error-code': code,
  'x-bce-error-message': 'In the header.',
});

export const refused = (code: QianfanErrorCode, status: number, apiCode: string, more: object = {}) =>
  errorFields(code, 'refused', { status, apiCode, ...more });
export const unknown = (code: QianfanErrorCode, status: number, apiCode: string, more: object = {}) =>
  errorFields(code, 'unknown', { status, apiCode, ...more });
/** A response without a code of the server: a proxy may have sent it. */
export const bare = (code: QianfanErrorCode, status: number, text = '', more: object = {}) =>
  errorFields(code, 'unknown', { status, response: text, ...more });
export const odd = (text: string, more: object = {}) =>
  errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: text, ...more });
export const oddJson = (body: object, more: object = {}) => odd(JSON.stringify(body), more);

// Only after a failure of the server is the outcome unknown.
export const byCode = (code: QianfanErrorCode, status: number, apiCode: string, more: object) =>
  errorFields(code, code === 'SERVER_ERROR' ? 'unknown' : 'refused', { status, apiCode, ...more });

/** The SDK repeats the request on these, up to four times, if they are numbers in a 2xx. */
export const REPEATED: readonly unknown[] = [18, 336100, 336502, 500000];

/** A response on which the SDK repeats the request. */
export const busy = ok({ requestId: 'r-0', error_code: 18, error_msg: 'busy' });

/** The responses that the SDK asks for: it repeats the request, three times at most, on some codes. */
export function responsesAsked(sent: Sent | readonly Sent[]): readonly Sent[] {
  const all = [sent].flat();
  const asked: Sent[] = [];
  do {
    const next = all[Math.min(asked.length, all.length - 1)];
    if (next) asked.push(next);
  } while (asked.length < 4 && isRepeated(asked.at(-1)));
  return asked;
}

/** How the SDK ends, and what is seen on the wire. */
export function asMockedCall(sent: Sent | readonly Sent[]): { readonly ending: Ending; readonly wire: Wire } {
  const asked = responsesAsked(sent);
  const last = asked.at(-1);
  if (!last) throw new Error('A row needs a response.');
  const { location, ...headers } = headersOf(last);
  const redirect = last.status >= 300 && last.status < 400 ? location : undefined;
  const wire = { requests: asked.length, nothingSent: false, status: last.status, headers };
  return { ending: endingOf(last, headers), wire: redirect === undefined ? wire : { ...wire, redirect } };
}

/** Whether a mock of the SDK can show this: it has neither repeats nor the headers of a body that cannot be read. */
export function canBeMocked(sent: Sent | readonly Sent[]): boolean {
  const [first, ...more] = [sent].flat();
  if (!first || more.length > 0 || first.status === 204) return false;
  if ('location' in first.headers || Object.hasOwn(Object(first.body), 'headers')) return false;
  return first.status >= 300 || !isJson(first) || parse(first) !== undefined;
}

/** What a server sends. */
export function asBytes(sent: Sent): string {
  const { status, body } = sent;
  const headers = { ...headersOf(sent), connection: 'close' };
  return status === 204 || status === 304 ? response(status, headers) : json(status, body, headers);
}

function endingOf(sent: Sent, headers: Headers): Ending {
  const { status, body } = sent;
  if (status < 200 || status > 299) return rejected(httpError(status, body, headers));
  if (status === 204) return resolved(null);
  if (!isJson(sent)) return resolved(resolvedBody(body, headers));
  const parsed = parse(sent);
  if (parsed === undefined) return rejected(unreadableBodyError());
  const isThrown = Object.hasOwn(Object(parsed), 'error_code') && !isRepeated(sent);
  return isThrown ? rejected(bodyError(Object(parsed), headers)) : resolved(resolvedBody(parsed, headers));
}

function headersOf({ body, headers }: Sent): Headers {
  return { ...(typeof body === 'string' ? { 'content-type': 'text/html' } : JSON_TYPE), ...headers };
}

function isJson(sent: Sent): boolean {
  return headersOf(sent)['content-type'] === 'application/json';
}

function isRepeated(sent: Sent | undefined): boolean {
  if (!sent || sent.status > 299 || !isJson(sent)) return false;
  return REPEATED.includes(Object(parse(sent)).error_code);
}

function parse({ body }: Sent): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
