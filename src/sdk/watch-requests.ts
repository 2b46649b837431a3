// What can be seen of one call's requests, and how to end them. Node announces every request of node:http on diagnostics
// channels; the asynchronous scope in which it was made says which call it belongs to. It must not know time limits.

import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { errorMonitor } from 'node:events';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers';
import { requireBuiltin } from '../common/require-builtin';

export interface RequestsSeen {
  /** How many requests the SDK made in this call: it silently retries some. */
  readonly requests: number;
  /**
   * It is proved that nothing reached the server: this call made one request, which has no socket yet, as in an agent's
   * queue, or a genuine one whose connection (TLS included) was never completed. Take this and `hangUp` in the same turn:
   * a request that waits may get its socket in the next.
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

export interface RequestWatch {
  /** What has been seen so far. */
  readonly seen: () => RequestsSeen;
  /** Resolves when the last response breaks off or is cut off: the SDK may never settle then. */
  readonly broken: Promise<{ readonly kind: 'rejected'; readonly reason: unknown }>;
  /** Runs what makes the requests, in this call's scope. */
  readonly run: <T>(makeRequests: () => T) => T;
  /** Closes the connection of the last request, and of any that comes later. One that waits for a socket gets none. */
  readonly hangUp: () => void;
  /** Sees nothing any more. */
  readonly unwatch: () => void;
}

type ResponseFacts = { -readonly [Field in keyof Omit<RequestsSeen, 'requests' | 'nothingSent'>]: RequestsSeen[Field] };

interface Exchange {
  readonly request: ClientRequest;
  readonly facts: ResponseFacts;
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
  isHungUp: boolean;
  last?: Exchange;
}

// A connection that is kept alive remembers the scope it was opened in, so `unwatch` empties it.
const scope = new AsyncLocalStorage<{ call: WatchedCall | undefined }>();
const known = new WeakSet<ClientRequest>();
let watches = 0;

// Node 22.12 and newer announce a request when it is created; older ones when it is written to its socket, or else when it
// fails before that.
const CHANNELS = [
  [channel('http.client.request.created'), onRequest],
  [channel('http.client.request.start'), onRequest],
  [channel('http.client.request.error'), onRequest],
  [channel('net.client.socket'), onSocketOpened],
] as const;

/** Watches the requests whose path ends with `target`. */
export function watchRequests(target: string): RequestWatch {
  let onBreak = (_: unknown): void => {};
  const broken: RequestWatch['broken'] = new Promise((resolve) => {
    onBreak = (reason) => resolve({ kind: 'rejected', reason });
  });
  const call: WatchedCall = { target, onBreak, opened: [], requests: 0, isHungUp: false };
  const scoped: { call: WatchedCall | undefined } = { call };
  if (watches++ === 0) for (const [announcements, listener] of CHANNELS) announcements.subscribe(listener);
  return {
    seen: () => ({ ...call.last?.facts, requests: call.requests, nothingSent: isNothingSent(call) }),
    broken,
    run: (makeRequests) => scope.run(scoped, makeRequests),
    hangUp: () => hangUp(call),
    unwatch: () => {
      if (!scoped.call) return;
      scoped.call = undefined;
      if (--watches > 0) return;
      // A lasting subscription would keep every copy of this module alive that a test runner ever loaded: 25 test files in
      // one jest process grew from 24 to 164 MB.
      for (const [announcements, listener] of CHANNELS) announcements.unsubscribe(listener);
      scope.disable(); // on Node 20 and 22, an enabled one slows down every promise of the process
    },
  };
}

// The proof behind `not_sent`. Of several requests only the last is known, and nothing seen proves nothing.
function isNothingSent({ requests, last }: WatchedCall): boolean {
  return requests === 1 && last?.sent === false;
}

function hangUp(call: WatchedCall): void {
  const { last, requests, opened } = call;
  call.isHungUp = true;
  if (last && !last.response?.complete) destroy(last.request);
  if (requests === 1 && !last?.request.socket) for (const socket of opened) socket.unref();
}

function onRequest(message: unknown): void {
  const call = scope.getStore()?.call;
  const { request }: { readonly request?: ClientRequest } = Object(message);
  if (!call || !request || known.has(request)) return;
  if (!request.path.endsWith(call.target)) return; // somebody else's, a tracer's for example
  known.add(request);
  const exchange: Exchange = { request, facts: {}, sent: false };
  call.requests += 1;
  call.last = exchange;
  if (request.socket) watchSocket(exchange, request.socket);
  else request.once('socket', (socket) => watchSocket(exchange, socket));
  request.on(errorMonitor, (error) => onFailure(call, exchange, error));
  // Before the SDK's own listener, which follows a redirect at once.
  request.prependListener('response', (response) => onResponse(call, exchange, response));
  if (call.isHungUp) destroy(request);
}

// A proxy that accepts a connection and never answers the agent's CONNECT kept the process alive after a timeout: the
// request has no socket then that could be destroyed. The socket is the agent's to close, so it is only unreferenced.
function onSocketOpened(message: unknown): void {
  const call = scope.getStore()?.call;
  const { socket }: { readonly socket?: Socket } = Object(message);
  if (!call || !socket) return;
  if (!call.isHungUp && call.requests < 2) call.opened.push(socket);
  // If ours has a socket, this one is for somebody else's request, which waited for ours to end.
  if (call.isHungUp && !call.last?.request.socket) socket.unref();
}

/** Marks the request as sent as soon as its connection is complete, or at once where nothing can be proved. */
function watchSocket(exchange: Exchange, socket: Socket): void {
  const markSent = (): void => {
    exchange.sent = true;
  };
  switch (isGenuine(socket) ? stateOf(socket) : 'open') {
    case 'connecting':
      socket.once('connect', markSent);
      return;
    case 'securing':
      // A stop that the server had received was reported as not sent: where a host's own `checkServerIdentity` throws, Node
      // sends the request all the same, and never emits 'secureConnect'. 'secure' comes before that check. It comes for an
      // untrusted certificate, too, for which Node destroys the socket before the next tick. Prepended, as the check throws
      // out of Node's own listener.
      socket.prependOnceListener('secure', () => process.nextTick(() => socket.destroyed || markSent()));
      return;
    case 'open':
      markSent();
      return;
    case 'never_opened':
      return;
  }
}

// msw and nock hand out sockets that say `connecting` for as long as the mock thinks about its response: the handler had the
// request, and the outcome was `not_sent`. Their classes are their own, but nock 15 puts methods of its own on Node's sockets.
function isGenuine(socket: Socket): boolean {
  const { Socket: PlainSocket } = requireBuiltin('node:net');
  const { TLSSocket } = requireBuiltin('node:tls');
  const isNodes = socket.constructor === PlainSocket || socket.constructor === TLSSocket;
  return isNodes && !Object.hasOwn(socket, 'connect');
}

function stateOf(socket: Socket): 'connecting' | 'securing' | 'open' | 'never_opened' {
  if ('secureConnecting' in socket && socket.secureConnecting) return 'securing';
  if (socket.connecting) return 'connecting';
  return socket.destroyed && socket.bytesWritten === 0 ? 'never_opened' : 'open';
}

function onResponse(call: WatchedCall, exchange: Exchange, response: IncomingMessage): void {
  const { headers, statusCode = 0 } = response;
  const { facts, request } = exchange;
  exchange.response = response;
  Object.assign(facts, { status: statusCode, headers });
  // The page of a login form was taken for the response to the stop: the SDK follows a redirect, and makes a 302 a GET
  // without a body. Without this header it sees no redirect.
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    facts.redirect = headers.location;
    delete headers.location;
  }
  delayErrors(request);
  // With keepAlive and maxSockets: 1, three calls at once, chunked responses: a 200 with `result: true` became a
  // CONNECTION_FAILED. node-fetch 2.7 looks for the last chunk itself and takes the next request's data listener for a
  // body that broke off. It looks only where it sees this header; Node detects bodies that break off without it.
  delete headers['transfer-encoding'];
  let left = mostBytes(headers);
  // A 'data' listener starts the flow, but only after this event, when the SDK has its own pipe in place.
  response.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left >= 0 || facts.tooLarge) return;
    facts.tooLarge = true;
    const reason = new Error('The response is too large and was cut off.');
    response.destroy(reason); // first, as a complete one would go on to its end
    destroy(request, reason);
    onFailure(call, exchange, reason);
  });
  response.once('close', () => {
    if (!response.complete) onFailure(call, exchange, response.errored ?? new Error('the response is not complete'));
  });
}

// A malformed body may come in one read with its head, as where content-length is too small. The SDK got the error before
// it listened to the body, never settled, and kept its own ten-minute timer, and so the process.
function delayErrors(request: ClientRequest): void {
  const listeners = request.rawListeners('error'); // raw, as `once` must stay once
  request.removeAllListeners('error').on('error', (error) => {
    setImmediate(() => {
      for (const listener of listeners) Reflect.apply(listener, request, [error]);
    });
  });
}

function onFailure({ isHungUp, onBreak }: WatchedCall, { facts, response }: Exchange, error: unknown): void {
  if (isHungUp) return; // by `hangUp` itself
  if (!facts.tooLarge) facts.failure ??= { error };
  if (response) onBreak(error);
}

// A documented response has a few kilobytes. What is not JSON costs the SDK far more, as it spreads text into single
// characters: 10 MB blocked the event loop for 8.9 s. And how large a compressed response becomes is not known.
function mostBytes(headers: IncomingHttpHeaders): number {
  if (headers['content-encoding'] !== undefined) return 64 * 1024;
  return headers['content-type']?.includes('application/json') ? 1024 * 1024 : 128 * 1024;
}

// 400 calls that were aborted as their request was being made ended in 400 uncaught exceptions: Node 22.12 announces a
// request in its constructor, before anyone listens. So the error comes late. It must come, as only an error makes the SDK
// settle and clear its ten-minute timer, and a request without a socket does not emit one by itself.
function destroy(request: ClientRequest, reason = new Error('The call was given up.')): void {
  request.destroy(reason);
  process.nextTick(() => request.emit('error', reason));
}
