// The rules of bce-auth-v1, checked against a request that Baidu's Python SDK really signed, and against canonical requests
// that are written out by hand.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { checkSignature, computeSignature, type SignableRequest } from '../../../src/local-console/signature';

const credentials = { accessKey: 'your_iam_ak', secretKey: 'your_iam_sk' };
const prefix = 'bce-auth-v1/your_iam_ak/2026-11-23T18:43:27Z/300';
const signature = 'ac001bade9bda8f1867a8268850d187740c3512f948aac7b4a9b8ad23cd392d7';
const names = 'host;content-type;x-bce-date;request-source';
const signedAtMs = Date.UTC(2026, 10, 23, 18, 43, 27);
const python: SignableRequest = {
  method: 'POST',
  path: '/v2/finetuning',
  query: [['Action', 'StopFineTuningTask']],
  headers: {
    authorization: `${prefix}/${names}/${signature}`,
    'content-type': 'application/json',
    host: '127.0.0.1:18091',
    'request-source': 'qianfan_py_sdk_v0.0.0',
    'x-bce-date': '2026-11-23T18:43:27Z',
  },
};

const withHeader = (name: string, value: string): SignableRequest => ({
  ...python,
  headers: { ...python.headers, [name]: value },
});
const VALID = { defect: undefined, accessKey: 'your_iam_ak' };
const check = (request: SignableRequest, nowMs = signedAtMs) => checkSignature(request, credentials, nowMs);
const hmac = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex');

test('the request that the Python SDK signed is valid', () => {
  expect(check(python)).toEqual(VALID);
});

test('computeSignature gives the signature of that request', () => {
  expect(computeSignature(python, prefix, names.split(';'), 'your_iam_sk')).toBe(signature);
});

test.each([
  'content-type;host;request-source;x-bce-date',
  'x-bce-date;request-source;host;content-type',
  'request-source;content-type;x-bce-date;host',
])('the signed names may come in any order: %s', (shuffled) => {
  expect(check(withHeader('authorization', `${prefix}/${shuffled}/${signature}`))).toEqual(VALID);
});

test('the default headers are signed if no names are listed', () => {
  const byDefault = computeSignature(python, prefix, [], 'your_iam_sk');
  const request = withHeader('authorization', `${prefix}//${byDefault}`);
  expect(check(request)).toEqual(VALID);
  expect(check({ ...request, headers: { ...request.headers, 'content-length': '1' } }).defect).toBe('mismatch');
});

test('a header that is not signed may change', () => {
  expect(check(withHeader('user-agent', 'something else'))).toEqual(VALID);
});

describe('a signature does not match when something signed changes:', () => {
  test.each<[string, SignableRequest]>([
    ['the method', { ...python, method: 'PUT' }],
    ['the case of the method', { ...python, method: 'post' }],
    ['the path', { ...python, path: '/v2/finetuning/' }],
    ['the case of the path', { ...python, path: '/V2/finetuning' }],
    ['a doubled slash', { ...python, path: '//v2/finetuning' }],
    ['the value of a query parameter', { ...python, query: [['Action', 'DeleteFineTuningTask']] }],
    ['the name of a query parameter', { ...python, query: [['action', 'StopFineTuningTask']] }],
    ['an added query parameter', { ...python, query: [...python.query, ['x', '']] }],
    ['a missing query parameter', { ...python, query: [] }],
    ['the host', withHeader('host', '127.0.0.1:18092')],
    ['the content type', withHeader('content-type', 'text/plain')],
    ['the date header', withHeader('x-bce-date', '2026-11-23T18:43:28Z')],
    ['a missing header', withHeader('request-source', '')],
    ['the names', withHeader('authorization', `${prefix}/host;content-type;x-bce-date/${signature}`)],
    ['no names', withHeader('authorization', `${prefix}//${signature}`)],
    ['the date', withHeader('authorization', python.headers['authorization']?.replace('18:43:27Z', '18:43:28Z') ?? '')],
    ['the validity', withHeader('authorization', python.headers['authorization']?.replace('/300/', '/301/') ?? '')],
    ['the signature', withHeader('authorization', `${prefix}/${names}/${signature.replace('ac', 'ad')}`)],
  ])('%s', (_, request) => {
    expect(check(request)).toEqual({ defect: 'mismatch', accessKey: 'your_iam_ak' });
  });

  test.each(['your_iam_sl', 'YOUR_IAM_SK', 'your_iam_sk ', ''])('another secret key: %j', (secretKey) => {
    expect(checkSignature(python, { ...credentials, secretKey }, signedAtMs).defect).toBe('mismatch');
  });
});

test('another access key is refused, and recorded', () => {
  expect(checkSignature(python, { ...credentials, accessKey: 'other' }, signedAtMs)).toEqual({
    defect: 'unknown-key',
    accessKey: 'your_iam_ak',
  });
});

test.each([
  ['in its last millisecond', signedAtMs + 300_000, undefined],
  ['one millisecond later', signedAtMs + 300_001, 'expired'],
  ['when its date is in the future', signedAtMs - 86_400_000, undefined],
])('a signature is checked against the clock: %s', (_, nowMs, defect) => {
  expect(check(python, nowMs)).toStrictEqual({ defect, accessKey: 'your_iam_ak' });
});

test('a request without an Authorization header has no signature', () => {
  const { authorization: _, ...headers } = python.headers;
  expect(check({ ...python, headers })).toEqual({ defect: 'missing', accessKey: undefined });
});

test.each([
  '',
  'Bearer abc',
  `${prefix}/${names}`,
  `${prefix}/${names}/${signature} `,
  `${prefix}/${names}/${signature}\n`,
  ` ${prefix}/${names}/${signature}`,
  `${prefix}/${names}/${signature}/more`,
  `${prefix}/${names}/${signature.slice(1)}`,
  `${prefix}/${names}/${signature}0`,
  `${prefix}/${names}/${signature.toUpperCase()}`,
  `${prefix}/${names}/${signature.replace('a', 'g')}`,
  `${prefix}/${names};/${signature}`,
  `${prefix}/host;;x-bce-date/${signature}`,
  `${prefix}/Host;x-bce-date/${signature}`,
  `${prefix}/host, x-bce-date/${signature}`,
  `bce-auth-v2/your_iam_ak/2026-11-23T18:43:27Z/300/${names}/${signature}`,
  `bce-auth-v1//2026-11-23T18:43:27Z/300/${names}/${signature}`,
  `bce-auth-v1/your/iam/ak/2026-11-23T18:43:27Z/300/${names}/${signature}`,
  `bce-auth-v1/your_iam_ak/2026-13-23T18:43:27Z/300/${names}/${signature}`,
  `bce-auth-v1/your_iam_ak/2026-11-23T25:43:27Z/300/${names}/${signature}`,
  `bce-auth-v1/your_iam_ak/2026-11-23T18:43:27.000Z/300/${names}/${signature}`,
  `bce-auth-v1/your_iam_ak/2026-11-23/300/${names}/${signature}`,
  `bce-auth-v1/your_iam_ak/2026-11-23T18:43:27Z//${names}/${signature}`,
  `bce-auth-v1/your_iam_ak/2026-11-23T18:43:27Z/-300/${names}/${signature}`,
  `bce-auth-v1/your_iam_ak/2026-11-23T18:43:27Z/3e2/${names}/${signature}`,
])('the Authorization header %j is malformed', (authorization) => {
  expect(check(withHeader('authorization', authorization))).toEqual({ defect: 'malformed', accessKey: undefined });
});

describe('the canonical request', () => {
  const parameters = (text: string) => new URLSearchParams(text);
  const empty: SignableRequest = { method: 'GET', path: '/', query: [], headers: {} };

  test.each<[string, Partial<SignableRequest>, string[], string]>([
    ['an empty path is a slash', { path: '' }, [], 'GET\n/\n\n'],
    ['slashes of the path stay', { path: '/a//b/' }, [], 'GET\n/a//b/\n\n'],
    ['the unreserved characters stay', { path: '/AZaz09-._~' }, [], 'GET\n/AZaz09-._~\n\n'],
    [
      'other characters of the path are encoded',
      { path: "/!'()*:@&=+$,;" },
      [],
      'GET\n/%21%27%28%29%2A%3A%40%26%3D%2B%24%2C%3B\n\n',
    ],
    ['an escape is not encoded twice', { path: '/a%20b%7e%e5%8d%83%2f' }, [], 'GET\n/a%20b~%E5%8D%83%2F\n\n'],
    ['a broken escape is kept, and encoded', { path: '/%zz%' }, [], 'GET\n/%25zz%25\n\n'],
    [
      'characters are encoded as UTF-8',
      { query: [['名', '千帆🚀']] },
      [],
      'GET\n/\n%E5%90%8D=%E5%8D%83%E5%B8%86%F0%9F%9A%80\n',
    ],
    [
      'other characters of the query are encoded',
      { query: [["a!'", '(*) /%+']] },
      [],
      'GET\n/\na%21%27=%28%2A%29%20%2F%25%2B\n',
    ],
    ['the query is sorted', { query: parameters('b=1&a=2&a=1&B=') }, [], 'GET\n/\nB=&a=1&a=2&b=1\n'],
    ['the query is sorted as encoded pairs', { query: parameters('a=1&a-b=1') }, [], 'GET\n/\na-b=1&a=1\n'],
    [
      'authorization in the query is left out',
      { query: parameters('Authorization=x&authorization=y&a=') },
      [],
      'GET\n/\na=\n',
    ],
    ['header values are trimmed and encoded', { headers: { host: ' a:1\t' } }, ['host'], 'GET\n/\n\nhost:a%3A1'],
    [
      'empty headers are dropped',
      { headers: { host: 'a', 'x-a': ' ', 'x-b': '' } },
      ['host', 'x-a', 'x-b', 'x-none'],
      'GET\n/\n\nhost:a',
    ],
    [
      'header lines are sorted',
      { headers: { 'x-b': '1', 'x-a': '2', host: '3' } },
      ['x-b', 'host', 'x-a'],
      'GET\n/\n\nhost:3\nx-a:2\nx-b:1',
    ],
    ['a name counts once', { headers: { host: 'a' } }, ['host', 'host'], 'GET\n/\n\nhost:a'],
    [
      'no names are the default names',
      {
        headers: {
          accept: 'no',
          'content-encoding': 'no',
          'content-length': '1',
          'content-md5': '2',
          'content-type': '3',
          host: '4',
          'not-x-bce-a': 'no',
          'x-bce-a': '5',
          'x-bce-date': '6',
          'x-host': 'no',
        },
      },
      [],
      'GET\n/\n\ncontent-length:1\ncontent-md5:2\ncontent-type:3\nhost:4\nx-bce-a:5\nx-bce-date:6',
    ],
  ])('%s', (_, part, signedNames, canonical) => {
    const computed = computeSignature({ ...empty, ...part }, 'bce-auth-v1/ak/date/1', signedNames, 'sk');
    expect(computed).toBe(hmac(hmac('sk', 'bce-auth-v1/ak/date/1'), canonical));
  });
});

test('names that every object inherits are not taken for headers', () => {
  const request = { ...python, headers: { ...python.headers } };
  const signedNames = ['host', 'constructor', '__proto__'];
  expect(computeSignature(request, prefix, signedNames, 'your_iam_sk')).toBe(
    computeSignature(request, prefix, ['host'], 'your_iam_sk'),
  );
});

test('a hostile header is read in linear time', () => {
  const long = `${prefix}/${'a;'.repeat(50_000)}/${'0'.repeat(50_000)}`;
  const start = process.cpuUsage();
  expect(check(withHeader('authorization', long)).defect).toBe('malformed');
  expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
});
