// The outcome is right with proxies, gateways, agents, mocks and the SDK's own retries between a call and the server.
// The real SDK over real sockets. An earlier version gave a wrong outcome in each of these cases.

import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { type CallOptions, stopFineTuningTask } from '../../../src';
import { ANNOUNCES_CREATED } from '../../support/node-version';
import { startChild } from '../../support/processes/child';
import { type ChildProject, makeChildProject } from '../../support/processes/project';
import { errorFields } from '../../support/responses/contract';
import { errorOf } from '../../support/responses/errors';
import { ROOT } from '../../support/root';
import { restoreAgentsAfterEach } from '../../support/servers/global-agents';
import { chunked, json, keptAlive, response } from '../../support/servers/raw-responses';
import { startServer } from '../../support/servers/raw-server';
import { NOTHING_LISTENS } from '../../support/servers/unreachable';
import { TASK } from '../../support/task';

const credentials = { accessKey: 'access-key', secretKey: 'secret-key-of-the-evidence' };
const SUCCESS = { requestId: 'request-1', result: true };

// Long enough for a slow machine; a test that hangs still ends.
jest.setTimeout(30_000);

restoreAgentsAfterEach();

const stop = (baseUrl: string, options: CallOptions = {}) =>
  stopFineTuningTask(TASK, { credentials, baseUrl, ...options });

describe("a gateway's page in place of the response of a server that may have stopped the task", () => {
  const page = '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n';

  // HAProxy does this with `http-response deny`, after the server has responded.
  test('keeps its code by status, shows its text, and leaves the outcome unknown', async () => {
    const server = await startServer(response(403, { 'content-type': 'text/html', 'cache-control': 'no-cache' }, page));
    const error = await errorOf(stop(server.baseUrl));
    expect(error.toJSON()).toEqual(errorFields('PERMISSION_DENIED', 'unknown', { status: 403, response: page }));
    expect(error.message).toMatch(/is not in Qianfan's form\..*403 Forbidden.*proxy or gateway.*base URL/);
    expect(error.message).not.toContain('Policy');
  });

  test("is a refusal if it has the server's own code in a header", async () => {
    const headers = { 'x-bce-error-code': 'AccessDenied', 'x-bce-error-message': 'Not yours.' };
    const server = await startServer(response(403, headers, page));
    const fields = { status: 403, apiCode: 'AccessDenied', apiMessage: 'Not yours.' };
    expect((await errorOf(stop(server.baseUrl))).toJSON()).toEqual(errorFields('PERMISSION_DENIED', 'refused', fields));
  });

  test.each([
    [200, 'UNEXPECTED_RESPONSE', {}],
    [502, 'SERVER_ERROR', { status: 502 }],
  ] as const)('is cut off if it has 10 MB, with status %i', async (status, code, fields) => {
    const body = 'x'.repeat(10_000_000);
    const server = await startServer(response(status, { 'content-type': 'text/html' }, body));
    const error = await errorOf(stop(server.baseUrl));
    expect(error.toJSON()).toEqual(errorFields(code, 'unknown', { ...fields, response: '' }));
    expect(error.message).toMatch(/ is too large .*and was cut off\./);
  });
});

describe('an agent with one connection, and chunked responses', () => {
  test.each([
    ['a success', chunked(200, JSON.stringify(SUCCESS)), SUCCESS],
    ['a refusal', chunked(403, '{"code":"AccessDenied"}'), { code: 'PERMISSION_DENIED', outcome: 'refused' }],
  ])('serves three calls at once: %s', async (_, served, expected) => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const server = await startServer((socket) => socket.write(served));
    const calls = [1, 2, 3].map(() => stop(server.baseUrl).catch((error: unknown) => error));
    for (const call of calls) expect(await call).toMatchObject(expected);
    expect([server.requests.length, server.connections.length]).toEqual([3, 1]);
  });
});

describe("the SDK's own retry", () => {
  const failed = json(200, { error_code: 500000, error_msg: 'internal error' });

  test('makes the outcome unknown if the last request stopped nothing', async () => {
    const server = await startServer([failed, json(200, { requestId: 'request-2', result: false })]);
    const error = await errorOf(stop(server.baseUrl));
    const fields = { requestId: 'request-2', status: 200 };
    expect(error.toJSON()).toEqual(errorFields('SERVER_ERROR', 'unknown', fields));
    expect(error.message).toMatch(/The SDK sent the request 2 times, .* An earlier one may have taken effect\./);
  });

  test('makes the outcome unknown if the last request was refused', async () => {
    const server = await startServer([failed, json(403, { code: 'AccessDenied' })]);
    expect(await errorOf(stop(server.baseUrl))).toMatchObject({ code: 'PERMISSION_DENIED', outcome: 'unknown' });
  });

  test('is a success if the last request stopped the task', async () => {
    const server = await startServer([failed, json(200, SUCCESS)]);
    expect(await stop(server.baseUrl)).toEqual(SUCCESS);
  });
});

describe('a request that has no connection yet', () => {
  const outcome = ANNOUNCES_CREATED ? 'not_sent' : 'unknown';

  /** Resolves once the agent has put a request into its queue. */
  async function queued(): Promise<void> {
    while (Object.keys(http.globalAgent.requests).length === 0) await new Promise(setImmediate);
  }

  test("is never sent if its call is aborted while it waits in an agent's queue", async () => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const waiting: Socket[] = [];
    const server = await startServer([(socket) => waiting.push(socket), (socket) => socket.end(json(200, SUCCESS))]);
    const first = stop(server.baseUrl);
    await server.spoken();
    const controller = new AbortController();
    const second = errorOf(stop(server.baseUrl, { signal: controller.signal }));
    await queued();
    controller.abort();
    expect(await second).toMatchObject({ code: 'ABORTED', outcome });
    waiting[0]?.write(keptAlive(200, SUCCESS));
    expect(await first).toEqual(SUCCESS);
    expect(await stop(server.baseUrl)).toEqual(SUCCESS); // a request that was sent before would arrive before this one
    // An older Node announces a request only when it is written, so it may be sent; it is then closed at once.
    if (ANNOUNCES_CREATED) expect(server.requests).toHaveLength(2);
  });

  test('proves that nothing was sent if a proxy never responds to its CONNECT', async () => {
    const proxy = await startServer(() => {});
    https.globalAgent = new HttpsProxyAgent(proxy.baseUrl);
    const controller = new AbortController();
    const failure = errorOf(stop('https://qianfan.test', { signal: controller.signal }));
    const { received } = await proxy.spoken();
    expect(received).toMatch(/^CONNECT qianfan\.test:443 /);
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome });
  });

  // Like ENETUNREACH, this fails before the agent hands a socket over.
  test('proves that nothing was sent if connecting fails at once', async () => {
    http.globalAgent = new http.Agent({ localAddress: '192.0.2.1' });
    const error = await errorOf(stop(NOTHING_LISTENS));
    const fields = { systemCode: 'EADDRNOTAVAIL' };
    expect(error.toJSON()).toEqual(errorFields('CONNECTION_FAILED', 'not_sent', fields));
  });
});

// In processes of their own: one has no descriptors left, and the others use libraries that change node:http for good.
describe('a process', () => {
  let project: ChildProject;

  beforeAll(() => {
    project = makeChildProject();
  });

  afterAll(() => project.remove());

  /** What a script prints. `before` is a shell command. */
  async function run(script: string, before = ':'): Promise<string[]> {
    const prelude = `
      import { createRequire } from 'node:module';
      import { stopFineTuningTask } from 'qianfan-finetuning';
      const requireHere = createRequire(${JSON.stringify(join(ROOT, 'package.json'))});
      const sleep = (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs));
      const credentials = ${JSON.stringify(credentials)};
      const end = (baseUrl, options) =>
        stopFineTuningTask(${JSON.stringify(TASK)}, { credentials, baseUrl, ...options }).then(
          ({ result }) => console.log(String(result)),
          ({ code, outcome, systemCode = '' }) => console.log(code, outcome, systemCode));`;
    const args = ['-c', `${before}; exec "$0" --input-type=module --eval "$1"`, process.execPath, prelude + script];
    const { status, stdout, stderr } = await startChild('/bin/sh', args, { cwd: project.directory }).end;
    if (status !== 0) throw new Error(stderr);
    return stdout.trim().split(/ *\n/);
  }

  test('that has no file descriptor left sends nothing', async () => {
    const script = `
      import { openSync } from 'node:fs';
      await end('${NOTHING_LISTENS}'); // loads what it needs
      try { for (;;) openSync('/dev/null'); } catch {}
      await end('${NOTHING_LISTENS}');
      process.exit();`;
    expect(await run(script, 'ulimit -n 256')).toEqual([
      'CONNECTION_FAILED not_sent ECONNREFUSED',
      'CONNECTION_FAILED not_sent EMFILE',
    ]);
  });

  test('with nock gets the outcome unknown if its mock is late, aborted or fails', async () => {
    const script = `
      const nock = requireHere('nock');
      const ours = () => nock('http://mock.test').post('/v2/finetuning').query(true);
      const controller = new AbortController();
      ours().reply(async () => { await sleep(60_000); return [200, {}]; });
      const aborted = end('http://mock.test', { signal: controller.signal });
      while (nock.pendingMocks().length > 0) await sleep(5);
      controller.abort();
      await aborted;
      ours().reply(async () => { await sleep(60_000); return [200, {}]; });
      await end('http://mock.test', { timeoutMs: 300 });
      ours().replyWithError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
      await end('http://mock.test');
      ours().reply(200, { requestId: 'r', result: true });
      await end('http://mock.test');
      process.exit();`;
    expect(await run(script)).toEqual([
      'ABORTED unknown',
      'TIMEOUT unknown',
      'CONNECTION_FAILED unknown ECONNREFUSED',
      'true',
    ]);
  });

  test('with msw gets the outcome unknown if its handler is late, aborted or fails', async () => {
    const script = `
      const { http, HttpResponse } = requireHere('msw');
      const { setupServer } = requireHere('msw/node');
      let taken = 0;
      const late = () => sleep(60_000);
      const handlers = [late, late, () => HttpResponse.error(), () => HttpResponse.json({ requestId: 'r', result: true })];
      setupServer(http.post('http://mock.test/v2/finetuning', () => handlers[taken++]())).listen();
      const controller = new AbortController();
      const aborted = end('http://mock.test', { signal: controller.signal });
      while (taken === 0) await sleep(5);
      controller.abort();
      await aborted;
      await end('http://mock.test', { timeoutMs: 300 });
      await end('http://mock.test');
      await end('http://mock.test');
      process.exit();`;
    expect(await run(script)).toEqual(['ABORTED unknown', 'TIMEOUT unknown', 'CONNECTION_FAILED unknown', 'true']);
  });
});
