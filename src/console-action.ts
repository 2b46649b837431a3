// One call of the SDK's consoleAction: with this call's credentials, within its deadline, and with
// an eye on the wire. The only file that knows the SDK; it does not know what an action means.

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

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
  requests: number;
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

/** How a call ended. */
export type Ending =
  | { readonly kind: 'resolved'; readonly value: unknown }
  | { readonly kind: 'rejected'; readonly reason: unknown }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'aborted'; readonly reason: unknown; readonly before: boolean }
  | { readonly kind: 'no_sdk'; readonly reason: unknown };

export interface CallReport {
  readonly ending: Ending;
  readonly wire: Readonly<Wire>;
  readonly timeoutMs: number;
  /** Texts that nothing which leaves this package may contain. */
  readonly secrets: readonly string[];
  /** Whether there is a global `window`, which makes the SDK ignore the environment. */
  readonly hasWindow: boolean;
}

interface Call {
  /** How the path of this call's requests ends; others in its scope are not ours. */
  readonly target: string;
  wire: Wire;
  readonly secrets: string[];
  ended: boolean;
  onBreak: ((error: Error) => void) | undefined;
  /** The last one, and what has come of its response. */
  request: ClientRequest | undefined;
  response: IncomingMessage | undefined;
}

// How long a call that was given up may still start a request, which is then closed at once: ten
// timers of 100 ms one after another, so that in a program that was busy the SDK's own get their
// turns. A mock that never settles must not keep us subscribed for ever.
const LATE_REQUEST_TURNS = 10;
const LATE_REQUEST_TURN_MS = 100;

const SDK = '@baiducloud/qianfan';
const REQUEST_START = 'http.client.request.start';
const scope = new AsyncLocalStorage<Call>();
let callsUnderWay = 0;

interface Listening {
  readonly calls: Set<() => void>;
  readonly listener: () => void;
}
const listening = new WeakMap<AbortSignal, Listening>();

/**
 * Calls the SDK once. Never rejects, and always settles within `timeoutMs`.
 *
 * @returns How the call ended and what was seen of it on the wire.
 */
export function callConsoleAction(request: ConsoleRequest, settings: CallSettings): Promise<CallReport> {
  const { signal, timeoutMs } = settings;
  const call: Call = {
    target: `${request.base_api_route}?Action=${request.action}`,
    wire: { requests: 0, connected: false },
    secrets: [],
    ended: false,
    onBreak: undefined,
    request: undefined,
    response: undefined,
  };
  const report = (ending: Ending): CallReport => ({
    ending,
    wire: { ...call.wire },
    timeoutMs,
    secrets: call.secrets,
    hasWindow: 'window' in globalThis,
  });
  if (signal?.aborted) {
    return Promise.resolve(report({ kind: 'aborted', reason: signal.reason, before: true }));
  }
  return new Promise((resolve) => {
    const onAbort = (): void => giveUp({ kind: 'aborted', reason: signal?.reason, before: false });
    const stopListening = signal && listen(signal, onAbort);
    const stopWatching = watch();
    let hold: NodeJS.Timeout | undefined;
    const settle = (ending: Ending): void => {
      if (call.ended) return;
      resolve(report(ending));
      call.ended = true;
      clearTimeout(deadline);
      stopListening?.();
      closeSocket(call);
    };
    const holdFor = (turns: number): void => {
      hold = setTimeout(() => (turns > 1 ? holdFor(turns - 1) : stopWatching()), LATE_REQUEST_TURN_MS);
      hold.unref?.(); // jsdom's timers are numbers
    };
    const giveUp = (ending: Ending): void => {
      settle(ending);
      holdFor(LATE_REQUEST_TURNS);
    };
    const finish = (ending: Ending): void => {
      settle(ending);
      clearTimeout(hold);
      stopWatching();
    };
    const deadline = setTimeout(() => giveUp({ kind: 'timed_out' }), timeoutMs);
    call.onBreak = (reason) => giveUp({ kind: 'rejected', reason });
    start(request, settings, call).then(finish);
  });
}

async function start(request: ConsoleRequest, settings: CallSettings, call: Call): Promise<Ending> {
  let consoleAction: (request: ConsoleRequest) => unknown;
  try {
    consoleAction = loadConsoleAction();
  } catch (reason) {
    return { kind: 'no_sdk', reason };
  }
  try {
    const answer = withEnvironment(settings, () => {
      try {
        return scope.run(call, consoleAction, request);
      } finally {
        // Read here, as the SDK may just have read the key from a `.env` file.
        call.secrets.push(process.env['QIANFAN_SECRET_KEY'] ?? '');
      }
    });
    return { kind: 'resolved', value: await answer };
  } catch (reason) {
    return { kind: 'rejected', reason };
  }
}

// By `require` also under ES modules: an `import` of the SDK takes twice the time, and jest's mocks
// reach this. Inside the call, so that a missing or mocked SDK is met there.
function loadConsoleAction(): (request: ConsoleRequest) => unknown {
  const sdk: unknown = require('@baiducloud/qianfan');
  if (typeof sdk === 'object' && sdk !== null && 'consoleAction' in sdk) {
    const { consoleAction } = sdk;
    if (typeof consoleAction === 'function') return (request) => consoleAction(request);
  }
  throw new TypeError(`${SDK} has no consoleAction`);
}

// The SDK takes no credentials; it reads the environment on every call, synchronously, before its
// first await. So what stands there for just that long is what this call uses, and no other.
function withEnvironment<T>({ credentials, baseUrl }: CallSettings, run: () => T): T {
  const overrides: Record<string, string> = {
    ...(credentials && {
      QIANFAN_ACCESS_KEY: credentials.accessKey,
      QIANFAN_SECRET_KEY: credentials.secretKey,
    }),
    ...(baseUrl !== undefined && { QIANFAN_CONSOLE_API_BASE_URL: baseUrl }),
  };
  const before = Object.keys(overrides).map((name) => [name, process.env[name]] as const);
  try {
    Object.assign(process.env, overrides);
    return run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

// Subscribed only while calls are under way: a lasting subscription would keep every copy of this
// module alive that a test runner ever loaded.
function watch(): () => void {
  if (callsUnderWay++ === 0) subscribe(REQUEST_START, onRequestStart);
  let watching = true;
  return () => {
    if (!watching) return;
    watching = false;
    if (--callsUnderWay > 0) return;
    unsubscribe(REQUEST_START, onRequestStart);
    scope.disable();
  };
}

// One listener a signal, however many calls share it: Node warns of a leak from the eleventh on.
function listen(signal: AbortSignal, onAbort: () => void): () => void {
  const { calls, listener } = listening.get(signal) ?? addListener(signal);
  calls.add(onAbort);
  return () => {
    calls.delete(onAbort);
    if (calls.size > 0) return;
    signal.removeEventListener('abort', listener);
    listening.delete(signal);
  };
}

function addListener(signal: AbortSignal): Listening {
  const calls = new Set<() => void>();
  const listener = (): void => {
    for (const onAbort of [...calls]) onAbort();
  };
  signal.addEventListener('abort', listener);
  listening.set(signal, { calls, listener });
  return { calls, listener };
}

function onRequestStart(message: unknown): void {
  const call = scope.getStore();
  if (!call || !isStart(message) || !message.request.path.endsWith(call.target)) return;
  const { request } = message;
  call.request = request;
  call.response = undefined;
  // Of a repeat, only the last answer counts; but that one was connected stays true.
  call.wire = { requests: call.wire.requests + 1, connected: call.wire.connected };
  const { wire } = call;
  const authorization = request.getHeader('authorization');
  if (typeof authorization === 'string') {
    call.secrets.push(authorization, authorization.slice(authorization.lastIndexOf('/') + 1));
  }
  const onConnect = (): void => {
    wire.connected = true;
  };
  const onSocket = (socket: Socket): void => {
    if ('secureConnecting' in socket && socket.secureConnecting) socket.once('secureConnect', onConnect);
    else if (socket.connecting) socket.once('connect', onConnect);
    else onConnect();
  };
  if (request.socket) onSocket(request.socket);
  else request.once('socket', onSocket);
  request.on('error', (error: NodeJS.ErrnoException) => {
    wire.failure ??= { systemCode: error.code };
    // The SDK may never say that a body broke off.
    if (call.response) call.onBreak?.(error);
  });
  // Before the SDK's own listener, which would follow a redirect at once, with a GET.
  request.prependListener('response', (response) => onResponse(call, request, response));
  if (call.ended) closeSocket(call);
}

function onResponse(call: Call, request: ClientRequest, response: IncomingMessage): void {
  const { wire } = call;
  const { statusCode = 0, headers } = response;
  call.response = response;
  wire.status = statusCode;
  wire.headers = headers;
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    wire.redirect = headers.location;
    // Without a Location the SDK has nowhere to go and reports the answer as it is.
    delete headers.location;
  }
  response.once('close', () => {
    if (response.complete || call.ended) return;
    // The SDK waits for ever for the rest of a body that breaks off; this event ends that.
    request.emit('error', Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  });
}

function closeSocket(call: Call): void {
  // With an error, as only that makes the SDK settle and clear its own ten-minute timer.
  if (!call.response?.complete) call.request?.destroy(new Error('The call was given up.'));
  // A socket that is kept alive remembers the scope it was opened in, and so this call.
  call.request = undefined;
  call.response = undefined;
  call.onBreak = undefined;
}

function isStart(message: unknown): message is { readonly request: ClientRequest } {
  return typeof message === 'object' && message !== null && 'request' in message;
}
