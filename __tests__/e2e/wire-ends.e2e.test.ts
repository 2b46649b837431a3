// The means to end a call's requests, as the server sees them; and what is left of a watch afterwards.

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import type { Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { watchRequests } from '../../src/sdk/wire';
import { type Answer, json, type RawServer, response, startRawServer } from '../support/raw-server';
import { ANNOUNCES_CREATED, endCalls, startCall, TARGET } from '../support/wire-call';
import { makeWireChild, type WireChild } from '../support/wire-child';

jest.setTimeout(60_000);

const KB = 1024;
const SUCCESS = { requestId: 'request-1', result: true };
const { globalAgent } = http;
const whereAnnounced = ANNOUNCES_CREATED ? test : test.skip;
const whereNotAnnounced = ANNOUNCES_CREATED ? test.skip : test;

const servers: RawServer[] = [];
let child: WireChild;

beforeAll(() => {
  child = makeWireChild();
});

afterAll(() => child.remove());

afterEach(async () => {
  await endCalls();
  http.globalAgent.destroy();
  http.globalAgent = globalAgent;
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(...settings: Parameters<typeof startRawServer>): Promise<RawServer> {
  const server = await startRawServer(...settings);
  servers.push(server);
  return server;
}

const succeed: Answer = (socket) => {
  const text = JSON.stringify(SUCCESS);
  const head = { 'content-type': 'application/json', 'content-length': String(text.length) };
  socket.write(response(200, head, text));
};

describe('closing', () => {
  test.each<[string, Answer]>([
    ['before the answer', () => {}],
    ['in the middle of a body', (socket) => socket.write(response(200, { 'content-length': '1000' }, '{"req'))],
    ['in the middle of the body of a 500', (socket) => socket.write(response(500, { 'content-length': '99' }, '{'))],
    ['after a change of protocol', (socket) => socket.write(response(101, { upgrade: 'x', connection: 'upgrade' }))],
  ])('%s ends the connection and lets the SDK settle', async (_, answer) => {
    const server = await start(answer);
    const call = startCall(server.baseUrl);
    const { closed } = await server.spoken();
    call.close();
    await closed;
    expect(await call.settled).toEqual(expect.any(String));
  });

  test('after a complete answer leaves the connection alone', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true });
    const server = await start(succeed);
    for (const _ of [1, 2]) {
      const call = startCall(server.baseUrl);
      expect(await call.settled).toMatchObject(SUCCESS);
      call.close();
    }
    expect(server.connections).toHaveLength(1);
  });

  test('tells nobody that the answer broke off', async () => {
    const server = await start((socket) => socket.write(response(200, { 'content-length': '1000' }, '{"req')));
    const onBreak = jest.fn();
    const watch = watchRequests('/half', onBreak);
    const request = watch.run(() => http.get(`${server.baseUrl}/half`));
    const closed = new Promise((resolve) => request.on('error', () => {}).on('close', resolve));
    await new Promise((resolve) => request.on('response', resolve));
    watch.close();
    await closed;
    watch.stop();
    expect(onBreak).not.toHaveBeenCalled();
  });
});

describe('a request that is made after closing', () => {
  test('is closed before it is sent, and the SDK settles', async () => {
    const server = await start(succeed);
    const call = startCall(server.baseUrl);
    call.close();
    expect(await call.settled).toEqual(expect.stringContaining('The call was given up.'));
    expect(call.wire()).toMatchObject({ requests: 1, nothingSent: true });
    expect(server.requests).toEqual([]);
  });

  whereAnnounced('is not sent on a connection that was kept alive either', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true });
    const server = await start(succeed);
    await startCall(server.baseUrl).settled;
    const call = startCall(server.baseUrl);
    call.close();
    expect(await call.settled).toEqual(expect.stringContaining('The call was given up.'));
    expect(await startCall(server.baseUrl).settled).toMatchObject(SUCCESS);
    expect(server.requests).toHaveLength(2);
  });

  whereNotAnnounced('may have been sent on a connection that was kept alive', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true });
    const server = await start(succeed);
    await startCall(server.baseUrl).settled;
    const call = startCall(server.baseUrl);
    call.close();
    expect(await call.settled).toEqual(expect.stringContaining('The call was given up.'));
    expect(call.wire()).toEqual({ requests: 1, nothingSent: false });
  });

  test('is closed as well where the SDK repeats one that was answered', async () => {
    const server = await start([json(200, { error_code: 18 }), succeed]);
    const call = startCall(server.baseUrl);
    const onAnswer = (message: unknown): void => {
      const { response: answer }: { response?: http.IncomingMessage } = Object(message);
      answer?.once('end', call.close);
    };
    subscribe('http.client.response.finish', onAnswer);
    expect(await call.settled).toEqual(expect.stringContaining('The call was given up.'));
    unsubscribe('http.client.response.finish', onAnswer);
    expect(call.wire()).toMatchObject({ requests: 2, nothingSent: false });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a request that has no socket yet', () => {
  whereAnnounced("is never sent, once its call is closed in an agent's queue, and the next one is", async () => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    let answer = (): void => {};
    const server = await start([(socket) => (answer = () => succeed(socket, 0, '')), succeed]);
    const first = startCall(server.baseUrl);
    await server.spoken();
    const queued = startCall(server.baseUrl);
    while (queued.wire().requests === 0) await new Promise(setImmediate);
    expect(queued.wire()).toEqual({ requests: 1, nothingSent: true });
    queued.close();
    expect(await queued.settled).toEqual(expect.stringContaining('The call was given up.'));
    const third = startCall(server.baseUrl);
    answer();
    expect(await first.settled).toMatchObject(SUCCESS);
    expect(await third.settled).toMatchObject(SUCCESS);
    expect(server.requests).toHaveLength(2);
  });

  whereAnnounced("is not sent either where its call was closed before it came to an agent's queue", async () => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const server = await start(() => {});
    startCall(server.baseUrl);
    await server.spoken();
    const late = startCall(server.baseUrl);
    late.close();
    expect(await late.settled).toEqual(expect.stringContaining('The call was given up.'));
    expect(server.requests).toHaveLength(1);
  });

  whereNotAnnounced('is not seen, and so proves nothing', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const answers: (() => void)[] = [];
    const server = await start((socket) => answers.push(() => succeed(socket, 0, '')));
    const first = startCall(server.baseUrl);
    await server.spoken();
    const queued = startCall(server.baseUrl);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(queued.wire()).toEqual({ requests: 0, nothingSent: false });
    queued.close();
    answers[0]?.();
    expect(await first.settled).toMatchObject(SUCCESS);
    expect(await queued.settled).toEqual(expect.stringContaining('The call was given up.'));
    expect(first.wire()).toMatchObject({ requests: 1 });
  });

  whereAnnounced('is let go where a proxy never answers its CONNECT, and the process ends', async () => {
    const proxy = await start(() => {});
    const { status, stdout } = await child.run(`
      const https = require('node:https');
      const { HttpsProxyAgent } = requireHere('https-proxy-agent');
      https.globalAgent = new HttpsProxyAgent('${proxy.baseUrl}');
      const { watch, settled } = call('https://127.0.0.1:1');
      await sleep(300);
      show('pending', watch.wire());
      watch.close();
      console.log(await settled);
      watch.stop();`);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'pending {"requests":1,"nothingSent":true}\nrejected\n',
    });
    expect(proxy.requests).toEqual([expect.stringMatching(/^CONNECT /)]);
  });
});

describe('an answer', () => {
  const LIMITS = [
    ['JSON', { 'content-type': 'application/json; charset=utf-8' }, 1024 * KB],
    ['a page', { 'content-type': 'text/html' }, 128 * KB],
    ['of no type', {}, 128 * KB],
    ['in an encoding', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 64 * KB],
  ] as const;

  test.each(LIMITS)('that is too large is cut off: %s', async (_, headers, limit) => {
    const server = await start((socket) => {
      socket.write(response(200, { ...headers, 'content-length': String(10 * limit) }));
      socket.write(Buffer.alloc(limit + 1, 0x20)); // the rest never comes
    });
    const call = startCall(server.baseUrl);
    const { closed } = await server.spoken();
    await Promise.all([call.broken, closed]);
    expect(call.wire()).toMatchObject({ requests: 1, nothingSent: false, status: 200, tooLarge: true });
    expect(call.wire()).not.toHaveProperty('failure');
    expect(await call.settled).toEqual(expect.stringContaining('too large'));
  });

  test.each(LIMITS)(
    'that is too large by one byte is cut off, though all of it has come: %s',
    async (_, headers, limit) => {
      const text = response(200, { ...headers, 'content-length': String(limit + 1) }, ' '.repeat(limit + 1));
      for (const answer of [(socket: Socket) => socket.write(text), text]) {
        const server = await start(answer);
        const call = startCall(server.baseUrl);
        await call.broken;
        expect(call.wire()).toMatchObject({ status: 200, tooLarge: true });
        call.close();
        await (await server.spoken()).closed;
        expect(await call.settled).toEqual(expect.stringContaining('too large'));
      }
    },
  );

  test.each(LIMITS)('that is just not too large is left to the SDK: %s', async (_, headers, limit) => {
    const text = JSON.stringify(SUCCESS);
    const encoded = 'content-encoding' in headers;
    const body = encoded ? storedGzip(limit, text) : Buffer.from(text.padEnd(limit));
    expect(body).toHaveLength(limit);
    const head = response(200, { ...headers, 'transfer-encoding': 'chunked' });
    const server = await start(
      Buffer.concat([Buffer.from(`${head}${limit.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]),
    );
    const call = startCall(server.baseUrl);
    const isParsed = 'content-type' in headers && headers['content-type'].startsWith('application/json');
    expect(await call.settled).toMatchObject(isParsed ? SUCCESS : { 0: '{' });
    expect(call.wire()).not.toHaveProperty('tooLarge');
  });

  // Gzip ignores a file's name: it fills the answer up to a size.
  function storedGzip(length: number, text: string): Buffer {
    const gzip = gzipSync(text);
    const named = Buffer.from(gzip.subarray(0, 10));
    named[3] = 8;
    const name = Buffer.alloc(length - gzip.length, 'x');
    name[name.length - 1] = 0;
    return Buffer.concat([named, name, gzip.subarray(10)]);
  }

  test('of 10 MB is not taken in', async () => {
    const server = await start((socket) => {
      socket.write(response(200, { 'content-type': 'text/html' }));
      pipeline(Readable.from(pages(10 * KB)), socket, () => {});
    });
    let taken = 0;
    function* pages(count: number): Generator<Buffer> {
      for (; taken < count; taken += 1) yield Buffer.alloc(KB, 'x');
    }
    const call = startCall(server.baseUrl);
    await call.broken;
    await (await server.spoken()).closed;
    expect(call.wire()).toMatchObject({ status: 200, tooLarge: true });
    expect(taken).toBeLessThan(10 * KB);
    expect(await call.settled).toEqual(expect.stringContaining('too large'));
  });
});

describe('stopping', () => {
  const CHANNELS = ['created', 'start', 'error'].map((event) => `http.client.request.${event}`);
  const isSubscribed = (): boolean[] => [...CHANNELS, 'net.client.socket'].map((name) => channel(name).hasSubscribers);

  test('the last watch leaves no subscription, and stopping twice counts once', () => {
    const [first, second] = [watchRequests(TARGET, () => {}), watchRequests(TARGET, () => {})];
    first.stop();
    first.stop();
    expect(isSubscribed()).toEqual([true, true, true, true]);
    second.stop();
    expect(isSubscribed()).toEqual([false, false, false, false]);
  });

  test('one watch makes it blind, though another goes on', async () => {
    const server = await start(succeed);
    const other = watchRequests(TARGET, () => {});
    const call = startCall(server.baseUrl);
    call.stop();
    expect(await call.settled).toMatchObject(SUCCESS);
    expect(call.wire()).toEqual({ requests: 0, nothingSent: false });
    other.stop();
  });

  test('lets go of the call, though the connection that it opened lives on', async () => {
    setFlagsFromString('--expose-gc');
    const gc: () => void = runInNewContext('gc');
    http.globalAgent = new http.Agent({ keepAlive: true });
    const server = await start(succeed);
    const callbacks: WeakRef<() => void>[] = [];
    await (async () => {
      const onBreak = (): void => {};
      callbacks.push(new WeakRef(onBreak));
      const watch = watchRequests('/', onBreak);
      await watch.run(
        () => new Promise((resolve) => http.get(server.baseUrl, (answer) => answer.resume().on('end', resolve))),
      );
      watch.close();
      watch.stop();
    })();
    for (let round = 0; round < 200 && callbacks[0]?.deref(); round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gc();
    }
    expect(callbacks[0]?.deref()).toBeUndefined();
    expect(Object.keys(http.globalAgent.freeSockets)).toHaveLength(1);
  });
});
