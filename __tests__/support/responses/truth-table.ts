// The truth table: what a server sends, and what the caller gets. The unit tests read each row as the SDK's strings and values,
// the end-to-end tests as bytes from a real server.

import type { QianfanErrorCode } from '../../../src';
import { errorFields, NUMERIC_CODES, STRING_CODES } from './contract';
import { TASKS } from './describe-rows';
import {
  bare,
  busy,
  byCode,
  GOOD,
  ID,
  inHeader,
  JSON_TYPE,
  NONE,
  ok,
  PAGE,
  REPEATED,
  type ResponseRow,
  type ResponseRows,
  refused,
  sent,
  unknown,
} from './notation';
import { IMITATIONS, REDIRECTS, RETRY_AFTER, SHAPES } from './odd-rows';

const STATUSES: readonly (readonly [number, QianfanErrorCode])[] = [
  ...[400, 402, 405, 407, 409, 412, 413, 418, 451, 499].map((status) => [status, 'INVALID_REQUEST'] as const),
  [401, 'AUTHENTICATION_FAILED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RATE_LIMITED'],
  ...[408, 500, 501, 502, 503, 504, 599].map((status) => [status, 'SERVER_ERROR'] as const),
];

/** Values that are not codes: `0` and the like mean that there was no error. */
const NO_CODES: readonly unknown[] = [null, '', ' ', 0, '0', ' 0 ', false, true, {}, [6]];

const RESULTS: readonly ResponseRow[] = [
  ['A result of true is a result.', ok(GOOD), GOOD],
  ['A result of false is a result.', ok(NONE), NONE],
  ['Any 2xx may carry a result.', sent(202, GOOD), GOOD],
  ['Other fields beside a result do not matter.', ok({ ...GOOD, log_id: 'l', status: 'Stopping', usage: {} }), GOOD],
  ['A result counts with another content type, too.', ok(JSON.stringify(GOOD), { 'content-type': 'text/plain' }), GOOD],
  ['An error code in the headers is not read beside a result.', ok(GOOD, inHeader('AccessDenied')), GOOD],
  ...NO_CODES.flatMap((none): ResponseRow[] => [
    [`A result beside a code of ${JSON.stringify(none)} is a result.`, ok({ ...GOOD, code: none, message: '' }), GOOD],
    [`A result beside an error_code of ${JSON.stringify(none)} is a result.`, ok({ ...NONE, error_code: none }), NONE],
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
    'A code counts beside numbered fields that spell a result, as the characters of a text do that the SDK has spread.',
    ok({ ...Object.fromEntries([...'{"result":true}'].entries()), code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 200, 'AccessDenied', { requestId: undefined }),
  ],
  ...[-1, 777, 'Success'].map(
    (code): ResponseRow => [
      `A result beside an undocumented code is an error: ${code}.`,
      ok({ ...GOOD, code }),
      unknown('API_ERROR', 200, `${code}`, { requestId: 'r-1' }),
    ],
  ),
  [
    'A result with a 5xx does not count.',
    sent(500, GOOD),
    bare('SERVER_ERROR', 500, JSON.stringify(GOOD), { requestId: 'r-1' }),
  ],
  [
    'A result of false with a bare 4xx does not make it a refusal.',
    sent(403, NONE),
    bare('PERMISSION_DENIED', 403, JSON.stringify(NONE), { requestId: 'r-1' }),
  ],
];

const REQUEST_IDS: readonly ResponseRow[] = [
  ...(
    [
      ['requestId, before all others', { requestId: 'r-1', request_id: 'r-2', log_id: 'l' }, 'r-1'],
      ['request_id', { request_id: 'r-1', log_id: 'l' }, 'r-1'],
      ['log_id', { log_id: 'l' }, 'l'],
      ['a number, as its digits', { log_id: 4294967296 }, '4294967296'],
      ['the one in the header, if there is no other', {}, 'r-header'],
      ['the one in the header, if the other is blank', { requestId: '  ' }, 'r-header'],
      ['the one in the header, if the other is null', { requestId: null }, 'r-header'],
      ['the one in the header, if the other cannot be an ID', { requestId: {} }, 'r-header'],
      ['the one in the header, if JSON.parse has rounded the number', { requestId: 2 ** 60 }, 'r-header'],
      [
        'the one in the header, not one in the `headers` of the body',
        { headers: { 'x-bce-request-id': 'no' } },
        'r-header',
      ],
    ] as const
  ).flatMap(([title, fields, requestId]): ResponseRow[] => [
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

const CODES: readonly ResponseRow[] = [
  ...STRING_CODES.map(([status, apiCode, code]): ResponseRow => {
    const more = { requestId: 'r-1', apiMessage: '原因: because.' };
    const body = { requestId: 'r-1', code: apiCode, message: '原因: because.' };
    return [`${apiCode} with HTTP ${status} is ${code}.`, sent(status, body), byCode(code, status, apiCode, more)];
  }),
  ...NUMERIC_CODES.map(([number, code]): ResponseRow => {
    const more = { requestId: 'l', apiMessage: 'because' };
    const body = { error_code: number, error_msg: 'because', log_id: 'l' };
    const expected = byCode(code, 200, `${number}`, more);
    const isRepeated = REPEATED.includes(number);
    const title = isRepeated ? `${number}, which the SDK repeats, is ${code}, unknown.` : `${number} is ${code}.`;
    return [title, ok(body), isRepeated ? { ...expected, outcome: 'unknown' } : expected];
  }),
];

const EVIDENCE: readonly ResponseRow[] = [
  ...STATUSES.map(
    ([status, code]): ResponseRow => [
      `A page with HTTP ${status} is ${code}, unknown.`,
      sent(status, PAGE),
      bare(code, status, PAGE),
    ],
  ),
  ...[{}, [], [{ code: 'AccessDenied' }], { message: 'Not here.' }, { data: { code: 'AccessDenied' } }].map(
    (body): ResponseRow => [
      `JSON without a code is not a refusal: ${JSON.stringify(body)}.`,
      sent(404, body),
      bare('NOT_FOUND', 404, JSON.stringify(body), 'message' in body ? { apiMessage: 'Not here.' } : {}),
    ],
  ),
  ...NO_CODES.map(
    (code): ResponseRow => [
      `A code of ${JSON.stringify(code)} is not a refusal.`,
      sent(403, { code }),
      bare('PERMISSION_DENIED', 403, JSON.stringify({ code })),
    ],
  ),
  [
    'A code of 0 in the headers is not a refusal.',
    sent(401, '', inHeader('0')),
    bare('AUTHENTICATION_FAILED', 401, '', { apiMessage: 'In the header.' }),
  ],
  ['An empty 4xx is unknown.', sent(429, '', ID), bare('RATE_LIMITED', 429, '', { requestId: 'r-header' })],
  [
    'Half of a JSON is not a refusal.',
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
    'A code of a failure of the server decides with a 400, too.',
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
  ['Digits count like the number.', ok({ error_code: '18' }), refused('RATE_LIMITED', 200, '18')],
  [
    'A code may be a number, too.',
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
    'A refusal counts with another content type, too.',
    ok('{"code":"AccessDenied"}'),
    refused('PERMISSION_DENIED', 200, 'AccessDenied'),
  ],
  [
    'The name of a property of every object is an unknown code.',
    sent(400, { code: 'constructor' }),
    refused('INVALID_REQUEST', 400, 'constructor'),
  ],
  ['The name __proto__ is an unknown code.', ok({ code: '__proto__' }), unknown('API_ERROR', 200, '__proto__')],
  [
    'A code within __proto__ does not count.',
    sent(403, '{"__proto__":{"code":"NoSuchKey"}}', JSON_TYPE),
    bare('PERMISSION_DENIED', 403, '{"__proto__":{"code":"NoSuchKey"}}'),
  ],
  [
    'A message that is not a string is left out.',
    sent(403, { code: 'AccessDenied', message: 5 }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied'),
  ],
];

const HEADERS: readonly ResponseRow[] = [
  [
    'The headers are used for an empty body.',
    sent(403, '', { ...inHeader('AccessDenied'), ...ID }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied', { apiMessage: 'In the header.', requestId: 'r-header' }),
  ],
  [
    'The headers are used for a page.',
    sent(400, PAGE, inHeader('SignatureDoesNotMatch')),
    refused('AUTHENTICATION_FAILED', 400, 'SignatureDoesNotMatch', { apiMessage: 'In the header.' }),
  ],
  [
    'The headers are used for a body without a code.',
    sent(403, NONE, { 'x-bce-error-code': 'AccessDenied' }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied', { requestId: 'r-1' }),
  ],
  [
    'The headers are used for an empty object with a 2xx.',
    ok({}, { 'x-bce-error-code': '14' }),
    refused('AUTHENTICATION_FAILED', 200, '14'),
  ],
  [
    'The headers are used for a 204.',
    sent(204, '', { 'x-bce-error-code': 'AccessDenied' }),
    refused('PERMISSION_DENIED', 204, 'AccessDenied'),
  ],
  [
    'The headers are used for empty JSON.',
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
    'The message in the headers is used if the body has none.',
    sent(403, { code: 'AccessDenied' }, inHeader('NoSuchKey')),
    refused('PERMISSION_DENIED', 403, 'AccessDenied', { apiMessage: 'In the header.' }),
  ],
];

const REPEATS: readonly ResponseRow[] = [
  ['A result of true after a repeat is a result.', [busy, ok(GOOD)], GOOD],
  [
    'A result of false after a repeat leaves the outcome unknown.',
    [busy, ok(NONE)],
    errorFields('SERVER_ERROR', 'unknown', { status: 200, requestId: 'r-1' }),
  ],
  [
    'A result of false beside error_code 0 after repeats does, too.',
    [busy, busy, ok({ ...NONE, error_code: 0 })],
    errorFields('SERVER_ERROR', 'unknown', { status: 200, requestId: 'r-1' }),
  ],
  [
    'A refusal after a repeat is unknown.',
    [busy, sent(403, { code: 'AccessDenied' })],
    unknown('PERMISSION_DENIED', 403, 'AccessDenied'),
  ],
  [
    'A refusal with a 200 after a repeat is unknown.',
    [busy, ok({ error_code: 6 })],
    unknown('PERMISSION_DENIED', 200, '6'),
  ],
  ['A page after repeats is a page.', [busy, busy, busy, sent(401, PAGE)], bare('AUTHENTICATION_FAILED', 401, PAGE)],
];

/** Responses to `stopFineTuningTask`. */
export const STOP_ROWS: ResponseRows = {
  'A result': RESULTS,
  "The request's ID": REQUEST_IDS,
  'A code of the server': CODES,
  'The evidence of a refusal': EVIDENCE,
  'A code in the headers': HEADERS,
  "A response to the SDK's own repeat": REPEATS,
  'A response that is not of the documented shape': SHAPES,
  'A redirect': REDIRECTS,
  'Retry-After': RETRY_AFTER,
  'A text that imitates the SDK': IMITATIONS,
};

/** Responses to `describeFineTuningTask`. */
export const DESCRIBE_ROWS: ResponseRows = { 'The state of a task': TASKS };
