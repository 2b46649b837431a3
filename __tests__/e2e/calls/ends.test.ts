// A call always ends, and closes its socket: the real SDK over real sockets, seen from the server's side. Deadlines come when
// a test says so: see support/sdk/held-deadline.ts. For connections that break see e2e/connections.

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type CallOptions, stopFineTuningTask } from '../../../src';
import { ANNOUNCES_CREATED } from '../../support/node-version';
import { errorOf } from '../../support/responses/errors';
import { type HeldDeadline, holdDeadlines, NEVER_MS } from '../../support/sdk/held-deadline';
import { keptAlive, type RawResponse, response } from '../../support/servers/raw-responses';
import { startServer } from '../../support/servers/raw-server';
import { openSilentPort, type SilentPort } from '../../support/servers/unreachable';
import { TASK } from '../../support/task';
import { until } from '../../support/until';

const START = 'http.client.request.start';
// Where Node announces it, a request that comes too late is closed before it starts.
const LATE = ANNOUNCES_CREATED ? 'http.client.request.created' : START;
const KEYS = { accessKey: 'access-key', secretKey: 'secret-key-of-the-ends' };
const onLinux = process.platform === 'linux' ? test : test.skip;

// Long enough for a slow machine; a test that hangs still ends.
jest.setTimeout(30_000);

let deadline: HeldDeadline;
let silentPort: SilentPort | undefined;

beforeEach(() => {
  deadline = holdDeadlines();
});

afterEach(() => {
  jest.restoreAllMocks();
  silentPort?.close();
  silentPort = undefined;
});

function stop(baseUrl: string, options: CallOptions = {}) {
  const given = { credentials: KEYS, baseUrl, timeoutMs: NEVER_MS, ...options };
  return stopFineTuningTask(TASK, given);
}

/** The next request that the SDK makes, as Node announces it. */
function nextRequest(announcement = START): Promise<http.ClientRequest> {
  return new Promise((resolve) => {
    const onRequest = (message: unknown): void => {
      const { request }: { request?: http.ClientRequest } = Object(message);
      if (!request?.path.endsWith('?Action=StopFineTuningTask')) return;
      unsubscribe(announcement, onRequest);
      resolve(request);
    };
    subscribe(announcement, onRequest);
  });
}

const success = (requestId: string): string => keptAlive(200, { requestId, result: true });

/** Responds and leaves the connection open for the next request. */
const succeed: RawResponse = (socket, index) => socket.write(success(`request-${index}`));

const ID = { 'x-bce-request-id': 'from-the-headers' };

interface Stall {
  readonly name: string;
  readonly served: RawResponse;
  /** Whether the SDK gets to see the headers, which then hold an ID. */
  readonly hasHeaders?: true;
  /** What the call ends with at the deadline, if it is no TIMEOUT. */
  readonly atDeadline?: object;
}

function drip(socket: Socket, head: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(' '), 2);
  socket.once('close', () => clearInterval(timer));
}

/** The beginning of a gzipped response in chunks. */
function halfInChunks(status: number): Buffer {
  const headers = { ...ID, 'transfer-encoding': 'chunked', 'content-encoding': 'gzip' };
  const text = gzipSync('{"requestId":"from-the-body","result":true}');
  const head = `${response(status, headers)}${text.length.toString(16)}\r\n`;
  return Buffer.concat([Buffer.from(head), text.subarray(0, -4)]);
}

const withLength = (status: number, more: Readonly<Record<string, string>> = {}) =>
  response(status, { 'content-length': '1000', ...ID, ...more }, '{"requestId":"from-the-body","resu');

const STALLS: readonly Stall[] = [
  { name: 'headers that never come', served: () => {} },
  {
    name: 'headers that stop in the middle',
    served: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-type: appl'),
  },
  { name: 'an interim response and nothing after it', served: (socket) => socket.write('HTTP/1.1 102 Wait\r\n\r\n') },
  {
    name: 'a redirect whose body stalls',
    served: (socket) => socket.write(withLength(307, { location: 'http://127.0.0.1:9/' })),
    hasHeaders: true,
    atDeadline: { code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('127.0.0.1:9'), retryable: false },
  },
  { name: 'a 200 whose body stalls', served: (socket) => socket.write(withLength(200)), hasHeaders: true },
  { name: 'a 500 whose body stalls', served: (socket) => socket.write(withLength(500)), hasHeaders: true },
  { name: 'gzipped chunks that stall', served: (socket) => socket.write(halfInChunks(200)), hasHeaders: true },
  { name: 'a 500 in gzipped chunks that stall', served: (socket) => socket.write(halfInChunks(500)), hasHeaders: true },
  { name: 'a body that drips', served: (socket) => drip(socket, withLength(200)), hasHeaders: true },
];

describe.each(STALLS)('$name', ({ served, hasHeaders, atDeadline }) => {
  const requestId = hasHeaders && 'from-the-headers';

  /** Makes a call, and resolves when the server has sent all that it will send. */
  async function callUntilStalled(options?: CallOptions) {
    const server = await startServer(served);
    const request = nextRequest();
    const failure = errorOf(stop(server.baseUrl, options));
    if (hasHeaders) await once(await request, 'response');
    return { failure, server, connection: await server.spoken() };
  }

  test('ends with the deadline, which closes the socket', async () => {
    const { failure, server, connection } = await callUntilStalled();
    deadline.come();
    const timeout = { code: 'TIMEOUT', timeoutMs: NEVER_MS, retryable: true };
    expect(await failure).toMatchObject({ outcome: 'unknown', ...(atDeadline ?? timeout) });
    expect((await failure).requestId).toBe(requestId);
    await connection.closed;
    expect(server.requests).toHaveLength(1);
  });

  test('ends with an abort, which closes the socket', async () => {
    const controller = new AbortController();
    const { failure, server, connection } = await callUntilStalled({ signal: controller.signal });
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown', retryable: false });
    expect((await failure).requestId).toBe(requestId);
    await connection.closed;
    expect(server.requests).toHaveLength(1);
  });
});

test('a redirect is not followed, and names the other host', async () => {
  const other = await startServer(succeed);
  const server = await startServer(
    response(302, { location: `${other.baseUrl}/login?next=1`, 'content-length': '0', ...ID }),
  );
  expect(await errorOf(stop(server.baseUrl))).toMatchObject({
    code: 'UNEXPECTED_RESPONSE',
    outcome: 'unknown',
    message: expect.stringContaining(`to 127.0.0.1:${other.port} (HTTP 302)`),
    requestId: 'from-the-headers',
  });
  expect([server.requests.length, other.connections.length]).toEqual([1, 0]);
});

test('the deadline is measured from the start of the call', async () => {
  jest.restoreAllMocks();
  const server = await startServer(() => {});
  const before = performance.now();
  expect(await errorOf(stop(server.baseUrl, { timeoutMs: 200 }))).toMatchObject({ code: 'TIMEOUT', timeoutMs: 200 });
  expect(performance.now() - before).toBeGreaterThanOrEqual(199); // a timer may come a fraction early
});

describe('a connection that is never completed is proof that nothing was sent', () => {
  type End = (controller: AbortController) => void;
  const ENDS: readonly (readonly [string, string, End])[] = [
    ['the deadline', 'TIMEOUT', () => deadline.come()],
    ['an abort', 'ABORTED', (controller) => controller.abort()],
  ];

  onLinux.each(ENDS)('over TCP, at the end by %s', async (_, code, end) => {
    silentPort = await openSilentPort();
    const controller = new AbortController();
    const request = nextRequest();
    const failure = errorOf(stop(`http://127.0.0.1:${silentPort.port}`, { signal: controller.signal }));
    const { socket } = await request;
    expect(socket?.connecting).toBe(true);
    end(controller);
    expect(await failure).toMatchObject({ code, outcome: 'not_sent' });
    expect(socket?.destroyed).toBe(true);
  });

  test.each(ENDS)('over TLS, at the end by %s', async (_, code, end) => {
    const server = await startServer('never sent, as no request comes');
    const controller = new AbortController();
    const failure = errorOf(stop(`https://127.0.0.1:${server.port}`, { signal: controller.signal }));
    const connection = await server.spoken();
    expect(connection.received.charCodeAt(0)).toBe(0x16); // a TLS record of the handshake
    end(controller);
    expect(await failure).toMatchObject({ code, outcome: 'not_sent' });
    await connection.closed;
  });
});

describe('an abort', () => {
  test.each(['before', 'right after'])('%s the call: the SDK is not called, and nothing is sent', async (when) => {
    const server = await startServer(succeed);
    const controller = new AbortController();
    if (when === 'before') controller.abort();
    const failure = errorOf(stop(server.baseUrl, { signal: controller.signal }));
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'not_sent' });
    await stop(server.baseUrl); // a request that was sent before would arrive before this one
    expect(server.requests).toHaveLength(1);
    expect(server.connections).toHaveLength(1);
  });

  test('before the SDK has made its request: the late one is closed at once', async () => {
    const server = await startServer(succeed);
    const controller = new AbortController();
    const request = nextRequest(LATE);
    const failure = errorOf(stop(server.baseUrl, { signal: controller.signal }));
    for (let turn = 0; turn < 10; turn += 1) await null; // the SDK is called, and waits for its own timers
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
    const late = await request;
    expect(late.destroyed).toBe(true);
    if (!late.closed) await once(late, 'close');
    expect(await stop(server.baseUrl)).toEqual({ requestId: 'request-0', result: true });
    expect(server.requests).toHaveLength(1);
  });

  test("between two of the SDK's own requests, which its limiter holds back: the late one is closed at once", async () => {
    process.env['QIANFAN_RPM_LIMIT'] = '40'; // 1.5 s from one to the next
    try {
      const server = await startServer([(socket) => socket.write(keptAlive(200, { error_code: 18 })), () => {}]);
      const controller = new AbortController();
      const failure = errorOf(stop(server.baseUrl, { signal: controller.signal }));
      const [busyResponse] = await once(await nextRequest(), 'response');
      await until(() => busyResponse.complete);
      const late = nextRequest(LATE);
      controller.abort();
      expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
      expect((await late).destroyed).toBe(true);
    } finally {
      delete process.env['QIANFAN_RPM_LIMIT'];
    }
  });

  test('after the call: neither the result nor the connection changes', async () => {
    const server = await startServer(succeed);
    const controller = new AbortController();
    expect(await stop(server.baseUrl, { signal: controller.signal })).toEqual({ requestId: 'request-0', result: true });
    controller.abort();
    deadline.come();
    expect(await stop(server.baseUrl)).toEqual({ requestId: 'request-1', result: true });
    expect(server.connections).toHaveLength(1);
  });
});

test('a connection is kept alive from call to call', async () => {
  const server = await startServer(succeed);
  for (let index = 0; index < 5; index += 1) {
    expect(await stop(server.baseUrl)).toEqual({ requestId: `request-${index}`, result: true });
  }
  expect(server.connections).toHaveLength(1);
});

test.each([
  ['aborted', 'ABORTED'],
  ['timed out', 'TIMEOUT'],
])('of two calls at once one is %s and the other succeeds', async (_, code) => {
  const sockets = new Map<string, Socket>();
  const server = await startServer((socket, _index, request) => {
    sockets.set(request.slice('POST /'.length).split('/', 1).join(), socket);
  });
  const controller = new AbortController();
  const ended = errorOf(stop(`${server.baseUrl}/ended`, { signal: controller.signal }));
  const other = stop(`${server.baseUrl}/other`, { timeoutMs: NEVER_MS - 1 });
  await until(() => sockets.size === 2);
  if (code === 'ABORTED') controller.abort();
  else deadline.come();
  expect(await ended).toMatchObject({ code, outcome: 'unknown' });
  await server.connections.find(({ socket }) => socket === sockets.get('ended'))?.closed;
  expect(sockets.get('other')?.destroyed).toBe(false);
  sockets.get('other')?.write(success('the other'));
  expect(await other).toEqual({ requestId: 'the other', result: true });
});

describe("a request of other code in the call's asynchronous context", () => {
  const DESCRIBE = '/v2/finetuning?Action=DescribeFineTuningTask';

  test.each(['/v1/traces', DESCRIBE])('is left alone when the call is aborted: POST %s', async (path) => {
    const foreign: Socket[] = [];
    const server = await startServer((socket, _index, request) => {
      if (request.startsWith(`POST ${path} `)) foreign.push(socket);
    });
    // A tracing exporter does this: it reports every request of the program.
    let exported: Promise<unknown[]> | undefined;
    const exporter = (message: unknown): void => {
      const { request }: { request?: http.ClientRequest } = Object(message);
      if (exported || !request?.path.endsWith('?Action=StopFineTuningTask')) return;
      exported = once(http.request(`${server.baseUrl}${path}`, { method: 'POST' }).end(), 'response');
    };
    subscribe(START, exporter);
    try {
      const controller = new AbortController();
      const failure = errorOf(stop(server.baseUrl, { signal: controller.signal }));
      await until(() => server.requests.length === 2);
      controller.abort();
      expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
      await server.connections.find(({ socket }) => socket !== foreign[0])?.closed;
      foreign[0]?.write(response(202, { 'content-length': '0' }));
      const [exportResponse] = (await exported) ?? [];
      expect(exportResponse).toMatchObject({ statusCode: 202 });
    } finally {
      unsubscribe(START, exporter);
    }
  });

  test('belongs to its own call where one call is made within another', async () => {
    const server = await startServer((socket, _index, request) => {
      if (request.startsWith('POST /inner/')) socket.write(success('inner'));
    });
    const controller = new AbortController();
    let inner: Promise<unknown> | undefined;
    const onStart = (): void => {
      inner ??= stop(`${server.baseUrl}/inner`);
    };
    subscribe(START, onStart);
    try {
      const outer = errorOf(stop(`${server.baseUrl}/outer`, { signal: controller.signal }));
      await until(() => inner !== undefined);
      controller.abort();
      expect(await outer).toMatchObject({ code: 'ABORTED' });
      expect(await inner).toEqual({ requestId: 'inner', result: true });
    } finally {
      unsubscribe(START, onStart);
    }
  });
});

test('other listeners of the channel stay subscribed', async () => {
  const server = await startServer(succeed);
  const paths: string[] = [];
  const onStart = (message: unknown): void => {
    paths.push(Object(message).request.path);
  };
  subscribe(START, onStart);
  try {
    await stop(server.baseUrl);
    await stop(server.baseUrl);
    expect(channel(START).hasSubscribers).toBe(true);
    expect(paths).toHaveLength(2);
  } finally {
    unsubscribe(START, onStart);
  }
});
