// What can be read of a response: codes, message, request ID and Retry-After, in each of the forms that Baidu's servers
// use. It must not know what any of it proves.

import { ownField } from '../common/fields';
import type { CallEnd, HttpResponse } from '../sdk/messages';

/** The error codes of a body, in its own order of importance. 0 and the like mean that there was no error. */
export function apiCodesIn(body: unknown): readonly string[] {
  return [ownField(body, 'code'), ownField(body, 'error_code')].filter(isApiCode).map(String);
}

/** The error codes of a response: the body's, else that of the headers, which is not read beside the body's. */
export function apiCodesOf({ body, headers, isTooLarge }: HttpResponse): readonly string[] {
  if (isTooLarge) return [];
  const inBody = apiCodesIn(body);
  return inBody.length > 0 ? inBody : [ownField(headers, 'x-bce-error-code')].filter(isApiCode).map(String);
}

/** The server's own words. */
export function apiMessageIn({ body, headers }: HttpResponse): string | undefined {
  return textIn(body, 'message') ?? textIn(body, 'error_msg') ?? textIn(headers, 'x-bce-error-message');
}

/** The server's ID of the request, from the body or else from the headers, as far as the call got any of them. */
export function requestIdIn(end: CallEnd): string | undefined {
  const body = ownField(end, 'body');
  const inBody = ['requestId', 'request_id', 'log_id'].map((field) => ownField(body, field));
  // An unsafe integer has lost its last digits in JSON.parse: it is the ID of another request.
  const isId = (value: unknown) => isText(value) || Number.isSafeInteger(value);
  const id = [...inBody, ownField(ownField(end, 'headers'), 'x-bce-request-id')].find(isId);
  return id === undefined ? undefined : `${id}`;
}

/** How long the server asks to wait. A date counts from the server's own clock, if the response has its time. */
export function retryAfterMsIn(headers: unknown): number | undefined {
  const value = textIn(headers, 'retry-after') ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, Number.MAX_SAFE_INTEGER);
  const nowMs = Date.parse(textIn(headers, 'date') ?? '') || Date.now();
  const delayMs = Date.parse(value.endsWith('GMT') ? value : '') - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.max(0, delayMs);
}

function isApiCode(value: unknown): boolean {
  return typeof value === 'number' ? value !== 0 : isText(value) && value.trim() !== '0';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function textIn(value: unknown, field: string): string | undefined {
  const text = ownField(value, field);
  return isText(text) ? text : undefined;
}
