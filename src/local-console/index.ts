// An embedded Qianfan console for one action, StopFineTuningTask: for trying it out, and for tests. It shares no code with
// the wrapper, so that it can be believed when the two disagree.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';
import { isMap, isUint8Array } from 'node:util/types';
import { checkSignature, type SignatureCheck } from './bce-signature';

/** The documented states of a task. Only a waiting or running one can be stopped. */
export type TaskState = 'Waiting' | 'Running' | 'Done' | 'Failed' | 'Stopped';

export interface LocalConsoleOptions {
  /** TCP port on 127.0.0.1, 0 to 65535. Default 0: any free one. */
  port?: number | undefined;
  /** The one access key it knows: visible ASCII, no slash. Default `local-access-key`. */
  accessKey?: string | undefined;
  /** The secret key that belongs to it: visible ASCII. Default `local-secret-key`. */
  secretKey?: string | undefined;
  /** Its tasks by ID, each with its state. Default: none. */
  tasks?: Readonly<Record<string, TaskState>> | ReadonlyMap<string, TaskState> | undefined;
}

/** A request that arrived whole, refused or not. */
export interface LocalConsoleRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** Decoded; of several equal names, the last. An `authorization` parameter is left out. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. `authorization` is left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** The raw text, of at most 1 MiB; the rest is cut off. */
  readonly body: string;
  /** The access key that the request names, where its Authorization header can be read. */
  readonly accessKey: string | undefined;
  /** Whether the key is known, the signature right and not expired. */
  readonly signatureValid: boolean;
}

/** One answer, as a test wants it: nothing is added to it but what HTTP needs. */
export interface LocalConsoleAnswer {
  /** HTTP status, 200 to 599. Default 200. */
  status?: number | undefined;
  headers?: Readonly<Record<string, string | string[]>> | undefined;
  /** Text and bytes go as they are, all else as JSON with a JSON content-type if none is given. Default: empty. */
  body?: unknown;
  /** Milliseconds from the end of the request to the answer, at most 2 147 483 647. Default 0. */
  delayMs?: number | undefined;
  /**
   * `no-answer`: nothing ever comes. `reset`: the connection is reset before the headers. `break-body`: it is reset after
   * the headers and half of the body. `stall-body`: headers and half of the body come, then nothing more.
   */
  fault?: 'no-answer' | 'reset' | 'break-body' | 'stall-body' | undefined;
}

export interface LocalConsole {
  /** Where it listens, for example `http://127.0.0.1:49152`. Fits the option `baseUrl`. */
  readonly url: string;
  /** The keys it knows. Fit the option `credentials`. */
  readonly credentials: { readonly accessKey: string; readonly secretKey: string };
  /** States by task ID, live: read them, or change them as the test goes. */
  readonly tasks: Map<string, TaskState>;
  /** What it was asked so far, in order of arrival, signatures not included. */
  readonly requests: readonly LocalConsoleRequest[];
  /**
   * Queues one answer. The next request that finds none before it gets it, whatever its signature, and changes no task.
   * @throws TypeError or RangeError where the answer cannot be given.
   */
  answerNext(answer: LocalConsoleAnswer): void;
  /** Breaks every connection, drops what is still to come, resolves when nothing is left. Twice is fine. */
  close(): Promise<void>;
}

/**
 * Starts a console on 127.0.0.1 that checks signatures and answers as Baidu's does: `result: true` when it stopped a
 * waiting or running task, `false` for any other or unknown one, `{ requestId, code, message }` when it refuses.
 * @returns The console. It keeps the process alive until it is closed.
 * @throws TypeError or RangeError for a bad option; Node's error, such as `EADDRINUSE`, where it cannot listen.
 * @example
 * ```ts
 * import { stopFineTuningTask } from 'qianfan-finetuning';
 * import { startLocalConsole } from 'qianfan-finetuning/local-console';
 *
 * const server = await startLocalConsole({ tasks: { 'task-5kjifvzerc5n': 'Running' } });
 * const { url: baseUrl, credentials } = server;
 * await stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' }, { baseUrl, credentials });
 * console.log(server.tasks.get('task-5kjifvzerc5n')); // Stopped
 * await server.close();
 * ```
 */
export async function startLocalConsole(options: LocalConsoleOptions = {}): Promise<LocalConsole> {
  const { port = 0, accessKey = 'local-access-key', secretKey = 'local-secret-key' } = options;
  demand(isInteger(port, 0, 65_535), 'port must be an integer from 0 to 65535.');
  demand(isText(accessKey, /^[!-.0-~]+$/), 'accessKey must be visible ASCII without a slash.');
  demand(isText(secretKey, /^[!-~]+$/), 'secretKey must be visible ASCII.');
  const credentials = { accessKey, secretKey };
  const given = options.tasks ?? {};
  const tasks = new Map<string, TaskState>(isMap(given) ? given : Object.entries(given));
  for (const [taskId, state] of tasks)
    demand(STATES.includes(state), `The state of ${taskId} must be one of ${STATES.join(', ')}.`);
  const requests: LocalConsoleRequest[] = [];
  const scripted: Answer[] = [];
  const delays: NodeJS.Timeout[] = [];

  const server = http.createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    let bodyBytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      if (bodyBytes < MAX_BODY_BYTES) chunks.push(chunk);
      bodyBytes += chunk.length;
    });
    incoming.on('end', () => {
      const { request, check } = read(incoming, Buffer.concat(chunks), credentials);
      requests.push(request);
      const verdict = bodyBytes > MAX_BODY_BYTES ? 'too-large' : check.verdict;
      const answer = scripted.shift() ?? serve(request, verdict, tasks);
      if (answer.delayMs === 0) give(answer, response);
      else delays.push(setTimeout(give, answer.delayMs, answer, response));
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`,
    credentials,
    tasks,
    requests,
    answerNext: (answer) => void scripted.push(prepare(answer)),
    close: async () => {
      for (const delay of delays) clearTimeout(delay);
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

type Answer = ReturnType<typeof prepare>;
type Refused = Exclude<SignatureCheck['verdict'], 'valid'> | 'too-large';

const PATH = '/v2/finetuning';
const ACTION = 'StopFineTuningTask';
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DELAY_MS = 2 ** 31 - 1;
const STATES: readonly unknown[] = ['Waiting', 'Running', 'Done', 'Failed', 'Stopped'];
const FAULTS: readonly unknown[] = ['no-answer', 'reset', 'break-body', 'stall-body'];
const REFUSALS: Record<Refused, Parameters<typeof refuse>> = {
  'too-large': ['InvalidHTTPRequest', 'The body is larger than 1 MiB.', 413],
  missing: ['InvalidHTTPAuthHeader', 'The request has no Authorization header; sign it.'],
  malformed: ['InvalidHTTPAuthHeader', 'The Authorization header is not in the form of bce-auth-v1.'],
  'unknown-key': [
    'InvalidAccessKeyId',
    'The access key is not known here; use the credentials of this local console.',
    403,
  ],
  expired: ['RequestExpired', 'The signature has expired; look at the clock that dated it.'],
  mismatch: ['SignatureDoesNotMatch', 'The signature is wrong; use the secret key of this local console.'],
};

function read(incoming: http.IncomingMessage, body: Buffer, credentials: LocalConsole['credentials']) {
  const { method = '', url = '' } = incoming;
  const [path = '', ...rest] = url.split('?');
  const query = [...new URLSearchParams(rest.join('?'))];
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const signed = { method, path, query, headers: Object.fromEntries(headers) };
  const check = checkSignature(signed, credentials, Date.now());
  const isPublic = ([name]: [string, string]) => name.toLowerCase() !== 'authorization';
  const request: LocalConsoleRequest = {
    method,
    path,
    query: Object.fromEntries(query.filter(isPublic)),
    headers: Object.fromEntries(headers.filter(isPublic)),
    body: body.toString('utf8', 0, MAX_BODY_BYTES),
    accessKey: check.accessKey,
    signatureValid: check.verdict === 'valid',
  };
  return { request, check };
}

function serve(request: LocalConsoleRequest, verdict: Refused | 'valid', tasks: Map<string, TaskState>): Answer {
  const { method, path, query, body } = request;
  const action = query['Action'] ?? 'a request without one';
  if (path !== PATH) return refuse('InvalidURI', `Only ${PATH} is served here, not ${path}; look at the base URL.`);
  if (method !== 'POST') return refuse('InvalidHTTPRequest', `Only POST is served, not ${method}.`);
  if (action !== ACTION) return refuse('InvalidURI', `Only Action=${ACTION} is served here, not ${action}.`);
  if (verdict !== 'valid') return refuse(...REFUSALS[verdict]);
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    return refuse('MalformedJSON', 'The body is not JSON.');
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse('MalformedJSON', 'The body is not a JSON object.');
  if (!('taskId' in input) || typeof input.taskId !== 'string')
    return refuse('InappropriateJSON', 'taskId is missing from the body, or not a string.');
  const state = tasks.get(input.taskId);
  const result = state === 'Waiting' || state === 'Running';
  if (result) tasks.set(input.taskId, 'Stopped');
  return identified(200, { result });
}

function refuse(code: string, message: string, status = 400): Answer {
  return identified(status, { code, message });
}

function identified(status: number, body: object): Answer {
  const requestId = randomUUID();
  return prepare({ status, headers: { 'x-bce-request-id': requestId }, body: { requestId, ...body } });
}

// Checked and encoded when it is queued: a mistake is thrown at whoever made it, never inside the server.
function prepare({ status = 200, headers, body = '', delayMs = 0, fault }: LocalConsoleAnswer) {
  demand(isInteger(status, 200, 599), 'status must be an integer from 200 to 599.');
  demand(isInteger(delayMs, 0, MAX_DELAY_MS), `delayMs must be an integer, 0 to ${MAX_DELAY_MS}.`);
  demand(fault === undefined || FAULTS.includes(fault), `fault must be one of ${FAULTS.join(', ')}.`);
  const isRaw = typeof body === 'string' || isUint8Array(body);
  const text: string | Uint8Array | undefined = isRaw ? body : JSON.stringify(body);
  if (text === undefined) throw new TypeError('body must be text, bytes, or what JSON can hold.');
  const allHeaders = Object.entries({ ...(isRaw ? {} : { 'content-type': 'application/json' }), ...headers });
  for (const [name, value] of allHeaders) {
    demand(name.toLowerCase() !== 'trailer', 'headers must not have a trailer.');
    http.validateHeaderName(name);
    for (const line of [value].flat()) http.validateHeaderValue(name, line);
  }
  return { status, headers: allHeaders, body: Buffer.from(text), delayMs, fault };
}

function give({ status, headers, body, fault }: Answer, response: http.ServerResponse): void {
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

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isInteger(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function demand(isMet: boolean, rule: string): void {
  if (!isMet) throw new RangeError(rule);
}
