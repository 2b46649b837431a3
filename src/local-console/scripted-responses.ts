// The queue of scripted responses; and how a response, scripted or the console's own, is checked, encoded and sent.
import { randomUUID } from 'node:crypto';
import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { isUint8Array } from 'node:util/types';
import { ACTIONS, type ActionResponse, isAction } from './actions';
import { ensure, ensureFields, isInteger, isObject, MAX_DELAY_MS } from './check-options';
import type { LocalConsoleAnswer } from './types';

/** A response that was checked and encoded, so that sending it cannot throw. */
export type PreparedResponse = ReturnType<typeof prepare>;

const FAULTS: readonly unknown[] = ['no-answer', 'reset', 'break-body', 'stall-body'];

export function createResponseQueue() {
  const queue: PreparedResponse[] = [];
  return {
    /** Checks and encodes the response at once, so that a mistake throws in the call that made it. */
    add: (answer: LocalConsoleAnswer): void => void queue.push(prepare(answer)),
    /** Takes the first response in the queue that is for this action, or for any. */
    take(action: string | undefined): PreparedResponse | undefined {
      const index = queue.findIndex((response) => response.action === undefined || response.action === action);
      return index < 0 ? undefined : queue.splice(index, 1)[0];
    },
  };
}

/** Adds a request ID where Baidu's responses have it: in the body and among the headers. */
export function prepareOwnResponse({ status, body }: ActionResponse): PreparedResponse {
  const requestId = randomUUID();
  return prepare({ status, headers: { 'x-bce-request-id': requestId }, body: { requestId, ...body } });
}

function prepare(answer: LocalConsoleAnswer) {
  ensureFields('answer', answer, ['action', 'status', 'headers', 'body', 'delayMs', 'fault']);
  const { action, status = 200, headers = {}, body = '', delayMs = 0, fault } = answer;
  const isKnown = action === undefined || isAction(action);
  ensure(isKnown, `answer.action must be ${Object.keys(ACTIONS).join(' or ')}, not ${action}.`);
  ensure(isInteger(status, 200, 599), 'answer.status must be an integer from 200 to 599.');
  ensure(isInteger(delayMs, 0, MAX_DELAY_MS), `answer.delayMs must be an integer from 0 to ${MAX_DELAY_MS}.`);
  ensure(fault === undefined || FAULTS.includes(fault), `answer.fault must be one of ${FAULTS.join(', ')}.`);
  ensure(isObject(headers), 'answer.headers must be an object with a value for each header name.');
  const isRaw = typeof body === 'string' || isUint8Array(body);
  const allHeaders = Object.entries({ ...(isRaw ? {} : { 'content-type': 'application/json' }), ...headers });
  for (const [name, value] of allHeaders) {
    // Node throws while it sends a Trailer header beside a content-length.
    ensure(name.toLowerCase() !== 'trailer', 'answer.headers must not have a trailer.');
    validateHeaderName(name);
    for (const line of [value].flat()) validateHeaderValue(name, line);
  }
  return { action, status, headers: allHeaders, body: Buffer.from(isRaw ? body : encode(body)), delayMs, fault };
}

function encode(body: unknown): string {
  const message = 'answer.body must be text, bytes, or a value that JSON can hold.';
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    throw new TypeError(message, { cause });
  }
  if (text === undefined) throw new TypeError(message);
  return text;
}

export function sendResponse({ status, headers, body, fault }: PreparedResponse, response: ServerResponse): void {
  const breakOff = () => response.req.socket.resetAndDestroy();
  if (fault === 'reset') breakOff();
  if (fault === 'reset' || fault === 'no-answer') return;
  response.statusCode = status;
  // With a length of 0 the response would be complete; one byte that never comes lets an empty body break off, too.
  if (fault !== undefined) response.setHeader('content-length', Math.max(1, body.length));
  for (const [name, value] of headers) response.setHeader(name, value);
  if (fault === undefined) {
    response.end(body);
  } else {
    response.flushHeaders();
    response.write(body.subarray(0, body.length / 2), fault === 'break-body' ? breakOff : undefined);
  }
}
