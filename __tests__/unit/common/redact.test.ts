// Foreign text in an error: it is cut first, then the secret key and signatures are replaced.

import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { stopFineTuningTask } from '../../../src';
import { createRedactor, safeError, textOf } from '../../../src/common/redact';
import { revokedProxy } from '../../support/hostile-values';
import { errorOf, printed } from '../../support/responses/errors';
import { httpError, resolvedBody } from '../../support/sdk/messages';
import { consoleAction } from '../../support/sdk/mocked-sdk';

const SIGNATURE = 'ac001bade9bda8f1867a8268850d187740c3512f948aac7b4a9b8ad23cd392d7';
const SECRET_KEY = 'a.secret+key/of*many"(characters)$^|[]{}?-==\\';
const redact = createRedactor('a-secret-key');

describe('in a text', () => {
  test.each([
    ['the secret key, anywhere', 'xa-secret-keyx and a-secret-key.', 'x[redacted]x and [redacted].'],
    ['a signature', `sign ${SIGNATURE}/host`, 'sign [redacted]/host'],
    ['a signature in capitals', SIGNATURE.toUpperCase(), '[redacted]'],
    ['a signature behind other hex digits', `${'0'.repeat(63)}${SIGNATURE}`, '[redacted]'],
    [
      'a signature in escapes of JSON',
      SIGNATURE.replace(/./g, (digit) => `\\u00${digit.charCodeAt(0).toString(16)}`),
      '[redacted]',
    ],
    ['two signatures', `${SIGNATURE} ${SIGNATURE}`, '[redacted] [redacted]'],
    [
      'the signature in a whole header',
      `bce-auth-v1/ak/date/1800/host/${SIGNATURE}`,
      'bce-auth-v1/ak/date/1800/host/[redacted]',
    ],
  ])('%s is replaced', (_, text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  test.each([
    'Invalid Authorization: use an IAM key, see https://cloud.baidu.com/doc',
    'secret_key is missing; ask a@b.example (http://u@h)',
    'request ID 3f7f1b9e-6e47-4b0e-9f0b-2f3c0a9d4c11',
    'The SHA-1 is da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'cookie: none, authorization: none',
  ])('the words that a user needs stay: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('a secret key of characters with a meaning in a pattern is replaced, and nothing else is', () => {
    expect(createRedactor(SECRET_KEY)(`key ${SECRET_KEY}!`)).toBe('key [redacted]!');
    expect(createRedactor('a.secret.key')('a-secret-key')).toBe('a-secret-key');
  });

  test.each(['a"long\\secret', 's"k'])(
    'the secret key %s is replaced in JSON, too, where it is escaped',
    (secretKey) => {
      expect(createRedactor(secretKey)(JSON.stringify({ echo: `key ${secretKey}!` }))).toBe(
        '{"echo":"key [redacted]!"}',
      );
    },
  );

  test.each([
    ['a slash, as PHP writes it', 'a/long/secret', String.raw`a\/long\/secret`],
    ['signs of HTML, as Go writes them', 'a<long>&secret', String.raw`a\u003clong\u003E\u0026secret`],
    ['signs that Gson and .NET escape', 'a=long+secret', String.raw`a\u003dlong\u002Bsecret`],
    ['a quote and a letter as codes', 'a"long-secret', String.raw`\u0061\u0022long-secret`],
    ['nothing but backslashes', '\\'.repeat(28), '\\'.repeat(56)],
  ])('the secret key with %s is replaced, escaped or not', (_, secretKey, escaped) => {
    const redactKey = createRedactor(secretKey);
    expect(redactKey(`x ${secretKey} y ${escaped} z`)).toMatch(/^x \[redacted\] y (?:\[redacted\]){1,2} z$/);
  });

  test('a key that no text can hold whole takes all that follows its start with it', () => {
    const secretKey = 'k"'.repeat(500_000);
    expect(createRedactor(secretKey)(`a key: ${secretKey}`)).toBe('a key: [redacted]');
    expect(createRedactor(secretKey)('a key: k"k"')).toBe('a key: k"k"');
  });

  test('the longest key that can be one takes nothing with it', () => {
    const secretKey = 'k'.repeat(1_024);
    expect(createRedactor(secretKey)(`a key: ${secretKey}, and more`)).toBe('a key: [redacted], and more');
  });

  test('the secret key is replaced in lower case, too, as in the host of a redirect', () => {
    expect(createRedactor('Secret-Key')('secret-key.example')).toBe('[redacted].example');
  });

  test('a short secret key is replaced only as a whole word', () => {
    expect(createRedactor('sk')('task-1 of sk, sk-1 and "sk"')).toBe(
      'task-1 of [redacted], [redacted]-1 and "[redacted]"',
    );
    expect(createRedactor('1234567')('12345678 1234567')).toBe('12345678 [redacted]');
    expect(createRedactor('12345678')('123456789 12345678')).toBe('[redacted]9 [redacted]');
  });

  test.each([undefined, ''])('signatures are replaced without a secret key (%p), too', (secretKey) => {
    expect(createRedactor(secretKey)(`a ${SIGNATURE}`)).toBe('a [redacted]');
  });
});

describe('a long text', () => {
  test('that is cut within a replaced part keeps the mark and the words in front of it', () => {
    expect(redact(`the hash is ${'0'.repeat(5_000)}`)).toBe('the hash is [redacted]');
    expect(redact('0'.repeat(5_000))).toBe('[redacted]');
  });

  test('of up to 2 256 characters is read, and 2 000 of them are kept', () => {
    expect(redact('x'.repeat(2_000))).toHaveLength(2_000);
    expect(redact('x'.repeat(2_001))).toBe('x'.repeat(2_000));
    expect(redact('x'.repeat(3_000))).toBe('x'.repeat(2_000));
  });

  test('is cut before anything is replaced, so what follows is never read', () => {
    const text = `${`${SIGNATURE} `.repeat(30)}${'x'.repeat(5_000)}`;
    expect(redact(text)).toBe(`${'[redacted] '.repeat(30)}${'x'.repeat(50)}`);
  });

  test.each(Array.from({ length: 12 }, (_, shown) => [shown]))(
    'shows no part of a secret key that has %i characters in front of the cut',
    (shown) => {
      // Replacing the signatures makes the text short, so that its end is near.
      const signatures = `${SIGNATURE} `.repeat(30);
      const filler = 'x'.repeat(2_256 - signatures.length - shown);
      const redacted = redact(`${signatures}${filler}a-secret-key${'x'.repeat(5_000)}`);
      expect(redacted).toBe(`${'[redacted] '.repeat(30)}${'x'.repeat(50)}`);
    },
  );

  test.each([
    ['', 'k'.repeat(400)],
    [', also where it is escaped', 'k"'.repeat(200)],
  ])('shows no part of a secret key that is longer than what is left out of a text that is cut%s', (_, secretKey) => {
    const echo = JSON.stringify(secretKey).slice(1, -1);
    const redacted = createRedactor(secretKey)(`${'x'.repeat(1_990)}${echo}${'x'.repeat(5_000)}`);
    expect(redacted).not.toContain('k');
  });
});

describe('the copy of what was thrown', () => {
  test('has only its name, message, code and frames, without secrets', () => {
    const thrown = Object.assign(new RangeError(`no a-secret-key ${SIGNATURE}`, { cause: 'a-secret-key' }), {
      code: 'a-secret-key',
      config: { headers: 'a-secret-key' },
    });
    thrown.stack = `${thrown.stack?.split('\n')[0]}\n    at a-secret-key (file.js:1:2)\n    at next (file.js:3:4)`;
    const copy = safeError(thrown, redact);
    expect(copy).toMatchObject({ name: 'RangeError', message: 'no [redacted] [redacted]', code: '[redacted]' });
    expect(copy.stack).toBe(
      'RangeError: no [redacted] [redacted]\n    at [redacted] (file.js:1:2)\n    at next (file.js:3:4)',
    );
    expect(Object.keys(copy).sort()).toEqual(['code', 'name']);
    expect(printed(copy).includes('a-secret-key')).toBe(false);
  });

  test.each<[string, unknown]>([
    ['an error of another realm', runInNewContext(`new RangeError('no a-secret-key')`)],
    [
      'an object that is an error by its prototype',
      Object.create(RangeError.prototype, { message: { value: 'no a-secret-key' } }),
    ],
    ['an error with a code that is no text', Object.assign(new RangeError('no a-secret-key'), { code: 7 })],
  ])('has the name and the message of %s', (_, thrown) => {
    const copy = safeError(thrown, redact);
    expect(copy).toMatchObject({ name: 'RangeError', message: 'no [redacted]' });
    expect(copy).not.toHaveProperty('code');
  });

  test('has at most 20 frames', () => {
    const thrown = new Error('deep');
    thrown.stack = `Error: deep${'\n    at f (file.js:1:2)'.repeat(100)}`;
    expect(safeError(thrown, redact).stack?.split('\n')).toHaveLength(21);
  });

  test.each<readonly [string, unknown, string]>([
    ['a string', 'a-secret-key broke', '[redacted] broke'],
    ['an object', { secret: 'a-secret-key' }, '{"secret":"[redacted]"}'],
    ['undefined', undefined, 'undefined'],
    ['a number', 7, '7'],
    ['a bigint', 7n, '7n'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an error with a name that is not a string', Object.assign(new Error('m'), { name: 7 }), 'm'],
  ])('is an error, too, if that is %s', (_, thrown, message) => {
    expect(safeError(thrown, redact)).toMatchObject({ message });
  });

  test.each<readonly [string, unknown]>([
    ['a proxy that throws', new Proxy(new Error('m'), { get: () => nope() })],
    ['an error whose message throws', Object.defineProperty(new Error('m'), 'message', { get: () => nope() })],
    ['a proxy that gives symbols', new Proxy({}, { get: () => Symbol('odd') })],
    ['a revoked proxy', revokedProxy()],
  ])('is an error even if that is %s', (_, thrown) => {
    expect(safeError(thrown, redact)).toBeInstanceOf(Error);
  });
});

test.each<readonly [unknown, string]>([
  ['text', 'text'],
  [{ a: [1] }, '{"a":[1]}'],
  [null, 'null'],
  [undefined, 'undefined'],
  [1n, '1n'],
])('%p is a text', (value, text) => {
  expect(textOf(value)).toBe(text);
});

describe('no secret can be reached from an error, even if the server echoes it', () => {
  const echo = `${SECRET_KEY} ${SIGNATURE}`;
  const coded = { code: 'AccessDenied' };

  test.each<readonly [string, () => unknown]>([
    ['in the message', () => httpError(403, { ...coded, message: echo })],
    ['in the code', () => httpError(400, { code: echo })],
    ["in the request's ID", () => httpError(403, { ...coded, requestId: echo })],
    ['in a header', () => httpError(403, coded, { 'x-bce-error-message': echo, 'x-bce-request-id': echo })],
    ['as a page', () => httpError(502, `<html>${echo}</html>`)],
    ['in a reason', () => new Error(`Request timed out.request to http://h failed, reason: ${echo}`)],
    ['in what the SDK throws', () => Object.assign(new TypeError(echo), { name: echo, code: echo, echo })],
    ['as a string that is thrown', () => echo],
    ['in an object that is thrown', () => ({ echo, message: echo })],
    ['in a cause', () => new Error('m', { cause: new Error(echo) })],
  ])('%s', async (_, thrown) => {
    consoleAction.mockRejectedValue(thrown());
    await expectNoSecret();
  });

  test.each<readonly [string, () => unknown]>([
    ['in an odd result', () => resolvedBody({ requestId: echo, result: echo })],
    ['as a page with 200', () => resolvedBody(echo)],
  ])('%s', async (_, value) => {
    consoleAction.mockResolvedValue(value());
    await expectNoSecret();
  });

  async function expectNoSecret(): Promise<void> {
    const credentials = { accessKey: 'ak', secretKey: SECRET_KEY };
    const text = printed(await errorOf(stopFineTuningTask({ taskId: 'task-1' }, { credentials })));
    const inJson = JSON.stringify(SECRET_KEY).slice(1, -1);
    expect([SIGNATURE, SECRET_KEY, inJson].filter((secret) => text.includes(secret))).toEqual([]);
  }
});

function nope(): never {
  throw new Error('nope');
}
