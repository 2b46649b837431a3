// One call of the SDK's consoleAction: with this call's credentials, within its deadline, and with an eye on the wire.
// The only file that knows the SDK; it must not know what an action means.

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setMaxListeners } from 'node:events';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What the SDK's consoleAction takes. */
export interface ConsoleRequest {
  readonly base_api_route: string;
  readonly action: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface CallSettings {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly credentials?: { readonly accessKey: string; readonly secretKey: string } | undefined;
  readonly baseUrl?: string | undefined;
}

/** What was seen of this call's requests. With the SDK mocked, nothing. */
export interface Wire {
  /** How many requests the SDK made of the call: it silently repeats some. */
  readonly requests: number;
  /** Whether one of them completed its connection, TLS included. */
  connected: boolean;
  /** Of the last response. */
  status?: number;
  headers?: IncomingHttpHeaders;
  /** Where a redirect, not followed, pointed. */
  redirect?: string;
  /** The last request failed, or its response broke off; with Node's code, where there is one. */
  failure?: { readonly systemCode: string | undefined };
}

export type Ending =
  | { readonly kind: 'resolved'; readonly value: unknown }
  | { readonly kind: 'rejected' | 'no_sdk'; readonly reason: unknown }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'aborted'; readonly reason: unknown; readonly before: boolean };

export interface CallReport {
  readonly ending: Ending;
  readonly wire: Readonly<Wire>;
  readonly timeoutMs: number;
  /** Texts that nothing which leaves this package may contain. */
  readonly secrets: readonly string[];
  /** Secret, too, but in words of the server's choice. */
  readonly cookies: readonly string[];
  /** Whether there is a global `window`, which makes the SDK ignore the environment. */
  readonly hasWindow: boolean;
}

interface Call {
  /** How the path of this call's requests ends; others in its scope are not ours. */
  readonly target: string;
  readonly secrets: string[];
  readonly cookies: string[];
  wire: Wire;
  ended: boolean;
  /** The last request and its response, for as long as they may have to be closed. */
  request?: ClientRequest | undefined;
  response?: IncomingMessage | undefined;
  giveUp?: ((ending: Ending) => void) | undefined;
}

// How long a call that was given up may still start a request, which is then closed at once (on a connection that was
// kept alive, its bytes may be gone by then). Timers one after another, so that in a program that was busy those of the
// SDK get their turns; and not for ever, as a mock may never settle.
const LATE_REQUEST_TURN_MS = 100;
const LATE_REQUEST_TURNS = 10;
// A repeat may be held back by the SDK's limiter, with QIANFAN_RPM_LIMIT=1 for a minute.
const LATE_REPEAT_TURNS = 610;

const REQUEST_START = 'http.client.request.start';
const scope = new AsyncLocalStorage<Call>();
const callsUnderWay = new Set<Call>();

/** Calls the SDK once. Never rejects, and always settles within `timeoutMs`. */
export function callConsoleAction(request: ConsoleRequest, settings: CallSettings): Promise<CallReport> {
  const { signal, timeoutMs } = settings;
  const call: Call = {
    target: `${request.base_api_route}?Action=${request.action}`,
    secrets: [],
    cookies: [],
    wire: { requests: 0, connected: false },
    ended: false,
  };
  const report = (ending: Ending): CallReport => ({
    ending,
    wire: { ...call.wire },
    timeoutMs,
    secrets: call.secrets,
    cookies: call.cookies,
    hasWindow: Reflect.get(globalThis, 'window') !== undefined,
  });
  if (signal?.aborted) return Promise.resolve(report({ kind: 'aborted', reason: signal.reason, before: true }));

  return new Promise((resolve) => {
    let late: NodeJS.Timeout | undefined;
    const watchFor = (turns: number): void => {
      late = setTimeout(() => (turns > 1 ? watchFor(turns - 1) : unwatch(call)), LATE_REQUEST_TURN_MS);
      late.unref?.(); // jsdom's timers are numbers
    };
    const settle = (ending: Ending): void => {
      if (call.ended) return;
      call.ended = true;
      resolve(report(ending));
      clearTimeout(deadline);
      closeSocket(call);
      if (signal) unlisten(signal, onAbort);
    };
    const giveUp = (ending: Ending): void => {
      watchFor(call.response?.complete ? LATE_REPEAT_TURNS : LATE_REQUEST_TURNS);
      settle(ending);
    };
    const onAbort = (): void => giveUp({ kind: 'aborted', reason: signal?.reason, before: false });
    if (signal) listen(signal, onAbort);
    const deadline = setTimeout(() => giveUp({ kind: 'timed_out' }), timeoutMs);
    call.giveUp = giveUp;
    watch(call);
    start(request, settings, call).then((ending) => {
      settle(ending);
      clearTimeout(late);
      unwatch(call);
    });
  });
}

async function start(request: ConsoleRequest, settings: CallSettings, call: Call): Promise<Ending> {
  let kind: 'no_sdk' | 'rejected' = 'no_sdk';
  try {
    const consoleAction = loadConsoleAction();
    kind = 'rejected';
    const run = () => scope.run(call, consoleAction, request);
    return { kind: 'resolved', value: await withEnvironment(settings, call.secrets, run) };
  } catch (reason) {
    return { kind, reason };
  }
}

// By `require` also under ES modules: an `import` of the SDK takes twice the time, and jest's mocks reach this. Inside
// the call, so that a missing or mocked SDK is met there.
function loadConsoleAction(): (request: ConsoleRequest) => unknown {
  const sdk: { readonly consoleAction?: (request: ConsoleRequest) => unknown } = require('@baiducloud/qianfan');
  const { consoleAction } = sdk;
  if (typeof consoleAction !== 'function') throw new TypeError('@baiducloud/qianfan has no consoleAction');
  return consoleAction;
}

// The SDK takes no credentials; it reads the environment on every call, synchronously, before its first await. So what
// stands there for just that long is what this call uses, and no other.
function withEnvironment<T>({ credentials, baseUrl }: CallSettings, secrets: string[], run: () => T): T {
  const overrides = Object.entries({
    QIANFAN_ACCESS_KEY: credentials?.accessKey,
    QIANFAN_SECRET_KEY: credentials?.secretKey,
    QIANFAN_CONSOLE_API_BASE_URL: baseUrl,
  }).filter(([, value]) => value !== undefined);
  const before = overrides.map(([name]) => [name, process.env[name]] as const);
  try {
    for (const [name, value] of overrides) process.env[name] = value;
    return run();
  } finally {
    // Read here, as the SDK may just have read the key from a `.env` file.
    secrets.push(process.env['QIANFAN_SECRET_KEY'] ?? '');
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

function listen(signal: AbortSignal, onAbort: () => void): void {
  try {
    // Many calls may share a signal, and Node would warn of a leak from the eleventh on. Its own fetch does the same.
    setMaxListeners(Number.POSITIVE_INFINITY, signal);
  } catch {
    // Not one of Node's own signals, such as jsdom's: it has no such limit.
  }
  signal.addEventListener('abort', onAbort);
}

function unlisten(signal: AbortSignal, onAbort: () => void): void {
  try {
    signal.removeEventListener('abort', onAbort);
  } catch {
    // It behaves as a signal but for this, and the call has ended: nobody is there to be told.
  }
}

// Subscribed only while calls are under way: a lasting subscription would keep every copy of this module alive that a
// test runner ever loaded.
function watch(call: Call): void {
  if (callsUnderWay.size === 0) subscribe(REQUEST_START, onRequestStart);
  callsUnderWay.add(call);
}

function unwatch(call: Call): void {
  if (!callsUnderWay.delete(call) || callsUnderWay.size > 0) return;
  unsubscribe(REQUEST_START, onRequestStart);
  scope.disable();
}

function onRequestStart(message: unknown): void {
  const call = scope.getStore();
  const { request }: { readonly request?: ClientRequest } = Object(message);
  if (!call || !request?.path.endsWith(call.target)) return;
  // Of a repeat, only the last answer counts; but that one was connected stays true.
  const wire: Wire = { requests: call.wire.requests + 1, connected: call.wire.connected };
  Object.assign(call, { wire, request, response: undefined });
  const authorization = String(request.getHeader('authorization') ?? '');
  call.secrets.push(authorization, authorization.slice(authorization.lastIndexOf('/') + 1));

  const onConnect = (): void => {
    wire.connected = true;
  };
  const { socket } = request; // Node announces a request when it has its socket
  if (socket && 'secureConnecting' in socket && socket.secureConnecting) socket.once('secureConnect', onConnect);
  else if (socket?.connecting) socket.once('connect', onConnect);
  else onConnect();
  request.once('error', (reason) => {
    wire.failure ??= failureOf(reason);
    // The SDK may never say that a body broke off.
    if (call.response) call.giveUp?.({ kind: 'rejected', reason });
  });
  // Before the SDK's own listener, which would follow a redirect at once, with a GET.
  request.prependListener('response', (response) => onResponse(call, request, response));
  if (call.ended) closeSocket(call);
}

function onResponse(call: Call, request: ClientRequest, response: IncomingMessage): void {
  const { statusCode = 0, headers } = response;
  const { wire } = call;
  call.response = response;
  Object.assign(wire, { status: statusCode, headers });
  call.cookies.push(...(headers['set-cookie'] ?? []).flatMap(secretsIn));
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    wire.redirect = headers.location;
    // Without a Location the SDK has nowhere to go and reports the answer as it is.
    delete headers.location;
  }
  // An error in one breath with the head would come before the SDK listens to the body, and leave its ten-minute timer.
  const { emit } = request;
  request.emit = (event: string | symbol, ...details: unknown[]): boolean => {
    const emitNow = (): boolean => Reflect.apply(emit, request, [event, ...details]);
    if (event !== 'error') return emitNow();
    wire.failure ??= failureOf(details[0]);
    return Boolean(setImmediate(emitNow));
  };
  response.once('close', () => {
    if (response.complete || call.ended) return;
    // The SDK waits for ever for the rest of a body that breaks off; this event ends that.
    request.emit('error', Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  });
}

function closeSocket(call: Call): void {
  // With an error, as only that makes the SDK settle and clear its own ten-minute timer.
  const reason = new Error('The call was given up.');
  if (!call.response?.complete && call.request) {
    if (call.request.destroyed) call.request.emit('error', reason);
    else call.request.destroy(reason);
  }
  // A socket that is kept alive remembers the scope it was opened in, and so this call.
  Object.assign(call, { request: undefined, response: undefined, giveUp: undefined });
}

/** A cookie as a server may repeat it; one that is too short is no secret, but a word that would be missed. */
function secretsIn(cookie: string): string[] {
  const [pair = ''] = cookie.split(';', 1);
  const value = pair.slice(pair.indexOf('=') + 1);
  return [...(value.length >= 3 ? [pair] : []), ...(value.length >= 8 ? [value] : [])];
}

function failureOf(reason: unknown): { readonly systemCode: string | undefined } {
  const code: unknown = Reflect.get(Object(reason), 'code');
  return { systemCode: typeof code === 'string' ? code : undefined };
}
