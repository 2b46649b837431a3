// How a watch sees the bodies of responses: chunked, broken off, and too large.

import http from 'node:http';
import type { Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { SUCCESS, startCall, succeed } from '../../support/sdk/watched-call';
import { chunked, response, thenReset } from '../../support/servers/raw-responses';
import { startServer } from '../../support/servers/raw-server';

jest.setTimeout(60_000);

const KB = 1024;

describe('a chunked response under an agent with one connection', () => {
  const gzipped = { headers: { 'content-encoding': 'gzip' } };

  test.each([
    ['a success', chunked(200, JSON.stringify(SUCCESS)), SUCCESS],
    ['a compressed success', chunked(200, gzipSync(JSON.stringify(SUCCESS)), gzipped), SUCCESS],
    ['a refusal', chunked(403, '{"code":"AccessDenied"}'), /"code":"AccessDenied"/],
  ])('is read correctly by three calls at once: %s', async (_, served, expected) => {
    http.globalAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const server = await startServer((socket) => socket.write(served));
    const calls = [1, 2, 3].map(() => startCall(server.baseUrl));
    for (const call of calls) {
      const matching = expected instanceof RegExp ? expect.stringMatching(expected) : expect.objectContaining(expected);
      expect(await call.settled).toEqual(matching);
      expect(call.wire()).toMatchObject({ requests: 1, nothingSent: false });
      expect(call.wire()).not.toHaveProperty('failure');
    }
    expect(server.connections).toHaveLength(1);
  });
});

describe('a body that breaks off is reported, and the SDK settles', () => {
  const FRAMINGS = { length: { 'content-length': '1000' }, chunks: { 'transfer-encoding': 'chunked' }, none: {} };
  const half = (status: number, framing: keyof typeof FRAMINGS): string =>
    response(
      status,
      { 'content-type': 'application/json', ...FRAMINGS[framing] },
      framing === 'chunks' ? '5\r\n{"req\r\n' : '{"req',
    );

  test.each(
    [200, 500].flatMap(
      (status) =>
        [
          ['reset', 'length', status],
          ['reset', 'chunks', status],
          ['reset', 'none', status],
          ['closed', 'length', status],
          ['closed', 'chunks', status],
        ] as const,
    ),
  )('%s, framed by %s, status %d', async (how, framing, status) => {
    const served = half(status, framing);
    const server = await startServer(how === 'reset' ? thenReset(served) : served);
    const call = startCall(server.baseUrl);
    await call.broken;
    expect(call.wire()).toMatchObject({
      requests: 1,
      nothingSent: false,
      status,
      failure: { error: { code: 'ECONNRESET' } },
    });
    call.close();
    expect(await call.settled).toEqual(expect.any(String));
  });
});

describe('a response', () => {
  const LIMITS = [
    ['JSON', { 'content-type': 'application/json; charset=utf-8' }, 1024 * KB],
    ['a page', { 'content-type': 'text/html' }, 128 * KB],
    ['of no type', {}, 128 * KB],
    ['in an encoding', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 64 * KB],
  ] as const;

  test.each(LIMITS)('that is too large is cut off: %s', async (_, headers, limit) => {
    const server = await startServer((socket) => {
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
      for (const served of [(socket: Socket) => socket.write(text), text]) {
        const server = await startServer(served);
        const call = startCall(server.baseUrl);
        await call.broken;
        expect(call.wire()).toMatchObject({ status: 200, tooLarge: true });
        call.close();
        await (await server.spoken()).closed;
        expect(await call.settled).toEqual(expect.stringContaining('too large'));
      }
    },
  );

  test.each(LIMITS)('that is exactly as large as allowed goes to the SDK: %s', async (_, headers, limit) => {
    const text = JSON.stringify(SUCCESS);
    const encoded = 'content-encoding' in headers;
    const body = encoded ? storedGzip(limit, text) : Buffer.from(text.padEnd(limit));
    expect(body).toHaveLength(limit);
    const head = response(200, { ...headers, 'transfer-encoding': 'chunked' });
    const server = await startServer(
      Buffer.concat([Buffer.from(`${head}${limit.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]),
    );
    const call = startCall(server.baseUrl);
    const isParsed = 'content-type' in headers && headers['content-type'].startsWith('application/json');
    expect(await call.settled).toMatchObject(isParsed ? SUCCESS : { 0: '{' });
    expect(call.wire()).not.toHaveProperty('tooLarge');
  });

  // Gzip ignores the name of a file, so a long name fills the response up to a size.
  function storedGzip(length: number, text: string): Buffer {
    const gzip = gzipSync(text);
    const named = Buffer.from(gzip.subarray(0, 10));
    named[3] = 8;
    const name = Buffer.alloc(length - gzip.length, 'x');
    name[name.length - 1] = 0;
    return Buffer.concat([named, name, gzip.subarray(10)]);
  }

  test('of 10 MB is not read to its end', async () => {
    const server = await startServer((socket) => {
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

test('it is not a failure if the server closes an idle connection later', async () => {
  http.globalAgent = new http.Agent({ keepAlive: true });
  const server = await startServer(succeed);
  const call = startCall(server.baseUrl);
  await call.settled;
  const connection = await server.spoken();
  connection.socket.resetAndDestroy();
  await connection.closed;
  await new Promise(setImmediate);
  expect(call.wire()).not.toHaveProperty('failure');
});
