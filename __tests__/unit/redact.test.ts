// No secret in anything that can be reached from an error, however the server or the SDK spelled it.

import { inspect } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { isQianfanError, stopFineTuningTask } from '../../src';
import { createRedactor, cut, MAX_TEXT_LENGTH, redactThrown } from '../../src/redact';

jest.mock('@baiducloud/qianfan');
const { consoleAction } = jest.requireMock<{ consoleAction: jest.Mock<() => Promise<unknown>> }>('@baiducloud/qianfan');

const SIGNATURE = 'ac001bade9bda8f1867a8268850d187740c3512f948aac7b4a9b8ad23cd392d7';
const AUTHORIZATION = `bce-auth-v1/your_iam_ak/2026-11-23T18:43:27Z/1800/content-type;host/${SIGNATURE}`;
const SECRET_KEY = 'sk"of\\a/test+0123456789==';
const COOKIE = 'BDUSS=geheim; other=auch-geheim';
const SECRETS = [SIGNATURE, AUTHORIZATION, SECRET_KEY, JSON.stringify(SECRET_KEY).slice(1, -1), 'geheim'];

const json = (value: unknown) => JSON.stringify(value);
const FORMS: readonly (readonly [string, string])[] = [
  ['JSON', json({ headers: { authorization: AUTHORIZATION, cookie: COOKIE }, secretKey: SECRET_KEY, ok: 1 })],
  ['pretty JSON', JSON.stringify({ Authorization: AUTHORIZATION, 'Set-Cookie': [COOKIE, COOKIE] }, undefined, 2)],
  ['JSON in JSON', json({ message: json({ authorization: AUTHORIZATION, cookie: COOKIE }) })],
  ['JSON in JSON in JSON', json(json({ message: json({ cookie: COOKIE, authorization: AUTHORIZATION }) }))],
  ['header lines', `POST / HTTP/1.1\r\nAuthorization: ${AUTHORIZATION}\r\nCookie: "a=geheim"; b=geheim\r\nhost: h`],
  [
    'a list of pairs',
    json([
      ['cookie', COOKIE],
      ['authorization', AUTHORIZATION],
    ]),
  ],
  ['a Python dictionary', `{'Authorization': '${AUTHORIZATION}', 'Cookie': 'geheim=1'}`],
  ['HTML', `<pre>{&quot;cookie&quot;:&quot;geheim&quot;}\n&#34;authorization&#34;: ${AUTHORIZATION}</pre>`],
  ['a URL', `?authorization=${encodeURIComponent(AUTHORIZATION)}&a=b`],
  ['a signature alone', `expected ${SIGNATURE.toUpperCase()}, got ${SIGNATURE}`],
  ['a secret key alone', `the key is ${SECRET_KEY}!`],
  [
    'a HAR list',
    json([
      { name: 'Set-Cookie', value: COOKIE },
      { name: 'Authorization', value: 'Basic geheim' },
    ]),
  ],
  ['parsed cookies', json({ cookies: { BDUSS: 'geheim', other: ['auch-geheim'] } })],
  ['a folded header', `Cookie:\r\n  ${COOKIE}\r\nhost: h`],
  ['a table', `<tr><td>Cookie</td><td>${COOKIE}</td></tr>\n<Cookie>geheim</Cookie>`],
  ['a PHP dump', `[Cookie] => geheim\n["cookie"]=>\n  string(6) "geheim"`],
  ['JSON in a URL', encodeURIComponent(json({ cookie: COOKIE, Authorization: AUTHORIZATION }))],
  ['entities of entities', `{&amp;quot;cookie&amp;quot;:&amp;quot;geheim&amp;quot;}`],
  ['a secret key in a page', `the key is ${SECRET_KEY.replace('"', '&quot;')}`],
  ['a secret key in JSON in JSON', json(json({ key: SECRET_KEY }))],
  ['a URL with a password', 'http://user:geheim@h/v2'],
  ['an assignment', `QIANFAN_SECRET_KEY=geheim\nsecret_access_key: geheim`],
];

function reachable(error: unknown): string {
  const all = {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    maxStringLength: null,
    maxArrayLength: null,
  } as const;
  const texts = [inspect(error, all), inspect(error), String(error), json(error)];
  for (let one = error; one instanceof Error; one = one.cause) texts.push(one.message, one.stack ?? '', json(one));
  return texts.join('\n').toLowerCase();
}

describe.each(FORMS)('a server that gives back the request as %s', (_, echo) => {
  const credentials = { accessKey: 'your_iam_ak', secretKey: SECRET_KEY };
  const status = `Request timed out.\n        HTTP error, status = 403\n\n        Response Header ${json({ 'set-cookie': COOKIE, 'x-bce-error-message': echo })}\n    \nResponse Body `;
  test.each<readonly [string, () => Promise<unknown>]>([
    ['in the body', () => Promise.reject(new Error(status + echo))],
    ['in the message', () => Promise.reject(new Error(status + json({ code: 'AccessDenied', message: echo })))],
    ['in the code', () => Promise.reject(new Error(status + json({ code: echo })))],
    ['in the ID', () => Promise.reject(new Error(status + json({ requestId: echo, code: 'AccessDenied' })))],
    ['as a page', () => Promise.resolve({ ...[...echo], headers: {} })],
    ['as JSON', () => Promise.resolve({ echo, headers: {} })],
    ['as a reason', () => Promise.reject(new Error(`Request timed out.request to u failed, reason: ${echo}`))],
    ['in a cause', () => Promise.reject(new Error('m', { cause: new Error(echo, { cause: { echo } }) }))],
    ['as something thrown', () => Promise.reject({ echo })],
    ['as a text thrown', () => Promise.reject(echo)],
    [
      'as the name and the code of an error',
      () => Promise.reject(Object.assign(new Error('m'), { name: echo, code: echo })),
    ],
  ])('%s', async (__, answer) => {
    consoleAction.mockImplementation(answer);
    const error: unknown = await stopFineTuningTask({ taskId: 'task-1' }, { credentials }).catch((e: unknown) => e);
    expect(isQianfanError(error)).toBe(true);
    const text = reachable(error);
    expect(SECRETS.filter((secret) => text.includes(secret.toLowerCase()))).toEqual([]);
  });
});

test('what is no secret stays: a short key is one only where it stands alone', () => {
  const redact = createRedactor(['sk', '', 'a-long-secret']);
  expect(redact('task-1 of sk, key a-long-secretive')).toBe('task-1 of [redacted], key [redacted]ive');
  expect(redact('{"code":"AccessDenied","message":"fine"}')).toBe('{"code":"AccessDenied","message":"fine"}');
  expect(redact('{"cookie":"a","next":"b"}')).toBe('{"cookie":[redacted],"next":"b"}');
});

test.each(['\n', '\r\n    ', '\\n', ' '])('a signature or a key that is wrapped (%j) is found', (gap) => {
  const redact = createRedactor([SIGNATURE, 'n0rt123456789']);
  const text = `got ${SIGNATURE.slice(0, 40)}${gap}${SIGNATURE.slice(40)}, key n0rt${gap}123456789`;
  expect(redact(text)).toBe('got [redacted], key [redacted]');
});

test.each([
  ['as JSON escapes it', '\\u5bc6-key', '密-key'],
  ['as a URL escapes it', '%e5%af%86-key', '密-key'],
  ['without the white space around it', 'key-of-the-file', ' key-of-the-file\n'],
])('a secret is found %s', (_, text, secret) => {
  expect(createRedactor([secret])(`the key ${text}!`)).toBe('the key [redacted]!');
});

test('advice, links and e-mail addresses stay', () => {
  const redact = createRedactor([]);
  const text = 'You have no authorization, ask a@b.example (http://a.example,x@b.example, https://h?u=a@b)';
  expect(redact(text)).toBe(text);
});

test('of a text of megabytes only the beginning is read, and no part of a secret stands at its end', () => {
  const redact = createRedactor(['a-secret-of-many-words']);
  const long = redact(`cookie: ${'x'.repeat(99_970)}\na-secret-of-many-words${'0'.repeat(10_000_000)}`);
  expect(long).toMatch(/\[cut, 10100001 characters\]$/);
  expect(long).not.toContain('a-secret');
});

test('a long text is cut, says so, and is at most 2 000 characters', () => {
  expect(cut('x'.repeat(MAX_TEXT_LENGTH))).toBe('x'.repeat(2_000));
  const text = cut('x'.repeat(2_001));
  expect(text).toHaveLength(2_000);
  expect(text).toMatch(/^x+… \[cut, 2001 characters\]$/);
});

// A pattern that were quadratic would take hours here, not seconds.
test.each([
  ['a secret’s name', 'cookie'],
  ['a name and a colon', 'cookie:'],
  ['a quoted name and an open quote', '"cookie":"'],
  ['a quoted name and an open list', '"cookie":["'],
  ['escapes', 'cookie\\"'],
  ['a name and tags', 'cookie<a><a>'],
  ['slashes', '//'],
  ['what is nearly a cookie', `${'b'.repeat(194)} `],
  ['white space behind a letter', `x${' '.repeat(10_000)}`],
  ['escaped number signs', `${'\\'.repeat(8)}#`],
  ['backslashes', '\\'],
  ['a wrapped part of the secret', 'a - l o n g '],
  ['a quoted name and escapes', '"cookie":"\\\\\\"'],
  ['entities', 'cookie&quot;'],
  ['blanks behind a name', `cookie${' '.repeat(1_000)}`],
  ['the scheme’s beginning', 'bce-auth-v1'],
  ['hex that is too short', `${'a'.repeat(63)}g`],
  ['hex without an end', 'a'],
  ['line breaks', '\n'],
  ['a part of the secret', 'a-long-secre'],
])('2 MB of %s are read through once', (_, piece) => {
  const text = piece.repeat(Math.ceil(2_000_000 / piece.length));
  const cookies = Array.from({ length: 400 }, (_, at) => `${'b'.repeat(200)}${at}`);
  const secrets = ['a-long-secret', '#'.repeat(256), 'x   abcdefg=1', 'a'.repeat(256), '\\'.repeat(64)];
  const redact = createRedactor(secrets, cookies);
  // Compared by length: a difference of megabytes is nothing to print.
  expect(redact(redact(text)).length <= redact(text).length * 2).toBe(true);
  expect(redactThrown(new Error(text), redact)).toBeInstanceOf(Error);
});

test.each([undefined, null, 7, true, 1n, Symbol('s'), () => {}, new Proxy({}, { get: () => Symbol('odd') })])(
  'what is thrown without being an error becomes a primitive that can be printed: %#',
  (thrown) => {
    const copy = redactThrown(thrown, (text) => text);
    expect(copy).toBe(Object(copy) === copy ? undefined : copy);
    expect(() => `${String(copy)}`).not.toThrow();
  },
);
