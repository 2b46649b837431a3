// Answers on their way out: scripted by a test or found by the console, checked and encoded, then given with their faults.
import { randomUUID } from 'node:crypto';
import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { isUint8Array } from 'node:util/types';
import { isAction, type Reply } from './actions';
import { demand, demandKnown, isInteger, MAX_DELAY_MS } from './check-options';
import type { LocalConsoleAnswer } from './types';

/** An answer that can be given without anything going wrong. */
export type PreparedAnswer = ReturnType<typeof prepare>;

const FAULTS: readonly unknown[] = ['no-answer', 'reset', 'break-body', 'stall-body'];

/** The scripted answers: each request takes the first one queued that fits it. */
export function startScript() {
  const queue: PreparedAnswer[] = [];
  return {
    add: (answer: LocalConsoleAnswer): void => void queue.push(prepare(answer)),
    take(action: string | undefined): PreparedAnswer | undefined {
      const index = queue.findIndex((answer) => answer.action === undefined || answer.action === action);
      return index < 0 ? undefined : queue.splice(index, 1)[0];
    },
  };
}

/** The console's own answer, with a request ID where Baidu has it: in the body and among the headers. */
export function prepareReply({ status, body }: Reply): PreparedAnswer {
  const requestId = randomUUID();
  return prepare({ status, headers: { 'x-bce-request-id': requestId }, body: { requestId, ...body } });
}

// Checks and encodes at the time of queueing, so that a mistake is thrown at whoever made it.
function prepare(scripted: LocalConsoleAnswer) {
  demandKnown(scripted, ['action', 'status', 'headers', 'body', 'delayMs', 'fault']);
  const { action, status = 200, headers, body = '', delayMs = 0, fault } = scripted;
  demand(action === undefined || isAction(action), `action must be one that the console serves, not ${action}.`);
  demand(isInteger(status, 200, 599), 'status must be an integer from 200 to 599.');
  demand(isInteger(delayMs, 0, MAX_DELAY_MS), `delayMs must be an integer, 0 to ${MAX_DELAY_MS}.`);
  demand(fault === undefined || FAULTS.includes(fault), `fault must be one of ${FAULTS.join(', ')}.`);
  const isRaw = typeof body === 'string' || isUint8Array(body);
  const text: string | Uint8Array | undefined = isRaw ? body : JSON.stringify(body);
  if (text === undefined) throw new TypeError('body must be text, bytes, or what JSON can hold.');
  const allHeaders = Object.entries({ ...(isRaw ? {} : { 'content-type': 'application/json' }), ...headers });
  for (const [name, value] of allHeaders) {
    demand(name.toLowerCase() !== 'trailer', 'headers must not have a trailer.');
    validateHeaderName(name);
    for (const line of [value].flat()) validateHeaderValue(name, line);
  }
  return { action, status, headers: allHeaders, body: Buffer.from(text), delayMs, fault };
}

export function give({ status, headers, body, fault }: PreparedAnswer, response: ServerResponse): void {
  const breakOff = () => response.req.socket.resetAndDestroy();
  if (fault === 'reset') breakOff();
  if (fault === 'reset' || fault === 'no-answer') return;
  response.statusCode = status;
  // One byte at least is promised, so that an empty body can break off as well.
  if (fault !== undefined) response.setHeader('content-length', Math.max(1, body.length));
  for (const [name, value] of headers) response.setHeader(name, value);
  if (fault === undefined) {
    response.end(body);
  } else {
    response.flushHeaders();
    response.write(body.subarray(0, body.length / 2), fault === 'break-body' ? breakOff : undefined);
  }
}
