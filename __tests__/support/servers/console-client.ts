// Local consoles for tests, which are closed in one place, and a client that signs its requests rightly or wrongly.
import { once } from 'node:events';
import * as http from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { type LocalConsole, type LocalConsoleOptions, startLocalConsole } from '../../../src/local-console';
import { computeSignature } from '../../../src/local-console/signature';

export const TASK_ID = 'task-5kjifvzerc5n';
export const ROUTE = '/v2/finetuning';
export const STOP = `${ROUTE}?Action=StopFineTuningTask`;
export const DESCRIBE = `${ROUTE}?Action=DescribeFineTuningTask`;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const started: LocalConsole[] = [];

/** Starts a console with one running task, for `closeConsoles` to close. */
export async function startConsole(options?: LocalConsoleOptions): Promise<LocalConsole> {
  const local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running' }, ...options });
  started.push(local);
  return local;
}

/** Closes every console of `startConsole`, and ends `fakeTimeouts`. */
export async function closeConsoles(): Promise<void> {
  jest.useRealTimers();
  await Promise.all(started.splice(0).map((local) => local.close()));
}

/** Fakes `setTimeout` and `clearTimeout` alone, as sockets need the rest. */
export function fakeTimeouts(): void {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'Date', 'queueMicrotask'] });
}

export interface RequestParts {
  readonly method?: string;
  /** Path and query. Default: those of a stop. */
  readonly target?: string;
  /** Default: `TASK_ID` as JSON. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: a signature. `null`: no header. */
  readonly authorization?: string | null;
  readonly accessKey?: string;
  readonly secretKey?: string;
  readonly date?: string;
}

export interface ReceivedResponse {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request, with a valid signature unless `parts` says otherwise, and does not wait for the response. */
export function startRequest(local: LocalConsole, parts: RequestParts = {}): http.ClientRequest {
  const { method = 'POST', target = STOP, body = JSON.stringify({ taskId: TASK_ID }) } = parts;
  const { accessKey, secretKey } = { ...local.credentials, ...parts };
  const { host, hostname, port } = new URL(local.url);
  const date = parts.date ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const { pathname: path, searchParams: query } = new URL(`http://a${target}`);
  const prefix = `bce-auth-v1/${accessKey}/${date}/1800`;
  const signature = computeSignature({ method, path, query, headers: { host } }, prefix, ['host'], secretKey);
  const authorization = parts.authorization === undefined ? `${prefix}/host/${signature}` : parts.authorization;
  const headers = { ...(authorization !== null && { authorization }), ...parts.headers };
  const request = http.request({ hostname, port, method, path: target, headers, agent: false });
  request.end(body);
  return request;
}

export async function responseTo(request: http.ClientRequest): Promise<ReceivedResponse> {
  const [response] = await once(request, 'response');
  response.setEncoding('utf8');
  // When a body breaks off, Node 24 emits an error on the request as well as on the response.
  request.on('error', () => {});
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

export function send(local: LocalConsole, parts?: RequestParts): Promise<ReceivedResponse> {
  return responseTo(startRequest(local, parts));
}

/** Stops a task, and resolves with the `result`. */
export async function stop(local: LocalConsole, taskId = TASK_ID): Promise<unknown> {
  return JSON.parse((await send(local, { body: JSON.stringify({ taskId }) })).text).result;
}

/** Describes a task, and resolves with the `result`, or with the code of a refusal. */
export async function describeTask(local: LocalConsole, taskId = TASK_ID) {
  const { text } = await send(local, { target: DESCRIBE, body: JSON.stringify({ taskId }) });
  const { result, code } = JSON.parse(text);
  return result ?? code;
}

/** Resolves once the console has recorded `count` requests. */
export async function recorded(local: LocalConsole, count: number): Promise<void> {
  while (local.requests.length < count) await setImmediate();
}

/** Sends an unsigned stop over plain TCP, and resolves with all that came back and how the connection ended. */
export async function rawSend(local: LocalConsole): Promise<{ text: string; end: string }> {
  const socket = connect(Number(new URL(local.url).port), '127.0.0.1').setEncoding('utf8');
  socket.write(`POST ${STOP} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve({ text, end: String(error.code) }));
    socket.once('end', () => resolve({ text, end: 'closed' }));
  });
}
