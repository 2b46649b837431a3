// What a caller gets if a connection is not made, or breaks: the real SDK over real sockets.

import dns from 'node:dns';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type AnyQianfanError, type CallOptions, stopFineTuningTask } from '../../../src';
import { errorFields } from '../../support/responses/contract';
import { errorOf } from '../../support/responses/errors';
import { SELF_SIGNED } from '../../support/servers/certificates';
import { json, type RawResponse, response, thenReset } from '../../support/servers/raw-responses';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { NOTHING_LISTENS } from '../../support/servers/unreachable';
import { TASK } from '../../support/task';

jest.setTimeout(60_000);

const credentials = { accessKey: 'ak-of-a-test', secretKey: 'sk-of-a-test' };

afterEach(() => {
  jest.restoreAllMocks();
});

const failure = (baseUrl: string, options: CallOptions = {}): Promise<AnyQianfanError> =>
  errorOf(stopFineTuningTask(TASK, { credentials, baseUrl, ...options }));

const notSent = (systemCode: unknown) => errorFields('CONNECTION_FAILED', 'not_sent', { systemCode });
const unknown = (systemCode: unknown, more: object = {}) =>
  errorFields('CONNECTION_FAILED', 'unknown', { systemCode, ...more });

describe('Nothing was sent if', () => {
  test.each<[string, string, unknown]>([
    ['the connection is refused', NOTHING_LISTENS, 'ECONNREFUSED'],
    ['the connection is refused before TLS', NOTHING_LISTENS.replace('http', 'https'), 'ECONNREFUSED'],
    ['no host has the name', 'http://no-such-host.invalid', expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/)],
  ])('%s.', async (_, baseUrl, systemCode) => {
    const error = await failure(baseUrl);
    expect(error.toJSON()).toEqual(notSent(systemCode));
    expect(error.message).toMatch(/^The connection failed: .*Nothing was sent\.$/);
    expect(error.cause).toMatchObject({ code: systemCode });
  });

  test('every address of a name refuses the connection, which the SDK does not report.', async () => {
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
    resolveTo((_, options, done) => (Object(options).all ? done(null, addresses) : done(null, '127.0.0.1', 4)));
    const error = await failure('http://console.test:1');
    expect(error.toJSON()).toEqual(notSent('ECONNREFUSED'));
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('the name server does not respond.', async () => {
    resolveTo((name, _, done) =>
      done(Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), { code: 'EAI_AGAIN' })),
    );
    const error = await failure('http://console.test');
    expect(error.toJSON()).toEqual(notSent('EAI_AGAIN'));
    expect(error.message).toContain('EAI_AGAIN console.test');
  });

  test('the certificate is not trusted, and the server sees nothing of the request.', async () => {
    const server = await startServer(json(200, { requestId: 'r-1', result: true }), SELF_SIGNED);
    const error = await failure(server.baseUrl);
    expect(error.toJSON()).toEqual({ ...notSent('DEPTH_ZERO_SELF_SIGNED_CERT'), retryable: false });
    expect(server.connections.map(({ received }) => received).join('')).toBe('');
  });

  test('the server does not speak TLS.', async () => {
    const server = await startServer('');
    const pending = failure(server.baseUrl.replace('http', 'https'));
    const { socket } = await server.spoken();
    socket.end(json(400, { code: 'InvalidHTTPRequest' }));
    expect((await pending).toJSON()).toEqual({ ...notSent('EPROTO'), retryable: false });
    expect(server.connections[0]?.received).not.toContain('StopFineTuningTask');
  });
});

describe('The outcome is unknown if the connection', () => {
  test.each<[string, RawResponse, unknown]>([
    ['is closed before the response', (socket) => socket.end(), 'ECONNRESET'],
    ['is reset before the response', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    ['is closed within the head', 'HTTP/1.1 200 OK\r\ncontent-le', expect.stringMatching(/^(ECONNRESET|HPE_\w+)$/)],
    ['carries bytes that are not HTTP', 'garbage\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['carries a head that is too long', response(200, { 'x-long': 'x'.repeat(100_000) }), 'HPE_HEADER_OVERFLOW'],
    ['carries two lengths', response(200, { 'content-length': ['2', '3'] }, '{}'), expect.stringMatching(/^HPE_/)],
  ])('%s.', async (_, served, systemCode) => {
    const error = await failure((await startServer(served)).baseUrl);
    expect(error.toJSON()).toEqual(unknown(systemCode));
    expect(error.message).toMatch(/^The connection failed: /);
  });

  const head = { 'content-type': 'application/json', 'x-bce-request-id': 'r-1' };
  const short = (status: number) =>
    response(status, { ...head, 'content-length': '99' }, '{"requestId":"r-1","result":true}');
  const chunks = (status: number, body: string) => response(status, { ...head, 'transfer-encoding': 'chunked' }, body);

  // Not with a 403: the SDK's ten-minute timer would keep the test's process alive.
  const malformedChunk: RawResponse = chunks(200, 'zz\r\n{}\r\n0\r\n\r\n');
  test.each<[string, RawResponse, unknown]>([
    ['carries a malformed chunk', malformedChunk, 'HPE_INVALID_CHUNK_SIZE'],
    ...[200, 403].flatMap((status): [string, RawResponse, unknown][] => [
      [`is closed within the body of a ${status}`, short(status), 'ECONNRESET'],
      [`is reset within the body of a ${status}`, thenReset(short(status)), 'ECONNRESET'],
      [`is closed before the last chunk of a ${status}`, chunks(status, 'f\r\n{"result":true}\r\n'), 'ECONNRESET'],
    ]),
  ])('%s.', async (_, served, systemCode) => {
    const error = await failure((await startServer(served)).baseUrl);
    expect(error.toJSON()).toEqual(unknown(systemCode, { requestId: 'r-1' }));
    expect(error.message).toMatch(/^The connection broke off within the response: /);
  });

  const busy = json(200, { error_code: 18 });

  test.each<[string, RawResponse]>([
    ['is reset', (socket) => socket.resetAndDestroy()],
    ['is reset within the body', thenReset(short(200))],
  ])("%s in the SDK's own repeat.", async (_, served) => {
    const server = await startServer([busy, served]);
    expect((await failure(server.baseUrl)).toJSON()).toMatchObject({ outcome: 'unknown', systemCode: 'ECONNRESET' });
    expect(server.requests).toHaveLength(2);
  });

  test("is refused for the SDK's own repeat: the first request was sent.", async () => {
    const server: RawServer = await startServer((socket) => {
      server.stopListening();
      socket.end(busy);
    });
    expect((await failure(server.baseUrl)).toJSON()).toEqual(unknown('ECONNREFUSED'));
    expect(server.requests).toHaveLength(1);
  });
});

test('An abort within a response keeps the reason, and closes the socket.', async () => {
  const server = await startServer((socket) => socket.write(response(200, { 'content-length': '33' }, '{"requ')));
  const controller = new AbortController();
  const pending = failure(server.baseUrl, { signal: controller.signal });
  const { closed } = await server.spoken();
  const reason = { secretKey: credentials.secretKey };
  controller.abort(reason);
  const error = await pending;
  expect(error.toJSON()).toEqual(errorFields('ABORTED', 'unknown'));
  expect(error.cause).toBe(reason);
  await closed;
});

type Lookup = (
  hostname: string,
  options: unknown,
  done: (error: Error | null, addresses?: unknown, family?: number) => void,
) => void;

function resolveTo(lookup: Lookup): void {
  const onTurn: Lookup = (hostname, options, done) => setImmediate(() => lookup(hostname, options, done));
  jest.spyOn(dns, 'lookup').mockImplementation(onTurn as typeof dns.lookup);
}
