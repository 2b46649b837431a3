// What the SDK throws and what it resolves with, as recorded from 0.2.4 on the loopback. A test puts a server's words into it.

import type { Ending } from '../../../src/sdk/messages';
import type { Wire } from '../../../src/sdk/watch-requests';

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

/** What it resolves with for a 200: a JSON value's entries, or the characters of a text that is not JSON. */
export function resolvedBody(body: unknown, headers: Headers = {}): object {
  return { headers, ...Object(body) };
}

/** What it throws if there is no connection, or if it breaks before the headers. */
export function connectionError(reason: string, url = URL_OF_CALL): Error {
  return new Error(`Request timed out.request to ${url} failed, reason: ${reason}`);
}

/** What it throws if the JSON of a 200 is empty or cut short. */
export function unreadableBodyError(reason = 'Unexpected end of JSON input'): Error {
  const message = `invalid json response body at ${URL_OF_CALL} reason: ${reason}`;
  return Object.assign(new Error(message), { name: 'FetchError', type: 'invalid-json' });
}

/** What it throws if the body of a response does not unpack. */
export function undecodedBodyError(): Error {
  const message = `Invalid response body while trying to fetch ${URL_OF_CALL}: incorrect header check`;
  return Object.assign(new Error(message), { name: 'FetchError', code: 'Z_DATA_ERROR' });
}

/** What it throws when its own timer ends. Its other messages about a request begin with this, too. */
export const TIMEOUT_MESSAGE = 'Request timed out.';

/** What it throws if there are no keys. */
export const NO_KEYS_MESSAGE = '请设置QIANFAN_ACCESS_KEY/QIANFAN_SECRET_KEY';

/** What is seen if the SDK is mocked: nothing. */
export const NOTHING_SEEN: Wire = { requests: 0, nothingSent: false };

export const resolved = (value: unknown): Ending => ({ kind: 'resolved', value });
export const rejected = (reason: unknown): Ending => ({ kind: 'rejected', reason });
