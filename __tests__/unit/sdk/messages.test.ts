// What each way in which the SDK can end a call means, with what was seen of the requests. Answers are in the truth table.

import { afterEach, describe, expect, test } from '@jest/globals';
import { type CallEnd, type RawEnd, readCallEnd } from '../../../src/sdk/messages';
import type { RequestsSeen } from '../../../src/sdk/watch-requests';
import {
  bodyError,
  connectionError,
  httpError,
  httpErrorMessage,
  NO_KEYS_MESSAGE,
  NOTHING_SEEN,
  rejected,
  resolved,
  resolvedBody,
  TIMEOUT_MESSAGE,
  undecodedBodyError,
  unreadableBodyError,
} from '../../support/sdk/messages';

const HEADERS = { 'x-bce-request-id': 'r-header' };
const SEEN: RequestsSeen = { requests: 1, nothingSent: false };
const ANSWERED: RequestsSeen = { ...SEEN, status: 200, headers: HEADERS };

const read = (ending: RawEnd, seen: RequestsSeen = NOTHING_SEEN): CallEnd => readCallEnd(ending, seen);
const systemError = (message: string, code?: string) =>
  Object.assign(new Error(message), code !== undefined && { code });

describe('A connection failed,', () => {
  test.each([
    ['as it was refused', 'connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'],
    ['as no host has the name', 'getaddrinfo ENOTFOUND host.invalid', 'ENOTFOUND'],
    ['as the name server does not respond', 'getaddrinfo EAI_AGAIN host', 'EAI_AGAIN'],
    ['as the server did not respond', 'connect ETIMEDOUT 10.0.0.1:443', 'ETIMEDOUT'],
    ['as it was reset', 'read ECONNRESET', 'ECONNRESET'],
    ['as the pipe is broken', 'write EPIPE', 'EPIPE'],
    ['as the server hung up', 'socket hang up', 'ECONNRESET'],
    ['as the certificate is not trusted, whose code the SDK does not say', 'self-signed certificate', undefined],
    ['as the certificate is for a NAME in capitals', 'Host: a. is not in: DNS:EXAMPLE', undefined],
    ['as Node has a code of its own for it', 'ERR_TLS_CERT_ALTNAME_INVALID', undefined],
    ['as a short word in capitals says', 'END of the line', undefined],
  ])("%s, by the SDK's words alone.", (_, reason, systemCode) => {
    const reply = { kind: 'connection_failed', reason, systemCode, thrown: undefined, headers: undefined };
    expect(read(rejected(connectionError(reason)))).toEqual(reply);
  });

  test('without a reason, by the words alone.', () => {
    const reason = 'the system gave no reason';
    expect(read(rejected(connectionError('')))).toMatchObject({
      kind: 'connection_failed',
      reason,
      systemCode: undefined,
    });
  });

  test("by the system's own error, as a mock may throw it.", () => {
    const thrown = systemError('connect ECONNREFUSED ::1:443', 'ECONNREFUSED');
    const reply = { kind: 'connection_failed', reason: thrown.message, systemCode: 'ECONNREFUSED', thrown };
    expect(read(rejected(thrown))).toMatchObject(reply);
  });

  test.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ])("by the system's own error about a certificate, %s.", (code) => {
    const reply = { kind: 'connection_failed', reason: 'no', systemCode: code };
    expect(read(rejected(systemError('no', code)))).toMatchObject(reply);
  });

  test.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'CRL_HAS_EXPIRED',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'PATH_LENGTH_EXCEEDED',
    'HOSTNAME_MISMATCH',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ])('by the code %s, as a mock may throw it.', (code) => {
    const reply = { kind: 'connection_failed', systemCode: code };
    expect(read(rejected(systemError('no', code)))).toMatchObject(reply);
  });

  test.each(['ERR_INVALID_ARG_TYPE', 'MODULE_NOT_FOUND', 'INVALID_REQUEST', 'cert'])(
    'but not by the code %s.',
    (code) => {
      expect(read(rejected(systemError('no', code)))).toMatchObject({ kind: 'unforeseen' });
    },
  );

  test.each([
    ['refused by every address of a name', '', systemError('', 'ECONNREFUSED'), 'ECONNREFUSED', 'ECONNREFUSED'],
    [
      'an untrusted certificate',
      'x',
      systemError('self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'),
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'self-signed',
    ],
    ['no code of the requests', 'read ECONNRESET', systemError('odd'), 'ECONNRESET', 'odd'],
    ['no error of the requests', 'read ECONNRESET', undefined, 'ECONNRESET', 'read ECONNRESET'],
    ['a code that is no text', 'odd', { code: 5, message: 7 }, undefined, 'odd'],
    ['no text anywhere', '', undefined, undefined, 'the system gave no reason'],
  ])('as what was seen shows: %s.', (_, words, error, systemCode, reason) => {
    const reply = { kind: 'connection_failed', reason, systemCode, thrown: error, headers: undefined };
    expect(read(rejected(connectionError(words)), { ...SEEN, failure: { error } })).toEqual(reply);
  });

  test('as what was seen shows, whatever the SDK says.', () => {
    const seen = { ...SEEN, failure: { error: systemError('it broke', 'EPIPE') } };
    expect(read(rejected(new Error('boom')), seen)).toMatchObject({ kind: 'connection_failed', systemCode: 'EPIPE' });
  });

  test('which is a broken answer once its head was seen.', () => {
    const seen = { ...ANSWERED, failure: { error: systemError('aborted', 'ECONNRESET') } };
    const reply = { kind: 'response_broke_off', reason: 'aborted', systemCode: 'ECONNRESET', headers: HEADERS };
    expect(read(rejected(new Error('boom')), seen)).toMatchObject(reply);
  });

  test('as a body ended too early, by the words alone.', () => {
    const message = 'Invalid response body while trying to fetch http://h/x: Premature close';
    const thrown = systemError(message, 'ERR_STREAM_PREMATURE_CLOSE');
    expect(read(rejected(thrown))).toMatchObject({
      kind: 'connection_failed',
      systemCode: 'ERR_STREAM_PREMATURE_CLOSE',
    });
  });

  test.each([
    'ERR_INVALID_URL',
    'Z_DATA_ERROR',
    'MODULE_NOT_FOUND',
    'oops CERT_X',
    'CERT_X, no',
    42,
    undefined,
    [['ECONNRESET']],
  ])('not by a code of %s.', (code) => {
    expect(read(rejected(Object.assign(new Error('boom'), { code })))).toMatchObject({ kind: 'unforeseen' });
  });
});

describe('A call came to its end', () => {
  const headers = HEADERS;
  test.each<[string, RawEnd, RequestsSeen, object]>([
    ['by an abort', { kind: 'aborted', reason: 'r' }, ANSWERED, { kind: 'aborted', reason: 'r', headers }],
    [
      'by its time limit',
      { kind: 'timed_out', timeoutMs: 5 },
      ANSWERED,
      { kind: 'timed_out', timeoutMs: 5, bySdk: false, headers },
    ],
    [
      "by the SDK's own timer",
      rejected(new Error(TIMEOUT_MESSAGE)),
      SEEN,
      { kind: 'timed_out', timeoutMs: 600_000, bySdk: true, headers: undefined },
    ],
    [
      "by the SDK's own timer, as a mock may say it",
      rejected(TIMEOUT_MESSAGE),
      NOTHING_SEEN,
      { kind: 'timed_out', bySdk: true },
    ],
    [
      'by its time limit within the body of a redirect',
      { kind: 'timed_out', timeoutMs: 5 },
      { ...ANSWERED, status: 302, redirect: '/x' },
      { kind: 'redirect', status: 302, headers, to: '/x', raw: '' },
    ],
    [
      'by an abort within the body of a redirect',
      { kind: 'aborted', reason: 'r' },
      { ...ANSWERED, redirect: '/x' },
      { kind: 'aborted' },
    ],
    ['without a value', resolved(undefined), NOTHING_SEEN, { kind: 'nothing' }],
    ['with the value null', resolved(null), ANSWERED, { kind: 'response', status: 200, raw: '', headers }],
    ['by something that nobody foresaw', rejected(503), NOTHING_SEEN, { kind: 'unforeseen', thrown: 503 }],
    ['by nothing at all that was thrown', rejected(undefined), NOTHING_SEEN, { kind: 'unforeseen', thrown: undefined }],
    [
      'by a configuration that was refused before',
      { kind: 'misconfigured', code: 'INVALID_CONFIGURATION', problem: 'p' },
      NOTHING_SEEN,
      { kind: 'misconfigured', code: 'INVALID_CONFIGURATION', problem: 'p' },
    ],
    [
      "by the SDK's words behind other words",
      rejected(new Error(`oops ${TIMEOUT_MESSAGE}`)),
      NOTHING_SEEN,
      { kind: 'unforeseen' },
    ],
    [
      "by the SDK's shape behind other words",
      rejected(new Error(`oops ${httpErrorMessage(403)}`)),
      NOTHING_SEEN,
      { kind: 'unforeseen' },
    ],
  ])('%s.', (_, ending, seen, reply) => {
    expect(read(ending, seen)).toMatchObject(reply);
  });
});

describe('An answer was seen,', () => {
  const unread = { kind: 'response', body: undefined, raw: '', requests: 1, isTooLarge: false };

  test.each<[string, RawEnd, RequestsSeen, object]>([
    [
      'and the SDK threw something else',
      rejected(new Error('boom')),
      { ...ANSWERED, status: 503 },
      { ...unread, status: 503, headers: HEADERS },
    ],
    ['and its body does not unpack', rejected(undecodedBodyError()), ANSWERED, { ...unread, status: 200 }],
    [
      'and its body does not unpack, with a mock',
      rejected(undecodedBodyError()),
      NOTHING_SEEN,
      { ...unread, requests: 0, status: undefined },
    ],
    [
      'and its body is not JSON, with a mock',
      rejected(unreadableBodyError()),
      NOTHING_SEEN,
      { ...unread, requests: 0, status: undefined },
    ],
    [
      'and was too large',
      rejected(connectionError('cut off')),
      { ...ANSWERED, tooLarge: true },
      { ...unread, status: 200, isTooLarge: true },
    ],
    [
      'and was a redirect that is too large',
      rejected(connectionError('cut off')),
      { ...ANSWERED, status: 302, redirect: 'http://h/', tooLarge: true },
      { kind: 'redirect', status: 302, to: 'http://h/', raw: '' },
    ],
    [
      'and was a redirect that broke off',
      rejected(connectionError('aborted')),
      { ...ANSWERED, status: 302, redirect: 'http://h/', failure: { error: 'e' } },
      { kind: 'redirect', status: 302, to: 'http://h/', raw: '' },
    ],
    [
      'and was a redirect with a body',
      rejected(httpError(302, { code: 'x' })),
      { ...ANSWERED, status: 302, redirect: '/' },
      { kind: 'redirect', body: { code: 'x' }, raw: '{"code":"x"}' },
    ],
  ])('%s.', (_, ending, seen, reply) => {
    expect(read(ending, seen)).toMatchObject(reply);
  });

  test('whose headers of the requests count, not those in the words.', () => {
    const words = { 'x-bce-request-id': 'in the words' };
    expect(read(rejected(httpError(400, '', words)), ANSWERED)).toMatchObject({ status: 400, headers: HEADERS });
    expect(read(rejected(httpError(400, '', words)))).toMatchObject({ status: 400, headers: words });
    expect(read(resolved(resolvedBody({}, words)), ANSWERED)).toMatchObject({ headers: HEADERS });
    expect(read(rejected(bodyError({ error_code: 6 }, words)))).toMatchObject({
      headers: words,
      raw: { error_code: 6 },
    });
  });

  test('without headers in the words.', () => {
    const message = 'Request timed out.\n        HTTP error, status = 400\n\n        Response Header undefined\n    ';
    expect(read(rejected(new Error(message)))).toMatchObject({ status: 400, headers: undefined, raw: '' });
  });

  test.each([
    [18, 4],
    [336100, 4],
    [336502, 4],
    [500000, 4],
    ['18', 1],
    [{ __proto__: null }, 1],
    [6, 1],
    ['', 1],
    [null, 1],
    [undefined, 1],
  ])('resolved with error_code %j, which is a response to %d requests.', (error_code, requests) => {
    expect(read(resolved({ error_code }), SEEN)).toHaveProperty('requests', requests);
    expect(read(rejected(bodyError({ error_code })), SEEN)).toHaveProperty('requests', 1);
  });

  test('resolved with a code that is repeated, after more requests than that.', () => {
    expect(read(resolved({ error_code: 18 }), { ...SEEN, requests: 5 })).toHaveProperty('requests', 5);
  });

  test.each<[string, unknown, object]>([
    ['a text', { ...Object('<h1>'), headers: {} }, { body: undefined, raw: '<h1>' }],
    [
      'a text that is JSON',
      { ...Object('{"result":true}'), headers: {} },
      { body: { result: true }, raw: '{"result":true}' },
    ],
    ['an empty text', { headers: {} }, { body: undefined, raw: '' }],
    ['an empty JSON', { headers: { 'content-type': 'application/json; charset=utf-8' } }, { raw: {} }],
    ['an array of texts', { ...['ab', 'c'], headers: {} }, { raw: { 0: 'ab', 1: 'c' } }],
    ['an array of other values', { ...[1, 2] }, { raw: { 0: 1, 1: 2 } }],
    ['an array of characters and a number', { ...['a', 2] }, { raw: { 0: 'a', 1: 2 } }],
    ['an array with an empty text', { ...['a', ''] }, { raw: { 0: 'a', 1: '' } }],
    [
      'a text that is JSON with a byte order mark in it',
      { ...Object('{"message":"a\ufeffb"}'), headers: {} },
      { body: { message: 'a\ufeffb' } },
    ],
    ['a result beside characters', { 0: 'a', result: true }, { body: { 0: 'a', result: true } }],
    ['an object', { headers: { a: 'b' }, result: 1 }, { raw: { result: 1 }, headers: { a: 'b' } }],
    ['a text of a mock', 'text', { body: 'text', raw: 'text', headers: undefined }],
    ['a boolean of a mock', true, { body: true, raw: true }],
  ])('resolved as %s.', (_, value, answer) => {
    expect(read(resolved(value))).toMatchObject({ kind: 'response', isTooLarge: false, ...answer });
  });

  test('of very many characters.', () => {
    const text = 'x'.repeat(128 * 1024);
    expect(read(resolved({ ...Object(text) }))).toHaveProperty('raw', text);
  });
});

describe('A redirect was followed by a mock', () => {
  test.each([
    'maximum redirect reached at: http://h/',
    'uri requested responds with an invalid redirect URL: http://%',
  ])('that says "%s".', (words) => {
    const reply = read(rejected(new Error(`${TIMEOUT_MESSAGE}${words}`)));
    expect(reply).toMatchObject({ kind: 'redirect', status: undefined, raw: '' });
    expect(reply).not.toHaveProperty('to');
    expect(read(rejected(new Error(`oops ${words}`)))).toMatchObject({ kind: 'unforeseen' });
  });
});

describe('The configuration is wrong,', () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'window');
  });

  const ROWS: [string, unknown, RegExp][] = [
    [
      'as the base URL is not a URL',
      new TypeError('Invalid URL'),
      /QIANFAN_CONSOLE_API_BASE_URL is not an http or https URL/,
    ],
    [
      'as the base URL is of another protocol',
      new Error(`${TIMEOUT_MESSAGE}Only HTTP(S) protocols are supported`),
      /QIANFAN_CONSOLE_API_BASE_URL/,
    ],
    [
      'as the base URL is of another protocol, without the prefix',
      new Error('Only absolute URLs are supported'),
      /QIANFAN_CONSOLE_API_BASE_URL/,
    ],
    [
      'as a key has a line break',
      new Error(`${TIMEOUT_MESSAGE}bce-auth-v1/a\nb is not a legal HTTP header value`),
      /^QIANFAN_ACCESS_KEY fits no HTTP header\.$/,
    ],
    [
      'as Node refuses a header',
      new TypeError('Invalid character in header content ["Authorization"]'),
      /^QIANFAN_ACCESS_KEY fits no HTTP header\.$/,
    ],
  ];

  test.each(ROWS)('%s.', (_, thrown, problem) => {
    const reply = { kind: 'misconfigured', code: 'INVALID_CONFIGURATION', problem: expect.stringMatching(problem) };
    expect(read(rejected(thrown))).toEqual(reply);
  });

  test.each(ROWS)('but not %s, if a request was seen.', (_, thrown) => {
    expect(read(rejected(thrown), SEEN)).toMatchObject({ kind: 'unforeseen' });
  });

  test.each([
    'Invalid URL: x',
    'an Invalid URL',
    'Only the brave are supported, they say',
    'an Invalid character in header',
    'that is not a legal HTTP header value, they say',
    'oops, request to http://h failed, reason: read ECONNRESET',
    'oops, invalid json response body at http://h',
  ])('but not as "%s" says.', (words) =>
    expect(read(rejected(new Error(words)))).toMatchObject({ kind: 'unforeseen' }),
  );

  test.each([new Error(NO_KEYS_MESSAGE), NO_KEYS_MESSAGE])('as there are no keys.', (thrown) => {
    const problem = expect.stringMatching(
      /^QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY are missing.*bearer tokens do not work/,
    );
    expect(read(rejected(thrown))).toEqual({ kind: 'misconfigured', code: 'MISSING_CREDENTIALS', problem });
  });

  test('as there is a window, in which the SDK ignores the environment.', () => {
    Object.assign(globalThis, { window: {} });
    const problem = expect.stringMatching(/there is a global `window` here.*ignores the environment/);
    expect(read(rejected(NO_KEYS_MESSAGE))).toEqual({ kind: 'misconfigured', code: 'MISSING_CREDENTIALS', problem });
  });

  test('but not if the words about keys come after others.', () => {
    expect(read(rejected(`oops ${NO_KEYS_MESSAGE}`))).toMatchObject({ kind: 'unforeseen' });
  });
});
