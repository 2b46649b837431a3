// What the bare SDK does, as far as `src/` relies on it. Nothing of `src/` runs here: a test that fails with another version of
// the SDK says what has changed in it.

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { consoleAction } from '@baiducloud/qianfan';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { restoreProcessAfterEach } from '../../support/process-state';
import { restoreAgentsAfterEach } from '../../support/servers/global-agents';
import { chunked, json, type RawResponse, response, thenReset } from '../../support/servers/raw-responses';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { NOTHING_LISTENS } from '../../support/servers/unreachable';
import { TASK } from '../../support/task';

const REQUEST = {
  base_api_route: '/v2/finetuning',
  action: 'StopFineTuningTask',
  data: TASK,
};
const GOOD = { requestId: 'r-1', result: true };
const REPEATED_CODES = [18, 336100, 336502, 500000];

let unwatch = (): void => {};

beforeEach(() => {
  process.env['QIANFAN_ACCESS_KEY'] = 'ak-of-a-test';
  process.env['QIANFAN_SECRET_KEY'] = 'sk-of-a-test';
});

restoreProcessAfterEach();
afterEach(() => unwatch());

describe('what the bare SDK sends', () => {
  it('is one POST with the action in the query, the data as JSON, and a signature', async () => {
    const server = await serve(json(200, GOOD));
    await call();
    expect(server.requests).toHaveLength(1);
    const [head = '', body] = String(server.requests[0]).split('\r\n\r\n');
    const [start, ...headers] = head.toLowerCase().split('\r\n');
    expect(start).toBe('post /v2/finetuning?action=stopfinetuningtask http/1.1');
    expect(headers).toContain('content-type: application/json');
    expect(headers).toContain('accept: application/json');
    expect(headers).toContain('content-length: 30');
    expect(headers).toContainEqual(expect.stringMatching(/^x-bce-date: \d{4}-\d\d-\d\dt\d\d:\d\d:\d\dz$/));
    expect(headers).toContainEqual(
      expect.stringMatching(
        /^authorization: bce-auth-v1\/ak-of-a-test\/[^/]+z\/1800\/content-length;content-type;host;x-bce-date\/[0-9a-f]{64}$/,
      ),
    );
    expect(body).toBe('{"taskId":"task-5kjifvzerc5n"}');
  });

  it('has two slashes in its path if the base URL ends with one', async () => {
    const server = await serve(json(200, GOOD));
    process.env['QIANFAN_CONSOLE_API_BASE_URL'] = `${server.baseUrl}/`;
    await call();
    expect(server.requests[0]).toMatch(/^POST \/\/v2\/finetuning\?Action=StopFineTuningTask /);
  });

  it('is signed with the keys that the environment has when the call begins', async () => {
    const server = await serve(json(200, GOOD));
    const calls = Array.from({ length: 20 }, (_, index) => {
      process.env['QIANFAN_ACCESS_KEY'] = `ak-${index}`;
      const pending = call();
      process.env['QIANFAN_ACCESS_KEY'] = 'ak-afterwards';
      return pending;
    });
    delete process.env['QIANFAN_ACCESS_KEY'];
    delete process.env['QIANFAN_CONSOLE_API_BASE_URL'];
    await Promise.all(calls);
    const keys = server.requests.map((request) => /bce-auth-v1\/([^/]+)/.exec(request)?.[1]);
    expect(keys.sort()).toEqual(Array.from({ length: 20 }, (_, index) => `ak-${index}`).sort());
  });

  it('takes what the environment does not have from a .env in the working directory, which it reads for every call', async () => {
    const server = await serve(json(200, GOOD));
    const directory = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-'));
    const before = process.cwd();
    try {
      process.chdir(directory);
      for (const accessKey of ['ak-first', 'ak-second']) {
        delete process.env['QIANFAN_ACCESS_KEY'];
        writeFileSync('.env', `QIANFAN_ACCESS_KEY=${accessKey}\nQIANFAN_SECRET_KEY=the-environment-wins\n`);
        await call();
        // The SDK leaves it in the environment, where our redactor finds the secret key.
        expect(process.env['QIANFAN_ACCESS_KEY']).toBe(accessKey);
        expect(process.env['QIANFAN_SECRET_KEY']).toBe('sk-of-a-test');
      }
    } finally {
      process.chdir(before);
      rmSync(directory, { recursive: true });
    }
    expect(server.requests.map((request) => /bce-auth-v1\/([^/]+)/.exec(request)?.[1])).toEqual([
      'ak-first',
      'ak-second',
    ]);
  });

  it.each([['QIANFAN_ACCESS_KEY'], ['QIANFAN_SECRET_KEY']])('is nothing without %s', async (name) => {
    const server = await serve(json(200, GOOD));
    delete process.env[name];
    await expect(call()).rejects.toThrow(/^请设置QIANFAN_ACCESS_KEY\/QIANFAN_SECRET_KEY$/);
    expect(server.connections).toHaveLength(0);
  });

  it('is nothing if there is a global window: the SDK ignores the environment then', async () => {
    const server = await serve(json(200, GOOD));
    Object.assign(globalThis, { window: {} });
    await expect(call()).rejects.toThrow(/^请设置QIANFAN_ACCESS_KEY\/QIANFAN_SECRET_KEY$/);
    expect(server.connections).toHaveLength(0);
  });
});

describe('what the bare SDK resolves with', () => {
  const html = '<html>';
  const headers = expect.objectContaining({ 'x-bce-request-id': 'r-h' });
  it.each<[string, string | Buffer, unknown]>([
    ['the body and its headers', json(200, GOOD, id()), { headers, ...GOOD }],
    ['the body of a false result', json(200, { result: false }, id()), { headers, result: false }],
    [
      'an error of the shape of version 2',
      json(200, { code: 'C', message: 'm' }, id()),
      { headers, code: 'C', message: 'm' },
    ],
    [
      'the characters of a page',
      response(200, { ...id(), 'content-type': 'text/html' }, html),
      { headers, ...Object(html) },
    ],
    ['the characters of JSON with another content type', response(200, id(), '{}'), { headers, 0: '{', 1: '}' }],
    ['the entries of an array', json(200, '["a"]', id()), { headers, 0: 'a' }],
    ['the characters of a JSON string', json(200, '"ab"', id()), { headers, 0: 'a', 1: 'b' }],
    ['the headers alone for null', json(200, 'null', id()), { headers }],
    ['the headers alone for a number', json(200, '7', id()), { headers }],
    ['null for 204', response(204, id()), null],
    ['the `headers` of the body in place of the real ones', json(200, { headers: 1 }, id()), { headers: 1 }],
  ])('%s', async (_, served, expected) => {
    await serve(served);
    const value = await call();
    expect(value).toEqual(expected);
  });

  it.each(REPEATED_CODES)('the error body of code %i, after it has sent the request four times', async (code) => {
    const server = await serve(json(200, { error_code: code, error_msg: 'm' }));
    await expect(call()).resolves.toMatchObject({ error_code: code, error_msg: 'm' });
    expect(server.requests).toHaveLength(4);
    expect(new Set(server.requests.map((request) => request.split('\r\n\r\n')[1]))).toEqual(
      new Set(['{"taskId":"task-5kjifvzerc5n"}']),
    );
  });

  it('the response to the repeat', async () => {
    const server = await serve([json(200, { error_code: 18 }), json(200, GOOD)]);
    await expect(call()).resolves.toMatchObject(GOOD);
    expect(server.requests).toHaveLength(2);
  });

  it('what a redirect leads to, by GET for 302 and by POST for 307', async () => {
    for (const [status, method] of [
      [302, 'GET'],
      [307, 'POST'],
    ] as const) {
      const target = await startServer(json(200, GOOD));
      await serve(response(status, { location: `${target.baseUrl}/x`, 'content-length': '0' }));
      await expect(call()).resolves.toMatchObject(GOOD);
      expect(target.requests).toEqual([expect.stringMatching(`^${method} /x `)]);
    }
  });
});

describe('what the bare SDK rejects with', () => {
  it.each([400, 401, 403, 404, 408, 429, 500, 503])('one message for status %i, and no repeat', async (status) => {
    const server = await serve(json(status, { code: 'C', message: 'line\nbreak' }, { 'X-Bce-Request-Id': 'r-h' }));
    const error = await failure();
    expect(Object.keys(Object(error))).toEqual([]);
    expect(error).toMatchObject({ name: 'Error' });
    expect(messageOf(error)).toBe(
      `Request timed out.\n        HTTP error, status = ${status}\n\n        Response Header ${JSON.stringify({
        connection: 'close',
        'content-length': '36',
        'content-type': 'application/json',
        'x-bce-request-id': 'r-h',
      })}\n    \nResponse Body {"code":"C","message":"line\\nbreak"}`,
    );
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    '{"error_code":6,"error_msg":"m"}',
    '{"error_code":"18"}',
    '{"error_code":0,"result":true}',
    '{"error_code":null,"result":true}',
  ])('the headers and the body as JSON for %s', async (body) => {
    const server = await serve(json(200, body, { 'x-bce-request-id': 'r-h' }));
    const error = await failure();
    const { headers, ...rest } = JSON.parse(messageOf(error));
    expect(headers).toMatchObject({ 'x-bce-request-id': 'r-h' });
    expect(rest).toEqual(JSON.parse(body));
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['is empty', ''],
    ['is cut short', '{"requestId":"r-1","resu'],
    ['is not JSON', '<html>'],
  ])('a FetchError for a body that %s and has the content type of JSON', async (_, body) => {
    await serve(json(200, body));
    const error = await failure();
    expect(error).toMatchObject({ name: 'FetchError', type: 'invalid-json' });
    expect(messageOf(error)).toMatch(/^invalid json response body at http:\/\/127\.0\.0\.1:\d+\/\S+ reason: /);
  });

  it.each<[string, () => string | Promise<string>, RegExp]>([
    [
      'a refused connection',
      () => NOTHING_LISTENS,
      /^Request timed out\.request to http:\S+ failed, reason: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    ],
    [
      'a connection that ends before the response',
      async () => (await serve((socket) => socket.end())).baseUrl,
      /^Request timed out\.request to http:\S+ failed, reason: socket hang up$/,
    ],
    [
      'bytes that are not HTTP',
      async () => (await serve('garbage\r\n\r\n')).baseUrl,
      /^Request timed out\.request to http:\S+ failed, reason: Parse Error: /,
    ],
    [
      'a redirect that never ends',
      async () => (await serve(response(302, { location: '/', 'content-length': '0' }))).baseUrl,
      /^Request timed out\.maximum redirect reached at: http:/,
    ],
    ['another protocol', () => 'ftp://127.0.0.1', /^Request timed out\.Only HTTP\(S\) protocols are supported$/],
    ['a base URL that is not a URL', () => 'nonsense', /^Invalid URL$/],
  ])('this message for %s', async (_, baseUrl, message) => {
    process.env['QIANFAN_CONSOLE_API_BASE_URL'] = await baseUrl();
    expect(messageOf(await failure())).toMatch(message);
  });

  it('the whole signature where the access key has a line break', async () => {
    await serve(json(200, GOOD));
    process.env['QIANFAN_ACCESS_KEY'] = 'ak\nx';
    expect(messageOf(await failure())).toMatch(
      /^Request timed out\.bce-auth-v1\/ak\nx\/.*\/[0-9a-f]{64} is not a legal HTTP header value$/,
    );
  });
});

describe('if a response breaks off, the bare SDK', () => {
  const head = { 'content-type': 'application/json' };
  const inChunks = response(200, { ...head, 'transfer-encoding': 'chunked' }, '6\r\n{"requ\r\n');
  const withLength = response(200, { ...head, 'content-length': '100' }, '{"requ');

  it.each<[string, string]>([
    ['it ends before its length', withLength],
    ['it is a refusal and ends before its length', response(403, { ...head, 'content-length': '100' }, '{"requ')],
    ['it switches protocols', response(101, { connection: 'upgrade', upgrade: 'x' })],
  ])('never settles until its request emits an error: %s', async (_, served) => {
    const settled = jest.fn();
    const requests = watchRequests();
    const server = await serve([served, json(200, GOOD)]);
    const failed = failure();
    failed.finally(settled);
    await (await server.spoken()).closed;
    // Another call takes longer than settling would.
    await call();
    for (let count = 0; count < 100; count += 1) await turn();
    expect(settled).not.toHaveBeenCalled();
    requests[0]?.emit('error', new Error('broke off'));
    expect(messageOf(await failed)).toMatch(/broke off$/);
  });

  it.each<[string, RawResponse, RegExp]>([
    ['in its chunks', inChunks, /^Invalid response body while trying to fetch http:\S+: Premature close$/],
    ['with a reset', thenReset(withLength), /^Invalid response body while trying to fetch http:\S+: \w+ ECONNRESET$/],
    [
      'in a malformed chunk',
      inChunks.replace('6\r\n', 'zz\r\n'),
      /^Invalid response body while trying to fetch http:\S+: Parse Error: /,
    ],
    [
      'in the chunks of a refusal',
      inChunks.replace('200', '403'),
      /^Request timed out\.Premature close$/, // the status is lost
    ],
  ])('rejects: %s', async (_, served, message) => {
    await serve(served);
    expect(messageOf(await failure())).toMatch(message);
  });
});

describe('under an agent that limits its sockets', () => {
  restoreAgentsAfterEach();

  it('the bare SDK takes a complete chunked response for a broken one, while another request waits', async () => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    await serve((socket) => socket.write(chunked(200, JSON.stringify(GOOD))));
    const ends = await Promise.all([1, 2, 3].map(() => call().then(() => 'resolved', messageOf)));
    // Node 26 reuses the connection only after the end of the response.
    const isMended = Number.parseInt(process.versions.node, 10) >= 26;
    const broken = expect.stringMatching(/Premature close$/);
    expect(ends).toEqual(isMended ? ['resolved', 'resolved', 'resolved'] : expect.arrayContaining([broken]));
  });
});

describe('the requests of the bare SDK', () => {
  it('are announced by Node, and destroying one closes its socket and ends the call', async () => {
    const requests = watchRequests();
    const server = await serve(() => {});
    const failed = failure();
    const { closed } = await server.spoken();
    expect(requests.map(({ path }) => path)).toEqual(['/v2/finetuning?Action=StopFineTuningTask']);
    requests[0]?.destroy(new Error('given up'));
    expect(messageOf(await failed)).toMatch(/^Request timed out\.request to \S+ failed, reason: given up$/);
    await closed;
  });

  it('are announced within the asynchronous scope of their call, its repeats too', async () => {
    const scope = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    watchRequests(() => seen.push(scope.getStore()));
    await serve([json(200, { error_code: 18 }), json(200, GOOD)]);
    await scope.run('this call', call);
    expect(seen).toEqual(['this call', 'this call']);
  });
});

describe('the package of the SDK', () => {
  const directory = process.env['SDK_DIR'] ?? dirname(require.resolve('@baiducloud/qianfan/package.json'));
  const NAME = 'QIANFAN_CONSOLE_API_BASE_URL';

  it('has a consoleAction whose source has a variable name that no mock has', () => {
    expect(Function.prototype.toString.call(consoleAction)).toContain(NAME);
  });

  it('points bundlers at a build for browsers, which has the same name and no default export', () => {
    const { main, module } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    expect([main, module]).toEqual(['dist/bundle.cjs', 'dist/bundle.esm.js']);
    const source = readFileSync(join(directory, module), 'utf8');
    expect(source).toContain(NAME);
    expect(source).toMatch(/export ?\{[^}]*\bconsoleAction\b[^}]*\}/);
    expect(source).not.toMatch(/export default|\bas default\b/);
  });
});

const START = 'http.client.request.start';

function watchRequests(onRequest: () => void = () => {}): http.ClientRequest[] {
  const requests: http.ClientRequest[] = [];
  const onStart = (message: unknown): void => {
    requests.push(Object(message).request);
    onRequest();
  };
  subscribe(START, onStart);
  unwatch = () => unsubscribe(START, onStart);
  return requests;
}

async function serve(given: RawResponse | readonly RawResponse[]): Promise<RawServer> {
  const server = await startServer(given);
  process.env['QIANFAN_CONSOLE_API_BASE_URL'] = server.baseUrl;
  return server;
}

function call(): Promise<unknown> {
  return consoleAction(REQUEST);
}

async function failure(): Promise<unknown> {
  return call().then(
    (value) => expect(value).toBe('an error'),
    (error: unknown) => error,
  );
}

function messageOf(error: unknown): string {
  return String(Object(error).message);
}

function id(): Record<string, string> {
  return { 'x-bce-request-id': 'r-h' };
}
