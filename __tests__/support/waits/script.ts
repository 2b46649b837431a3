// A notation for the responses to a wait's requests, and its three renderings: for the policy, as promises of the SDK, and as
// bytes. In `S503×2 S+ DR DS` the stops get 503, 503, true, and the Describes Running, Stopped. The last response of each is
// repeated.
//
//   S+ S-           true, false                     DR DW DF DD DS   Running, Waiting, Failed, Done, Stopped
//   D"Paused"       any other state                 503 429(7)       an HTTP status in Qianfan's form (Retry-After, s)
//   510302          a 400 with that error code      b403             a bare status with a gateway's page
//   ?               the connection breaks           x                the connection is refused
//   ~               no response                     page             200 with a page
//   >               a redirect, with a code         other            the state of another task
//   none            a task without a state          nokeys           the SDK finds no keys
//   expired         a 400 with RequestExpired       host cert        an unknown host, a self-signed certificate
//   18              200 with that error code: the SDK sends the request four times

import { keepForm } from '../../../src/action/response-form';
import type { AnyQianfanError, ApiErrorCode } from '../../../src/errors';
import {
  ApiError,
  ConfigurationError,
  ConnectionError,
  TimeoutError,
  UnexpectedResponseError,
} from '../../../src/errors';
import type { Attempt } from '../../../src/wait/policy';
import { isDocumented } from '../responses/contract';
import { connectionError, httpError, NO_KEYS_MESSAGE, resolvedBody } from '../sdk/messages';
import { json, type RawResponse, response } from '../servers/raw-responses';
import { TASK_ID } from '../task';

export type To = 'stop' | 'describe';

/** What a request leads to. */
export type Said =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: object | string }
  | 'broken'
  | 'refused'
  | 'silence'
  | 'host'
  | 'cert'
  | 'nokeys';

export interface Script {
  /** The next response to a stop or a Describe. */
  next(to: To): Said;
}

const STATES: Readonly<Record<string, string>> = {
  R: 'Running',
  W: 'Waiting',
  F: 'Failed',
  D: 'Done',
  S: 'Stopped',
};
const API_CODES: Readonly<Record<string, string>> = {
  400: 'NobodyDocumentsThis',
  401: 'InvalidHTTPAuthHeader',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  429: 'TooFast',
  503: 'InternalError',
};
const PAGE = '<html><body>Denied by the gateway</body></html>';

/** The responses of such a text, in turn. */
export function script(text: string): Script {
  const queues: Record<To, Said[]> = { stop: [], describe: [] };
  for (const [, to, word = '', times = '1'] of text.matchAll(/([SD])("[^"]*"|[^\s×]+)(?:×(\d+))?/g)) {
    const queue = queues[to === 'S' ? 'stop' : 'describe'];
    for (let n = Number(times); n > 0; n -= 1) queue.push(read(word));
  }
  return {
    next(to) {
      const queue = queues[to];
      const said = queue.length > 1 ? queue.shift() : queue[0];
      if (said === undefined) throw new Error(`"${text}" has no response to a ${to}`);
      return said;
    },
  };
}

/** What a word of the notation means. */
export function read(word: string): Said {
  const ok = (body: object | string): Said => ({ status: 200, headers: {}, body });
  const task = (runStatus: string): object => ({
    taskId: TASK_ID,
    runStatus,
    ...(runStatus === 'Running' && { runProgress: '45%' }),
  });
  const described = (result: object): Said => ok({ requestId: 'r-describe', result });
  if (word === '+' || word === '-') return ok({ requestId: 'r-stop', result: word === '+' });
  if (word === '?') return 'broken';
  if (word === 'x') return 'refused';
  if (word === '~') return 'silence';
  if (word === 'nokeys' || word === 'host' || word === 'cert') return word;
  if (word === 'expired') return { status: 400, headers: {}, body: { code: 'RequestExpired', message: 'Too old.' } };
  if (word === '18') return ok({ error_code: 18, error_msg: 'Too many.' });
  if (word === 'page') return ok(PAGE);
  if (word === '>') return { status: 302, headers: { location: 'https://login.example/' }, body: { code: 'Log in' } };
  if (word === 'other') return described({ ...task('Stopped'), taskId: 'task-another' });
  if (word === 'none') return described({ taskId: TASK_ID });
  if (word.startsWith('"')) return described(task(word.slice(1, -1)));
  const state = STATES[word];
  if (state) return described(task(state));
  const [, bare, number = '', seconds] = /^(b?)(\d+)(?:\((\d+)\))?$/.exec(word) ?? [];
  if (number === '') throw new Error(`"${word}" is not in the notation`);
  const headers: Readonly<Record<string, string>> = seconds === undefined ? {} : { 'retry-after': seconds };
  if (number.length > 3) return { status: 400, headers, body: { error_code: Number(number), error_msg: 'No.' } };
  const body = bare ? PAGE : { code: API_CODES[number], message: 'Server says no.', requestId: 'r-error' };
  return { status: Number(number), headers, body };
}

/** As the SDK ends: a promise that resolves, rejects or never settles. */
export async function asPromise(said: Said): Promise<unknown> {
  if (said === 'silence') return new Promise(() => {});
  if (said === 'nokeys') throw new Error(NO_KEYS_MESSAGE);
  if (said === 'broken') throw connectionError('socket hang up');
  if (typeof said === 'string') throw new Error('A mock cannot show that a connection was not made.');
  const { status, headers, body } = said;
  if (status === 200) return resolvedBody(body, headers);
  throw httpError(status, body, headers);
}

/** As a server sends it. */
export function asRawResponse(said: Said): RawResponse {
  if (said === 'silence') return () => {};
  if (typeof said === 'string') return (socket) => socket.destroy();
  const { status, headers, body } = said;
  if (typeof body !== 'string') return json(status, body, headers);
  return response(status, { 'content-type': 'text/html', connection: 'close', ...headers }, body);
}

/** As the functions of one request end, said once more, so that nobody asks `src/` what is right. */
export function asAnswer(to: To, said: Said): Attempt {
  if (typeof said === 'object' && said.status === 200 && typeof said.body === 'object' && 'result' in said.body) {
    const { requestId, result } = said.body as { requestId: string; result: unknown };
    if (to === 'stop') return { to, response: { requestId, result: result === true } };
    const task = result as { taskId: string; runStatus?: string };
    const { runStatus } = task;
    if (runStatus !== undefined && task.taskId === TASK_ID) {
      return { to, response: { requestId, result: { ...task, runStatus } } };
    }
  }
  return { to, error: asError(said) };
}

function asError(said: Said): AnyQianfanError {
  if (said === 'silence') return new TimeoutError('No response.', { timeoutMs: 30_000, outcome: 'unknown' });
  if (said === 'broken') return new ConnectionError('It broke.', { outcome: 'unknown', systemCode: 'ECONNRESET' });
  if (said === 'refused') {
    return new ConnectionError('It was refused.', { outcome: 'not_sent', systemCode: 'ECONNREFUSED' });
  }
  if (said === 'host') return new ConnectionError('No host.', { outcome: 'not_sent', systemCode: 'ENOTFOUND' });
  if (said === 'cert') {
    const systemCode = 'DEPTH_ZERO_SELF_SIGNED_CERT';
    return new ConnectionError('Self-signed.', { outcome: 'not_sent', retryable: false, systemCode });
  }
  if (said === 'nokeys') return new ConfigurationError('No keys.', { code: 'MISSING_CREDENTIALS' });
  const { status, headers, body } = said;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { code, error_code } = Object(body);
  const apiCode: string | undefined = code ?? (error_code && `${error_code}`);
  const hasForm = typeof body === 'object' && ('result' in body || apiCode !== undefined);
  const form = { isInForm: hasForm && status !== 302, isDocumented: isDocumented(apiCode) };
  const ours = ofCode(apiCode) ?? CODES[status];
  if (status < 400 && ours === undefined) {
    return keepForm(new UnexpectedResponseError('What is it?', { outcome: 'unknown', response: text }), form);
  }
  const error = new ApiError(`The server answered ${status}.`, {
    code: ours ?? 'SERVER_ERROR',
    outcome: apiCode !== undefined && status >= 400 && status < 500 ? 'refused' : 'unknown',
    retryable: ours === 'RATE_LIMITED' || status >= 500,
    status,
    apiCode,
    retryAfterMs: headers['retry-after'] === undefined ? undefined : Number(headers['retry-after']) * 1_000,
    response: apiCode === undefined ? text : undefined,
  });
  return keepForm(error, form);
}

function ofCode(apiCode: string | undefined): ApiErrorCode | undefined {
  if (apiCode === '18') return 'RATE_LIMITED';
  return apiCode === 'RequestExpired' ? 'AUTHENTICATION_FAILED' : undefined;
}

const CODES: Readonly<Record<number, ApiErrorCode>> = {
  400: 'INVALID_REQUEST',
  401: 'AUTHENTICATION_FAILED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RATE_LIMITED',
};
