// How a call's requests are ended, as the server sees it, and what is left of a watch afterwards.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { watchRequests } from '../../../src/sdk/watch-requests';
import { notCollected } from '../../support/garbage';
import { ANNOUNCES_CREATED } from '../../support/node-version';
import { makeWireChild, type WireChild } from '../../support/processes/watched-child';
import { SUCCESS, startCall, succeed, TARGET } from '../../support/sdk/watched-call';
import { json, type RawResponse, response } from '../../support/servers/raw-responses';
import { startServer } from '../../support/servers/raw-server';

jest.setTimeout(60_000);

const whereAnnounced = ANNOUNCES_CREATED ? test : test.skip;
const whereNotAnnounced = ANNOUNCES_CREATED ? test.skip : test;

let child: WireChild;

beforeAll(() => {
  child = makeWireChild();
});

afterAll(() => child.remove());

describe('closing', () => {
  test.each<[string, RawResponse]>([
    ['before the response', () => {}],
    ['in the middle of a body', (socket) => socket.write(response(200, { 'content-length': '1000' }, '{"req'))],
    ['in the middle of the body of a 500', (socket) => socket.write(response(500, { 'content-length': '99' }, '{'))],
    ['after a change of protocol', (socket) => socket.write(response(101, { upgrade: 'x', connection: 'upgrade' }))],
  ])('%s ends the connection and lets the SDK settle', async (_, answer) => {
    const server = await startServer(answer);
    const call = startCall(server.baseUrl);
    const { closed } = await server.spoken();
    call.close();
    await closed;
    expect(await call.settled).toEqual(expect.any(String));
  });

  test('after a complete response leaves the connection alone', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true });
    const server = await startServer(succeed);
    for (const _ of [1, 2]) {
      const call = startCall(server.baseUrl);
      expect(await call.settled).toMatchObject(SUCCESS);
      call.close();
    }
    expect(server.connections).toHaveLength(1);
  });

  test('does not report that the response broke off', async () => {
    const server = await startServer((socket) => socket.write(response(200, { 'content-length': '1000' }, '{"req')));
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

test('a listener of other code that waits for one error is called once', async () => {
  const server = await startServer((socket) => socket.write(response(200, { 'content-length': '1000' }, '{"req')));
  const watch = watchRequests('/half', () => {});
  const request = watch.run(() => http.get(`${server.baseUrl}/half`));
  const onError = jest.fn();
  request.once('error', onError);
  const closed = new Promise((resolve) => request.on('close', resolve));
  await new Promise((resolve) => request.on('response', resolve));
  watch.close();
  await closed;
  await new Promise(setImmediate);
  watch.stop();
  expect(onError).toHaveBeenCalledTimes(1);
});

describe('a request that is made after closing', () => {
  test('is closed before it is sent, and the SDK settles', async () => {
    const server = await startServer(succeed);
    const call = startCall(server.baseUrl);
    call.close();
    expect(await call.settled).toEqual(expect.stringContaining('The call was given up.'));
    expect(call.wire()).toMatchObject({ requests: 1, nothingSent: true });
    expect(server.requests).toEqual([]);
  });

  /** Closes a call for which a connection is free. */
  async function closeOnKeptAlive() {
    http.globalAgent = new http.Agent({ keepAlive: true });
    const server = await startServer(succeed);
    await startCall(server.baseUrl).settled;
    const call = startCall(server.baseUrl);
    call.close();
    expect(await call.settled).toEqual(expect.stringContaining('The call was given up.'));
    return { server, call };
  }

  whereAnnounced('is not sent on a connection that was kept alive either', async () => {
    const { server } = await closeOnKeptAlive();
    expect(await startCall(server.baseUrl).settled).toMatchObject(SUCCESS);
    expect(server.requests).toHaveLength(2);
  });

  whereNotAnnounced('may have been sent on a connection that was kept alive', async () => {
    const { call } = await closeOnKeptAlive();
    expect(call.wire()).toEqual({ requests: 1, nothingSent: false });
  });

  test('is closed, too, if it is a repeat of the SDK after a response', async () => {
    const server = await startServer([json(200, { error_code: 18 }), succeed]);
    const call = startCall(server.baseUrl);
    const onResponse = (message: unknown): void => {
      const { response: ended }: { response?: http.IncomingMessage } = Object(message);
      ended?.once('end', call.close);
    };
    subscribe('http.client.response.finish', onResponse);
    expect(await call.settled).toEqual(expect.stringContaining('The call was given up.'));
    unsubscribe('http.client.response.finish', onResponse);
    expect(call.wire()).toMatchObject({ requests: 2, nothingSent: false });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a request that has no socket yet', () => {
  whereAnnounced(
    "is never sent if its call is closed while it waits in an agent's queue; the next one is",
    async () => {
      http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      let respond = (): void => {};
      const server = await startServer([(socket) => (respond = () => succeed(socket)), succeed]);
      const first = startCall(server.baseUrl);
      await server.spoken();
      const queued = startCall(server.baseUrl);
      while (queued.wire().requests === 0) await new Promise(setImmediate);
      expect(queued.wire()).toEqual({ requests: 1, nothingSent: true });
      queued.close();
      expect(await queued.settled).toEqual(expect.stringContaining('The call was given up.'));
      const third = startCall(server.baseUrl);
      respond();
      expect(await first.settled).toMatchObject(SUCCESS);
      expect(await third.settled).toMatchObject(SUCCESS);
      expect(server.requests).toHaveLength(2);
    },
  );

  whereAnnounced("is not sent either if its call was closed before it came to an agent's queue", async () => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const server = await startServer(() => {});
    startCall(server.baseUrl);
    await server.spoken();
    const late = startCall(server.baseUrl);
    late.close();
    expect(await late.settled).toEqual(expect.stringContaining('The call was given up.'));
    expect(server.requests).toHaveLength(1);
  });

  whereNotAnnounced('is not seen, and so proves nothing', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const responses: (() => void)[] = [];
    const server = await startServer((socket) => responses.push(() => succeed(socket)));
    const first = startCall(server.baseUrl);
    await server.spoken();
    const queued = startCall(server.baseUrl);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(queued.wire()).toEqual({ requests: 0, nothingSent: false });
    queued.close();
    responses[0]?.();
    expect(await first.settled).toMatchObject(SUCCESS);
    expect(await queued.settled).toEqual(expect.stringContaining('The call was given up.'));
    expect(first.wire()).toMatchObject({ requests: 1 });
  });

  whereAnnounced('is given up if a proxy never responds to its CONNECT, and the process ends', async () => {
    const proxy = await startServer(() => {});
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

describe('the process', () => {
  test("goes on for another request that was in the agent's queue behind a closed call", async () => {
    const server = await startServer([() => {}, (socket) => setTimeout(() => socket.end(json(200, {})), 500)]);
    const { status, stdout } = await child.run(`
      const http = require('node:http');
      http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const { watch, settled } = call('${server.baseUrl}');
      settled.then(watch.stop);
      await sleep(200);
      http.get('${server.baseUrl}', (response) => console.log(response.statusCode));
      watch.close();`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '200\n' });
  });

  test('ends after an error response whose head and malformed body come in one read', async () => {
    const server = await startServer(response(403, { 'content-length': '2', connection: 'close' }, 'no, and more'));
    const { status, stdout } = await child.run(`
      const { watch, settled } = call('${server.baseUrl}');
      console.log(await settled);
      watch.stop();`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'rejected\n' });
  });
});

describe('stopping', () => {
  // In a process of its own, as a call of another test that is under way keeps the subscriptions, too.
  test('the last watch leaves no subscription, and stopping twice counts once', async () => {
    const { stdout } = await child.run(`
      const { channel } = require('node:diagnostics_channel');
      const names = ['created', 'start', 'error'].map((event) => 'http.client.request.' + event);
      const print = () => console.log([...names, 'net.client.socket'].map((name) => channel(name).hasSubscribers).join());
      const [first, second] = [watchRequests('', () => {}), watchRequests('', () => {})];
      first.stop();
      first.stop();
      print();
      second.stop();
      print();`);
    expect(stdout).toBe('true,true,true,true\nfalse,false,false,false\n');
  });

  test('one watch makes it see nothing more, while another goes on', async () => {
    const server = await startServer(succeed);
    const other = watchRequests(TARGET, () => {});
    const call = startCall(server.baseUrl);
    call.stop();
    expect(await call.settled).toMatchObject(SUCCESS);
    expect(call.wire()).toEqual({ requests: 0, nothingSent: false });
    other.stop();
  });

  test('frees the call, though the connection that it opened stays', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true });
    const server = await startServer(succeed);
    const callbacks: WeakRef<() => void>[] = [];
    await (async () => {
      const onBreak = (): void => {};
      callbacks.push(new WeakRef(onBreak));
      const watch = watchRequests('/', onBreak);
      await watch.run(
        () => new Promise((resolve) => http.get(server.baseUrl, (received) => received.resume().on('end', resolve))),
      );
      watch.close();
      watch.stop();
    })();
    expect(await notCollected(callbacks)).toEqual([]);
    expect(Object.keys(http.globalAgent.freeSockets)).toHaveLength(1);
  });
});
