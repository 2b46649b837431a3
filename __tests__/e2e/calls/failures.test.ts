// The truth table over real sockets: the real SDK, and a server that sends the bytes of each row.

import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { type CallOptions, describeFineTuningTask, stopFineTuningTask } from '../../../src';
import { errorFields } from '../../support/responses/contract';
import { errorOf, printed } from '../../support/responses/errors';
import { asBytes, type ResponseRow, responsesAsked } from '../../support/responses/notation';
import { DESCRIBE_ROWS, STOP_ROWS } from '../../support/responses/truth-table';
import { chunked, json, type RawResponse, response } from '../../support/servers/raw-responses';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { TASK } from '../../support/task';

jest.setTimeout(60_000);

type Headers = Readonly<Record<string, string>>;

const credentials = { accessKey: 'ak-of-a-test', secretKey: 'sk.of(a)/test+0123456789==' };

const stopAt = ({ baseUrl }: RawServer, options: CallOptions = {}) =>
  stopFineTuningTask(TASK, { credentials, baseUrl, ...options });

describe.each([
  ['stopFineTuningTask', stopFineTuningTask, STOP_ROWS],
  ['describeFineTuningTask', describeFineTuningTask, DESCRIBE_ROWS],
] as const)('%s:', (_, call, table) => {
  describe.each(Object.entries(table))('%s.', (_subject, rows) => {
    test.each(rows)('%s', async (...[, sent, expected]: ResponseRow) => {
      const asked = responsesAsked(sent);
      const server = await startServer(asked.map(asBytes));
      const pending = call(TASK, { credentials, baseUrl: server.baseUrl });
      if ('code' in expected) expect((await errorOf(pending)).toJSON()).toEqual(expected);
      else expect(await pending).toStrictEqual(expected);
      expect(server.requests).toHaveLength(asked.length);
    });
  });
});

describe('A redirect is never followed, and its host is named:', () => {
  test.each<[string, (target: RawServer) => string]>([
    ['to another server', ({ baseUrl }) => `${baseUrl}/v2/finetuning?Action=StopFineTuningTask`],
    ['to another server without a scheme', ({ port }) => `//127.0.0.1:${port}/v2/finetuning`],
    ['to another scheme', ({ port }) => `https://user:password@127.0.0.1:${port}/?token=t`],
  ])('%s.', async (_, location) => {
    const target = await startServer(json(200, { requestId: 'of-the-target', result: true }));
    for (const status of [302, 307]) {
      const server = await startServer(response(status, { location: location(target), 'content-length': '0' }));
      const error = await errorOf(stopAt(server));
      expect(error.message).toContain(`redirected the request to 127.0.0.1:${target.port} (HTTP ${status})`);
      expect(printed(error)).not.toMatch(/password|token/);
      expect(server.requests).toHaveLength(1);
    }
    expect(await connectionsOf(target)).toBe(0);
  });

  test('to itself.', async () => {
    const server = await startServer(response(302, { location: '?Action=StopFineTuningTask', 'content-length': '0' }));
    expect((await errorOf(stopAt(server))).message).toContain('another path of the same host');
    expect(await connectionsOf(server)).toBe(1);
  });

  test('to a URL without a host.', async () => {
    const server = await startServer(response(302, { location: 'file:///etc/hosts', 'content-length': '0' }));
    expect((await errorOf(stopAt(server))).message).toContain('redirected the request to a file: URL (HTTP 302)');
  });

  test('with a body that never ends.', async () => {
    const target = await startServer(json(200, { result: true }));
    const head = response(302, { location: target.baseUrl, 'content-length': '9' }, 'part');
    const server = await startServer((socket) => socket.write(head));
    const error = await errorOf(stopAt(server, { timeoutMs: 500 }));
    expect(error.toJSON()).toEqual(errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: '' }));
    expect(await connectionsOf(target)).toBe(0);
  });
});

describe('A response that is too large is cut off:', () => {
  const page = (status: number, headers: Headers = {}) =>
    response(status, { 'content-type': 'text/html', 'x-bce-request-id': 'r-1', ...headers }, 'x'.repeat(200_000));

  test.each<[string, string, object]>([
    ['A page with a 200 is not a result.', page(200), errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: '' })],
    [
      'A redirect is still a redirect.',
      page(302, { location: '/' }),
      errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: '' }),
    ],
    ['A 403 keeps its code.', page(403), errorFields('PERMISSION_DENIED', 'unknown', { status: 403, response: '' })],
    ['A 500 keeps its code.', page(500), errorFields('SERVER_ERROR', 'unknown', { status: 500, response: '' })],
    [
      'A 403 with a code in its headers is not a refusal.',
      page(403, { 'x-bce-error-code': 'NoSuchKey' }),
      errorFields('PERMISSION_DENIED', 'unknown', { status: 403, response: '' }),
    ],
  ])('%s', async (_, served, expected) => {
    const server = await startServer((socket) => socket.write(served));
    const error = await errorOf(stopAt(server, { timeoutMs: 5_000 }));
    expect(error.toJSON()).toEqual({ ...expected, requestId: 'r-1' });
    expect(error.message).toMatch(/redirected|too large/);
    await (await server.spoken()).closed;
  });
});

describe('A body is read if it comes', () => {
  const good = JSON.stringify({ requestId: 'r-1', result: true });
  const denied = '{"requestId":"r-1","code":"AccessDenied","message":"没有权限 🛑"}';
  const CODINGS = {
    gzip: gzipSync,
    'x-gzip': gzipSync,
    deflate: deflateSync,
    'raw deflate': deflateRawSync,
    br: brotliCompressSync,
  };

  const coded = (status: number, coding: keyof typeof CODINGS, body: string): Buffer => {
    const bytes = CODINGS[coding](body);
    const encoding = coding.replace('raw ', '');
    const head = {
      'content-type': 'application/json',
      'content-encoding': encoding,
      'content-length': `${bytes.length}`,
    };
    return Buffer.concat([Buffer.from(response(status, head)), bytes]);
  };
  const byteByByte =
    (served: string | Buffer): RawResponse =>
    async (socket) => {
      socket.setNoDelay(true);
      for (const byte of Buffer.from(served)) {
        socket.write(Buffer.from([byte]));
        await turn();
      }
      socket.end();
    };

  test.each<[string, RawResponse, RawResponse]>([
    ...(['gzip', 'x-gzip', 'deflate', 'raw deflate', 'br'] as const).map(
      (coding): [string, RawResponse, RawResponse] => [
        `in ${coding}`,
        coded(200, coding, good),
        coded(403, coding, denied),
      ],
    ),
    ['in chunks that cut characters', chunked(200, good, { chunkBytes: 1 }), chunked(403, denied, { chunkBytes: 2 })],
    ['a byte at a time', byteByByte(json(200, good)), byteByByte(json(403, denied))],
    ['a byte at a time in gzip', byteByByte(coded(200, 'gzip', good)), byteByByte(coded(403, 'gzip', denied))],
    [
      'without a length, up to the end of the connection',
      response(200, { 'content-type': 'application/json' }, good),
      response(403, {}, denied),
    ],
    ['in HTTP/1.0', json(200, good).replace('1.1', '1.0'), json(403, denied).replace('1.1', '1.0')],
    [
      'after 102 and 103',
      response(102, {}) + response(103, {}) + json(200, good),
      response(103, {}) + json(403, denied),
    ],
  ])('%s.', async (_, success, refusal) => {
    expect(await stopAt(await startServer(success))).toStrictEqual({ requestId: 'r-1', result: true });
    const fields = { status: 403, apiCode: 'AccessDenied', apiMessage: '没有权限 🛑', requestId: 'r-1' };
    const error = await errorOf(stopAt(await startServer(refusal)));
    expect(error.toJSON()).toEqual(errorFields('PERMISSION_DENIED', 'refused', fields));
  });

  const broken = (status: number, coding: string, body: Buffer | string, headers: Headers = {}): Buffer => {
    const head = { 'content-type': 'application/json', 'content-encoding': coding, 'content-length': `${body.length}` };
    return Buffer.concat([
      Buffer.from(response(status, { ...head, 'x-bce-request-id': 'r-1', ...headers })),
      Buffer.from(body),
    ]);
  };
  test.each([
    ['A body that is not gzip', broken(200, 'gzip', 'abcd')],
    ['Half of a gzip', broken(200, 'gzip', gzipSync(good).subarray(0, 15))],
    ['Half of a brotli', broken(200, 'br', brotliCompressSync(good).subarray(0, 15))],
    ['An empty deflate', broken(200, 'deflate', '')],
  ])('%s cannot be read.', async (_, served) => {
    const error = await errorOf(stopAt(await startServer(served)));
    expect(error.toJSON()).toEqual(errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: '', requestId: 'r-1' }));
  });

  test('The headers give the code of a refusal that cannot be read.', async () => {
    const served = broken(403, 'gzip', 'abcd', { 'x-bce-error-code': 'AccessDenied' });
    const fields = { status: 403, apiCode: 'AccessDenied', requestId: 'r-1' };
    const error = await errorOf(stopAt(await startServer(served)));
    expect(error.toJSON()).toEqual(errorFields('PERMISSION_DENIED', 'refused', fields));
  });
});

describe('A secret that the server sends back is not in the error:', () => {
  const signed = (request: string) => /^authorization: (.*)$/im.exec(request)?.[1] ?? 'none';
  const { secretKey } = credentials;

  test.each<[string, (request: string) => string]>([
    ['in the words of a refusal', (request) => json(403, { code: 'AccessDenied', message: `You sent ${request}` })],
    ['in the words of a 200', (request) => json(200, { error_code: 6, error_msg: `${request} ${secretKey}` })],
    ['in a field', (request) => json(200, { request: { authorization: signed(request), secretKey } })],
    ['on a page', (request) => response(403, { 'content-type': 'text/html' }, `<pre>${request}</pre>${secretKey}`)],
    ['as a code', (request) => json(403, { code: signed(request) })],
    [
      'as a code in a header',
      (request) => json(403, {}, { 'x-bce-error-code': signed(request), 'x-bce-error-message': secretKey }),
    ],
    ['as an ID', (request) => json(200, { requestId: signed(request) })],
    ['as an ID in a header', (request) => json(403, {}, { 'x-bce-request-id': signed(request) })],
    ['in capitals', (request) => json(400, { message: signed(request).toUpperCase() })],
    [
      'where it is cut off',
      (request) => json(400, `${'x'.repeat(1_950)}${signed(request).slice(-64)}${'x'.repeat(2_000)}`),
    ],
    [
      'where it redirects to',
      (request) => response(302, { location: `http://${signed(request).slice(-64)}.example/${signed(request)}` }),
    ],
    ['as the secret key alone', () => json(403, { code: secretKey, message: secretKey, requestId: secretKey })],
    ['in every response to a repeat', (request) => json(200, { error_code: 18, error_msg: request })],
    [
      'in a response that breaks off',
      (request) => response(200, { 'x-bce-request-id': secretKey, 'content-length': '9999' }, request),
    ],
  ])('%s.', async (_, echo) => {
    const server = await startServer((socket, _index, request) => socket.end(echo(request)));
    const text = printed(await errorOf(stopAt(server)));
    const signatures = server.requests.map((request) => signed(request).slice(-64));
    expect(signatures.filter((signature) => text.toLowerCase().includes(signature.slice(0, 40)))).toEqual([]);
    expect(text).not.toContain(secretKey);
  });
});

/** How many connections a server has had. This makes one more, which arrives after all that were under way. */
async function connectionsOf(server: RawServer): Promise<number> {
  const last = connect(server.port, '127.0.0.1');
  await once(last, 'connect');
  for (;;) {
    const index = server.connections.findIndex(({ socket }) => socket.remotePort === last.localPort);
    if (index >= 0) return last.destroy() && index;
    await turn();
  }
}
