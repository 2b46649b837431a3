// What can be seen of one call's requests, and the means to end them. Node announces every request of node:http on
// diagnostics channels; the asynchronous scope in which it was made tells which call it belongs to.

import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { errorMonitor } from 'node:events';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers';
import { requireBuiltin } from '../common/builtins';

export interface Wire {
  /** How many requests the SDK made in this call: it silently retries some. */
  readonly requests: number;
  /**
   * It is proved that nothing reached the server: this call made one request, which has no socket yet, as in an agent's
   * queue, or a genuine one whose connection (TLS included) was never completed. Take this and `close` in the same turn: a
   * request that waits may get its socket in the next.
   */
  readonly nothingSent: boolean;
  /** The status of the last response. */
  readonly status?: number;
  readonly headers?: IncomingHttpHeaders;
  /** The Location, which was taken out of the headers so that the SDK does not follow it. */
  readonly redirect?: string;
  /** The last request failed, or its response broke off. `error` is the system's own. */
  readonly failure?: { readonly error: unknown };
  /** The response was too large and was cut off. */
  readonly tooLarge?: true;
}

export interface Watch {
  /** What has been seen so far. */
  readonly wire: () => Wire;
  /** Runs what makes the requests, in this call's scope. */
  readonly run: <T>(makeRequests: () => T) => T;
  /** Closes the connection of the last request, and of any that comes later. One that waits for a socket gets none. */
  readonly close: () => void;
  /** Sees nothing any more. */
  readonly stop: () => void;
}

type Seen = { -readonly [Field in keyof Omit<Wire, 'requests' | 'nothingSent'>]: Wire[Field] };

interface Exchange {
  readonly request: ClientRequest;
  readonly answer: Seen;
  response?: IncomingMessage;
  /** Whether something of the request may have reached the server. */
  sent: boolean;
}

interface WatchedCall {
  readonly target: string;
  readonly onBreak: (reason: unknown) => void;
  /** Sockets that were opened for the first request, and that it may not have got yet. */
  readonly opened: Socket[];
  requests: number;
  closed: boolean;
  last?: Exchange;
}

// A connection that is kept alive remembers the scope it was opened in, so `stop` empties it.
const scope = new AsyncLocalStorage<{ call: WatchedCall | undefined }>();
const seen = new WeakSet<ClientRequest>();
let watches = 0;

// Node 22.12 and newer announce a request when it is created; older ones when it is written to its socket, or else when it
// fails before that.
const CHANNELS = [
  [channel('http.client.request.created'), onRequest],
  [channel('http.client.request.start'), onRequest],
  [channel('http.client.request.error'), onRequest],
  [channel('net.client.socket'), onOpen],
] as const;

/**
 * Watches the requests whose path ends with `target`. `onBreak` is called, perhaps more than once, when the answer to the
 * last one breaks off or is cut off: the SDK may never settle then.
 */
export function watchRequests(target: string, onBreak: (reason: unknown) => void): Watch {
  const call: WatchedCall = { target, onBreak, opened: [], requests: 0, closed: false };
  const scoped: { call: WatchedCall | undefined } = { call };
  if (watches++ === 0) for (const [announcements, listener] of CHANNELS) announcements.subscribe(listener);
  return {
    wire: () => ({
      ...call.last?.answer,
      requests: call.requests,
      nothingSent: call.requests === 1 && call.last?.sent === false,
    }),
    run: (makeRequests) => scope.run(scoped, makeRequests),
    close: () => {
      call.closed = true;
      if (call.last && !call.last.response?.complete) end(call.last.request);
      if (call.requests === 1 && !call.last?.request.socket) for (const socket of call.opened) socket.unref();
    },
    stop: () => {
      if (!scoped.call) return;
      scoped.call = undefined;
      if (--watches > 0) return;
      // A lasting subscription would keep every copy of this module alive that a test runner ever loaded.
      for (const [announcements, listener] of CHANNELS) announcements.unsubscribe(listener);
      scope.disable(); // on Node 20 and 22, an enabled one slows down every promise of the process
    },
  };
}

function onRequest(message: unknown): void {
  const call = scope.getStore()?.call;
  const { request }: { readonly request?: ClientRequest } = Object(message);
  if (!call || !request || seen.has(request)) return;
  if (!request.path.endsWith(call.target)) return; // somebody else's, a tracer's for example
  seen.add(request);
  const exchange: Exchange = { request, answer: {}, sent: false };
  call.requests += 1;
  call.last = exchange;
  if (request.socket) watchSocket(exchange, request.socket);
  else request.once('socket', (socket) => watchSocket(exchange, socket));
  request.on(errorMonitor, (error) => breakOff(call, exchange, error));
  // Before the SDK's own listener.
  request.prependListener('response', (response) => onResponse(call, exchange, response));
  if (call.closed) end(request);
}

// A proxy may never answer an agent's CONNECT. Its socket is the agent's to close, but must not keep the process alive.
function onOpen(message: unknown): void {
  const call = scope.getStore()?.call;
  const { socket }: { readonly socket?: Socket } = Object(message);
  if (!call || !socket) return;
  if (!call.closed && call.requests < 2) call.opened.push(socket);
  // If ours has a socket, this one is for somebody else's request, which waited for ours to end.
  if (call.closed && !call.last?.request.socket) socket.unref();
}

function watchSocket(exchange: Exchange, socket: Socket): void {
  const onSent = (): void => {
    exchange.sent = true;
  };
  // A mock's socket says that it is connecting for as long as the mock thinks about its answer.
  const { Socket: PlainSocket } = requireBuiltin('node:net');
  const { TLSSocket } = requireBuiltin('node:tls');
  const isGenuine = socket.constructor === PlainSocket || socket.constructor === TLSSocket;
  if (!isGenuine) onSent();
  else if ('secureConnecting' in socket && socket.secureConnecting) socket.once('secureConnect', onSent);
  else if (socket.connecting) socket.once('connect', onSent);
  else if (!socket.destroyed || socket.bytesWritten > 0) onSent();
}

function onResponse(call: WatchedCall, exchange: Exchange, response: IncomingMessage): void {
  const { headers, statusCode = 0 } = response;
  const { answer, request } = exchange;
  exchange.response = response;
  Object.assign(answer, { status: statusCode, headers });
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    answer.redirect = headers.location;
    delete headers.location; // the SDK would follow it, with a GET
  }
  delayErrors(request);
  // The SDK's node-fetch takes a chunked body for a broken one if the next request already has the connection.
  delete headers['transfer-encoding'];
  let left = mostBytes(headers);
  // A 'data' listener starts the flow, but only after this event, when the SDK has its own pipe in place.
  response.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left >= 0 || answer.tooLarge) return;
    answer.tooLarge = true;
    const reason = new Error('The response is too large and was cut off.');
    response.destroy(reason); // first, as a complete one would go on to its end
    end(request, reason);
    breakOff(call, exchange, reason);
  });
  response.once('close', () => {
    if (!response.complete) breakOff(call, exchange, response.errored ?? new Error('the response is not complete'));
  });
}

// A malformed body may come in one read with its head, as where content-length is too small. The SDK would be told of the
// error before it listens to the body, and keep its own ten-minute timer, and so the process.
function delayErrors(request: ClientRequest): void {
  const listeners = request.rawListeners('error'); // raw, as `once` must stay once
  request.removeAllListeners('error').on('error', (error) => {
    setImmediate(() => {
      for (const listener of listeners) Reflect.apply(listener, request, [error]);
    });
  });
}

function breakOff({ closed, onBreak }: WatchedCall, { answer, response }: Exchange, error: unknown): void {
  if (closed) return; // by `close` itself
  if (!answer.tooLarge) answer.failure ??= { error };
  if (response) onBreak(error);
}

// A documented answer has a few kilobytes. What is not JSON costs the SDK far more, as it spreads text into single
// characters; and how large a compressed answer becomes is not known.
function mostBytes(headers: IncomingHttpHeaders): number {
  if (headers['content-encoding'] !== undefined) return 64 * 1024;
  return headers['content-type']?.includes('application/json') ? 1024 * 1024 : 128 * 1024;
}

// With an error, as only that makes the SDK settle and clear its own ten-minute timer. A request that has no socket, or is
// destroyed already, does not emit it by itself; and in the constructor of a request nobody listens yet.
function end(request: ClientRequest, reason = new Error('The call was given up.')): void {
  request.destroy(reason);
  process.nextTick(() => request.emit('error', reason));
}
