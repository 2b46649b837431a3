// A call always ends, and takes its socket with it. The real SDK over real sockets, seen from the
// server's side. No deadline here is the clock's: see support/deadline.ts.

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AnyQianfanError, isQianfanError, type StopFineTuningTaskOptions, stopFineTuningTask } from '../../src/index';
import { type ClosedDoor, openClosedDoor } from '../support/closed-door';
import { type HeldDeadline, holdDeadlines, NEVER_MS } from '../support/deadline';
import { type Answer, type RawServer, response, startRawServer } from '../support/raw-server';

const START = 'http.client.request.start';
const KEYS = { accessKey: 'access-key', secretKey: 'secret-key-of-the-ends' };
const SELF_SIGNED = readFileSync(join(__dirname, 'support', 'self-signed.pem'));
const onLinux = process.platform === 'linux' ? test : test.skip;

// A machine may be slow; a test that hangs ends all the same.
jest.setTimeout(60_000);

const servers: RawServer[] = [];
let deadline: HeldDeadline;
let door: ClosedDoor | undefined;

beforeEach(() => {
  deadline = holdDeadlines();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(servers.splice(0).map((server) => server.close()));
  door?.close();
  door = undefined;
});

async function start(...settings: Parameters<typeof startRawServer>): Promise<RawServer> {
  const server = await startRawServer(...settings);
  servers.push(server);
  return server;
}

function stop(baseUrl: string, options: StopFineTuningTaskOptions = {}) {
  return stopFineTuningTask(
    { taskId: 'task-5kjifvzerc5n' },
    { credentials: KEYS, baseUrl, timeoutMs: NEVER_MS, ...options },
  );
}

async function failureOf(call: Promise<unknown>): Promise<AnyQianfanError> {
  const [outcome] = await Promise.allSettled([call]);
  if (outcome.status === 'fulfilled') throw new Error('the call succeeded');
  if (!isQianfanError(outcome.reason)) throw outcome.reason;
  return outcome.reason;
}

/** The next request that the SDK makes, as Node announces it. */
function nextRequest(): Promise<http.ClientRequest> {
  return new Promise((resolve) => {
    const onStart = (message: unknown): void => {
      const { request } = message as { readonly request: http.ClientRequest };
      if (!request.path.endsWith('?Action=StopFineTuningTask')) return;
      unsubscribe(START, onStart);
      resolve(request);
    };
    subscribe(START, onStart);
  });
}

function success(requestId: string): string {
  const body = JSON.stringify({ requestId, result: true });
  return response(200, { 'content-type': 'application/json', 'content-length': String(body.length) }, body);
}

/** Answers and leaves the connection open for the next request. */
const succeed: Answer = (socket, index) => socket.write(success(`request-${index}`));

const ID = { 'x-bce-request-id': 'from-the-headers' };
const BODY = JSON.stringify({ requestId: 'from-the-body', result: true });
const FRAMINGS = {
  'a content-length': { 'content-length': '1000000' },
  chunks: { 'transfer-encoding': 'chunked' },
  'no length': {},
} as const;

/** The head of an answer and the first part of its body. */
function halfAnswer(status: number, framing: keyof typeof FRAMINGS, gzip: boolean): Buffer {
  const headers = {
    'content-type': 'application/json',
    ...ID,
    ...FRAMINGS[framing],
    ...(gzip && { 'content-encoding': 'gzip' }),
  };
  const text = gzip ? gzipSync(BODY) : Buffer.from(BODY);
  const part = text.subarray(0, text.length - 4);
  const chunk = Buffer.concat([Buffer.from(`${text.length.toString(16)}\r\n`), part]);
  return Buffer.concat([Buffer.from(response(status, headers)), framing === 'chunks' ? chunk : part]);
}

const HALF_ANSWERS = [200, 500].flatMap((status) =>
  (['a content-length', 'chunks', 'no length'] as const).flatMap((framing) =>
    [false, true].map((gzip) => ({
      name: `a ${status} with ${framing}${gzip ? ', gzipped' : ''}`,
      framing,
      half: halfAnswer(status, framing, gzip),
    })),
  ),
);

interface Stall {
  readonly name: string;
  readonly answer: Answer;
  /** Whether the SDK gets to see the headers, which then hold an ID. */
  readonly headers: boolean;
  /** What is known at the deadline, where it is more than that. */
  readonly atDeadline?: object;
}

const STALLS: readonly Stall[] = [
  { name: 'headers that never come', answer: () => {}, headers: false },
  {
    name: 'headers that stop in the middle',
    answer: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-type: appl'),
    headers: false,
  },
  {
    name: 'an interim answer and nothing behind it',
    answer: (socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n'),
    headers: false,
  },
  {
    name: 'a redirect whose body stalls',
    answer: (socket) => socket.write(redirectHead()),
    headers: true,
    atDeadline: { code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('127.0.0.1:9'), retryable: false },
  },
  {
    name: 'a body that drips',
    answer: (socket) => drip(socket, halfAnswer(200, 'a content-length', false)),
    headers: true,
  },
  {
    name: 'a body that drips in chunks',
    answer: (socket) => drip(socket, response(200, { 'transfer-encoding': 'chunked', ...ID }), '1\r\n \r\n'),
    headers: true,
  },
  ...HALF_ANSWERS.map(({ name, half }) => ({
    name: `${name}, whose body stalls`,
    answer: (socket: Socket) => socket.write(half),
    headers: true,
  })),
];

function redirectHead(): string {
  return response(307, { location: 'http://127.0.0.1:9/', 'content-length': '9', ...ID });
}

function drip(socket: Socket, head: string | Buffer, drop = ' '): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(drop), 2);
  socket.once('close', () => clearInterval(timer));
}

describe.each(STALLS)('$name', ({ answer, headers, atDeadline }) => {
  const requestId = headers ? 'from-the-headers' : undefined;

  /** Calls, and resolves when the server has spoken as far as it ever will. */
  async function callUntilStalled(options?: StopFineTuningTaskOptions) {
    const server = await start(answer);
    const request = nextRequest();
    const failure = failureOf(stop(server.baseUrl, options));
    if (headers) await once(await request, 'response');
    return { failure, server, connection: await server.spoken() };
  }

  test('ends with the deadline, which closes the socket', async () => {
    const { failure, server, connection } = await callUntilStalled();
    deadline.come();
    const timeout = { code: 'TIMEOUT', timeoutMs: NEVER_MS, retryable: true };
    expect(await failure).toMatchObject({ outcome: 'unknown', requestId, ...(atDeadline ?? timeout) });
    await connection.closed;
    expect(server.requests).toHaveLength(1);
  });

  test('ends with an abort, which closes the socket', async () => {
    const controller = new AbortController();
    const { failure, server, connection } = await callUntilStalled({ signal: controller.signal });
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown', retryable: false, requestId });
    await connection.closed;
    expect(server.requests).toHaveLength(1);
  });
});

test('a body that drips outlives no deadline, however much has come', async () => {
  const server = await start((socket) => drip(socket, response(200, { 'x-bce-request-id': 'dripping' })));
  const request = nextRequest();
  const failure = failureOf(stop(server.baseUrl));
  const [answer] = await once(await request, 'response');
  for (let drops = 0; drops < 20; drops += 1) await once(answer, 'data');
  deadline.come();
  expect(await failure).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown', requestId: 'dripping' });
  await server.connections[0]?.closed;
});

test('the deadline is measured from the call and counts everything', async () => {
  jest.restoreAllMocks();
  const server = await start(() => {});
  const before = performance.now();
  expect(await failureOf(stop(server.baseUrl, { timeoutMs: 200 }))).toMatchObject({ code: 'TIMEOUT', timeoutMs: 200 });
  expect(performance.now() - before).toBeGreaterThanOrEqual(199); // a timer may come a fraction early
});

describe('a connection that breaks', () => {
  const BREAKS = [
    ['is closed', (socket: Socket) => socket.destroy()],
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
  ] as const;

  test.each(BREAKS)('before the headers: it %s', async (_, end) => {
    const server = await start(end);
    expect(await failureOf(stop(server.baseUrl))).toMatchObject({
      code: 'CONNECTION_FAILED',
      outcome: 'unknown',
      systemCode: 'ECONNRESET',
      retryable: true,
    });
  });

  test.each(BREAKS)('in the middle of the headers: it %s', async (_, end) => {
    const server = await start((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-ty', () => end(socket)));
    expect(await failureOf(stop(server.baseUrl))).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'unknown' });
  });

  // Without a length, a connection that is closed in order is an answer that is complete.
  const CASES = HALF_ANSWERS.flatMap((answer) =>
    BREAKS.filter(([how]) => how === 'is reset' || answer.framing !== 'no length').map(([how, end]) => ({
      ...answer,
      how,
      end,
    })),
  );

  test.each(CASES)('in the body of $name: it $how', async ({ half, end }) => {
    const server = await start((socket) => socket.write(half));
    const request = nextRequest();
    const failure = failureOf(stop(server.baseUrl));
    await once(await request, 'response');
    const { socket } = await server.spoken();
    end(socket);
    expect(await failure).toMatchObject({
      code: 'CONNECTION_FAILED',
      outcome: 'unknown',
      systemCode: 'ECONNRESET',
      requestId: 'from-the-headers',
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a connection that never completes', () => {
  type End = (controller: AbortController) => void;
  const ENDS: readonly (readonly [string, string, End])[] = [
    ['the deadline', 'TIMEOUT', () => deadline.come()],
    ['an abort', 'ABORTED', (controller) => controller.abort()],
  ];

  onLinux.each(ENDS)('TCP, by %s', async (_, code, end) => {
    door = await openClosedDoor();
    const controller = new AbortController();
    const request = nextRequest();
    const failure = failureOf(stop(`http://127.0.0.1:${door.port}`, { signal: controller.signal }));
    const { socket } = await request;
    expect(socket?.connecting).toBe(true);
    end(controller);
    expect(await failure).toMatchObject({ code, outcome: 'not_sent' });
    expect(socket?.destroyed).toBe(true);
  });

  test.each(ENDS)('TLS, by %s', async (_, code, end) => {
    const server = await start('never spoken, as no request comes');
    const controller = new AbortController();
    const failure = failureOf(stop(`https://127.0.0.1:${server.port}`, { signal: controller.signal }));
    const connection = await server.spoken();
    expect(connection.received.charCodeAt(0)).toBe(0x16); // a TLS record of the handshake
    end(controller);
    expect(await failure).toMatchObject({ code, outcome: 'not_sent' });
    await connection.closed;
  });

  test.each(ENDS)('but once TLS is through, nobody knows: by %s', async (_, code, end) => {
    const server = await start(() => {}, { key: SELF_SIGNED, cert: SELF_SIGNED });
    const { options } = https.globalAgent;
    const controller = new AbortController();
    try {
      options.ca = SELF_SIGNED;
      const failure = failureOf(stop(server.baseUrl, { signal: controller.signal }));
      const connection = await server.spoken();
      end(controller);
      expect(await failure).toMatchObject({ code, outcome: 'unknown' });
      await connection.closed;
    } finally {
      delete options.ca;
    }
  });
});

describe('an abort', () => {
  test('before the call: nothing is sent, and the reason is handed on as it is', async () => {
    const server = await start(succeed);
    const reason = new Error('changed my mind');
    const failure = await failureOf(stop(server.baseUrl, { signal: AbortSignal.abort(reason) }));
    expect(failure).toMatchObject({ code: 'ABORTED', outcome: 'not_sent' });
    expect(failure.cause).toBe(reason);
    await stop(server.baseUrl); // whatever had been sent before would be here before this
    expect(server.requests).toHaveLength(1);
    expect(server.connections).toHaveLength(1);
  });

  test('right after the call: its request is closed before it has a connection', async () => {
    const server = await start(succeed);
    const controller = new AbortController();
    const request = nextRequest();
    const failure = failureOf(stop(server.baseUrl, { signal: controller.signal }));
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
    const late = await request;
    expect(late.destroyed).toBe(true);
    if (!late.closed) await once(late, 'close');
    expect(await stop(server.baseUrl)).toEqual({ requestId: 'request-0', result: true });
    expect(server.requests).toHaveLength(1);
  });

  test('right after the call, with a connection waiting: the late request is closed at once', async () => {
    const server = await start([succeed, () => {}]);
    await stop(server.baseUrl);
    const controller = new AbortController();
    const request = nextRequest();
    const failure = failureOf(stop(server.baseUrl, { signal: controller.signal }));
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
    expect((await request).reusedSocket).toBe(true);
    await server.connections[0]?.closed;
  });

  test('right after the call, and the program is busy for long: the late request is closed all the same', async () => {
    const server = await start(() => {});
    const controller = new AbortController();
    const request = nextRequest();
    const failure = failureOf(stop(server.baseUrl, { signal: controller.signal }));
    controller.abort();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
    const late = await request;
    await Promise.race([once(late, 'close'), server.spoken()]);
    expect(late.destroyed).toBe(true);
    expect(server.requests).toHaveLength(0);
  });

  test('of a call that waits for a free connection: its late request is closed at once', async () => {
    const waiting: Socket[] = [];
    const server = await start([(socket) => waiting.push(socket), () => {}]);
    const controller = new AbortController();
    const { maxSockets } = http.globalAgent;
    try {
      http.globalAgent.maxSockets = 1;
      const first = stop(server.baseUrl);
      await server.spoken();
      const second = failureOf(stop(server.baseUrl, { signal: controller.signal }));
      await until(() => Object.keys(http.globalAgent.requests).length === 1);
      const request = nextRequest();
      controller.abort();
      waiting[0]?.write(success('the first'));
      expect(await first).toEqual({ requestId: 'the first', result: true });
      expect(await second).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
      expect((await request).destroyed).toBe(true);
      await server.connections[0]?.closed;
    } finally {
      http.globalAgent.maxSockets = maxSockets;
    }
  });

  test('between two of the SDK’s repeats, which its limiter holds back: the late one is closed at once', async () => {
    process.env['QIANFAN_RPM_LIMIT'] = '40'; // 1.5 s from one to the next
    try {
      const busy = JSON.stringify({ error_code: 18 });
      const headers = { 'content-type': 'application/json', 'content-length': String(busy.length) };
      const server = await start([(socket) => socket.write(response(200, headers, busy)), () => {}]);
      const controller = new AbortController();
      const failure = failureOf(stop(server.baseUrl, { signal: controller.signal }));
      const [busyAnswer] = await once(await nextRequest(), 'response');
      await until(() => busyAnswer.complete);
      const late = nextRequest();
      controller.abort();
      expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
      expect((await late).destroyed).toBe(true);
    } finally {
      delete process.env['QIANFAN_RPM_LIMIT'];
    }
  });

  test('during the call: the reason is handed on as it is', async () => {
    const server = await start(() => {});
    const reason = { of: 'any kind' };
    const controller = new AbortController();
    const failure = failureOf(stop(server.baseUrl, { signal: controller.signal }));
    const connection = await server.spoken();
    controller.abort(reason);
    expect((await failure).cause).toBe(reason);
    await connection.closed;
  });

  test('after the call: the result stays, and so does the connection', async () => {
    const server = await start(succeed);
    const controller = new AbortController();
    expect(await stop(server.baseUrl, { signal: controller.signal })).toEqual({ requestId: 'request-0', result: true });
    controller.abort();
    deadline.come();
    expect(await stop(server.baseUrl)).toEqual({ requestId: 'request-1', result: true });
    expect(server.connections).toHaveLength(1);
  });
});

test('a connection is kept alive from call to call', async () => {
  const server = await start(succeed);
  for (let index = 0; index < 5; index += 1) {
    expect(await stop(server.baseUrl)).toEqual({ requestId: `request-${index}`, result: true });
  }
  expect(server.connections).toHaveLength(1);
});

describe('two calls side by side', () => {
  test.each([
    ['aborted', 'ABORTED'],
    ['timed out', 'TIMEOUT'],
  ])('one is %s: the other one succeeds', async (_, code) => {
    const sockets = new Map<string, Socket>();
    const server = await start((socket, _index, request) => {
      sockets.set(request.slice('POST /'.length).split('/', 1).join(), socket);
    });
    const controller = new AbortController();
    const ended = failureOf(stop(`${server.baseUrl}/ended`, { signal: controller.signal }));
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
});

describe('a request of somebody else in the asynchronous context of the call', () => {
  const FOREIGN = ['/v1/traces', '/v2/finetuning?Action=DescribeFineTuningTask'];
  const CASES = FOREIGN.flatMap((path) => ['ABORTED', 'TIMEOUT'].map((code) => ({ path, code })));

  test.each(CASES)('POST $path is left alone, $code', async ({ path, code }) => {
    const foreign: Socket[] = [];
    const server = await start((socket, _index, request) => {
      if (request.startsWith(`POST ${path} `)) foreign.push(socket);
    });
    // As a tracing exporter does that reports every request of the program.
    let exported: Promise<unknown[]> | undefined;
    const exporter = (message: unknown): void => {
      const { request } = message as { readonly request: http.ClientRequest };
      if (exported || !request.path.endsWith('?Action=StopFineTuningTask')) return;
      exported = once(http.request(`${server.baseUrl}${path}`, { method: 'POST' }).end(), 'response');
    };
    subscribe(START, exporter);
    try {
      const controller = new AbortController();
      const failure = failureOf(stop(server.baseUrl, { signal: controller.signal }));
      await until(() => server.requests.length === 2);
      if (code === 'ABORTED') controller.abort();
      else deadline.come();
      expect(await failure).toMatchObject({ code, outcome: 'unknown' });
      await server.connections.find(({ socket }) => socket !== foreign[0])?.closed;
      foreign[0]?.write(response(202, { 'content-length': '0' }));
      const [answer] = (await exported) ?? [];
      expect(answer).toMatchObject({ statusCode: 202 });
    } finally {
      unsubscribe(START, exporter);
    }
  });

  test('a call within a call is its own', async () => {
    const server = await start((socket, _index, request) => {
      if (request.startsWith('POST /inner/')) socket.write(success('inner'));
    });
    const controller = new AbortController();
    let inner: Promise<unknown> | undefined;
    const onStart = (): void => {
      inner ??= stop(`${server.baseUrl}/inner`);
    };
    subscribe(START, onStart);
    try {
      const outer = failureOf(stop(`${server.baseUrl}/outer`, { signal: controller.signal }));
      await until(() => inner !== undefined);
      controller.abort();
      expect(await outer).toMatchObject({ code: 'ABORTED' });
      expect(await inner).toEqual({ requestId: 'inner', result: true });
    } finally {
      unsubscribe(START, onStart);
    }
  });
});

test('whoever else listens to the channel stays subscribed', async () => {
  const server = await start(succeed);
  const paths: string[] = [];
  const onStart = (message: unknown): void => {
    paths.push((message as { readonly request: http.ClientRequest }).request.path);
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

/** Looks again and again; the test's own time limit is the only one. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}
