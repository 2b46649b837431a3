// Every way a call of the SDK can end, as recorded strings and values, and what each one means.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { isQianfanError, type QianfanErrorCode } from '../../src';
import type { CallReport, Ending, Wire } from '../../src/console-action';
import { interpretReport } from '../../src/interpret-report';
import { readStopResult } from '../../src/schemas';
import { ANY_CODE, errorFields, NUMERIC_CODES, STRING_CODES } from '../support/contract';
import {
  bodyError,
  connectionError,
  httpError,
  httpErrorMessage,
  NO_KEYS_MESSAGE,
  NOTHING_SEEN,
  rejected,
  reportOf,
  resolved,
  resolvedBody,
  resolvedText,
  unreadableBodyError,
} from '../support/sdk-shapes';

/** A sentence, how the call ended, what was seen on the wire, and the result or the error's fields. */
type Row = readonly [title: string, ending: Ending, expected: object, wire?: Partial<Wire>];

const ACTION = { readResult: readStopResult, adviceIfUnknown: 'LOOK AT THE TASK.' };

function read(ending: Ending, wire: Partial<Wire> = {}, more: Partial<CallReport> = {}) {
  return interpretReport(reportOf(ending, { wire: { ...NOTHING_SEEN, ...wire }, ...more }), ACTION);
}

/** The result, or the fields of the error. */
function fieldsOf(ending: Ending, wire: Partial<Wire> = {}): object {
  const reading = read(ending, wire);
  return isQianfanError(reading) ? reading.toJSON() : reading;
}

/** The message of the error that it must be. */
function messageOf(ending: Ending, wire: Partial<Wire> = {}, more: Partial<CallReport> = {}): string {
  const reading = read(ending, wire, more);
  if (!isQianfanError(reading)) throw new Error(`a result: ${JSON.stringify(reading)}`);
  return reading.message;
}

function means(rows: readonly Row[]): void {
  test.each(rows)('%s', (...[, ending, expected, wire]) => {
    const reading = read(ending, wire);
    if (!isQianfanError(reading)) {
      expect(reading).toStrictEqual(expected);
      return;
    }
    expect(reading.toJSON()).toEqual(expected);
    // Only an unknown outcome sends the caller to look at the task, and only "not sent" says so.
    expect(reading.message.includes('LOOK AT THE TASK.')).toBe(reading.outcome === 'unknown');
    expect(reading.message.includes('othing was sent')).toBe(reading.outcome === 'not_sent');
  });
}

const refused = (code: QianfanErrorCode, more: object = {}) => errorFields(code, 'refused', more);
const unknown = (code: QianfanErrorCode, more: object = {}) => errorFields(code, 'unknown', more);
const notSent = (code: QianfanErrorCode, more: object = {}) => errorFields(code, 'not_sent', more);
const unexpectedResponse = (response: string, more: object = {}) =>
  unknown('UNEXPECTED_RESPONSE', { response, ...more });

const ANSWERED: Partial<Wire> = { requests: 1, connected: true };
const UNCONNECTED: Partial<Wire> = { requests: 1, connected: false };
const REPEATED: Partial<Wire> = { requests: 4, connected: true };

/** `SERVER_ERROR` leaves the outcome open; every other known code is a refusal. */
const byCode = (code: QianfanErrorCode, more: object) =>
  code === 'SERVER_ERROR' ? unknown(code, more) : refused(code, more);

describe('the string codes', () => {
  describe.each(STRING_CODES)('HTTP %i, %s', (status, apiCode, code) => {
    const body = { requestId: 'r-1', code: apiCode, message: 'In the server’s words.' };
    const more = { requestId: 'r-1', apiCode, apiMessage: 'In the server’s words.' };

    test(`is ${code} in the body`, () => {
      expect(fieldsOf(rejected(httpError(status, body)))).toEqual(byCode(code, { ...more, status }));
    });

    test(`is ${code} in the headers alone`, () => {
      const headers = {
        'x-bce-error-code': apiCode,
        'x-bce-error-message': 'In the server’s words.',
        'x-bce-request-id': 'r-1',
      };
      expect(fieldsOf(rejected(httpError(status, '', headers)))).toEqual(byCode(code, { ...more, status }));
    });

    if (apiCode === ANY_CODE) return; // only its status makes it what it is
    test(`is ${code} with a 200, too`, () => {
      const seen = { ...ANSWERED, status: 200 };
      expect(fieldsOf(resolved(resolvedBody(body)), seen)).toEqual(byCode(code, { ...more, status: 200 }));
    });
  });
});

describe('the numeric codes', () => {
  describe.each(NUMERIC_CODES)('%i', (number, code) => {
    const more = { apiCode: `${number}`, apiMessage: 'no', requestId: '4294967296' };

    test.each<readonly [string, Ending]>([
      ['as a thrown error_code', rejected(bodyError({ error_code: number, error_msg: 'no', log_id: 4294967296 }))],
      ['as a resolved error_code', resolved(resolvedBody({ error_code: number, error_msg: 'no', log_id: 4294967296 }))],
      ['as digits', rejected(bodyError({ error_code: `${number}`, error_msg: 'no', log_id: '4294967296' }))],
      ['as a resolved code', resolved(resolvedBody({ code: number, message: 'no', requestId: 4294967296 }))],
    ])(`is ${code} %s`, (_title, ending) => {
      expect(fieldsOf(ending)).toEqual(byCode(code, more));
    });

    test.each([400, 401, 403, 404, 408, 418, 429, 500, 503])(`is ${code} with HTTP %i`, (status) => {
      const ending = rejected(httpError(status, { code: number, message: 'no', request_id: '4294967296' }));
      expect(fieldsOf(ending)).toEqual(byCode(code, { ...more, status }));
    });
  });
});

describe('a status without a code', () => {
  test.each<readonly [number, QianfanErrorCode]>([
    [400, 'INVALID_REQUEST'],
    [401, 'AUTHENTICATION_FAILED'],
    [402, 'INVALID_REQUEST'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [405, 'INVALID_REQUEST'],
    [407, 'INVALID_REQUEST'],
    [408, 'SERVER_ERROR'],
    [409, 'INVALID_REQUEST'],
    [413, 'INVALID_REQUEST'],
    [422, 'INVALID_REQUEST'],
    [429, 'RATE_LIMITED'],
    [451, 'INVALID_REQUEST'],
    [499, 'INVALID_REQUEST'],
    [500, 'SERVER_ERROR'],
    [501, 'SERVER_ERROR'],
    [502, 'SERVER_ERROR'],
    [503, 'SERVER_ERROR'],
    [504, 'SERVER_ERROR'],
    [599, 'SERVER_ERROR'],
  ])('%i is %s', (status, code) => {
    const expected = byCode(code, { status });
    for (const body of ['', '<html>\nnginx\n</html>', 'plain', '[]', '"text"', 'null', '7', '{}', '{"code":null}']) {
      const reading = read(rejected(httpError(status, body)));
      expect(isQianfanError(reading) && reading.toJSON()).toEqual(expected);
    }
  });
});

describe('what the SDK resolves and throws (sdk-behaviour.md)', () => {
  means([
    [
      'a 200 with a result of true',
      resolved(resolvedBody({ requestId: 'r-1', result: true }, { 'content-type': 'application/json' })),
      { requestId: 'r-1', result: true },
    ],
    [
      'a 200 with a result of false',
      resolved(resolvedBody({ requestId: 'r-1', result: false })),
      { requestId: 'r-1', result: false },
    ],
    [
      'a status that is not 2xx, in spite of "timed out"',
      rejected(httpError(400, { requestId: 'r-1', code: 'MalformedJSON', message: 'm' })),
      refused('INVALID_REQUEST', { status: 400, apiCode: 'MalformedJSON', apiMessage: 'm', requestId: 'r-1' }),
    ],
    [
      'its own timer',
      rejected(new Error('Request timed out.')),
      unknown('TIMEOUT', { timeoutMs: 600_000 }),
      { requests: 1, connected: true },
    ],
    [
      'its own timer, before there was a connection',
      rejected(new Error('Request timed out.')),
      notSent('TIMEOUT', { timeoutMs: 600_000 }),
      UNCONNECTED,
    ],
    [
      'its own timer, and nothing seen',
      rejected(new Error('Request timed out.')),
      unknown('TIMEOUT', { timeoutMs: 600_000 }),
    ],
    [
      'a 200 with an error_code',
      rejected(bodyError({ error_code: 6, error_msg: 'No permission', log_id: 123 })),
      refused('PERMISSION_DENIED', { apiCode: '6', apiMessage: 'No permission', requestId: '123' }),
    ],
    [
      'a 200 with one of the codes that it repeats',
      resolved(resolvedBody({ error_code: 18, error_msg: 'QPS limit', log_id: 'l' })),
      unknown('RATE_LIMITED', { status: 200, apiCode: '18', apiMessage: 'QPS limit', requestId: 'l' }),
      { ...REPEATED, status: 200 },
    ],
    [
      'a 200 with { code, message }',
      resolved(resolvedBody({ requestId: 'r-1', code: 'AccessDenied', message: 'm' })),
      refused('PERMISSION_DENIED', { apiCode: 'AccessDenied', apiMessage: 'm', requestId: 'r-1' }),
    ],
    [
      'a 200 that is not JSON',
      resolved(resolvedText('<html>Log in</html>', { 'x-bce-request-id': 'r-1' })),
      unexpectedResponse('<html>Log in</html>', { requestId: 'r-1' }),
    ],
    ['a 200 with text outside the basic plane', resolved(resolvedText('déjà 😀')), unexpectedResponse('déjà 😀')],
    [
      'a 200 with JSON that is called HTML',
      resolved(resolvedText('{"requestId":"r-1","result":true}')),
      { requestId: 'r-1', result: true },
    ],
    ['a 200 with an array', resolved(resolvedBody([1, 2])), unexpectedResponse('{"0":1,"1":2}')],
    [
      'a 200 with an array of results',
      resolved(resolvedBody([{ result: true }])),
      unexpectedResponse('{"0":{"result":true}}'),
    ],
    ['a 200 with a string', resolved(resolvedBody('stopped')), unexpectedResponse('stopped')],
    ['a 200 with a number', resolved(resolvedBody(7)), unexpectedResponse('{}')],
    ['a 200 with null', resolved(resolvedBody(null)), unexpectedResponse('{}')],
    ['a 200 that is empty', rejected(unreadableBodyError()), unexpectedResponse(unreadableBodyError().message)],
    [
      'a 200 cut short',
      rejected(unreadableBodyError('Unterminated string in JSON at position 22')),
      unexpectedResponse(unreadableBodyError('Unterminated string in JSON at position 22').message, {
        requestId: 'r-1',
      }),
      { ...ANSWERED, status: 200, headers: { 'x-bce-request-id': 'r-1' } },
    ],
    [
      'a body that does not unpack',
      rejected(
        Object.assign(new Error('Invalid response body while trying to fetch http://h/x: incorrect header check'), {
          name: 'FetchError',
          code: 'Z_DATA_ERROR',
        }),
      ),
      unexpectedResponse('Invalid response body while trying to fetch http://h/x: incorrect header check'),
      { ...ANSWERED, status: 200 },
    ],
    [
      'a refusal whose body does not unpack',
      rejected(
        Object.assign(new Error('Invalid response body while trying to fetch http://h/x: incorrect header check'), {
          code: 'Z_DATA_ERROR',
        }),
      ),
      refused('PERMISSION_DENIED', { status: 403 }),
      { ...ANSWERED, status: 403 },
    ],
    ['a 204', resolved(null), unexpectedResponse('null'), { ...ANSWERED, status: 204 }],
    [
      'a body that breaks off',
      rejected(connectionError('aborted')),
      unknown('CONNECTION_FAILED', { systemCode: 'ECONNRESET', requestId: 'r-1' }),
      {
        ...ANSWERED,
        status: 200,
        headers: { 'x-bce-request-id': 'r-1' },
        failure: { systemCode: 'ECONNRESET' },
      },
    ],
    [
      'an error_code of 0 beside a good result',
      rejected(bodyError({ error_code: 0, requestId: 'r-1', result: true })),
      { requestId: 'r-1', result: true },
    ],
    [
      'an error_code of null beside a good result',
      rejected(bodyError({ error_code: null, requestId: 'r-1', result: true })),
      { requestId: 'r-1', result: true },
    ],
    ['nothing, as an SDK mock without a return value does', resolved(undefined), unexpectedResponse('undefined')],
    ['a base URL that is no URL', rejected(new TypeError('Invalid URL')), notSent('INVALID_CONFIGURATION')],
    [
      'a base URL that is not http(s)',
      rejected(new Error('Request timed out.Only HTTP(S) protocols are supported')),
      notSent('INVALID_CONFIGURATION'),
    ],
    [
      'a base URL that is not http(s), without the prefix',
      rejected(new TypeError('Only HTTP(S) protocols are supported')),
      notSent('INVALID_CONFIGURATION'),
    ],
    [
      'a key with a line break',
      rejected(
        new Error(
          `Request timed out.bce-auth-v1/a\nb/2026-11-24T04:42:46Z/1800/host/${'0f'.repeat(32)} is not a legal HTTP header value`,
        ),
      ),
      notSent('INVALID_CONFIGURATION'),
    ],
    [
      'a key with a character that Node refuses',
      rejected(new TypeError('Request timed out.Invalid character in header content ["Authorization"]')),
      notSent('INVALID_CONFIGURATION'),
    ],
    ['no keys', rejected(new Error(NO_KEYS_MESSAGE)), notSent('MISSING_CREDENTIALS')],
    ['no keys, thrown as a string', rejected(NO_KEYS_MESSAGE), notSent('MISSING_CREDENTIALS')],
    ['no SDK', { kind: 'no_sdk', reason: new Error('Cannot find module') }, notSent('INVALID_CONFIGURATION')],
    ['something that nobody foresaw', rejected(new Error('boom')), unknown('UNEXPECTED_ERROR')],
    ['undefined, thrown', rejected(undefined), unknown('UNEXPECTED_ERROR')],
    ['a number, thrown', rejected(503), unknown('UNEXPECTED_ERROR')],
  ]);

  test('where an answer was seen, no words of the SDK are needed to say what it was', () => {
    const wire = { ...ANSWERED, status: 503, headers: { 'x-bce-request-id': 'r-1', 'retry-after': '2' } };
    const expected = unknown('SERVER_ERROR', { status: 503, requestId: 'r-1', retryAfterMs: 2_000 });
    expect(fieldsOf(rejected(new Error('boom')), wire)).toEqual(expected);
  });

  test('a problem of the configuration is not claimed where a request was seen', () => {
    expect(read(rejected(new TypeError('Invalid URL')), ANSWERED)).toHaveProperty('outcome', 'unknown');
  });
});

describe('connections', () => {
  const failed = (systemCode?: string) => unknown('CONNECTION_FAILED', systemCode === undefined ? {} : { systemCode });

  describe('from the message alone', () => {
    means([
      ['refused', rejected(connectionError('connect ECONNREFUSED 127.0.0.1:1')), failed('ECONNREFUSED')],
      ['no such name', rejected(connectionError('getaddrinfo ENOTFOUND host.invalid')), failed('ENOTFOUND')],
      ['no name server', rejected(connectionError('getaddrinfo EAI_AGAIN host')), failed('EAI_AGAIN')],
      ['no way there', rejected(connectionError('connect EHOSTUNREACH 10.0.0.1:443')), failed('EHOSTUNREACH')],
      [
        'no answer to the first packet',
        rejected(connectionError('connect ETIMEDOUT 10.0.0.1:443')),
        failed('ETIMEDOUT'),
      ],
      ['reset', rejected(connectionError('read ECONNRESET')), failed('ECONNRESET')],
      ['broken pipe', rejected(connectionError('write EPIPE')), failed('EPIPE')],
      ['hung up', rejected(connectionError('socket hang up')), failed('ECONNRESET')],
      ['no reason at all', rejected(connectionError('')), failed()],
      ['a certificate that is not trusted', rejected(connectionError('self-signed certificate')), failed()],
      [
        'a certificate for a name in capitals, which is no system code',
        rejected(
          connectionError(
            "Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:EXAMPLE.COM",
          ),
        ),
        failed(),
      ],
      [
        'a body that ends too early',
        rejected(
          Object.assign(new Error('Invalid response body while trying to fetch http://h/x: Premature close'), {
            code: 'ERR_STREAM_PREMATURE_CLOSE',
          }),
        ),
        failed('ERR_STREAM_PREMATURE_CLOSE'),
      ],
      [
        'a bare system error, as a mock may throw it',
        rejected(Object.assign(new Error('connect ECONNREFUSED ::1:443'), { code: 'ECONNREFUSED' })),
        failed('ECONNREFUSED'),
      ],
    ]);
  });

  describe('with what was seen on the wire', () => {
    means([
      [
        'refused by every address of a name, which the message does not say',
        rejected(connectionError('')),
        notSent('CONNECTION_FAILED', { systemCode: 'ECONNREFUSED' }),
        { ...UNCONNECTED, failure: { systemCode: 'ECONNREFUSED' } },
      ],
      [
        'a certificate that is not trusted, whose code the message does not say',
        rejected(connectionError('self-signed certificate')),
        notSent('CONNECTION_FAILED', { systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
        { ...UNCONNECTED, failure: { systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
      ],
      [
        'reset once connected',
        rejected(connectionError('socket hang up')),
        unknown('CONNECTION_FAILED', { systemCode: 'ECONNRESET' }),
        { ...ANSWERED, failure: { systemCode: 'ECONNRESET' } },
      ],
      [
        'an answer that is not HTTP',
        rejected(connectionError('Parse Error: Expected HTTP/, RTSP/ or ICE/')),
        unknown('CONNECTION_FAILED', { systemCode: 'HPE_INVALID_CONSTANT' }),
        { ...ANSWERED, failure: { systemCode: 'HPE_INVALID_CONSTANT' } },
      ],
      [
        'a failure without a code',
        rejected(connectionError('odd')),
        unknown('CONNECTION_FAILED'),
        { ...ANSWERED, failure: { systemCode: undefined } },
      ],
    ]);
  });
});

describe('rule 1: a known code before the status, a body before the headers', () => {
  const header = (code: string, message = 'header’s words') => ({
    'x-bce-error-code': code,
    'x-bce-error-message': message,
  });
  means([
    [
      'a refusal code with a 500 is a refusal',
      rejected(httpError(500, { code: 'AccessDenied' })),
      refused('PERMISSION_DENIED', { status: 500, apiCode: 'AccessDenied' }),
    ],
    [
      'a refusal code with a 408 is a refusal',
      rejected(httpError(408, { code: 'RequestExpired' })),
      refused('AUTHENTICATION_FAILED', { status: 408, apiCode: 'RequestExpired' }),
    ],
    [
      'a server error code with a 400 is no refusal',
      rejected(httpError(400, { code: 'InternalError' })),
      unknown('SERVER_ERROR', { status: 400, apiCode: 'InternalError' }),
    ],
    [
      'an unknown code leaves it to the status',
      rejected(httpError(404, { code: 'TaskNotExist', message: 'm' })),
      refused('NOT_FOUND', { status: 404, apiCode: 'TaskNotExist', apiMessage: 'm' }),
    ],
    [
      'an unknown number leaves it to the status',
      rejected(httpError(503, { error_code: 99, error_msg: 'm' })),
      unknown('SERVER_ERROR', { status: 503, apiCode: '99', apiMessage: 'm' }),
    ],
    [
      'an unknown code with a 200 is nobody’s',
      resolved(resolvedBody({ code: 'Whatever', message: 'm' })),
      unknown('API_ERROR', { apiCode: 'Whatever', apiMessage: 'm' }),
    ],
    [
      'a body’s code beats a header’s, even an unknown one a known one',
      rejected(httpError(400, { code: 'Whatever', message: 'body’s words' }, header('AccessDenied'))),
      refused('INVALID_REQUEST', { status: 400, apiCode: 'Whatever', apiMessage: 'body’s words' }),
    ],
    [
      'the headers stand in for a body that says nothing',
      rejected(httpError(400, '<html>', header('AccessDenied'))),
      refused('PERMISSION_DENIED', { status: 400, apiCode: 'AccessDenied', apiMessage: 'header’s words' }),
    ],
    [
      'the headers stand in for an empty 200',
      rejected(unreadableBodyError()),
      refused('PERMISSION_DENIED', { status: 200, apiCode: 'AccessDenied', apiMessage: 'header’s words' }),
      { ...ANSWERED, status: 200, headers: header('AccessDenied') },
    ],
    [
      'the headers stand in for a 204',
      resolved(null),
      refused('AUTHENTICATION_FAILED', { status: 204, apiCode: '14', apiMessage: 'header’s words' }),
      { ...ANSWERED, status: 204, headers: header('14') },
    ],
    [
      'a result beats a header’s code',
      resolved(resolvedBody({ requestId: 'r-1', result: true }, header('AccessDenied'))),
      { requestId: 'r-1', result: true },
    ],
    [
      'a header’s code of 0 says no more than a body’s',
      resolved(resolvedBody({ requestId: 'r-1' }, header('0', ''))),
      unexpectedResponse('{"requestId":"r-1"}', { requestId: 'r-1' }),
    ],
    [
      'an error_code counts where the code is empty',
      rejected(bodyError({ code: '', error_code: 6 })),
      refused('PERMISSION_DENIED', { apiCode: '6' }),
    ],
    [
      'a known error_code counts behind a code that nobody knows',
      rejected(httpError(500, { code: 'Weird', error_code: 6 })),
      refused('PERMISSION_DENIED', { status: 500, apiCode: '6' }),
    ],
    [
      'the headers stand in for a refusal’s body whose result says no more',
      rejected(httpError(403, { result: false }, header('SignatureDoesNotMatch'))),
      refused('AUTHENTICATION_FAILED', {
        status: 403,
        apiCode: 'SignatureDoesNotMatch',
        apiMessage: 'header’s words',
      }),
    ],
    [
      'headers as they were seen beat headers as the body gives them',
      resolved({ headers: { 'x-bce-request-id': 'forged' }, result: true }),
      { requestId: 'real', result: true },
      { ...ANSWERED, status: 200, headers: { 'x-bce-request-id': 'real' } },
    ],
  ]);
});

describe('rule 2: a result beside a code', () => {
  const harmless = [
    {},
    { code: null },
    { code: '' },
    { code: 0 },
    { code: '0' },
    { error_code: 0 },
    { error_code: '0' },
  ];
  describe.each([true, false])('a result of %s', (result) => {
    means(
      harmless.flatMap((fields): Row[] => {
        const body = { requestId: 'r-1', result, ...fields };
        return [
          [
            `resolved beside ${JSON.stringify(fields)} is a result`,
            resolved(resolvedBody(body)),
            { requestId: 'r-1', result },
          ],
          [
            `thrown beside ${JSON.stringify(fields)} is a result`,
            rejected(bodyError(body)),
            { requestId: 'r-1', result },
          ],
        ];
      }),
    );
  });
  means([
    [
      'true beside a refusal: nobody knows',
      rejected(bodyError({ error_code: 6, result: true })),
      unknown('PERMISSION_DENIED', { apiCode: '6' }),
    ],
    [
      'false beside a refusal: refused',
      rejected(bodyError({ error_code: 6, result: false })),
      refused('PERMISSION_DENIED', { apiCode: '6' }),
    ],
    [
      'true beside a code that nobody documents',
      resolved(resolvedBody({ code: 'Whatever', result: true })),
      unknown('API_ERROR', { apiCode: 'Whatever' }),
    ],
    [
      'false beside a code that nobody documents',
      resolved(resolvedBody({ code: 'Whatever', result: false })),
      unknown('API_ERROR', { apiCode: 'Whatever' }),
    ],
    [
      'true beside a 4xx: nobody knows',
      rejected(httpError(403, { code: 'AccessDenied', result: true })),
      unknown('PERMISSION_DENIED', { status: 403, apiCode: 'AccessDenied' }),
    ],
  ]);
});

describe('rule 4: what the last answer says after hidden repeats is only the last answer’s', () => {
  const seen = { ...REPEATED, status: 200 };
  means([
    [
      'a refusal',
      rejected(bodyError({ error_code: 6 })),
      unknown('PERMISSION_DENIED', { status: 200, apiCode: '6' }),
      seen,
    ],
    ['a 4xx', rejected(httpError(404)), unknown('NOT_FOUND', { status: 404 }), { ...REPEATED, status: 404 }],
    ['a result of true stays one', resolved(resolvedBody({ result: true })), { requestId: '', result: true }, seen],
    ['a result of false stays one', resolved(resolvedBody({ result: false })), { requestId: '', result: false }, seen],
    [
      'a connection that could not be made',
      rejected(connectionError('connect ECONNREFUSED 127.0.0.1:1')),
      unknown('CONNECTION_FAILED', { systemCode: 'ECONNREFUSED' }),
      { requests: 2, connected: false, failure: { systemCode: 'ECONNREFUSED' } },
    ],
    [
      'a time limit',
      { kind: 'timed_out' },
      unknown('TIMEOUT', { timeoutMs: 30_000 }),
      { requests: 2, connected: false },
    ],
    [
      'an abort',
      { kind: 'aborted', reason: 'r', before: false },
      unknown('ABORTED'),
      { requests: 2, connected: false },
    ],
    [
      'two requests are enough',
      rejected(httpError(401)),
      unknown('AUTHENTICATION_FAILED', { status: 401 }),
      { requests: 2, connected: true, status: 401 },
    ],
  ]);

  test('says how often it was sent', () => {
    const message = messageOf(resolved(resolvedBody({ error_code: 18 })), seen);
    expect(message).toContain('The SDK sent the request 4 times');
  });
});

describe('rule 5: "not sent" only on proof', () => {
  const timeout = { kind: 'timed_out' } as const;
  const aborted = { kind: 'aborted', reason: new Error('enough'), before: false } as const;
  const limit = { timeoutMs: 30_000 };
  means([
    ['a time limit, nothing seen', timeout, unknown('TIMEOUT', limit)],
    ['a time limit, one request that never connected', timeout, notSent('TIMEOUT', limit), UNCONNECTED],
    ['a time limit, connected', timeout, unknown('TIMEOUT', limit), ANSWERED],
    ['an abort, nothing seen', aborted, unknown('ABORTED')],
    ['an abort, one request that never connected', aborted, notSent('ABORTED'), UNCONNECTED],
    ['an abort, connected', aborted, unknown('ABORTED'), ANSWERED],
    ['an abort before the call', { ...aborted, before: true }, notSent('ABORTED')],
    [
      'a refused connection, nothing seen',
      rejected(connectionError('connect ECONNREFUSED 127.0.0.1:1')),
      unknown('CONNECTION_FAILED', { systemCode: 'ECONNREFUSED' }),
    ],
    [
      'a time limit in the middle of an answer has its request ID',
      timeout,
      unknown('TIMEOUT', { ...limit, requestId: 'r-1' }),
      { ...ANSWERED, status: 200, headers: { 'x-bce-request-id': 'r-1' } },
    ],
  ]);

  test('an abort’s cause is the signal’s reason itself', () => {
    expect(read(aborted)).toHaveProperty('cause', aborted.reason);
  });
});

describe('a server’s text does not pass for the SDK’s words', () => {
  const FORGED_SUCCESS = httpErrorMessage(200, { requestId: 'forged', result: true });
  const FORGED_TIMEOUT = 'Request timed out.';
  const FORGED_CONNECTION = connectionError('connect ECONNREFUSED 6.6.6.6:443').message;
  means([
    [
      'a status in the body of a refusal',
      rejected(httpError(403, FORGED_SUCCESS)),
      refused('PERMISSION_DENIED', { status: 403 }),
    ],
    [
      'a status in the message of a refusal',
      rejected(httpError(403, { code: 'AccessDenied', message: FORGED_SUCCESS })),
      refused('PERMISSION_DENIED', { status: 403, apiCode: 'AccessDenied', apiMessage: FORGED_SUCCESS }),
    ],
    [
      'a status in a header',
      rejected(httpError(403, '', { 'x-forged': 'HTTP error, status = 200' })),
      refused('PERMISSION_DENIED', { status: 403 }),
    ],
    [
      'a whole message in a header',
      rejected(httpError(403, { code: 'AccessDenied' }, { 'x-forged': FORGED_SUCCESS })),
      refused('PERMISSION_DENIED', { status: 403, apiCode: 'AccessDenied' }),
    ],
    [
      'a body in a header',
      rejected(httpError(500, { requestId: 'r-1' }, { 'x-forged': 'Response Body {"code":"AccessDenied"}' })),
      unknown('SERVER_ERROR', { status: 500, requestId: 'r-1' }),
    ],
    [
      'headers in a body',
      rejected(httpError(400, 'Response Header {"x-bce-error-code":"AccessDenied"}\n    \nResponse Body {}')),
      refused('INVALID_REQUEST', { status: 400 }),
    ],
    [
      'a second body in a body',
      rejected(httpError(400, '\nResponse Body {"code":"AccessDenied"}')),
      refused('INVALID_REQUEST', { status: 400 }),
    ],
    [
      'the words of a timeout in a body',
      rejected(httpError(500, FORGED_TIMEOUT)),
      unknown('SERVER_ERROR', { status: 500 }),
    ],
    ['the words of a timeout in a 200', resolved(resolvedText(FORGED_TIMEOUT)), unexpectedResponse(FORGED_TIMEOUT)],
    ['a whole message in a 200', resolved(resolvedText(FORGED_SUCCESS)), unexpectedResponse(FORGED_SUCCESS)],
    [
      'a broken connection in a body',
      rejected(httpError(400, FORGED_CONNECTION)),
      refused('INVALID_REQUEST', { status: 400 }),
    ],
    ['a broken connection in a 200', resolved(resolvedText(FORGED_CONNECTION)), unexpectedResponse(FORGED_CONNECTION)],
    [
      'missing keys in the words of an error_code',
      rejected(bodyError({ error_code: 6, error_msg: NO_KEYS_MESSAGE })),
      refused('PERMISSION_DENIED', { apiCode: '6', apiMessage: NO_KEYS_MESSAGE }),
    ],
    ['missing keys in a body', rejected(httpError(400, NO_KEYS_MESSAGE)), refused('INVALID_REQUEST', { status: 400 })],
    ['"Invalid URL" in a body', rejected(httpError(502, 'Invalid URL')), unknown('SERVER_ERROR', { status: 502 })],
    [
      'a JSON message in the words of an error_code',
      rejected(bodyError({ error_code: 6, error_msg: '{"result":true}' })),
      refused('PERMISSION_DENIED', { apiCode: '6', apiMessage: '{"result":true}' }),
    ],
    [
      'a piece of a body in the complaint about its JSON',
      rejected(unreadableBodyError(`Unexpected token R, "${FORGED_TIMEOUT}" is not valid JSON`)),
      unexpectedResponse(unreadableBodyError(`Unexpected token R, "${FORGED_TIMEOUT}" is not valid JSON`).message),
    ],
    [
      'the SDK’s shape behind other words',
      rejected(new Error(`oops ${httpErrorMessage(403)}`)),
      unknown('UNEXPECTED_ERROR'),
    ],
    [
      'the words of a timeout behind other words',
      rejected(new Error('oops Request timed out.')),
      unknown('UNEXPECTED_ERROR'),
    ],
  ]);

  test('the word "undefined" as a body is not a mock without a return value', () => {
    expect(messageOf(resolved(resolvedText('undefined')))).not.toContain('mock');
    expect(messageOf(resolved(undefined))).toContain('mock');
  });
});

describe('Retry-After', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-24T10:00:00Z') });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each<readonly [string, number | undefined]>([
    ['5', 5_000],
    ['0', 0],
    ['86400', 86_400_000],
    ['Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 09:59:00 GMT', 0],
    ['Tuesday, 24-Nov-26 10:00:30 GMT', 30_000],
    ['-1', undefined],
    ['1.5', undefined],
    ['5 s', undefined],
    ['soon', undefined],
    ['GMT', undefined],
    ['2026-11-24T10:00:30Z', undefined],
    ['9'.repeat(40), undefined],
    ['', undefined],
  ])('%j is %j ms', (value, retryAfterMs) => {
    const ending = rejected(httpError(429, '', { 'retry-after': value }));
    expect(fieldsOf(ending)).toEqual(refused('RATE_LIMITED', { status: 429, retryAfterMs }));
  });

  test('counts with a 503 and with an answer that was resolved', () => {
    expect(read(rejected(httpError(503, '', { 'retry-after': '7' })))).toHaveProperty('retryAfterMs', 7_000);
    expect(read(resolved(resolvedBody({ error_code: 18 }, { 'retry-after': '7' })))).toHaveProperty(
      'retryAfterMs',
      7_000,
    );
  });
});

describe('the request ID', () => {
  const HEADERS = { 'x-bce-request-id': 'from-header' };
  test.each<readonly [string, object, string]>([
    ['requestId', { requestId: 'r-1' }, 'r-1'],
    ['request_id', { request_id: 'r-1' }, 'r-1'],
    ['log_id', { log_id: 'r-1' }, 'r-1'],
    ['a number, as its digits', { requestId: 1787654321 }, '1787654321'],
    ['requestId before log_id', { log_id: 'l', requestId: 'r-1' }, 'r-1'],
    ['the header’s where there is none', {}, 'from-header'],
    ['the header’s where it is blank', { requestId: '  ' }, 'from-header'],
    ['the header’s where it is null', { requestId: null }, 'from-header'],
    ['the header’s where it is an object', { requestId: {} }, 'from-header'],
    ['the header’s where JSON.parse has rounded the number', { requestId: 2 ** 60 }, 'from-header'],
  ])('is %s', (_title, fields, requestId) => {
    expect(read(resolved(resolvedBody({ ...fields, result: true }, HEADERS)))).toStrictEqual({
      requestId,
      result: true,
    });
    expect(read(rejected(httpError(403, fields, HEADERS)))).toHaveProperty('requestId', requestId);
    expect(read(rejected(bodyError({ ...fields, error_code: 6 }, HEADERS)))).toHaveProperty('requestId', requestId);
  });

  test('is empty beside a result, and undefined in an error, where there is none at all', () => {
    expect(read(resolved({ result: true }))).toStrictEqual({ requestId: '', result: true });
    expect(read(rejected(httpError(403)))).toHaveProperty('requestId', undefined);
  });
});

describe('wrong types, extra fields, prototypes', () => {
  means([
    ...['true', 'false', 1, 0, null, {}, []].map((result): Row => {
      const body = { requestId: 'r-1', result };
      const expected = unexpectedResponse(JSON.stringify(body), { requestId: 'r-1' });
      return [`a result of ${JSON.stringify(result)}`, resolved(resolvedBody(body)), expected];
    }),
    [
      'no result',
      resolved(resolvedBody({ requestId: 'r-1' })),
      unexpectedResponse('{"requestId":"r-1"}', { requestId: 'r-1' }),
    ],
    ['headers that are a string', resolved({ headers: 'x', result: true }), { requestId: '', result: true }],
    ['headers that are null', resolved({ headers: null, result: true }), { requestId: '', result: true }],
    ['a code that is an object', resolved({ code: { a: 1 } }), unexpectedResponse('{"code":{"a":1}}')],
    [
      'a code that is an object, with a 403',
      rejected(httpError(403, { code: {} })),
      refused('PERMISSION_DENIED', { status: 403 }),
    ],
    [
      'a code that is true beside a result',
      resolved({ code: true, result: true }),
      unexpectedResponse('{"code":true,"result":true}'),
    ],
    [
      'a message that is a number',
      rejected(httpError(403, { code: 'AccessDenied', message: 7 })),
      refused('PERMISSION_DENIED', { status: 403, apiCode: 'AccessDenied' }),
    ],
    [
      'a message that is an object',
      rejected(bodyError({ error_code: 6, error_msg: { text: 'x' } })),
      refused('PERMISSION_DENIED', { apiCode: '6' }),
    ],
    [
      'a request ID that is an array',
      rejected(httpError(403, { code: 'AccessDenied', requestId: ['a'] })),
      refused('PERMISSION_DENIED', { status: 403, apiCode: 'AccessDenied' }),
    ],
    [
      'extra fields beside a result',
      resolved(resolvedBody({ requestId: 'r-1', result: true, extra: 1, status: 'Stopping' })),
      { requestId: 'r-1', result: true },
    ],
    [
      'extra fields beside a code',
      rejected(httpError(403, { code: 'AccessDenied', status: 200, retryable: true, outcome: 'not_sent' })),
      refused('PERMISSION_DENIED', { status: 403, apiCode: 'AccessDenied' }),
    ],
    [
      'a result in __proto__',
      resolved(JSON.parse('{"__proto__":{"result":true},"requestId":"r-1"}')),
      unexpectedResponse('{"__proto__":{"result":true},"requestId":"r-1"}', { requestId: 'r-1' }),
    ],
    [
      'a code in __proto__',
      rejected(httpError(403, '{"__proto__":{"code":"InternalError","message":"m"}}')),
      refused('PERMISSION_DENIED', { status: 403 }),
    ],
    ['an inherited result', resolved(Object.create({ result: true })), unexpectedResponse('{}')],
    [
      'names of Object’s own as codes',
      resolved({ code: 'constructor' }),
      unknown('API_ERROR', { apiCode: 'constructor' }),
    ],
    ['a boolean, resolved', resolved(true), unexpectedResponse('true')],
    ['a string, resolved', resolved('true'), unexpectedResponse('true')],
    ['a function, resolved', resolved(() => true), unexpectedResponse('function')],
  ]);

  test('leave Object.prototype alone', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('result' in {}).toBe(false);
  });

  test('a page of millions of characters is put together', () => {
    const reading = read(resolved(resolvedText('x'.repeat(1_000_000))));
    expect(reading).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(reading).toHaveProperty('response', expect.stringMatching(/^x+… \[cut, 1000000 characters\]$/));
  });

  test('a response is at most 2 000 characters and says that it was cut', () => {
    const reading = read(resolved(resolvedText(`<p>${'x'.repeat(5_000)}`)));
    const { response } = reading as { response?: string };
    expect(response).toHaveLength(2_000);
    expect(response).toMatch(/^<p>x+… \[cut, 5003 characters\]$/);
  });
});

describe('redirects', () => {
  test.each([300, 301, 302, 303, 307, 308])('HTTP %i is named with its target’s host, and not followed', (status) => {
    const wire = { ...ANSWERED, status, redirect: 'https://user:pass@login.example:8443/next?token=t' };
    const ending = rejected(httpError(status, 'moved', { 'x-bce-request-id': 'r-1' }));
    expect(fieldsOf(ending, wire)).toEqual(unexpectedResponse('moved', { requestId: 'r-1' }));
    expect(messageOf(ending, wire)).toContain('redirected the request to login.example:8443 (HTTP ');
    expect(messageOf(ending, wire)).not.toMatch(/user|pass|token/);
  });

  test('a target without a host is on the same host', () => {
    const message = messageOf(rejected(httpError(302)), { ...ANSWERED, status: 302, redirect: '/login' });
    expect(message).toContain('to /login on the same host');
  });

  test.each([
    ['mailto:a@b.example', 'to mailto:a@b.example ('],
    ['http://[bad', 'to http://[bad ('],
  ])('a target without any host, %s, is named as it is', (redirect, words) => {
    expect(messageOf(rejected(httpError(302)), { ...ANSWERED, status: 302, redirect })).toContain(words);
  });

  test('a target with a host but no protocol is on that host', () => {
    const wire = { ...ANSWERED, status: 302, redirect: '//login.example/next' };
    expect(messageOf(rejected(httpError(302)), wire)).toContain('redirected the request to login.example (HTTP 302)');
  });

  means([
    ['a 302 without a target', rejected(httpError(302, 'x')), unexpectedResponse('x'), { ...ANSWERED, status: 302 }],
    ['a 304', rejected(httpError(304)), unexpectedResponse('')],
    [
      'a result beside a redirect is none',
      rejected(httpError(302, { result: true })),
      unexpectedResponse('{"result":true}'),
      { ...ANSWERED, status: 302, redirect: '/x' },
    ],
    [
      'one whose body breaks off',
      rejected(new Error('aborted')),
      unexpectedResponse('', { requestId: 'r-h' }),
      {
        ...ANSWERED,
        status: 302,
        redirect: 'http://h/',
        headers: { 'x-bce-request-id': 'r-h' },
        failure: { systemCode: 'ECONNRESET' },
      },
    ],
    [
      'a loop, nothing seen',
      rejected(new Error('Request timed out.maximum redirect reached at: http://h/v2/finetuning')),
      unexpectedResponse('maximum redirect reached at: http://h/v2/finetuning'),
    ],
    [
      'a target that is no URL, nothing seen',
      rejected(new Error('Request timed out.uri requested responds with an invalid redirect URL: http://%')),
      unexpectedResponse('uri requested responds with an invalid redirect URL: http://%'),
    ],
  ]);
});

describe('what a person reads', () => {
  const LOOK = 'LOOK AT THE TASK.';
  test.each<readonly [string, Ending, string, Partial<Wire>?, Partial<CallReport>?]>([
    [
      'a missing policy',
      rejected(httpError(403, { code: 'AccessDenied', message: 'Access denied' })),
      "The server refused the request (HTTP 403, AccessDenied): Access denied. The key's user needs the policy QianfanFullControlAccessPolicy or QianfanModelTuningFullControlAccessPolicy.",
    ],
    [
      'words that end with a full stop already',
      rejected(httpError(403, { code: 'AccessDenied', message: 'Access denied.' })),
      "The server refused the request (HTTP 403, AccessDenied): Access denied. The key's user needs the policy QianfanFullControlAccessPolicy or QianfanModelTuningFullControlAccessPolicy.",
    ],
    [
      'a clock that is off',
      rejected(httpError(400, { code: 'RequestExpired' })),
      "The server refused the request (HTTP 400, RequestExpired). The signature was too old: set this machine's clock.",
    ],
    [
      'a wrong secret key',
      rejected(httpError(400, { code: 'SignatureDoesNotMatch' })),
      'The server refused the request (HTTP 400, SignatureDoesNotMatch). The secret key does not belong to the access key.',
    ],
    [
      'an unknown key',
      rejected(httpError(403, { code: 'InvalidAccessKeyId' })),
      'The server refused the request (HTTP 403, InvalidAccessKeyId). The access key is unknown: check it (`credentials`, else QIANFAN_ACCESS_KEY).',
    ],
    [
      'a service that is not enabled',
      rejected(httpError(403, { code: 'OptInRequired' })),
      'The server refused the request (HTTP 403, OptInRequired). Enable the service for this account in the Qianfan console.',
    ],
    [
      'another failed authentication',
      rejected(httpError(401)),
      'The server refused the request (HTTP 401). Check the keys (`credentials`, else QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY): an IAM access key and its secret key.',
    ],
    [
      'a task that is not there',
      rejected(bodyError({ error_code: 510202, error_msg: '任务不存在' })),
      "The server refused the request (510202): 任务不存在. Check the ID, that it belongs to this key's account, and the base URL.",
    ],
    [
      'a bad request',
      rejected(httpError(400, { code: 'InappropriateJSON' })),
      'The server refused the request (HTTP 400, InappropriateJSON). Trying again will not help; check the ID and the base URL.',
    ],
    ['a rate limit', rejected(httpError(429)), 'The server refused the request (HTTP 429). Wait, then try again.'],
    [
      'a rate limit after hidden repeats',
      resolved(resolvedBody({ error_code: 18, error_msg: 'QPS' })),
      `The server refused the request (HTTP 200, 18): QPS. The SDK sent the request 4 times, and an earlier one may have been accepted. Wait, then try again. ${LOOK}`,
      { ...REPEATED, status: 200 },
    ],
    [
      'a server error',
      rejected(httpError(500)),
      `The server answered with an error (HTTP 500). The fault is on its side, and may pass. ${LOOK}`,
    ],
    [
      'an undocumented code',
      resolved(resolvedBody({ code: 'Odd', message: 'm' })),
      `The server answered with an error (Odd): m. The code is not documented. ${LOOK}`,
    ],
    ['a time limit', { kind: 'timed_out' }, `There was no answer within 30000 ms. ${LOOK}`],
    [
      'a time limit before the connection',
      { kind: 'timed_out' },
      'There was no answer within 30000 ms. Nothing was sent.',
      UNCONNECTED,
    ],
    ['an abort', { kind: 'aborted', reason: 1, before: false }, `The call was aborted. ${LOOK}`],
    [
      'an abort before the call',
      { kind: 'aborted', reason: 1, before: true },
      'The call was aborted. Nothing was sent.',
    ],
    [
      'a refused connection',
      rejected(connectionError('connect ECONNREFUSED 127.0.0.1:1')),
      'The connection failed: connect ECONNREFUSED 127.0.0.1:1. Nothing was sent.',
      { ...UNCONNECTED, failure: { systemCode: 'ECONNREFUSED' } },
    ],
    [
      'a broken answer',
      rejected(connectionError('aborted')),
      `The connection broke in the middle of the answer. ${LOOK}`,
      { ...ANSWERED, status: 200, failure: { systemCode: 'ECONNRESET' } },
    ],
    ['the SDK’s timer', rejected(new Error('Request timed out.')), `The SDK's own timer of 600 s ran out. ${LOOK}`],
    [
      'no keys',
      rejected(new Error(NO_KEYS_MESSAGE)),
      'A key is missing: set both QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY. QIANFAN_AK, QIANFAN_SK and bearer tokens do not serve the console. Nothing was sent.',
    ],
    [
      'no keys in a browser-like place',
      rejected(new Error(NO_KEYS_MESSAGE)),
      'A key is missing: set both QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY. QIANFAN_AK, QIANFAN_SK and bearer tokens do not serve the console. There is a global `window` here (jsdom?), and where there is one, the SDK ignores the environment: run this under Node alone. Nothing was sent.',
      {},
      { hasWindow: true },
    ],
    [
      'a base URL that is none',
      rejected(new TypeError('Invalid URL')),
      'QIANFAN_CONSOLE_API_BASE_URL is not an http or https URL such as https://qianfan.baidubce.com: correct it, or leave it out. Nothing was sent.',
    ],
    [
      'a login page',
      resolved(resolvedText('<html>')),
      `The answer is not of the documented shape (HTTP 200). ${LOOK}`,
      { ...ANSWERED, status: 200 },
    ],
    [
      'a mock without a return value',
      resolved(undefined),
      `The SDK gave nothing back. In a test, the SDK's mock has no return value; else QIANFAN_TPM_LIMIT is too low for any request. ${LOOK}`,
    ],
    [
      'the unforeseen',
      rejected(new Error('boom')),
      `The SDK failed in a way that nobody foresaw; the cause has its words. ${LOOK}`,
    ],
  ])('%s', (...[, ending, text, wire, more]) => {
    expect(messageOf(ending, wire, more)).toBe(text);
  });
});
