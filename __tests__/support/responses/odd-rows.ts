// Rows of the truth table: responses that are not of the documented shape, redirects, and texts that imitate the SDK.

import {
  bare,
  GOOD,
  ID,
  inHeader,
  JSON_TYPE,
  odd,
  oddJson,
  ok,
  type ResponseRow,
  refused,
  sent,
  unknown,
} from './notation';

export const SHAPES: readonly ResponseRow[] = [
  ['A login page is not a result.', ok('<h1>Log in</h1>', ID), odd('<h1>Log in</h1>', { requestId: 'r-header' })],
  ['A page with characters outside the basic plane is read whole.', ok('déjà 😀 vu'), odd('déjà 😀 vu')],
  ['A page is at most 2 000 characters.', ok('x'.repeat(5_000)), odd('x'.repeat(2_000))],
  ['The text "true" is not a result.', ok('true', { 'content-type': 'text/plain' }), odd('true')],
  ['An empty page is not a result.', ok(''), odd('')],
  ['An empty JSON is not a result.', ok('', { ...JSON_TYPE, ...ID }), odd('', { requestId: 'r-header' })],
  [
    'Half of a JSON is not a result.',
    ok('{"requestId":"r-1","resu', { ...JSON_TYPE, ...ID }),
    odd('', { requestId: 'r-header' }),
  ],
  ['Two JSONs are not a result.', ok('{"result":true}{"result":true}', JSON_TYPE), odd('')],
  ['A 204 is not a result.', sent(204, '', ID), odd('', { requestId: 'r-header' })],
  ['A 304 is not a result.', sent(304, '', ID), odd('', { requestId: 'r-header' })],
  ['A status of no known class is not a result.', sent(999, GOOD), oddJson(GOOD, { requestId: 'r-1' })],
  ['An empty object is not a result.', ok({}), odd('{}')],
  ['An array is not a result.', ok([GOOD]), oddJson({ 0: GOOD })],
  ['A JSON string is not a result.', ok('"stopped"', JSON_TYPE), odd('stopped')],
  ...['null', 'true', '7', '[]'].map(
    (text): ResponseRow => [`The JSON ${text} is not a result.`, ok(text, JSON_TYPE), odd('{}')],
  ),
  ...['true', 'false', '', 1, 0, null, {}, [true]].map(
    (result): ResponseRow => [
      `A result of ${JSON.stringify(result)} is not a result.`,
      ok({ requestId: 'r-1', result }),
      oddJson({ requestId: 'r-1', result }, { requestId: 'r-1' }),
    ],
  ),
  ['A result within another field does not count.', ok({ data: GOOD }), oddJson({ data: GOOD })],
  [
    'A result within __proto__ does not count.',
    ok('{"__proto__":{"result":true}}', JSON_TYPE),
    odd('{"__proto__":{"result":true}}'),
  ],
  ['A code that is an object does not count.', ok({ code: { a: 1 } }), oddJson({ code: { a: 1 } })],
  ['An error_code of 0 is not a result.', ok({ error_code: 0 }), oddJson({ error_code: 0 })],
  ['A code of 0 in the headers is not an error.', ok({}, inHeader('0')), odd('{}')],
  [
    'A code in the `headers` of a body does not count.',
    ok({ headers: { ...JSON_TYPE, ...inHeader('AccessDenied') } }),
    odd('{}'),
  ],
];

export const REDIRECTS: readonly ResponseRow[] = [
  ...[300, 301, 302, 303, 307, 308].map(
    (status): ResponseRow => [
      `HTTP ${status} with a Location is not followed.`,
      sent(status, 'Moved.', { location: 'https://login.example:8443/?token=t', ...ID }),
      odd('Moved.', { requestId: 'r-header' }),
    ],
  ),
  [
    'A redirect is a redirect even with a result in its body.',
    sent(302, GOOD, { location: '/login' }),
    oddJson(GOOD, { requestId: 'r-1' }),
  ],
  [
    'A redirect is a redirect even with a code in its body.',
    sent(302, { code: 'AccessDenied' }, { location: '/login' }),
    oddJson({ code: 'AccessDenied' }),
  ],
  ['A redirect to an invalid URL is a redirect.', sent(302, '', { location: 'http://[' }), odd('')],
  ['A 3xx without a Location is not a result.', sent(302, GOOD), oddJson(GOOD, { requestId: 'r-1' })],
  ['An unknown code with a 3xx is not an error of the API.', sent(302, { code: 'Odd' }), oddJson({ code: 'Odd' })],
  [
    'A known code with a 3xx without a Location decides.',
    sent(302, { code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 302, 'AccessDenied'),
  ],
];

export const RETRY_AFTER: readonly ResponseRow[] = [
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
    ([value, retryAfterMs]): ResponseRow => [
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

export const IMITATIONS: readonly ResponseRow[] = [
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
    'A body that begins like the end of the headers is a body.',
    sent(403, '\n    \nResponse Body {"result":true}'),
    bare('PERMISSION_DENIED', 403, '\n    \nResponse Body {"result":true}'),
  ],
  [
    'A body that imitates a thrown response is a body.',
    sent(400, '{"headers":{"x-bce-error-code":"NoSuchKey"},"result":true}'),
    bare('INVALID_REQUEST', 400, '{"headers":{"x-bce-error-code":"NoSuchKey"},"result":true}'),
  ],
  ...[
    'Request timed out.',
    'Invalid URL',
    '请设置QIANFAN_ACCESS_KEY/QIANFAN_SECRET_KEY',
    'Request timed out.request to http://x/ failed, reason: connect ECONNREFUSED 127.0.0.1:1',
    'Request timed out.maximum redirect reached at: http://x/',
  ].flatMap((words): ResponseRow[] => [
    [`The words "${words}" in a 502 are a body.`, sent(502, words), bare('SERVER_ERROR', 502, words)],
    [`The words "${words}" in a 200 are a page.`, ok(words), odd(words)],
  ]),
];
