// What can be seen of the real SDK's requests over real sockets, and what it takes for a proof that nothing was sent.

import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { makeWireChild, type WireChild } from '../../support/processes/watched-child';
import { endCalls, SUCCESS, startCall, succeed } from '../../support/sdk/watched-call';
import { SELF_SIGNED } from '../../support/servers/certificates';
import { json, response } from '../../support/servers/raw-responses';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { NOTHING_LISTENS, openSilentPort } from '../../support/servers/unreachable';

jest.setTimeout(60_000);

const onLinux = process.platform === 'linux' ? test : test.skip;

let child: WireChild;

beforeAll(() => {
  child = makeWireChild();
});

afterAll(() => child.remove());

test('a response is seen with its status and headers', async () => {
  const { baseUrl } = await startServer(json(403, { code: 'AccessDenied' }, { 'x-bce-request-id': 'id-1' }));
  const seen = await startCall(baseUrl).seenAtEnd();
  expect(seen).toEqual({ requests: 1, nothingSent: false, status: 403, headers: expect.any(Object) });
  expect(seen.headers).toMatchObject({ 'x-bce-request-id': 'id-1' });
});

test('a redirect is not followed, and its target is kept', async () => {
  const server = await startServer(response(302, { location: 'http://elsewhere.test/', 'content-length': '0' }));
  const seen = await startCall(server.baseUrl).seenAtEnd();
  expect(seen).toMatchObject({ requests: 1, status: 302, redirect: 'http://elsewhere.test/' });
  expect(seen.headers).not.toHaveProperty('location');
  expect(server.requests).toHaveLength(1);
});

test('a relative target is kept as it is, and a 201 with a location is not a redirect', async () => {
  const { baseUrl } = await startServer([
    response(307, { location: '/login', 'content-length': '0' }),
    json(201, SUCCESS, { location: '/made' }),
  ]);
  expect(await startCall(baseUrl).seenAtEnd()).toMatchObject({ status: 307, redirect: '/login' });
  const seen = await startCall(baseUrl).seenAtEnd();
  expect(seen).not.toHaveProperty('redirect');
  expect(seen.headers).toMatchObject({ location: '/made' });
});

test("the SDK's own repeats are counted, and only the last response is kept", async () => {
  const busy = json(200, { error_code: 18 }, { 'x-only-the-first': 'yes' });
  const { baseUrl } = await startServer([busy, json(200, { requestId: 'request-2', result: false })]);
  const seen = await startCall(baseUrl).seenAtEnd();
  expect(seen).toMatchObject({ requests: 2, status: 200 });
  expect(seen.headers).not.toHaveProperty('x-only-the-first');
});

test("other requests made in the call's scope are not counted", async () => {
  const server = await startServer([json(200, 'not ours'), json(200, SUCCESS)]);
  const call = startCall(server.baseUrl);
  await call.run(() => new Promise((resolve) => http.get(`${server.baseUrl}/traces`, resolve)));
  await call.settled;
  expect(server.requests).toHaveLength(2);
  expect(call.seen()).toMatchObject({ requests: 1, status: 200 });
});

describe('it is proved that nothing was sent when', () => {
  const failsWith = (code: string) => ({ requests: 1, nothingSent: true, failure: { error: { code } } });

  test('the connection is refused', async () => {
    const call = startCall(NOTHING_LISTENS);
    let isBroken = false;
    call.broken.then(() => {
      isBroken = true;
    });
    expect(await call.settled).toEqual(expect.stringContaining('ECONNREFUSED'));
    expect(call.seen()).toMatchObject(failsWith('ECONNREFUSED'));
    expect(isBroken).toBe(false); // the SDK tells it itself
  });

  // Like ENETUNREACH, this fails before the agent hands the socket over.
  test('the connection cannot be started', async () => {
    http.globalAgent = new http.Agent({ localAddress: '192.0.2.1' });
    expect(await startCall(NOTHING_LISTENS).seenAtEnd()).toMatchObject(failsWith('EADDRNOTAVAIL'));
  });

  test('the TLS connection cannot be started', async () => {
    https.globalAgent = new https.Agent({ localAddress: '192.0.2.1' });
    expect(await startCall('https://127.0.0.1:1').seenAtEnd()).toMatchObject(failsWith('EADDRNOTAVAIL'));
  });

  test('the agent fails to get a socket', async () => {
    http.globalAgent = new http.Agent();
    Object.assign(http.globalAgent, {
      createConnection: (_: unknown, callback: (error: Error) => void) => {
        setImmediate(callback, Object.assign(new Error('The proxy says no.'), { code: 'EPROXY' }));
      },
    });
    expect(await startCall(NOTHING_LISTENS).seenAtEnd()).toMatchObject(failsWith('EPROXY'));
  });

  test('the certificate is not trusted', async () => {
    const server = await startServer(json(200, SUCCESS), SELF_SIGNED);
    expect(await startCall(server.baseUrl).seenAtEnd()).toMatchObject(failsWith('DEPTH_ZERO_SELF_SIGNED_CERT'));
    expect(server.requests).toEqual([]);
  });

  test('the server does not respond to the TLS handshake', async () => {
    const server = await startServer('');
    const call = startCall(server.baseUrl.replace('http', 'https'));
    await server.spoken();
    expect(call.seen()).toEqual({ requests: 1, nothingSent: true });
  });

  onLinux('the connection is never completed', async () => {
    const silentPort = await openSilentPort();
    try {
      const call = startCall(`http://127.0.0.1:${silentPort.port}`);
      while (call.seen().requests === 0) await new Promise(setImmediate);
      expect(call.seen()).toEqual({ requests: 1, nothingSent: true });
    } finally {
      await endCalls();
      silentPort.close();
    }
  });

  onLinux('the process has no file descriptor left', async () => {
    const { stdout } = await child.run(
      `const { watch, settled } = call('${NOTHING_LISTENS}'); // loads what it needs
       await settled;
       watch.unwatch();
       const { openSync } = require('node:fs');
       try { for (;;) openSync('/dev/null'); } catch {}
       const next = call('${NOTHING_LISTENS}');
       const ending = await next.settled;
       show(ending, next.watch.seen());
       process.exit();`,
      'ulimit -n 256',
    );
    expect(stdout).toBe('rejected {"requests":1,"nothingSent":true,"code":"EMFILE"}\n');
  });
});

describe('nothing is proved when', () => {
  test('the connection is reset after it was made', async () => {
    const { baseUrl } = await startServer((socket) => socket.resetAndDestroy());
    const seen = await startCall(baseUrl).seenAtEnd();
    expect(seen).toMatchObject({ requests: 1, nothingSent: false, failure: { error: { code: 'ECONNRESET' } } });
  });

  test('the server takes the request and does not respond', async () => {
    const server = await startServer(() => {});
    const call = startCall(server.baseUrl);
    await server.spoken();
    expect(call.seen()).toEqual({ requests: 1, nothingSent: false });
  });

  test('a TLS server takes the request and resets the connection', async () => {
    https.globalAgent = new https.Agent({ rejectUnauthorized: false });
    const { baseUrl } = await startServer((socket) => socket.destroy(), SELF_SIGNED);
    expect(await startCall(baseUrl).seenAtEnd()).toMatchObject({ requests: 1, nothingSent: false, failure: {} });
  });

  test('the connection of an earlier call is used again, and reset', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true });
    const server = await startServer([succeed, (socket) => socket.resetAndDestroy()]);
    expect(await startCall(server.baseUrl).seenAtEnd()).toMatchObject({ status: 200 });
    expect(await startCall(server.baseUrl).seenAtEnd()).toMatchObject({ requests: 1, nothingSent: false, failure: {} });
    expect(server.connections).toHaveLength(1);
  });

  test("only the SDK's repeat was refused", async () => {
    const server: RawServer = await startServer((socket) => {
      server.stopListening();
      socket.end(json(200, { error_code: 18 }));
    });
    const seen = await startCall(server.baseUrl).seenAtEnd();
    expect(seen).toMatchObject({ requests: 2, nothingSent: false, failure: { error: { code: 'ECONNREFUSED' } } });
    expect(seen).not.toHaveProperty('status');
  });

  test('the agent throws before there is a request', async () => {
    http.globalAgent = new http.Agent();
    Object.assign(http.globalAgent, {
      createConnection: () => {
        throw new Error('The proxy says no.');
      },
    });
    expect(await startCall(NOTHING_LISTENS).seenAtEnd()).toEqual({ requests: 0, nothingSent: false });
  });

  test('a mock puts a method of its own on a socket of Node, as nock 15 does', async () => {
    const silentPort = await openSilentPort();
    try {
      http.globalAgent = new http.Agent();
      Object.assign(http.globalAgent, {
        createConnection: () => {
          const socket = connect(silentPort.port, '127.0.0.1');
          return Object.assign(socket, { connect: () => socket });
        },
      });
      const call = startCall(`http://127.0.0.1:${silentPort.port}`);
      while (call.seen().requests === 0) await new Promise(setImmediate);
      expect(call.seen()).toEqual({ requests: 1, nothingSent: false });
    } finally {
      await endCalls();
      silentPort.close();
    }
  });

  test('nock responds late, fails or refuses to connect', async () => {
    const { stdout } = await child.run(`
      const nock = requireHere('nock');
      const ours = () => nock('http://mock.test').post('/v2/finetuning').query(true);
      ours().reply(async () => { await sleep(60_000); return [200, {}]; });
      const late = call('http://mock.test');
      while (nock.pendingMocks().length > 0) await sleep(5);
      show('late', late.watch.seen());
      ours().replyWithError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
      const failing = call('http://mock.test');
      show(await failing.settled, failing.watch.seen());
      nock.disableNetConnect();
      const barred = call('${NOTHING_LISTENS}');
      show(await barred.settled, barred.watch.seen());
      process.exit();`);
    expect(stdout.split('\n')).toEqual([
      'late {"requests":1,"nothingSent":false}',
      'rejected {"requests":1,"nothingSent":false,"code":"ECONNREFUSED"}',
      'rejected {"requests":1,"nothingSent":false,"code":"ENETUNREACH"}',
      '',
    ]);
  });

  test('msw responds late, fails, or passes a request on whose connection is refused', async () => {
    const { stdout } = await child.run(`
      const { http, HttpResponse } = requireHere('msw');
      const { setupServer } = requireHere('msw/node');
      let taken = 0;
      const handlers = [() => sleep(60_000), () => HttpResponse.error()];
      setupServer(http.post('http://mock.test/v2/finetuning', () => handlers[taken++]())).listen({ onUnhandledRequest: 'bypass' });
      const late = call('http://mock.test');
      while (taken === 0) await sleep(5);
      show('late', late.watch.seen());
      const failing = call('http://mock.test');
      show(await failing.settled, failing.watch.seen());
      const through = call('${NOTHING_LISTENS}');
      show(await through.settled, through.watch.seen());
      process.exit();`);
    expect(stdout.split('\n')).toEqual([
      'late {"requests":1,"nothingSent":false}',
      'rejected {"requests":1,"nothingSent":false}',
      'rejected {"requests":1,"nothingSent":false,"code":"ECONNREFUSED"}',
      '',
    ]);
  });
});
