// The strings and values of the SDK, as recorded from 0.2.4 on the loopback: what it throws and what it
// resolves. A test puts a server's words into them.

import type { CallReport, Ending, Wire } from '../../src/console-action';

export const URL_OF_CALL = 'http://127.0.0.1:41235/v2/finetuning?Action=StopFineTuningTask';

type Headers = Readonly<Record<string, string>>;

/** The message for any HTTP status that is not 2xx. */
export function httpErrorMessage(status: number, body: unknown = '', headers: Headers = {}): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const inner = `HTTP error, status = ${status}\n\n        Response Header ${JSON.stringify(headers)}`;
  return `Request timed out.\n        ${inner}\n    \nResponse Body ${text}`;
}

export function httpError(status: number, body: unknown = '', headers: Headers = {}): Error {
  return new Error(httpErrorMessage(status, body, headers));
}

/** What it throws for a 200 whose body has an `error_code`. */
export function bodyError(body: object, headers: Headers = {}): Error {
  return new Error(JSON.stringify({ headers, ...body }));
}

/** What it resolves for a 200 with a JSON object, and for an array, a string, a number or `null`. */
export function resolvedBody(body: unknown, headers: Headers = {}): object {
  return { ...Object(body), headers };
}

/** What it resolves for a 200 that is not JSON: the text's characters. */
export function resolvedText(text: string, headers: Headers = {}): object {
  return { ...Object(text), headers };
}

/** What it throws where there is no connection, or it breaks before the headers. */
export function connectionError(reason: string, url = URL_OF_CALL): Error {
  return new Error(`Request timed out.request to ${url} failed, reason: ${reason}`);
}

/** What it throws where a 200's JSON is empty or cut short. */
export function unreadableBodyError(reason = 'Unexpected end of JSON input'): Error {
  const message = `invalid json response body at ${URL_OF_CALL} reason: ${reason}`;
  return Object.assign(new Error(message), { name: 'FetchError', type: 'invalid-json' });
}

/** Its complaint about missing keys. */
export const NO_KEYS_MESSAGE = '请设置QIANFAN_ACCESS_KEY/QIANFAN_SECRET_KEY';

export const NOTHING_SEEN: Wire = { requests: 0, connected: false };

/** A report of a call; on the wire nothing was seen, as with a mocked SDK. */
export function reportOf(ending: Ending, more: Partial<CallReport> = {}): CallReport {
  return { ending, wire: NOTHING_SEEN, timeoutMs: 30_000, secrets: [], cookies: [], hasWindow: false, ...more };
}

export const resolved = (value: unknown): Ending => ({ kind: 'resolved', value });
export const rejected = (reason: unknown): Ending => ({ kind: 'rejected', reason });
