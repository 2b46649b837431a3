// A client of the local console that signs for itself, and can be wrong in every way that a test wants.
import { once } from 'node:events';
import * as http from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { LocalConsole } from '../../../src/local-console';
import { computeSignature } from '../../../src/local-console/signature';

export const TASK_ID = 'task-5kjifvzerc5n';
export const ROUTE = '/v2/finetuning';
export const STOP = `${ROUTE}?Action=StopFineTuningTask`;
export const DESCRIBE = `${ROUTE}?Action=DescribeFineTuningTask`;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Fakes `setTimeout` and `clearTimeout` alone, so that real sockets go on working. */
export function fakeTimeouts(): void {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'Date', 'queueMicrotask'] });
}

export interface Call {
  readonly method?: string;
  /** Default: a stop. */
  readonly target?: string;
  /** Default: the one of `TASK_ID`. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null`: not signed. */
  readonly authorization?: string | null;
  readonly accessKey?: string;
  readonly secretKey?: string;
  readonly date?: string;
}

export interface Answered {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request, signed well unless the call says otherwise, and does not wait for its answer. */
export function open(local: LocalConsole, call: Call = {}): http.ClientRequest {
  const { method = 'POST', target = STOP, body = JSON.stringify({ taskId: TASK_ID }) } = call;
  const { accessKey, secretKey } = { ...local.credentials, ...call };
  const { host, hostname, port } = new URL(local.url);
  const date = call.date ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const { pathname: path, searchParams: query } = new URL(`http://a${target}`);
  const prefix = `bce-auth-v1/${accessKey}/${date}/1800`;
  const signature = computeSignature({ method, path, query, headers: { host } }, prefix, ['host'], secretKey);
  const authorization = call.authorization === undefined ? `${prefix}/host/${signature}` : call.authorization;
  const headers = { ...(authorization !== null && { authorization }), ...call.headers };
  const request = http.request({ hostname, port, method, path: target, headers, agent: false });
  request.end(body);
  return request;
}

export async function answerTo(request: http.ClientRequest): Promise<Answered> {
  const [response] = await once(request, 'response');
  response.setEncoding('utf8');
  request.on('error', () => {}); // newer Nodes say twice that a body broke off
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, headers: response.headers, text };
}

export function send(local: LocalConsole, call?: Call): Promise<Answered> {
  return answerTo(open(local, call));
}

/** The `result` of a well signed stop. */
export async function stop(local: LocalConsole, taskId = TASK_ID): Promise<unknown> {
  return JSON.parse((await send(local, { body: JSON.stringify({ taskId }) })).text).result;
}

/** The `result` of a well signed Describe; a refusal's code where there is none. */
export async function describeTask(local: LocalConsole, taskId = TASK_ID) {
  const { text } = await send(local, { target: DESCRIBE, body: JSON.stringify({ taskId }) });
  const { result, code } = JSON.parse(text);
  return result ?? code;
}

/** Resolves once the console has read so many requests. */
export async function recorded(local: LocalConsole, count: number): Promise<void> {
  while (local.requests.length < count) await setImmediate();
}

/** What a plain TCP client gets for an unsigned stop, and how the connection ended. */
export async function rawSend(local: LocalConsole): Promise<{ text: string; end: string }> {
  const socket = connect(Number(new URL(local.url).port), '127.0.0.1').setEncoding('utf8');
  socket.write(`POST ${STOP} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`);
  let text = '';
  socket.on('data', (part: string) => {
    text += part;
  });
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve({ text, end: String(error.code) }));
    socket.once('end', () => resolve({ text, end: 'closed in order' }));
  });
}
