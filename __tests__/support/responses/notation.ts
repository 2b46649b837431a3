// How a row of the truth table is written, and how it is read: as what the SDK makes of it, and as bytes.

import type { QianfanErrorCode } from '../../../src';
import type { Ending } from '../../../src/sdk/messages';
import type { Wire } from '../../../src/sdk/watch-requests';
import { bodyError, httpError, rejected, resolved, resolvedBody, unreadableBodyError } from '../sdk/messages';
import { json, response } from '../servers/raw-responses';
import { errorFields } from './contract';

export type Headers = Readonly<Record<string, string>>;

/** One answer of a server. */
export interface Sent {
  readonly status: number;
  /** An object is sent as JSON, a string as a page, unless the headers name another type. */
  readonly body: object | string;
  readonly headers: Headers;
}

/** What a server answers, several answers to one request each, and the response or the error's fields that follow. */
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
/** An answer without a code of the server: whoever stands in front of it may have sent it. */
export const bare = (code: QianfanErrorCode, status: number, text = '', more: object = {}) =>
  errorFields(code, 'unknown', { status, response: text, ...more });
export const odd = (text: string, more: object = {}) =>
  errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: text, ...more });
export const oddJson = (body: object, more: object = {}) => odd(JSON.stringify(body), more);

// Only the server's failures leave open what became of the request.
export const byCode = (code: QianfanErrorCode, status: number, apiCode: string, more: object) =>
  errorFields(code, code === 'SERVER_ERROR' ? 'unknown' : 'refused', { status, apiCode, ...more });

/** The SDK repeats the request on these, up to four times, if they are numbers in a 2xx. */
export const REPEATED: readonly unknown[] = [18, 336100, 336502, 500000];

/** An answer on which the SDK repeats the request. */
export const busy = ok({ requestId: 'r-0', error_code: 18, error_msg: 'busy' });

/** The answers that the SDK asks for: it repeats the request, three times at most, on some codes. */
export function responsesAsked(sent: Sent | readonly Sent[]): readonly Sent[] {
  const answers = [sent].flat();
  const asked: Sent[] = [];
  do {
    const next = answers[Math.min(asked.length, answers.length - 1)];
    if (next) asked.push(next);
  } while (asked.length < 4 && isRepeated(asked.at(-1)));
  return asked;
}

/** How the SDK ends, and what is seen on the wire. */
export function asMockedCall(sent: Sent | readonly Sent[]): { readonly ending: Ending; readonly wire: Wire } {
  const asked = responsesAsked(sent);
  const last = asked.at(-1);
  if (!last) throw new Error('A row needs an answer.');
  const { location, ...headers } = headersOf(last);
  const redirect = last.status >= 300 && last.status < 400 ? location : undefined;
  const wire = { requests: asked.length, nothingSent: false, status: last.status, headers };
  return { ending: endingOf(last, headers), wire: redirect === undefined ? wire : { ...wire, redirect } };
}

/** Whether a mock of the SDK shows what a server answers: it has no headers of what cannot be read, nor repeats. */
export function canBeMocked(sent: Sent | readonly Sent[]): boolean {
  const [answer, ...more] = [sent].flat();
  if (!answer || more.length > 0 || answer.status === 204) return false;
  if ('location' in answer.headers || Object.hasOwn(Object(answer.body), 'headers')) return false;
  return answer.status >= 300 || !isJson(answer) || parse(answer) !== undefined;
}

/** What a server sends. */
export function asBytes(answer: Sent): string {
  const { status, body } = answer;
  const headers = { ...headersOf(answer), connection: 'close' };
  return status === 204 || status === 304 ? response(status, headers) : json(status, body, headers);
}

function endingOf(answer: Sent, headers: Headers): Ending {
  const { status, body } = answer;
  if (status < 200 || status > 299) return rejected(httpError(status, body, headers));
  if (status === 204) return resolved(null);
  if (!isJson(answer)) return resolved(resolvedBody(body, headers));
  const parsed = parse(answer);
  if (parsed === undefined) return rejected(unreadableBodyError());
  const isThrown = Object.hasOwn(Object(parsed), 'error_code') && !isRepeated(answer);
  return isThrown ? rejected(bodyError(Object(parsed), headers)) : resolved(resolvedBody(parsed, headers));
}

function headersOf({ body, headers }: Sent): Headers {
  return { ...(typeof body === 'string' ? { 'content-type': 'text/html' } : JSON_TYPE), ...headers };
}

function isJson(answer: Sent): boolean {
  return headersOf(answer)['content-type'] === 'application/json';
}

function isRepeated(answer: Sent | undefined): boolean {
  if (!answer || answer.status > 299 || !isJson(answer)) return false;
  return REPEATED.includes(Object(parse(answer)).error_code);
}

function parse({ body }: Sent): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
