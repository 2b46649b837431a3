// What a caller gets for all that a server or a network can do: the real SDK over real sockets. The
// rows say what the contract demands, and each one says everything that the error has to say.

import dns from 'node:dns';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  type AnyQianfanError,
  isQianfanError,
  type Outcome,
  type QianfanErrorCode,
  type StopFineTuningTaskOptions,
  type StopFineTuningTaskResponse,
  stopFineTuningTask,
} from '../../src/index';
import { ANY_CODE, CONTRACT, NUMERIC_CODES, STRING_CODES } from '../support/contract';
import { type Answer, json, type RawServer, response, startRawServer, thenReset } from '../support/raw-server';

type Answers = Answer | readonly Answer[];
type Ending = StopFineTuningTaskResponse | AnyQianfanError;
type Expected = Readonly<Record<string, unknown>>;
type Row = readonly [name: string, answer: Answers, expected: Expected, requests?: number];
type Headers = Readonly<Record<string, string | readonly string[]>>;

const credentials = { accessKey: 'ak-of-a-test', secretKey: 'sk"of\\a/test+0123456789==' };
const pem = readFileSync(join(__dirname, 'support', 'self-signed.pem'), 'utf8');
const selfSigned = { cert: pem, key: pem };
const chunkedJson = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
const REFUSED_URL = 'http://127.0.0.1:1'; // nothing listens on the port of tcpmux
const REPEATED = new Set(['18', '336100', '336502', '500000']); // the SDK repeats on these numbers

const servers: RawServer[] = [];
const environment = { ...process.env };

jest.setTimeout(60_000);

afterEach(async () => {
  jest.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('a result', () => {
  const good = { requestId: 'r-1', result: true };
  const fromHeader = { requestId: 'r-h', result: true };
  table([
    ['true', json(200, good), good],
    ['false', json(200, { requestId: 'r-1', result: false }), { requestId: 'r-1', result: false }],
    ['with another 2xx', json(202, good), good],
    ['with fields that nobody asked for', json(200, { ...good, taskId: 't', log_id: 'x', usage: {} }), good],
    ['with a number as its ID', json(200, { requestId: 12345, result: true }), { requestId: '12345', result: true }],
    ['with request_id', json(200, { request_id: 'r-1', result: true }), good],
    ['with log_id', json(200, { log_id: 123, result: true }), { requestId: '123', result: true }],
    ['with its ID in a header', json(200, { result: true }, id('r-h')), fromHeader],
    ['with two IDs', json(200, good, id('r-h')), good],
    ['without an ID', json(200, { result: true }), { requestId: '', result: true }],
    ...['', ' ', null, true, {}, []].map(
      (wrong): Row => [
        `with ${JSON.stringify(wrong)} for an ID and one in a header`,
        json(200, { requestId: wrong, result: true }, id('r-h')),
        fromHeader,
      ],
    ),
    [
      'with a number for an ID whose last digits are lost',
      json(200, '{"requestId":12345678901234567890,"result":true}', id('r-h')),
      fromHeader,
    ],
    ['with what claims to be headers', json(200, { headers: id('forged'), result: true }, id('r-h')), fromHeader],
    ['beside a code among the headers', json(200, good, { 'x-bce-error-code': 'AccessDenied' }), good],
    ...[0, '0', null, ''].flatMap((none): Row[] => [
      [`beside error_code ${JSON.stringify(none)}`, json(200, { ...good, error_code: none }), good],
      [`beside code ${JSON.stringify(none)}`, json(200, { ...good, code: none, message: '' }), good],
      [
        `false beside error_code ${JSON.stringify(none)}`,
        json(200, { ...good, result: false, error_code: none }),
        { ...good, result: false },
      ],
    ]),
    ['called text/plain', response(200, { 'content-type': 'text/plain' }, JSON.stringify(good)), good],
    ['called nothing', response(200, {}, JSON.stringify(good)), good],
    [
      'that ends with its connection',
      response(200, { 'content-type': 'application/json' }, JSON.stringify(good)),
      good,
    ],
    ['of HTTP/1.0', json(200, good).replace('HTTP/1.1', 'HTTP/1.0'), good],
    ['on a connection that stays open', (socket) => socket.write(json(200, good, { connection: 'keep-alive' })), good],
    ['after 100 Continue', response(100, {}) + json(200, good), good],
    ['after 102 and 103', response(102, {}) + response(103, { link: '</x>; rel=preload' }) + json(200, good), good],
    ...(['gzip', 'x-gzip', 'deflate', 'raw deflate', 'br'] as const).flatMap((coding): Row[] => [
      [`in ${coding}`, encoded(200, coding, JSON.stringify(good)), good],
      [`in ${coding}, a byte at a time`, byteByByte(encoded(200, coding, JSON.stringify(good))), good],
    ]),
    ['in chunks', chunked(200, JSON.stringify(good), 7), good],
    ['in chunks of one byte', chunked(200, JSON.stringify(good), 1), good],
    ['in chunks, a byte at a time', byteByByte(chunked(200, JSON.stringify(good), 4)), good],
    ['a byte at a time', byteByByte(json(200, good)), good],
    [
      'in chunks with an extension, and a trailer',
      response(200, chunkedJson, `21;x=y\r\n{"requestId":"r-1","result":true}\r\n0\r\ntrailer: x\r\n\r\n`),
      good,
    ],
  ]);
});

describe('the string codes', () => {
  const outcomeOf = (code: QianfanErrorCode): Outcome => (code === 'SERVER_ERROR' ? 'unknown' : 'refused');
  table(
    STRING_CODES.flatMap(([status, apiCode, code]): Row[] => {
      const words = { apiCode, apiMessage: '原因: because' };
      const inBody = { requestId: 'r-1', code: apiCode, message: '原因: because' };
      const inHeaders = { ...id('r-h'), 'x-bce-error-code': apiCode, 'x-bce-error-message': 'because' };
      const known = apiCode !== ANY_CODE;
      return [
        [
          `${apiCode} with ${status}`,
          json(status, inBody),
          error(code, outcomeOf(code), { status, ...words, requestId: 'r-1' }),
        ],
        [
          `${apiCode} with ${status}, in the headers alone`,
          response(status, { ...inHeaders, 'content-length': '0' }),
          error(code, outcomeOf(code), { status, apiCode, apiMessage: 'because', requestId: 'r-h' }),
        ],
        [
          `${apiCode} with 200`,
          json(200, inBody),
          known
            ? error(code, outcomeOf(code), { status: 200, ...words, requestId: 'r-1' })
            : error('API_ERROR', 'unknown', { status: 200, ...words, requestId: 'r-1' }),
        ],
        [
          `${apiCode} with 503`,
          json(503, inBody),
          known
            ? error(code, outcomeOf(code), { status: 503, ...words, requestId: 'r-1' })
            : error('SERVER_ERROR', 'unknown', { status: 503, ...words, requestId: 'r-1' }),
        ],
      ];
    }),
  );
});

describe('the numeric codes', () => {
  const rowsOf = (number: number, code: QianfanErrorCode): Row[] => {
    const apiCode = String(number);
    const outcome = code === 'SERVER_ERROR' || code === 'API_ERROR' ? 'unknown' : 'refused';
    const body = { error_code: number, error_msg: 'because', log_id: 'r-1' };
    const expected = (status: number) =>
      error(code, outcome, { status, apiCode, apiMessage: 'because', requestId: 'r-1' });
    return [
      REPEATED.has(apiCode)
        ? [`${number} with 200, four times`, json(200, body), { ...expected(200), outcome: 'unknown' }, 4]
        : [`${number} with 200`, json(200, body), expected(200)],
      [`"${number}" with 200`, json(200, { ...body, error_code: apiCode }), expected(200)],
      [`${number} as code with 200`, json(200, { requestId: 'r-1', code: number, message: 'because' }), expected(200)],
      // What nobody documents leaves it to the status.
      ...(code === 'API_ERROR' ? [] : [400, 403, 500]).map(
        (status): Row => [`${number} with ${status}`, json(status, body), expected(status)],
      ),
    ];
  };
  table(NUMERIC_CODES.flatMap(([number, code]) => rowsOf(number, code)));
  table(rowsOf(777, 'API_ERROR'));
});

describe('the statuses', () => {
  const STATUSES: readonly (readonly [number, QianfanErrorCode, Outcome])[] = [
    [400, 'INVALID_REQUEST', 'refused'],
    [401, 'AUTHENTICATION_FAILED', 'refused'],
    [402, 'INVALID_REQUEST', 'refused'],
    [403, 'PERMISSION_DENIED', 'refused'],
    [404, 'NOT_FOUND', 'refused'],
    [405, 'INVALID_REQUEST', 'refused'],
    [408, 'SERVER_ERROR', 'unknown'],
    [409, 'INVALID_REQUEST', 'refused'],
    [412, 'INVALID_REQUEST', 'refused'],
    [413, 'INVALID_REQUEST', 'refused'],
    [429, 'RATE_LIMITED', 'refused'],
    [499, 'INVALID_REQUEST', 'refused'],
    [500, 'SERVER_ERROR', 'unknown'],
    [501, 'SERVER_ERROR', 'unknown'],
    [502, 'SERVER_ERROR', 'unknown'],
    [503, 'SERVER_ERROR', 'unknown'],
    [504, 'SERVER_ERROR', 'unknown'],
    [599, 'SERVER_ERROR', 'unknown'],
  ];
  table(
    STATUSES.flatMap(([status, code, outcome]): Row[] => [
      [`${status} with nothing`, response(status, { 'content-length': '0' }), error(code, outcome, { status })],
      [`${status} with a page`, html(status, '<h1>No</h1>'), error(code, outcome, { status })],
      [
        `${status} with a code that nobody documents`,
        json(status, { requestId: 'r-1', code: 'Undocumented', message: 'm' }),
        error(code, outcome, { status, apiCode: 'Undocumented', apiMessage: 'm', requestId: 'r-1' }),
      ],
    ]),
  );
  table([
    [
      '404 with words alone',
      json(404, { message: 'gone' }),
      error('NOT_FOUND', 'refused', { status: 404, apiMessage: 'gone' }),
    ],
    ['403 with JSON null', json(403, 'null'), error('PERMISSION_DENIED', 'refused', { status: 403 })],
    ['403 with a JSON array', json(403, '[1]'), error('PERMISSION_DENIED', 'refused', { status: 403 })],
    ['403 with a JSON string', json(403, '"AccessDenied"'), error('PERMISSION_DENIED', 'refused', { status: 403 })],
    ['403 with half of a JSON', json(403, '{"code":"Acc'), error('PERMISSION_DENIED', 'refused', { status: 403 })],
    [
      '429 with no words but its headers',
      response(429, { ...id('r-h'), 'content-length': '0' }),
      error('RATE_LIMITED', 'refused', { status: 429, requestId: 'r-h' }),
    ],
    [
      '500 that says result: true',
      json(500, { requestId: 'r-1', result: true }),
      error('SERVER_ERROR', 'unknown', { status: 500, requestId: 'r-1' }),
    ],
    [
      '403 that says result: false',
      json(403, { requestId: 'r-1', result: false }),
      error('PERMISSION_DENIED', 'refused', { status: 403, requestId: 'r-1' }),
    ],
  ]);
});

describe('an error body', () => {
  const denied = (fields: object = {}) =>
    error('PERMISSION_DENIED', 'refused', { status: 403, apiCode: 'AccessDenied', ...fields });
  table([
    [
      'beats the headers',
      json(
        403,
        { requestId: 'r-1', code: 'AccessDenied', message: 'm' },
        { ...id('r-h'), 'x-bce-error-code': 'NoSuchKey', 'x-bce-error-message': 'other' },
      ),
      denied({ requestId: 'r-1', apiMessage: 'm' }),
    ],
    [
      'without a code leaves it to the headers',
      json(403, { requestId: 'r-1' }, { 'x-bce-error-code': 'AccessDenied' }),
      denied({ requestId: 'r-1' }),
    ],
    [
      'without words leaves them to the headers',
      json(403, { code: 'AccessDenied' }, { 'x-bce-error-message': 'm' }),
      denied({ apiMessage: 'm' }),
    ],
    [
      'that is a page leaves the code to the headers',
      html(403, '<h1>No</h1>', { ...id('r-h'), 'x-bce-error-code': 'AccessDenied' }),
      denied({ requestId: 'r-h' }),
    ],
    [
      'of a 200 that says nothing leaves the code to the headers',
      json(200, {}, { 'x-bce-error-code': 'AccessDenied' }),
      denied({ status: 200 }),
    ],
    [
      'of a 204 leaves the code to the headers',
      response(204, { 'x-bce-error-code': 'AccessDenied' }),
      denied({ status: 204 }),
    ],
    [
      'with a numeric code in the headers',
      response(403, { 'x-bce-error-code': '13', 'content-length': '0' }),
      error('AUTHENTICATION_FAILED', 'refused', { status: 403, apiCode: '13' }),
    ],
    ['with a number for its ID', json(403, { log_id: 77, code: 'AccessDenied' }), denied({ requestId: '77' })],
    ['with fields of the wrong types', json(403, { requestId: {}, code: 'AccessDenied', message: 5 }), denied()],
    [
      'with null and then a code',
      json(403, { code: null, error_code: 6 }),
      error('PERMISSION_DENIED', 'refused', { status: 403, apiCode: '6' }),
    ],
    [
      'whose code is an object',
      json(403, { code: {}, message: 'm' }),
      error('PERMISSION_DENIED', 'refused', { status: 403, apiMessage: 'm' }),
    ],
    [
      'whose code is __proto__',
      json(200, { code: '__proto__' }),
      error('API_ERROR', 'unknown', { status: 200, apiCode: '__proto__' }),
    ],
    [
      'whose code is constructor',
      json(400, { code: 'constructor' }),
      error('INVALID_REQUEST', 'refused', { status: 400, apiCode: 'constructor' }),
    ],
    [
      'whose code stands in __proto__',
      json(403, '{"__proto__":{"code":"NoSuchKey"}}'),
      error('PERMISSION_DENIED', 'refused', { status: 403 }),
    ],
    [
      'of a refusal beside result: true',
      json(200, { requestId: 'r-1', code: 'AccessDenied', result: true }),
      error('PERMISSION_DENIED', 'unknown', { status: 200, apiCode: 'AccessDenied', requestId: 'r-1' }),
    ],
    [
      'of a refusal beside result: false',
      json(200, { requestId: 'r-1', code: 'AccessDenied', result: false }),
      error('PERMISSION_DENIED', 'refused', { status: 200, apiCode: 'AccessDenied', requestId: 'r-1' }),
    ],
    [
      'of error_code beside result: true',
      json(200, { error_code: 6, result: true }),
      error('PERMISSION_DENIED', 'unknown', { status: 200, apiCode: '6' }),
    ],
    [
      'of an unknown code beside result: true',
      json(200, { code: 'Success', result: true }),
      error('API_ERROR', 'unknown', { status: 200, apiCode: 'Success' }),
    ],
    [
      'of an unknown code beside result: false',
      json(200, { error_code: 200, result: false }),
      error('API_ERROR', 'unknown', { status: 200, apiCode: '200' }),
    ],
    [
      'that is a failure of the server with 400',
      json(400, { code: 'InternalError' }),
      error('SERVER_ERROR', 'unknown', { status: 400, apiCode: 'InternalError' }),
    ],
    [
      'that is a refusal with 408',
      json(408, { code: 'AccessDenied' }),
      error('PERMISSION_DENIED', 'refused', { status: 408, apiCode: 'AccessDenied' }),
    ],
    [
      'called text/plain with 200',
      response(200, { 'content-type': 'text/plain' }, '{"code":"AccessDenied"}'),
      denied({ status: 200 }),
    ],
    ...(['gzip', 'deflate', 'raw deflate', 'br'] as const).map(
      (coding): Row => [
        `in ${coding}`,
        encoded(403, coding, '{"code":"AccessDenied","message":"没有权限"}'),
        denied({ apiMessage: '没有权限' }),
      ],
    ),
    [
      'in gzip, called text/plain with 200',
      encoded(200, 'gzip', '{"code":"AccessDenied"}', 'text/plain'),
      denied({ status: 200 }),
    ],
    [
      'cut in the middle of every character',
      byteByByte(json(403, { code: 'AccessDenied', message: '没有权限 🛑' })),
      denied({ apiMessage: '没有权限 🛑' }),
    ],
    [
      'in chunks cut in the middle of characters',
      chunked(403, '{"code":"AccessDenied","message":"没有权限 🛑"}', 2),
      denied({ apiMessage: '没有权限 🛑' }),
    ],
    [
      'of 200 in chunks cut in the middle of characters',
      chunked(200, '{"code":"AccessDenied","message":"没有权限 🛑"}', 1, 'text/plain'),
      denied({ status: 200, apiMessage: '没有权限 🛑' }),
    ],
    [
      'in what is not gzip though it says so',
      response(
        403,
        { ...id('r-h'), 'content-encoding': 'gzip', 'content-length': '4', 'x-bce-error-code': 'AccessDenied' },
        'abcd',
      ),
      denied({ requestId: 'r-h' }),
    ],
  ]);

  it('whose words are long is cut and says so', async () => {
    const server = await serve(json(403, { code: 'AccessDenied', message: 'x'.repeat(100_000) }));
    const ending = await stop({ baseUrl: server.baseUrl });
    const { apiMessage = '' } = JSON.parse(JSON.stringify(ending));
    expect(apiMessage).toMatch(/^x{1000}.*cut/);
    expect(inspect(ending, { depth: Number.POSITIVE_INFINITY, maxStringLength: null }).length).toBeLessThan(20_000);
  });
});

describe('Retry-After', () => {
  const limited = (retryAfter: string) => json(429, {}, { 'retry-after': retryAfter });
  const expected = (retryAfterMs?: number) => error('RATE_LIMITED', 'refused', { status: 429, retryAfterMs });
  table([
    ['in seconds', limited('120'), expected(120_000)],
    ['of no time', limited('0'), expected(0)],
    ['with a date that is over', limited('Wed, 21 Oct 2015 07:28:00 GMT'), expected(0)],
    ['of nonsense', limited('soon'), expected()],
    ['of less than nothing', limited('-5'), expected()],
    [
      'with 503',
      json(503, {}, { 'retry-after': '7' }),
      error('SERVER_ERROR', 'unknown', { status: 503, retryAfterMs: 7_000 }),
    ],
    [
      'with an error in a 200',
      json(200, { error_code: 4 }, { 'retry-after': '7' }),
      error('RATE_LIMITED', 'refused', { status: 200, apiCode: '4', retryAfterMs: 7_000 }),
    ],
    [
      'with the answer to the last of four',
      json(200, { error_code: 18 }, { 'retry-after': '7' }),
      error('RATE_LIMITED', 'unknown', { status: 200, apiCode: '18', retryAfterMs: 7_000 }),
      4,
    ],
  ]);

  it('with a date to come', async () => {
    const date = 'Fri, 31 Dec 2100 23:59:59 GMT';
    const server = await serve(limited(date));
    const before = Date.now();
    const { retryAfterMs, ...fields } = fieldsOf(await stop({ baseUrl: server.baseUrl }));
    expect(fields).toEqual(expected());
    expect(retryAfterMs).toBeLessThanOrEqual(Date.parse(date) - before);
    expect(retryAfterMs).toBeGreaterThanOrEqual(Date.parse(date) - Date.now());
  });
});

describe('an answer to the hidden repeat', () => {
  const busy = json(200, { requestId: 'r-0', error_code: 18, error_msg: 'busy' });
  const denied = json(403, { requestId: 'r-2', code: 'AccessDenied', message: 'm' });
  const good = json(200, { requestId: 'r-2', result: true });
  table([
    ['is a result', [busy, good], { requestId: 'r-2', result: true }, 2],
    [
      'is a false result',
      [busy, busy, json(200, { requestId: 'r-2', result: false })],
      { requestId: 'r-2', result: false },
      3,
    ],
    [
      'is a result beside error_code 0',
      [busy, json(200, { requestId: 'r-2', result: true, error_code: 0 })],
      { requestId: 'r-2', result: true },
      2,
    ],
    [
      'is a refusal',
      [busy, denied],
      error('PERMISSION_DENIED', 'unknown', {
        status: 403,
        apiCode: 'AccessDenied',
        apiMessage: 'm',
        requestId: 'r-2',
      }),
      2,
    ],
    [
      'is a refusal with 200',
      [busy, json(200, { requestId: 'r-2', error_code: 6 })],
      error('PERMISSION_DENIED', 'unknown', { status: 200, apiCode: '6', requestId: 'r-2' }),
      2,
    ],
    [
      'is a status alone',
      [busy, busy, busy, response(401, { 'content-length': '0' })],
      error('AUTHENTICATION_FAILED', 'unknown', { status: 401 }),
      4,
    ],
    ['is a page', [busy, html(200, '<h1>Hello</h1>')], unexpected(), 2],
    [
      'is a redirect',
      [busy, response(302, { location: 'http://127.0.0.1:1/', 'content-length': '0' })],
      unexpected(),
      2,
    ],
    [
      'is garbage',
      [busy, 'garbage\r\n\r\n'],
      error('CONNECTION_FAILED', 'unknown', { systemCode: 'HPE_INVALID_CONSTANT' }),
      2,
    ],
    [
      'breaks off',
      [busy, response(200, { ...id('r-2'), 'content-length': '99' }, '{')],
      error('CONNECTION_FAILED', 'unknown', { systemCode: 'ECONNRESET', requestId: 'r-2' }),
      2,
    ],
  ]);

  it('is a connection that ends, and is not called the middle of an answer', async () => {
    const server = await serve([busy, (socket) => socket.resetAndDestroy()]);
    const ending = await stop({ baseUrl: server.baseUrl });
    expect(fieldsOf(ending)).toEqual(error('CONNECTION_FAILED', 'unknown', { systemCode: 'ECONNRESET' }));
    expect(server.requests).toHaveLength(2);
    expect(messageOf(ending)).not.toContain('middle of the answer');
  });

  it('is not to be had, as nobody listens any more: the first request was sent all the same', async () => {
    const server: RawServer = await serve((socket) => {
      server.stopListening();
      socket.end(busy);
    });
    const ending = await stop({ baseUrl: server.baseUrl });
    expect(fieldsOf(ending)).toEqual(error('CONNECTION_FAILED', 'unknown', { systemCode: 'ECONNREFUSED' }));
    expect(messageOf(ending)).not.toContain('middle of the answer');
    expect(server.requests).toHaveLength(1);
  });
});

describe('what is not of the documented shape', () => {
  table([
    ['a page', html(200, '<h1>Log in</h1>', id('r-h')), unexpected({ requestId: 'r-h', response: '<h1>Log in</h1>' })],
    [
      'a page in gzip',
      encoded(200, 'gzip', '<h1>Log in</h1>', 'text/html'),
      unexpected({ response: '<h1>Log in</h1>' }),
    ],
    ['plain text', response(200, { 'content-type': 'text/plain' }, 'true'), unexpected({ response: 'true' })],
    ['no body, called text', response(200, { 'content-type': 'text/plain', 'content-length': '0' }), unexpected()],
    ['no body, called JSON', json(200, '', id('r-h')), unexpected({ requestId: 'r-h' })],
    [
      'no body, called deflate',
      response(200, {
        ...id('r-h'),
        'content-type': 'application/json',
        'content-encoding': 'deflate',
        'content-length': '0',
      }),
      unexpected({ requestId: 'r-h' }),
    ],
    ['204', response(204, id('r-h')), unexpected({ requestId: 'r-h' })],
    [
      '204 called JSON',
      response(204, { ...id('r-h'), 'content-type': 'application/json' }),
      unexpected({ requestId: 'r-h' }),
    ],
    ['304', response(304, id('r-h')), unexpected({ requestId: 'r-h' })],
    ['a status of no class', response(999, { ...id('r-h'), 'content-length': '0' }), unexpected({ requestId: 'r-h' })],
    ['101 that upgrades nothing', response(101, {}), unexpected()],
    ['an empty object', json(200, {}), unexpected({ response: '{}' })],
    ['an empty array', json(200, []), unexpected()],
    ['a result in an array', json(200, [{ requestId: 'r-1', result: true }]), unexpected()],
    [
      'a result in an object',
      json(200, { requestId: 'r-1', data: { result: true } }),
      unexpected({ requestId: 'r-1' }),
    ],
    ['a string', json(200, '"hello"'), unexpected({ response: 'hello' })],
    ['null', json(200, 'null'), unexpected()],
    ['true', json(200, 'true'), unexpected()],
    ['a number', json(200, '7'), unexpected()],
    ['an ID alone', json(200, { requestId: 'r-1' }), unexpected({ requestId: 'r-1', response: '{"requestId":"r-1"}' })],
    ...['true', 'false', '', 1, 0, null, {}, [true]].map(
      (wrong): Row => [
        `${JSON.stringify(wrong)} for a result`,
        json(200, { requestId: 'r-1', result: wrong }),
        unexpected({ requestId: 'r-1' }),
      ],
    ),
    ['an object for a code', json(200, { requestId: 'r-1', code: {} }), unexpected({ requestId: 'r-1' })],
    ['an array for an error_code', json(200, { requestId: 'r-1', error_code: [6] }), unexpected({ requestId: 'r-1' })],
    ['error_code 0 without a result', json(200, { requestId: 'r-1', error_code: 0 }), unexpected({ requestId: 'r-1' })],
    [
      'no code among the headers',
      json(200, { requestId: 'r-1' }, { 'x-bce-error-code': '0' }),
      unexpected({ requestId: 'r-1' }),
    ],
    [
      'an object for a code beside a result',
      json(200, { requestId: 'r-1', code: {}, result: true }),
      unexpected({ requestId: 'r-1' }),
    ],
    ['a result in __proto__', json(200, '{"__proto__":{"requestId":"r-1","result":true}}'), unexpected()],
    ['a result in a constructor', json(200, '{"constructor":{"prototype":{"result":true}}}'), unexpected()],
    [
      'a code in what claims to be headers',
      json(200, { headers: { 'x-bce-error-code': 'AccessDenied' } }),
      unexpected(),
    ],
    [
      'JSON cut short, its connection closed',
      response(200, { ...id('r-h'), 'content-type': 'application/json' }, '{"requestId":"r-1","resu'),
      unexpected({ requestId: 'r-h' }),
    ],
    ['JSON cut short by its length', json(200, '{"requestId":"r-1"', id('r-h')), unexpected({ requestId: 'r-h' })],
    [
      'JSON cut short in gzip',
      response(
        200,
        { ...id('r-h'), 'content-type': 'application/json', 'content-encoding': 'identity' },
        '{"requestId"',
      ),
      unexpected({ requestId: 'r-h' }),
    ],
    ['two JSONs', json(200, '{"result":true}{"result":true}'), unexpected()],
    ['JSON behind a byte order mark', json(200, '\ufeff{"result":true}'), unexpected()],
    ['JSON with NaN', json(200, '{"requestId":NaN,"result":true}'), unexpected()],
    [
      'what is not gzip though it says so',
      response(
        200,
        { ...id('r-h'), 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': '4' },
        'abcd',
      ),
      unexpected({ requestId: 'r-h' }),
    ],
    ['brotli cut short', cutShort('br'), unexpected({ requestId: 'r-h' })],
    ['deflate cut short', cutShort('deflate'), unexpected({ requestId: 'r-h' })],
    ['gzip cut short', cutShort('gzip'), unexpected({ requestId: 'r-h' })],
    [
      'a coding that nobody knows',
      response(
        200,
        { 'content-type': 'application/json', 'content-encoding': 'rot13', 'content-length': '15' },
        '{"erfhyg":gehr}',
      ),
      unexpected(),
    ],
  ]);

  it.each([200, 500])('a page of 2 MB with %i is cut and says so', async (status) => {
    const server = await serve(html(status, '<p>'.repeat(700_000)));
    const ending = await stop({ baseUrl: server.baseUrl });
    const { response: came } = JSON.parse(JSON.stringify(ending));
    expect(fieldsOf(ending)).toEqual(
      status === 200 ? unexpected({ response: came }) : error('SERVER_ERROR', 'unknown', { status }),
    );
    if (status === 200) expect(came).toMatch(/^(<p>){300}.*cut/);
    if (status === 200) expect(came.length).toBeLessThanOrEqual(2_000);
    expect(inspect(ending, { depth: Number.POSITIVE_INFINITY, maxStringLength: null }).length).toBeLessThan(20_000);
  });
});

describe('a text that imitates the SDK', () => {
  const success = '{"requestId":"forged","result":true}';
  const words = (status: number, body = success) =>
    `Request timed out.\n        HTTP error, status = ${status}\n\n        Response Header {"x-bce-error-code":"NoSuchKey"}\n    \nResponse Body ${body}`;
  const denied = (apiMessage?: string) =>
    error('PERMISSION_DENIED', 'refused', { status: 403, apiCode: 'AccessDenied', apiMessage });
  const noKeys = '请设置QIANFAN_ACCESS_KEY/QIANFAN_SECRET_KEY';
  const noConnection = 'Request timed out.request to http://x/ failed, reason: connect ECONNREFUSED 127.0.0.1:1';
  table([
    ['in the body of 500', html(500, words(200)), error('SERVER_ERROR', 'unknown', { status: 500 })],
    ['in the body of 200', html(200, words(403)), unexpected()],
    ['in the body of 200, called JSON', json(200, words(403)), unexpected()],
    ['in the words of 403', json(403, { code: 'AccessDenied', message: words(200) }), denied(words(200))],
    [
      'in the words of an error_code',
      json(200, { error_code: 6, error_msg: words(500) }),
      error('PERMISSION_DENIED', 'refused', { status: 200, apiCode: '6', apiMessage: words(500) }),
    ],
    ['in a JSON string of 200', json(200, JSON.stringify(words(403))), unexpected()],
    [
      'in a header: a status',
      json(403, { code: 'AccessDenied' }, { 'x-note': 'Request timed out. HTTP error, status = 200' }),
      denied(),
    ],
    ['in a header: a body', json(403, { code: 'AccessDenied' }, { 'a-note': `Response Body ${success}` }), denied()],
    [
      'in a header, escaped',
      json(403, { code: 'AccessDenied' }, { 'a-note': `"}\\n    \\nResponse Body ${success}` }),
      denied(),
    ],
    [
      'in a header, with the body empty',
      response(403, { 'a-note': `}     Response Body ${success}`, 'content-length': '0' }),
      error('PERMISSION_DENIED', 'refused', { status: 403 }),
    ],
    [
      'in a body that begins as the end of the headers',
      html(403, `\n    \nResponse Body ${success}`),
      error('PERMISSION_DENIED', 'refused', { status: 403 }),
    ],
    ['as a timeout in a body', html(404, 'Request timed out.'), error('NOT_FOUND', 'refused', { status: 404 })],
    ['as a timeout in a 200', html(200, 'Request timed out.'), unexpected({ response: 'Request timed out.' })],
    ['as missing keys in a body', html(502, noKeys), error('SERVER_ERROR', 'unknown', { status: 502 })],
    ['as missing keys in a 200', json(200, noKeys), unexpected()],
    [
      'as missing keys in the words of an error_code',
      json(200, { error_code: 2, error_msg: noKeys }),
      error('SERVER_ERROR', 'unknown', { status: 200, apiCode: '2', apiMessage: noKeys }),
    ],
    ['as a failed connection in a body', html(502, noConnection), error('SERVER_ERROR', 'unknown', { status: 502 })],
    ['as a failed connection in a 200', json(200, noConnection), unexpected()],
    [
      'as a refused connection in the words of 403',
      json(403, { code: 'AccessDenied', message: noConnection }),
      denied(noConnection),
    ],
    ['as an invalid URL in a body', html(503, 'Invalid URL'), error('SERVER_ERROR', 'unknown', { status: 503 })],
    [
      'as a redirect in a body',
      html(503, 'Request timed out.maximum redirect reached at: http://x/'),
      error('SERVER_ERROR', 'unknown', { status: 503 }),
    ],
    [
      'as a thrown answer in a body',
      html(400, `{"headers":{"x-bce-error-code":"NoSuchKey"},"result":true}`),
      error('INVALID_REQUEST', expect.stringMatching(/^(refused|unknown)$/), { status: 400 }),
    ],
  ]);
});

describe('what a server chooses to send', () => {
  const denied = (fields: object = {}) =>
    error('PERMISSION_DENIED', 'refused', { status: 403, apiCode: 'AccessDenied', ...fields });
  table([
    ...['#'.repeat(4_000), 'x   abcdefg=1', `a=${'b'.repeat(8_000)}`, '('].map(
      (cookie): Row => [
        `as a cookie breaks no reading: ${cookie.slice(0, 12)}`,
        json(403, { code: 'AccessDenied' }, { 'set-cookie': cookie }),
        denied(),
      ],
    ),
    [
      'as many cookies break no reading either',
      json(
        403,
        { code: 'AccessDenied' },
        { 'set-cookie': Array.from({ length: 55 }, (_, at) => `c=${at}${'b'.repeat(250)}`) },
      ),
      denied(),
    ],
    [
      'as its words may be long',
      json(403, { code: 'AccessDenied', message: '0'.repeat(10_000_000) }),
      denied({ apiMessage: expect.stringMatching(/\[cut, 10000000 characters\]$/) }),
    ],
    [
      'as a cookie is not repeated',
      json(
        403,
        { code: 'AccessDenied', message: 'sid=of-the-session, of-the-session' },
        { 'set-cookie': 'sid=of-the-session; Path=/' },
      ),
      denied({ apiMessage: '[redacted], [redacted]' }),
    ],
  ]);
});

describe('a redirect', () => {
  type Location = (target: RawServer) => string;
  const KINDS: readonly (readonly [string, Location])[] = [
    ['another server', ({ baseUrl }) => `${baseUrl}/v2/finetuning?Action=StopFineTuningTask`],
    ['another host without a scheme', ({ port }) => `//127.0.0.1:${port}/v2/finetuning`],
    ['another scheme', ({ port }) => `https://127.0.0.1:${port}/v2/finetuning?Action=StopFineTuningTask`],
  ];

  for (const [kind, location] of KINDS) {
    it.each([301, 302, 303, 307, 308])(
      `to ${kind} with %i is never followed, and its host is named`,
      async (status) => {
        const target = await serve(json(200, { requestId: 'of-the-target', result: true }));
        const server = await serve(
          response(status, { ...id('r-h'), location: location(target), 'content-length': '0' }),
        );
        const ending = await stop({ baseUrl: server.baseUrl });
        expect(fieldsOf(ending)).toEqual(unexpected({ requestId: 'r-h' }));
        expect(messageOf(ending)).toContain(`127.0.0.1:${target.port}`);
        expect(messageOf(ending)).not.toContain('same host');
        expect(server.requests).toHaveLength(1);
        expect(await connectionsOf(target)).toBe(0);
      },
    );
  }

  it.each([301, 302, 303, 307, 308])('to itself with %i asks once', async (status) => {
    for (const location of ['/v2/finetuning?Action=StopFineTuningTask', '?Action=StopFineTuningTask', '/login']) {
      const server = await serve(response(status, { location, 'content-length': '0' }));
      const ending = await stop({ baseUrl: server.baseUrl });
      expect(fieldsOf(ending)).toEqual(unexpected());
      expect(messageOf(ending)).toMatch(/redirect/);
      expect(await connectionsOf(server)).toBe(1);
      expect(server.requests).toHaveLength(1);
    }
  });

  it('with a result in its body is no result', async () => {
    const target = await serve(json(200, { requestId: 'of-the-target', result: true }));
    await check(
      json(302, { requestId: 'r-1', result: true }, { location: target.baseUrl }),
      unexpected({ requestId: 'r-1' }),
    );
    expect(await connectionsOf(target)).toBe(0);
  });

  it('whose body never ends does not hold up the call', async () => {
    const target = await serve(json(200, { requestId: 'of-the-target', result: true }));
    const server = await serve((socket) =>
      socket.write(response(302, { location: target.baseUrl, 'content-length': '9' }, 'part')),
    );
    const ending = stop({ baseUrl: server.baseUrl, timeoutMs: 1_000 });
    expect(['UNEXPECTED_RESPONSE', 'TIMEOUT']).toContain(fieldsOf(await ending)['code']);
    expect(fieldsOf(await ending)['outcome']).toBe('unknown');
    expect(await connectionsOf(target)).toBe(0);
  });

  table([
    ...[301, 302, 303, 307, 308].map(
      (status): Row => [
        `${status} to nowhere`,
        response(status, { ...id('r-h'), 'content-length': '0' }),
        unexpected({ requestId: 'r-h' }),
      ],
    ),
    ['to what is no URL', response(302, { location: 'http://[', 'content-length': '0' }), unexpected()],
    ['of 300', response(300, { location: '/x', 'content-length': '0' }), unexpected()],
    ['of 305', response(305, { location: 'http://127.0.0.1:1/', 'content-length': '0' }), unexpected()],
  ]);
});

describe('a connection that is not made', () => {
  it.each<[string, string, unknown]>([
    ['is refused', REFUSED_URL, 'ECONNREFUSED'],
    ['is refused over TLS', REFUSED_URL.replace('http', 'https'), 'ECONNREFUSED'],
    ['is refused by localhost', 'http://localhost:1', 'ECONNREFUSED'],
    ['has no host of that name', 'http://no-such-host.invalid', expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/)],
  ])('as it %s was not sent', async (_, baseUrl, systemCode) => {
    const ending = await stop({ baseUrl });
    expect(fieldsOf(ending)).toEqual(error('CONNECTION_FAILED', 'not_sent', { systemCode }));
  });

  it('as every one of several addresses refuses it was not sent', async () => {
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
    resolveTo((_, options, done) => (Object(options).all ? done(null, addresses) : done(null, '127.0.0.1', 4)));
    const ending = await stop({ baseUrl: 'http://console.test:1' });
    expect(fieldsOf(ending)).toEqual(error('CONNECTION_FAILED', 'not_sent', { systemCode: 'ECONNREFUSED' }));
    expect(messageOf(ending)).toContain('ECONNREFUSED');
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('as its name is not found (%s) was not sent', async (systemCode) => {
    resolveTo((hostname, _, done) =>
      done(Object.assign(new Error(`getaddrinfo ${systemCode} ${hostname}`), { code: systemCode })),
    );
    const ending = await stop({ baseUrl: 'http://console.test' });
    expect(fieldsOf(ending)).toEqual(error('CONNECTION_FAILED', 'not_sent', { systemCode }));
    expect(messageOf(ending)).toContain(`${systemCode} console.test`);
  });

  it('as its certificate is not trusted was not sent, and the server sees nothing of it', async () => {
    const server = await startRawServer(json(200, { requestId: 'r-1', result: true }), selfSigned);
    servers.push(server);
    const ending = await stop({ baseUrl: server.baseUrl });
    expect(fieldsOf(ending)).toEqual(
      error('CONNECTION_FAILED', 'not_sent', { systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    );
    expect(server.connections.map(({ received }) => received).join('')).toBe('');
    expect(server.requests).toHaveLength(0);
  });

  it('as plain HTTP answers to TLS was not sent', async () => {
    const server = await serve('');
    const pending = stop({ baseUrl: server.baseUrl.replace('http', 'https') });
    const { socket } = await server.spoken();
    socket.end(json(400, { code: 'InvalidHTTPRequest' }));
    expect(fieldsOf(await pending)).toEqual(
      error('CONNECTION_FAILED', 'not_sent', { systemCode: expect.stringMatching(/^(EPROTO|ERR_SSL_\w+)$/) }),
    );
    expect(server.connections[0]?.received).not.toContain('StopFineTuningTask');
  });
});

describe('a connection that breaks', () => {
  const broken = (systemCode: unknown, fields: object = {}) =>
    error('CONNECTION_FAILED', 'unknown', { systemCode, ...fields });
  table([
    ['before the answer, closed', (socket) => socket.end(), broken('ECONNRESET')],
    ['before the answer, reset', (socket) => socket.resetAndDestroy(), broken('ECONNRESET')],
    [
      'in the middle of the head, closed',
      'HTTP/1.1 200 OK\r\ncontent-le',
      broken(expect.stringMatching(/^(ECONNRESET|HPE_INVALID_EOF_STATE)$/)),
    ],
    ['with garbage', 'garbage\r\n\r\n', broken('HPE_INVALID_CONSTANT')],
    ['with bytes of TLS', Buffer.from([0x15, 3, 3, 0, 2, 2, 40]), broken('HPE_INVALID_CONSTANT')],
    [
      'with a head that is too long',
      response(200, { 'x-long': 'x'.repeat(100_000) }, '{}'),
      broken('HPE_HEADER_OVERFLOW'),
    ],
    ['with two lengths', response(200, { 'content-length': ['2', '3'] }, '{}'), broken(expect.stringMatching(/^HPE_/))],
    ['with a status that is none', 'HTTP/1.1 abc No\r\n\r\n', broken('HPE_INVALID_STATUS')],
  ]);

  const zipped = gzipSync('{"requestId":"r-1","result":true}');
  for (const status of [200, 500]) {
    const head = (headers: Headers) =>
      response(status, { ...id('r-h'), 'content-type': 'application/json', ...headers });
    const BEGINNINGS: readonly (readonly [string, string | Buffer])[] = [
      ['short of its length', `${head({ 'content-length': '99' })}{"requestId":"r-1","result":true}`],
      ['before its first byte', head({ 'content-length': '99' })],
      ['in its chunks', `${head({ 'transfer-encoding': 'chunked' })}5\r\n{"req\r\n`],
      ['in a chunk', `${head({ 'transfer-encoding': 'chunked' })}ff\r\n{"req`],
      ['before its last chunk', `${head({ 'transfer-encoding': 'chunked' })}f\r\n{"result":true}\r\n`],
      [
        'in gzip',
        Buffer.concat([
          Buffer.from(head({ 'content-encoding': 'gzip', 'content-length': String(zipped.length) })),
          zipped.subarray(0, -9),
        ]),
      ],
      [
        'in gzip in chunks',
        Buffer.concat([
          Buffer.from(
            `${head({ 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' })}${zipped.length.toString(16)}\r\n`,
          ),
          zipped,
        ]),
      ],
      ['in deflate before its first byte', head({ 'content-encoding': 'deflate', 'content-length': '50' })],
      [
        'in brotli',
        Buffer.concat([
          Buffer.from(head({ 'content-encoding': 'br', 'content-length': '99' })),
          brotliCompressSync('{"result":true}'),
        ]),
      ],
    ];
    describe(`in the body of ${status}`, () => {
      table([
        ...BEGINNINGS.flatMap(([name, beginning]): Row[] => [
          [`${name}, closed`, beginning, broken('ECONNRESET', { requestId: 'r-h' })],
          [`${name}, reset`, thenReset(beginning), broken('ECONNRESET', { requestId: 'r-h' })],
        ]),
        [
          'without a length, reset',
          thenReset(`${head({})}{"result":true}`),
          broken('ECONNRESET', { requestId: 'r-h' }),
        ],
        [
          'with what is no chunk',
          `${head({ 'transfer-encoding': 'chunked' })}zz\r\n{}\r\n0\r\n\r\n`,
          broken('HPE_INVALID_CHUNK_SIZE', { requestId: 'r-h' }),
        ],
        [
          'behind a length that is too short',
          `${head({ 'content-length': '8' })}{"result":true}`,
          broken('HPE_INVALID_CONSTANT', { requestId: 'r-h' }),
        ],
      ]);
    });
  }
});

describe('an answer that never ends', () => {
  it('but with an abort is aborted, and its socket is closed', async () => {
    const server = await serve((socket) => socket.write(response(200, { 'content-length': '33' }, '{"requ')));
    const controller = new AbortController();
    const pending = stop({ baseUrl: server.baseUrl, signal: controller.signal });
    const { closed } = await server.spoken();
    controller.abort('enough');
    const ending = await pending;
    expect(fieldsOf(ending)).toEqual(error('ABORTED', 'unknown'));
    expect(ending).toHaveProperty('cause', 'enough');
    await closed;
  });
});

describe('the environment', () => {
  const keys = { QIANFAN_ACCESS_KEY: credentials.accessKey, QIANFAN_SECRET_KEY: credentials.secretKey };
  const missing = error('MISSING_CREDENTIALS', 'not_sent');
  const invalid = error('INVALID_CONFIGURATION', 'not_sent');
  it.each<[string, Record<string, string>, Expected, RegExp]>([
    ['no keys', {}, missing, /QIANFAN_ACCESS_KEY.*QIANFAN_SECRET_KEY.*QIANFAN_AK.*QIANFAN_SK.*bearer/],
    ['no secret key', { QIANFAN_ACCESS_KEY: 'ak' }, missing, /QIANFAN_SECRET_KEY/],
    ['no access key', { QIANFAN_SECRET_KEY: 'sk' }, missing, /QIANFAN_ACCESS_KEY/],
    ['the keys of an app', { QIANFAN_AK: 'ak', QIANFAN_SK: 'sk' }, missing, /QIANFAN_AK/],
    ['an empty key', { ...keys, QIANFAN_SECRET_KEY: '' }, missing, /QIANFAN_SECRET_KEY/],
    [
      'a base URL that is none',
      { ...keys, QIANFAN_CONSOLE_API_BASE_URL: 'nonsense' },
      invalid,
      /QIANFAN_CONSOLE_API_BASE_URL/,
    ],
    [
      'a base URL without a scheme',
      { ...keys, QIANFAN_CONSOLE_API_BASE_URL: '127.0.0.1:1' },
      invalid,
      /QIANFAN_CONSOLE_API_BASE_URL/,
    ],
    [
      'a base URL with a port that is none',
      { ...keys, QIANFAN_CONSOLE_API_BASE_URL: 'http://127.0.0.1:99999' },
      invalid,
      /QIANFAN_CONSOLE_API_BASE_URL/,
    ],
    [
      'a base URL of ftp',
      { ...keys, QIANFAN_CONSOLE_API_BASE_URL: 'ftp://127.0.0.1' },
      invalid,
      /QIANFAN_CONSOLE_API_BASE_URL/,
    ],
    [
      'a base URL of a scheme of its own',
      { ...keys, QIANFAN_CONSOLE_API_BASE_URL: 'localhost:8080' },
      invalid,
      /QIANFAN_CONSOLE_API_BASE_URL/,
    ],
    ['a key with a line break', { ...keys, QIANFAN_ACCESS_KEY: 'ak\nx' }, invalid, /QIANFAN_ACCESS_KEY/],
    ['a key with a line break at its end', { ...keys, QIANFAN_ACCESS_KEY: 'ak\r\n' }, invalid, /QIANFAN_ACCESS_KEY/],
    ['a key with a character beyond Latin-1', { ...keys, QIANFAN_ACCESS_KEY: '密钥' }, invalid, /QIANFAN_ACCESS_KEY/],
  ])('with %s', async (_, variables, expected, words) => {
    const server = await serve(json(200, { result: true }));
    Object.assign(process.env, { QIANFAN_CONSOLE_API_BASE_URL: server.baseUrl, ...variables });
    const ending = await settled({});
    expect(fieldsOf(ending)).toEqual(expected);
    expect(messageOf(ending)).toMatch(words);
    expect(server.connections).toHaveLength(0);
    expect(JSON.stringify(printed(ending))).not.toMatch(/[0-9a-f]{64}/);
  });

  it.each<[string, StopFineTuningTaskOptions]>([
    ['in the environment', {}],
    ['given', { credentials }],
  ])('with a window, keys %s are ignored, and the message says why', async (_, options) => {
    Object.assign(process.env, keys, { QIANFAN_CONSOLE_API_BASE_URL: REFUSED_URL });
    Object.assign(globalThis, { window: {} });
    try {
      const ending = await settled(options);
      expect(fieldsOf(ending)).toEqual(missing);
      expect(messageOf(ending)).toContain('window');
    } finally {
      Reflect.deleteProperty(globalThis, 'window');
    }
  });

  it('with all it needs', async () => {
    const server = await serve(json(200, { requestId: 'r-1', result: true }));
    Object.assign(process.env, keys, { QIANFAN_CONSOLE_API_BASE_URL: server.baseUrl });
    expect(await settled({})).toStrictEqual({ requestId: 'r-1', result: true });
  });
});

describe('a secret that the server gives back', () => {
  const cookie = 'BDUSS=c00kie-of-a-test';
  const authorizationOf = (request: string) => /^authorization: (.*)$/im.exec(request)?.[1] ?? 'none';
  const echoes: Readonly<Record<string, (request: string) => string>> = {
    'in the words of 403': (request) => json(403, { code: 'AccessDenied', message: `You sent ${request}` }),
    'in the words of 200': (request) => json(200, { error_code: 6, error_msg: `You sent ${request}` }),
    'in a field of 403': (request) =>
      json(403, { code: 'AccessDenied', request: { authorization: authorizationOf(request), cookie: [cookie] } }),
    'in a field of 200': (request) =>
      json(200, { request: { Authorization: authorizationOf(request), 'Set-Cookie': cookie } }),
    'in JSON in JSON': (request) =>
      json(500, { message: JSON.stringify({ headers: { authorization: authorizationOf(request), cookie } }) }),
    'with escaped slashes': (request) =>
      json(400, JSON.stringify({ a: authorizationOf(request) }).replaceAll('/', '\\/')),
    'percent-encoded': (request) => html(400, `auth=${encodeURIComponent(authorizationOf(request))}&cookie=${cookie}`),
    'on a page of 500': (request) => html(500, `<pre>${request}cookie: ${cookie}\n</pre>`),
    'on a page of 200': (request) => html(200, `<pre>${request}\nset-cookie: ${cookie}\n</pre>`),
    'as a code': (request) => json(403, { code: authorizationOf(request), message: 'm' }),
    'as an ID': (request) => json(200, { requestId: authorizationOf(request) }),
    'as JSON that is cut short': (request) => json(200, `{"authorization":"${authorizationOf(request)}`),
    'in no JSON': (request) => json(200, `authorization: ${authorizationOf(request)}`),
    'in headers': (request) =>
      json(
        403,
        {},
        {
          'x-echo': authorizationOf(request),
          'set-cookie': [`${cookie}; Path=/`, `B=${cookie}`],
          'x-bce-error-message': authorizationOf(request),
        },
      ),
    'in the headers of a page': (request) =>
      html(200, 'x', { authorization: authorizationOf(request), 'set-cookie': cookie }),
    'in an ID in a header': (request) => json(200, {}, id(authorizationOf(request))),
    'where it redirects to': (request) =>
      response(302, { location: `http://127.0.0.1:1/?a=${authorizationOf(request)}`, 'content-length': '0' }),
    'in a path where it redirects to': (request) =>
      response(302, { location: `/${authorizationOf(request)}`, 'content-length': '0' }),
    'in the signature alone': (request) =>
      html(400, `expected ${authorizationOf(request).split('/').at(-1)?.toUpperCase()}`),
    'in 3 000 characters': (request) => html(400, `${'x'.repeat(1_900)} ${authorizationOf(request).repeat(9)}`),
    'with the secret key itself': () =>
      json(403, { code: credentials.secretKey, message: `key ${credentials.secretKey}` }),
    'with the secret key on a page': () =>
      html(200, `key ${credentials.secretKey} ${encodeURIComponent(credentials.secretKey)}`),
    'and then repeats': (request) => json(200, { error_code: 18, error_msg: request }),
  };

  it.each(Object.entries(echoes))('%s is not in the error', async (_, echo) => {
    const server = await serve((socket, _index, request) => socket.end(echo(request)));
    const ending = await stop({ baseUrl: server.baseUrl });
    expect(isQianfanError(ending)).toBe(true);
    expectNoSecret(ending, server);
    for (const text of printed(ending)) expect(text).not.toContain('c00kie-of-a-test');
  });

  it('in the middle of an answer that breaks off is not in the error', async () => {
    const server = await serve((socket, _, request) =>
      socket.end(response(200, { 'set-cookie': cookie, 'content-length': '9999' }, request)),
    );
    const ending = await stop({ baseUrl: server.baseUrl });
    expect(fieldsOf(ending)).toEqual(error('CONNECTION_FAILED', 'unknown', { systemCode: 'ECONNRESET' }));
    expectNoSecret(ending, server);
    for (const text of printed(ending)) expect(text).not.toContain('c00kie-of-a-test');
  });
});

function table(rows: readonly Row[]): void {
  it.each(rows.map(([name, ...rest]) => [name, rest] as const))('%s', (_, [answer, expected, requests]) =>
    check(answer, expected, requests),
  );
}

async function check(answer: Answers, expected: Expected, requests = 1): Promise<void> {
  const server = await serve(answer);
  const ending = await stop({ baseUrl: server.baseUrl });
  if (!isQianfanError(ending)) expect(ending).toStrictEqual(expected);
  expect(fieldsOf(ending)).toEqual(expected);
  expect(server.requests).toHaveLength(requests);
  expectNoSecret(ending, server);
}

async function serve(answer: Answers): Promise<RawServer> {
  const server = await startRawServer(answer);
  servers.push(server);
  return server;
}

/** The result, or the error, of one call with keys; every error is looked at for what all of them must have. */
async function stop(options: StopFineTuningTaskOptions): Promise<Ending> {
  return settled({ credentials, ...options });
}

async function settled(options: StopFineTuningTaskOptions): Promise<Ending> {
  const ending = await stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' }, options).catch((thrown: unknown) => {
    if (isQianfanError(thrown)) return thrown;
    throw new Error(`Not an error of ours: ${inspect(thrown)}`);
  });
  if (!isQianfanError(ending)) return ending;
  expect(ending).toBeInstanceOf(Error);
  expect(ending.message).toMatch(/^[A-Z].*\.$/s);
  if (ending.outcome === 'unknown') expect(ending.message).toMatch(/DescribeFineTuningTask.*taskId.*runStatus/s);
  const { name, message, code, outcome, retryable } = ending;
  expect(JSON.parse(JSON.stringify(ending))).toMatchObject({ name, message, code, outcome, retryable });
  expect(Object.keys(Object(ending.toJSON()))).not.toContain('cause');
  return ending;
}

/** What a row compares: all that the error says but its message. */
function fieldsOf(ending: Ending): Record<string, unknown> {
  if (!isQianfanError(ending)) return { ...ending };
  const { message, ...fields } = JSON.parse(JSON.stringify(ending));
  expect(message).toBe(ending.message);
  return fields;
}

function messageOf(ending: Ending): string {
  return isQianfanError(ending) ? ending.message : '';
}

function error(code: QianfanErrorCode, outcome: unknown, fields: object = {}): Expected {
  const { name, retryable } = CONTRACT[code];
  return { name, code, outcome, retryable, ...fields };
}

function unexpected(fields: object = {}): Expected {
  return error('UNEXPECTED_RESPONSE', 'unknown', { response: expect.any(String), ...fields });
}

function printed(ending: Ending): string[] {
  const all = { depth: Number.POSITIVE_INFINITY, maxStringLength: null, maxArrayLength: null } as const;
  return [inspect(ending, all), inspect(ending, { ...all, showHidden: true }), JSON.stringify(ending), String(ending)];
}

function expectNoSecret(ending: Ending, server: RawServer): void {
  const sent = server.requests.map((request) => /^authorization: (\S+)$/im.exec(request)?.[1] ?? 'no authorization');
  const signatures = sent.map((authorization) => authorization.split('/').at(-1) ?? '');
  const { secretKey } = credentials;
  const spelled = [secretKey, JSON.stringify(secretKey).slice(1, -1), encodeURIComponent(secretKey)];
  const secrets = [...sent, ...sent.map(encodeURIComponent), ...signatures, ...spelled].filter(
    (secret) => secret !== '',
  );
  for (const text of printed(ending)) {
    expect(secrets.filter((secret) => text.toLowerCase().includes(secret.toLowerCase()))).toEqual([]);
  }
}

/** How many connections a server has had, once all that were under way have arrived: one of ours comes behind them. */
async function connectionsOf(server: RawServer): Promise<number> {
  const last = connect(server.port, '127.0.0.1');
  await once(last, 'connect');
  for (;;) {
    const index = server.connections.findIndex(({ socket }) => socket.remotePort === last.localPort);
    if (index >= 0) return last.destroy() && index;
    await turn();
  }
}

type Lookup = (
  hostname: string,
  options: unknown,
  done: (error: Error | null, addresses?: unknown, family?: number) => void,
) => void;

function resolveTo(lookup: Lookup): void {
  const onTurn: Lookup = (hostname, options, done) => setImmediate(() => lookup(hostname, options, done));
  jest.spyOn(dns, 'lookup').mockImplementation(onTurn as typeof dns.lookup);
}

function id(requestId: string): Record<string, string> {
  return { 'x-bce-request-id': requestId };
}

function html(status: number, body: string, headers: Headers = {}): string {
  const length = String(Buffer.byteLength(body));
  return response(status, { 'content-type': 'text/html', 'content-length': length, ...headers }, body);
}

function compress(coding: 'gzip' | 'x-gzip' | 'deflate' | 'raw deflate' | 'br', body: string): Buffer {
  if (coding === 'br') return brotliCompressSync(body);
  if (coding === 'deflate') return deflateSync(body);
  return coding === 'raw deflate' ? deflateRawSync(body) : gzipSync(body);
}

function encoded(
  status: number,
  coding: Parameters<typeof compress>[0],
  body: string,
  contentType = 'application/json',
): Buffer {
  const bytes = compress(coding, body);
  const head = response(status, {
    'content-type': contentType,
    'content-encoding': coding === 'raw deflate' ? 'deflate' : coding,
    'content-length': String(bytes.length),
  });
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** A whole answer whose compressed body lacks its end. */
function cutShort(coding: 'gzip' | 'deflate' | 'br'): Buffer {
  const bytes = compress(coding, '{"requestId":"r-1","result":true}').subarray(0, 15);
  const head = { ...id('r-h'), 'content-type': 'application/json', 'content-encoding': coding, 'content-length': '15' };
  return Buffer.concat([Buffer.from(response(200, head)), bytes]);
}

function chunked(status: number, body: string, size: number, contentType = 'application/json'): Buffer {
  const bytes = Buffer.from(body);
  const parts = [Buffer.from(response(status, { ...chunkedJson, 'content-type': contentType }))];
  for (let start = 0; start < bytes.length; start += size) {
    const chunk = bytes.subarray(start, start + size);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function byteByByte(answer: string | Buffer): Answer {
  return async (socket: Socket) => {
    socket.setNoDelay(true);
    for (const byte of Buffer.from(answer)) {
      socket.write(Buffer.from([byte]));
      await turn();
    }
    socket.end();
  };
}
