// The truth table: what a server answers, and what the caller gets. The unit tests read each row as the SDK's strings and
// values, the end-to-end tests as bytes from a real server.

import type { QianfanErrorCode } from '../../src';
import type { Ending } from '../../src/sdk/reply';
import type { Wire } from '../../src/sdk/wire';
import { errorFields, NUMERIC_CODES, STRING_CODES } from './contract';
import { json, response } from './raw-server';
import { bodyError, httpError, rejected, resolved, resolvedBody, unreadableBodyError } from './sdk-shapes';

type Headers = Readonly<Record<string, string>>;

/** One answer of a server. */
export interface Sent {
  readonly status: number;
  /** An object is sent as JSON, a string as a page, unless the headers name another type. */
  readonly body: object | string;
  readonly headers: Headers;
}

/** What a server answers, several answers to one request each, and the response or the error's fields that follow. */
export type Row = readonly [title: string, sent: Sent | readonly Sent[], expected: object];

export type Rows = Readonly<Record<string, readonly Row[]>>;

export const TASK_ID = 'task-5kjifvzerc5n';
const PAGE = '<html>\n<h1>Denied by the gateway</h1>\n</html>';
const GOOD = { requestId: 'r-1', result: true };
const NONE = { requestId: 'r-1', result: false };
const JSON_TYPE = { 'content-type': 'application/json' };
const ID = { 'x-bce-request-id': 'r-header' };

const sent = (status: number, body: object | string = '', headers: Headers = {}): Sent => ({ status, body, headers });
const ok = (body: object | string, headers: Headers = {}): Sent => sent(200, body, headers);
const inHeader = (code: string): Headers => ({ 'x-bce-error-code': code, 'x-bce-error-message': 'In the header.' });

const refused = (code: QianfanErrorCode, status: number, apiCode: string, more: object = {}) =>
  errorFields(code, 'refused', { status, apiCode, ...more });
const unknown = (code: QianfanErrorCode, status: number, apiCode: string, more: object = {}) =>
  errorFields(code, 'unknown', { status, apiCode, ...more });
/** An answer without a code of the server: whoever stands in front of it may have sent it. */
const bare = (code: QianfanErrorCode, status: number, text = '', more: object = {}) =>
  errorFields(code, 'unknown', { status, response: text, ...more });
const odd = (text: string, more: object = {}) =>
  errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: text, ...more });
const oddJson = (body: object, more: object = {}) => odd(JSON.stringify(body), more);

// Only the server's failures leave open what became of the request.
const byCode = (code: QianfanErrorCode, status: number, apiCode: string, more: object) =>
  errorFields(code, code === 'SERVER_ERROR' ? 'unknown' : 'refused', { status, apiCode, ...more });

/** The SDK repeats the request on these, up to four times, if they are numbers in a 2xx. */
const REPEATED: readonly unknown[] = [18, 336100, 336502, 500000];

const STATUSES: readonly (readonly [number, QianfanErrorCode])[] = [
  ...[400, 402, 405, 407, 409, 412, 413, 418, 451, 499].map((status) => [status, 'INVALID_REQUEST'] as const),
  [401, 'AUTHENTICATION_FAILED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RATE_LIMITED'],
  ...[408, 500, 501, 502, 503, 504, 599].map((status) => [status, 'SERVER_ERROR'] as const),
];

/** What no server sends as a code: `0` and the like mean that there was no error, and an object is none. */
const NO_CODES: readonly unknown[] = [null, '', ' ', 0, '0', false, true, {}, [6]];

const RESULTS: readonly Row[] = [
  ['A result of true is a result.', ok(GOOD), GOOD],
  ['A result of false is a result.', ok(NONE), NONE],
  ['Any 2xx may carry a result.', sent(202, GOOD), GOOD],
  ['Other fields beside a result do not matter.', ok({ ...GOOD, log_id: 'l', status: 'Stopping', usage: {} }), GOOD],
  ['A result need not be called JSON.', ok(JSON.stringify(GOOD), { 'content-type': 'text/plain' }), GOOD],
  ['An error code in the headers is not read beside a result.', ok(GOOD, inHeader('AccessDenied')), GOOD],
  ...NO_CODES.flatMap((none): Row[] => [
    [`A result stands beside a code of ${JSON.stringify(none)}.`, ok({ ...GOOD, code: none, message: '' }), GOOD],
    [`A result stands beside an error_code of ${JSON.stringify(none)}.`, ok({ ...NONE, error_code: none }), NONE],
  ]),
  [
    'A result of true beside a refusal leaves the outcome unknown.',
    ok({ ...GOOD, error_code: 6 }),
    unknown('PERMISSION_DENIED', 200, '6', { requestId: 'r-1' }),
  ],
  [
    'A result of true beside a refusal with its own status leaves the outcome unknown, too.',
    sent(403, { ...GOOD, code: 'AccessDenied' }),
    unknown('PERMISSION_DENIED', 403, 'AccessDenied', { requestId: 'r-1' }),
  ],
  [
    'A result of false beside a refusal is the refusal.',
    ok({ ...NONE, code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 200, 'AccessDenied', { requestId: 'r-1' }),
  ],
  [
    'A code counts in a body whose other fields spell a result, as characters that the SDK spread do.',
    ok({ ...Object.fromEntries([...'{"result":true}'].entries()), code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 200, 'AccessDenied', { requestId: undefined }),
  ],
  ...[-1, 777, 'Success'].map(
    (code): Row => [
      `A result beside a code that nobody documents is an error: ${code}.`,
      ok({ ...GOOD, code }),
      unknown('API_ERROR', 200, `${code}`, { requestId: 'r-1' }),
    ],
  ),
  [
    'A result with a 5xx is none.',
    sent(500, GOOD),
    bare('SERVER_ERROR', 500, JSON.stringify(GOOD), { requestId: 'r-1' }),
  ],
  [
    'A result of false with a bare 4xx does not make it a refusal.',
    sent(403, NONE),
    bare('PERMISSION_DENIED', 403, JSON.stringify(NONE), { requestId: 'r-1' }),
  ],
];

const REQUEST_IDS: readonly Row[] = [
  ...(
    [
      ['requestId, before all others', { requestId: 'r-1', request_id: 'r-2', log_id: 'l' }, 'r-1'],
      ['request_id', { request_id: 'r-1', log_id: 'l' }, 'r-1'],
      ['log_id', { log_id: 'l' }, 'l'],
      ['a number, as its digits', { log_id: 4294967296 }, '4294967296'],
      ['the one in the header, if there is no other', {}, 'r-header'],
      ['the one in the header, if the other is blank', { requestId: '  ' }, 'r-header'],
      ['the one in the header, if the other is null', { requestId: null }, 'r-header'],
      ['the one in the header, if the other is no ID', { requestId: {} }, 'r-header'],
      ['the one in the header, if JSON.parse has rounded the number', { requestId: 2 ** 60 }, 'r-header'],
      ['the one in the header, whatever the body calls headers', { headers: { 'x-bce-request-id': 'no' } }, 'r-header'],
    ] as const
  ).flatMap(([title, fields, requestId]): Row[] => [
    [`The ID of a result is ${title}.`, ok({ ...fields, result: true }, ID), { requestId, result: true }],
    [
      `The ID of a refusal is ${title}.`,
      sent(403, { ...fields, code: 'AccessDenied' }, ID),
      refused('PERMISSION_DENIED', 403, 'AccessDenied', { requestId }),
    ],
  ]),
  ['A result without an ID has an empty one.', ok({ result: true }), { requestId: '', result: true }],
  [
    'A refusal without an ID has none.',
    sent(403, { code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied', { requestId: undefined }),
  ],
];

const CODES: readonly Row[] = [
  ...STRING_CODES.map(([status, apiCode, code]): Row => {
    const more = { requestId: 'r-1', apiMessage: '原因: because.' };
    const body = { requestId: 'r-1', code: apiCode, message: '原因: because.' };
    return [`${apiCode} with HTTP ${status} is ${code}.`, sent(status, body), byCode(code, status, apiCode, more)];
  }),
  ...NUMERIC_CODES.map(([number, code]): Row => {
    const more = { requestId: 'l', apiMessage: 'because' };
    const body = { error_code: number, error_msg: 'because', log_id: 'l' };
    const expected = byCode(code, 200, `${number}`, more);
    const isRepeated = REPEATED.includes(number);
    const told = isRepeated ? `${number}, which the SDK repeats, is ${code}, unknown.` : `${number} is ${code}.`;
    return [told, ok(body), isRepeated ? { ...expected, outcome: 'unknown' } : expected];
  }),
];

const EVIDENCE: readonly Row[] = [
  ...STATUSES.map(
    ([status, code]): Row => [
      `A page with HTTP ${status} is ${code}, unknown.`,
      sent(status, PAGE),
      bare(code, status, PAGE),
    ],
  ),
  ...[{}, [], [{ code: 'AccessDenied' }], { message: 'Not here.' }, { data: { code: 'AccessDenied' } }].map(
    (body): Row => [
      `JSON that names no code refuses nothing: ${JSON.stringify(body)}.`,
      sent(404, body),
      bare('NOT_FOUND', 404, JSON.stringify(body), 'message' in body ? { apiMessage: 'Not here.' } : {}),
    ],
  ),
  ...NO_CODES.map(
    (code): Row => [
      `A code of ${JSON.stringify(code)} refuses nothing.`,
      sent(403, { code }),
      bare('PERMISSION_DENIED', 403, JSON.stringify({ code })),
    ],
  ),
  [
    'A blank code in the headers refuses nothing.',
    sent(401, '', inHeader('0')),
    bare('AUTHENTICATION_FAILED', 401, '', { apiMessage: 'In the header.' }),
  ],
  ['An empty 4xx is unknown.', sent(429, '', ID), bare('RATE_LIMITED', 429, '', { requestId: 'r-header' })],
  [
    'Half of a JSON refuses nothing.',
    sent(403, '{"code":"AccessDenied"', JSON_TYPE),
    bare('PERMISSION_DENIED', 403, '{"code":"AccessDenied"'),
  ],
  [
    'A known code refuses with a 500, too.',
    sent(500, { code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 500, 'AccessDenied'),
  ],
  [
    'A known code refuses with a 408, too.',
    sent(408, { code: 'RequestExpired' }),
    refused('AUTHENTICATION_FAILED', 408, 'RequestExpired'),
  ],
  ['A known code refuses with a 200, too.', ok({ code: 'NoSuchKey' }), refused('NOT_FOUND', 200, 'NoSuchKey')],
  [
    'A known code decides with a 304, too.',
    sent(304, '', inHeader('NoSuchKey')),
    refused('NOT_FOUND', 304, 'NoSuchKey', { apiMessage: 'In the header.' }),
  ],
  [
    'A failure of the server is none of the request, with a 400, too.',
    sent(400, { code: 'InternalError' }),
    unknown('SERVER_ERROR', 400, 'InternalError'),
  ],
  [
    'An unknown code refuses with a 4xx, whose status decides.',
    sent(404, { code: 'TaskGone' }),
    refused('NOT_FOUND', 404, 'TaskGone'),
  ],
  ['An unknown number refuses with a 4xx.', sent(400, { error_code: 777 }), refused('INVALID_REQUEST', 400, '777')],
  ['An unknown code with a 408 is unknown.', sent(408, { code: 'Late' }), unknown('SERVER_ERROR', 408, 'Late')],
  ['An unknown code with a 5xx is unknown.', sent(503, { code: 'Busy' }), unknown('SERVER_ERROR', 503, 'Busy')],
  [
    'An unknown code with a 2xx is an API_ERROR.',
    ok({ code: 'Odd', message: 'm' }),
    unknown('API_ERROR', 200, 'Odd', { apiMessage: 'm' }),
  ],
  ['Digits are a code as the number is.', ok({ error_code: '18' }), refused('RATE_LIMITED', 200, '18')],
  [
    'A number may stand for a code, too.',
    ok({ code: 18, message: 'm' }),
    refused('RATE_LIMITED', 200, '18', { apiMessage: 'm' }),
  ],
  [
    'An error_code counts if the code is empty.',
    sent(403, { code: '', error_code: 6 }),
    refused('PERMISSION_DENIED', 403, '6'),
  ],
  [
    'A known error_code decides beside an unknown code.',
    sent(500, { code: 'Odd', error_code: 6 }),
    refused('PERMISSION_DENIED', 500, '6'),
  ],
  [
    'A refusal need not be called JSON.',
    ok('{"code":"AccessDenied"}'),
    refused('PERMISSION_DENIED', 200, 'AccessDenied'),
  ],
  [
    'A name of Object is an unknown code.',
    sent(400, { code: 'constructor' }),
    refused('INVALID_REQUEST', 400, 'constructor'),
  ],
  ['The name __proto__ is an unknown code.', ok({ code: '__proto__' }), unknown('API_ERROR', 200, '__proto__')],
  [
    'A code within __proto__ is none.',
    sent(403, '{"__proto__":{"code":"NoSuchKey"}}', JSON_TYPE),
    bare('PERMISSION_DENIED', 403, '{"__proto__":{"code":"NoSuchKey"}}'),
  ],
  [
    'Words that are no text are left out.',
    sent(403, { code: 'AccessDenied', message: 5 }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied'),
  ],
];

const HEADERS: readonly Row[] = [
  [
    'The headers stand in for an empty body.',
    sent(403, '', { ...inHeader('AccessDenied'), ...ID }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied', { apiMessage: 'In the header.', requestId: 'r-header' }),
  ],
  [
    'The headers stand in for a page.',
    sent(400, PAGE, inHeader('SignatureDoesNotMatch')),
    refused('AUTHENTICATION_FAILED', 400, 'SignatureDoesNotMatch', { apiMessage: 'In the header.' }),
  ],
  [
    'The headers stand in for a body without a code.',
    sent(403, NONE, { 'x-bce-error-code': 'AccessDenied' }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied', { requestId: 'r-1' }),
  ],
  [
    'The headers stand in for a 2xx that says nothing.',
    ok({}, { 'x-bce-error-code': '14' }),
    refused('AUTHENTICATION_FAILED', 200, '14'),
  ],
  [
    'The headers stand in for a 204.',
    sent(204, '', { 'x-bce-error-code': 'AccessDenied' }),
    refused('PERMISSION_DENIED', 204, 'AccessDenied'),
  ],
  [
    'The headers stand in for a JSON that is empty.',
    ok('', { ...JSON_TYPE, ...inHeader('AccessDenied') }),
    refused('PERMISSION_DENIED', 200, 'AccessDenied', { apiMessage: 'In the header.' }),
  ],
  [
    'An unknown code in the headers refuses with a 4xx.',
    sent(404, '', inHeader('TaskGone')),
    refused('NOT_FOUND', 404, 'TaskGone', { apiMessage: 'In the header.' }),
  ],
  [
    'A code in the body beats the one in the headers, an unknown one a known one.',
    sent(400, { code: 'Odd', message: 'm' }, inHeader('AccessDenied')),
    refused('INVALID_REQUEST', 400, 'Odd', { apiMessage: 'm' }),
  ],
  [
    'The words in the headers stand in for words in the body.',
    sent(403, { code: 'AccessDenied' }, inHeader('NoSuchKey')),
    refused('PERMISSION_DENIED', 403, 'AccessDenied', { apiMessage: 'In the header.' }),
  ],
];

const busy = ok({ requestId: 'r-0', error_code: 18, error_msg: 'busy' });

const REPEATS: readonly Row[] = [
  ['A result of true behind a repeat is a result.', [busy, ok(GOOD)], GOOD],
  [
    'A result of false behind a repeat leaves the outcome unknown.',
    [busy, ok(NONE)],
    errorFields('SERVER_ERROR', 'unknown', { status: 200, requestId: 'r-1' }),
  ],
  [
    'A result of false beside error_code 0 behind repeats does, too.',
    [busy, busy, ok({ ...NONE, error_code: 0 })],
    errorFields('SERVER_ERROR', 'unknown', { status: 200, requestId: 'r-1' }),
  ],
  [
    'A refusal behind a repeat is unknown.',
    [busy, sent(403, { code: 'AccessDenied' })],
    unknown('PERMISSION_DENIED', 403, 'AccessDenied'),
  ],
  [
    'A refusal with a 200 behind a repeat is unknown.',
    [busy, ok({ error_code: 6 })],
    unknown('PERMISSION_DENIED', 200, '6'),
  ],
  ['A page behind repeats is one.', [busy, busy, busy, sent(401, PAGE)], bare('AUTHENTICATION_FAILED', 401, PAGE)],
];

const SHAPES: readonly Row[] = [
  ['A login page is no result.', ok('<h1>Log in</h1>', ID), odd('<h1>Log in</h1>', { requestId: 'r-header' })],
  ['A page outside the basic plane is read whole.', ok('déjà 😀 vu'), odd('déjà 😀 vu')],
  ['A page is at most 2 000 characters.', ok('x'.repeat(5_000)), odd('x'.repeat(2_000))],
  ['The text "true" is no result.', ok('true', { 'content-type': 'text/plain' }), odd('true')],
  ['An empty page is no result.', ok(''), odd('{}')],
  ['An empty JSON is no result.', ok('', { ...JSON_TYPE, ...ID }), odd('', { requestId: 'r-header' })],
  [
    'Half of a JSON is no result.',
    ok('{"requestId":"r-1","resu', { ...JSON_TYPE, ...ID }),
    odd('', { requestId: 'r-header' }),
  ],
  ['Two JSONs are no result.', ok('{"result":true}{"result":true}', JSON_TYPE), odd('')],
  ['A 204 is no result.', sent(204, '', ID), odd('null', { requestId: 'r-header' })],
  ['A 304 is no result.', sent(304, '', ID), odd('', { requestId: 'r-header' })],
  ['A status of no class is no result.', sent(999, GOOD), oddJson(GOOD, { requestId: 'r-1' })],
  ['An empty object is no result.', ok({}), odd('{}')],
  ['An array is no result.', ok([GOOD]), oddJson({ 0: GOOD })],
  ['A JSON string is no result.', ok('"stopped"', JSON_TYPE), odd('stopped')],
  ...['null', 'true', '7', '[]'].map((text): Row => [`The JSON ${text} is no result.`, ok(text, JSON_TYPE), odd('{}')]),
  ...['true', 'false', '', 1, 0, null, {}, [true]].map(
    (result): Row => [
      `A result of ${JSON.stringify(result)} is none.`,
      ok({ requestId: 'r-1', result }),
      oddJson({ requestId: 'r-1', result }, { requestId: 'r-1' }),
    ],
  ),
  ['A result within another field is none.', ok({ data: GOOD }), oddJson({ data: GOOD })],
  [
    'A result within __proto__ is none.',
    ok('{"__proto__":{"result":true}}', JSON_TYPE),
    odd('{"__proto__":{"result":true}}'),
  ],
  ['A code that is an object is none.', ok({ code: { a: 1 } }), oddJson({ code: { a: 1 } })],
  ['An error_code of 0 is no result.', ok({ error_code: 0 }), oddJson({ error_code: 0 })],
  ['A code of 0 in the headers is no error.', ok({}, inHeader('0')), odd('{}')],
  ['A code in what the body calls headers is none.', ok({ headers: inHeader('AccessDenied') }), odd('{}')],
];

const REDIRECTS: readonly Row[] = [
  ...[300, 301, 302, 303, 307, 308].map(
    (status): Row => [
      `HTTP ${status} with a Location is not followed.`,
      sent(status, 'Moved.', { location: 'https://login.example:8443/?token=t', ...ID }),
      odd('Moved.', { requestId: 'r-header' }),
    ],
  ),
  [
    'A redirect is one, whatever result its body has.',
    sent(302, GOOD, { location: '/login' }),
    oddJson(GOOD, { requestId: 'r-1' }),
  ],
  [
    'A redirect is one, whatever code its body has.',
    sent(302, { code: 'AccessDenied' }, { location: '/login' }),
    oddJson({ code: 'AccessDenied' }),
  ],
  ['A redirect to what is no URL is one.', sent(302, '', { location: 'http://[' }), odd('')],
  ['A 3xx without a Location is no result.', sent(302, GOOD), oddJson(GOOD, { requestId: 'r-1' })],
  ['An unknown code with a 3xx is no error of the API.', sent(302, { code: 'Odd' }), oddJson({ code: 'Odd' })],
  [
    'A known code with a 3xx without a Location decides.',
    sent(302, { code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 302, 'AccessDenied'),
  ],
];

const RETRY_AFTER: readonly Row[] = [
  ...(
    [
      ['120', 120_000],
      ['0', 0],
      ['-5', undefined],
      ['1.5', undefined],
      ['5 s', undefined],
      ['soon', undefined],
      ['GMT', undefined],
      ['2100-12-31T23:59:59Z', undefined],
      ['9'.repeat(40), undefined],
      ['Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
      ['Tuesday, 24-Nov-26 10:00:30 GMT', 30_000],
      ['Tue, 24 Nov 2026 09:59:00 GMT', 0],
    ] as const
  ).map(
    ([value, retryAfterMs]): Row => [
      `A Retry-After of "${value}" is ${retryAfterMs} ms.`,
      sent(429, { code: 'TooFast' }, { 'retry-after': value, date: 'Tue, 24 Nov 2026 10:00:00 GMT' }),
      refused('RATE_LIMITED', 429, 'TooFast', { retryAfterMs }),
    ],
  ),
  [
    'A Retry-After counts with a 503.',
    sent(503, '', { 'retry-after': '7' }),
    bare('SERVER_ERROR', 503, '', { retryAfterMs: 7_000 }),
  ],
  [
    'A Retry-After counts with a 200.',
    ok({ error_code: 18 }, { 'retry-after': '7' }),
    unknown('RATE_LIMITED', 200, '18', { retryAfterMs: 7_000 }),
  ],
];

const forged =
  'Request timed out.\n        HTTP error, status = 200\n\n        Response Header {}\n    \nResponse Body {"result":true}';

const IMITATIONS: readonly Row[] = [
  ['A body that imitates the SDK is a body.', sent(500, forged), bare('SERVER_ERROR', 500, forged)],
  ['A page that imitates the SDK is a page.', ok(forged), odd(forged)],
  [
    'Words that imitate the SDK are words.',
    sent(403, { code: 'AccessDenied', message: forged }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied', { apiMessage: forged }),
  ],
  [
    'Words of a 200 that imitate the SDK are words.',
    ok({ error_code: 6, error_msg: forged }),
    refused('PERMISSION_DENIED', 200, '6', { apiMessage: forged }),
  ],
  [
    'A header that imitates the SDK is a header.',
    sent(403, { code: 'AccessDenied' }, { 'a-note': '"} HTTP error, status = 200 Response Body {"result":true}' }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied'),
  ],
  [
    'A body that begins as the end of the headers is a body.',
    sent(403, '\n    \nResponse Body {"result":true}'),
    bare('PERMISSION_DENIED', 403, '\n    \nResponse Body {"result":true}'),
  ],
  [
    'A body that imitates a thrown answer is a body.',
    sent(400, '{"headers":{"x-bce-error-code":"NoSuchKey"},"result":true}'),
    bare('INVALID_REQUEST', 400, '{"headers":{"x-bce-error-code":"NoSuchKey"},"result":true}'),
  ],
  ...[
    'Request timed out.',
    'Invalid URL',
    '请设置QIANFAN_ACCESS_KEY/QIANFAN_SECRET_KEY',
    'Request timed out.request to http://x/ failed, reason: connect ECONNREFUSED 127.0.0.1:1',
    'Request timed out.maximum redirect reached at: http://x/',
  ].flatMap((words): Row[] => [
    [`The words "${words}" in a 502 are a body.`, sent(502, words), bare('SERVER_ERROR', 502, words)],
    [`The words "${words}" in a 200 are a page.`, ok(words), odd(words)],
  ]),
];

/** What a server answers to `stopFineTuningTask`. */
export const STOP_ROWS: Rows = {
  'A result': RESULTS,
  "The request's ID": REQUEST_IDS,
  'A code of the server': CODES,
  'The evidence of a refusal': EVIDENCE,
  'A code in the headers': HEADERS,
  "An answer to the SDK's own repeat": REPEATS,
  'An answer that is not of the documented shape': SHAPES,
  'A redirect': REDIRECTS,
  'Retry-After': RETRY_AFTER,
  'A text that imitates the SDK': IMITATIONS,
};

const task = (fields: object) => ok({ requestId: 'r-1', result: fields });
const described = (fields: object) => ({ requestId: 'r-1', result: fields });
const oddTask = (fields: object) => oddJson({ requestId: 'r-1', result: fields }, { requestId: 'r-1' });

const TASKS: readonly Row[] = [
  ...(
    [
      [
        'A task is handed on with all its fields',
        {
          taskId: TASK_ID,
          jobId: 'job-1',
          runStatus: 'Running',
          runProgress: '45%',
          vdlLink: 'v',
          metrics: { a: ['1'] },
        },
      ],
      ['A task need not have an ID', { runStatus: 'Done' }],
      ['A task may have null for an ID', { taskId: null, runStatus: 'Done' }],
      ['A state may be empty', { taskId: TASK_ID, runStatus: '' }],
      ['A state may be one that nobody documents', { taskId: TASK_ID, runStatus: 'Paused' }],
    ] as const
  ).map(([title, fields]): Row => [`${title}.`, task(fields), described(fields)]),
  ...(
    [
      ["Another task's state is none", { taskId: 'task-another', runStatus: 'Stopped' }],
      ['An ID that differs in its case is of another task', { taskId: TASK_ID.toUpperCase(), runStatus: 'Stopped' }],
      ['A number is the ID of another task', { taskId: 5, runStatus: 'Stopped' }],
      ['A task without a state is none', { taskId: TASK_ID }],
      ['A state of null is none', { taskId: TASK_ID, runStatus: null }],
      ['A number is no state', { taskId: TASK_ID, runStatus: 3 }],
      ['An array is no task', [{ taskId: TASK_ID, runStatus: 'Stopped' }]],
    ] as const
  ).map(([title, fields]): Row => [`${title}.`, task(fields), oddTask(fields)]),
  ...[true, null, 'Stopped'].map((result): Row => {
    const body = { requestId: 'r-1', result };
    return [`A result of ${JSON.stringify(result)} is no task.`, ok(body), oddJson(body, { requestId: 'r-1' })];
  }),
  [
    'A task beside error_code 0 is one.',
    ok({ error_code: 0, ...described({ runStatus: 'Done' }) }),
    described({ runStatus: 'Done' }),
  ],
  [
    'A task beside a refusal is the refusal.',
    ok({ ...described({ runStatus: 'Done' }), code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 200, 'AccessDenied', { requestId: 'r-1' }),
  ],
  ['A task behind a repeat is one.', [busy, task({ runStatus: 'Done' })], described({ runStatus: 'Done' })],
  [
    'An unknown task is NOT_FOUND.',
    sent(404, { requestId: 'r-1', code: 'NoSuchKey', message: 'm' }),
    refused('NOT_FOUND', 404, 'NoSuchKey', { requestId: 'r-1', apiMessage: 'm' }),
  ],
  [
    'A missing permission is PERMISSION_DENIED.',
    sent(403, { code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied'),
  ],
  ['A page is no task.', ok(PAGE), odd(PAGE)],
  ['A gateway is none that refuses.', sent(403, PAGE), bare('PERMISSION_DENIED', 403, PAGE)],
  [
    'A failure of the server is one.',
    sent(500, { code: 'InternalError' }),
    unknown('SERVER_ERROR', 500, 'InternalError'),
  ],
  ['A redirect is not followed.', sent(302, '', { location: 'https://login.example/' }), odd('')],
];

/** What a server answers to `describeFineTuningTask`. */
export const DESCRIBE_ROWS: Rows = { 'The state of a task': TASKS };

/** The answers that the SDK asks for: it repeats the request, three times at most, on some codes. */
export function answersAsked(sent: Sent | readonly Sent[]): readonly Sent[] {
  const answers = [sent].flat();
  const asked: Sent[] = [];
  do {
    const next = answers[Math.min(asked.length, answers.length - 1)];
    if (next) asked.push(next);
  } while (asked.length < 4 && isRepeated(asked.at(-1)));
  return asked;
}

/** How the SDK ends, and what is seen on the wire. */
export function asSdk(sent: Sent | readonly Sent[]): { readonly ending: Ending; readonly wire: Wire } {
  const asked = answersAsked(sent);
  const last = asked.at(-1);
  if (!last) throw new Error('A row needs an answer.');
  const { location, ...headers } = headersOf(last);
  const redirect = last.status >= 300 && last.status < 400 ? location : undefined;
  const wire = { requests: asked.length, nothingSent: false, status: last.status, headers };
  return { ending: endingOf(last, headers), wire: redirect === undefined ? wire : { ...wire, redirect } };
}

/** Whether a mock of the SDK shows what a server answers: it has no headers of what cannot be read, nor repeats. */
export function canBeMocked(sent: Sent | readonly Sent[]): boolean {
  const [answer, ...more] = [sent].flat();
  if (!answer || more.length > 0 || answer.status === 204) return false;
  if ('location' in answer.headers || Object.hasOwn(Object(answer.body), 'headers')) return false;
  return answer.status >= 300 || !isJson(answer) || parse(answer) !== undefined;
}

/** What a server sends. */
export function asBytes(answer: Sent): string {
  const { status, body } = answer;
  const headers = { ...headersOf(answer), connection: 'close' };
  return status === 204 || status === 304 ? response(status, headers) : json(status, body, headers);
}

function endingOf(answer: Sent, headers: Headers): Ending {
  const { status, body } = answer;
  if (status < 200 || status > 299) return rejected(httpError(status, body, headers));
  if (status === 204) return resolved(null);
  if (!isJson(answer)) return resolved(resolvedBody(body, headers));
  const parsed = parse(answer);
  if (parsed === undefined) return rejected(unreadableBodyError());
  const isThrown = Object.hasOwn(Object(parsed), 'error_code') && !isRepeated(answer);
  return isThrown ? rejected(bodyError(Object(parsed), headers)) : resolved(resolvedBody(parsed, headers));
}

function headersOf({ body, headers }: Sent): Headers {
  return { ...(typeof body === 'string' ? { 'content-type': 'text/html' } : JSON_TYPE), ...headers };
}

function isJson(answer: Sent): boolean {
  return headersOf(answer)['content-type'] === 'application/json';
}

function isRepeated(answer: Sent | undefined): boolean {
  if (!answer || answer.status > 299 || !isJson(answer)) return false;
  return REPEATED.includes(Object(parse(answer)).error_code);
}

function parse({ body }: Sent): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
