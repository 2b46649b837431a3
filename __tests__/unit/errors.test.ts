import { inspect } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import * as errors from '../../src/errors';

const { AbortError, ApiError, ConfigurationError, ConnectionError, InvalidInputError } = errors;
const { isQianfanError, QianfanError, TimeoutError, UnexpectedError, UnexpectedResponseError } = errors;

const ALL: readonly (readonly [string, errors.AnyQianfanError, object])[] = [
  [
    'InvalidInputError',
    new InvalidInputError('m', { code: 'INVALID_INPUT', outcome: 'not_sent', issues: [{ path: 'p', message: 'm' }] }),
    { issues: [{ path: 'p', message: 'm' }] },
  ],
  ['ConfigurationError', new ConfigurationError('m', { code: 'MISSING_CREDENTIALS', outcome: 'not_sent' }), {}],
  [
    'ApiError',
    new ApiError('m', { code: 'RATE_LIMITED', outcome: 'refused', status: 429, retryAfterMs: 5, apiCode: undefined }),
    { status: 429, retryAfterMs: 5 },
  ],
  [
    'ConnectionError',
    new ConnectionError('m', { code: 'CONNECTION_FAILED', outcome: 'unknown', systemCode: 'ECONNRESET' }),
    { systemCode: 'ECONNRESET' },
  ],
  ['TimeoutError', new TimeoutError('m', { code: 'TIMEOUT', outcome: 'unknown', timeoutMs: 7 }), { timeoutMs: 7 }],
  ['AbortError', new AbortError('m', { code: 'ABORTED', outcome: 'not_sent', requestId: 'r' }), { requestId: 'r' }],
  [
    'UnexpectedResponseError',
    new UnexpectedResponseError('m', { code: 'UNEXPECTED_RESPONSE', outcome: 'unknown', response: '<html>' }),
    { response: '<html>' },
  ],
  ['UnexpectedError', new UnexpectedError('m', { code: 'UNEXPECTED_ERROR', outcome: 'unknown', cause: 'c' }), {}],
];
const RETRYABLE = ['RATE_LIMITED', 'CONNECTION_FAILED', 'TIMEOUT', 'SERVER_ERROR'];

describe.each(ALL)('%s', (name, error, more) => {
  test('has its name, also in the first line of its stack and where it is printed', () => {
    expect(error.name).toBe(name);
    expect(error.stack).toMatch(new RegExp(`^${name}: m\n`));
    expect(inspect(error)).toMatch(new RegExp(`^${name}: m\n`));
  });

  test('is an Error, a QianfanError and recognised as one', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(QianfanError);
    expect(isQianfanError(error)).toBe(true);
  });

  test('becomes JSON with its fields, and without cause and stack', () => {
    const { code, outcome } = error;
    const retryable = RETRYABLE.includes(code);
    expect(JSON.parse(JSON.stringify(error))).toEqual({ name, message: 'm', code, outcome, retryable, ...more });
  });

  test('always has a requestId, and no field that says nothing', () => {
    expect(error).toHaveProperty('requestId');
    const { requestId: _, ...fields } = error;
    expect(Object.values(fields)).not.toContain(undefined);
  });
});

test('a cause is kept, and is not enumerable', () => {
  const cause = new Error('why');
  const error = new UnexpectedError('m', { code: 'UNEXPECTED_ERROR', outcome: 'unknown', cause });
  expect(error.cause).toBe(cause);
  expect(Object.keys(error)).not.toContain('cause');
});

test('an error of another copy of the package is recognised, though it is no instance', () => {
  let copy: typeof errors | undefined;
  jest.isolateModules(() => {
    copy = require('../../src/errors');
  });
  const error = copy && new copy.AbortError('m', { code: 'ABORTED', outcome: 'not_sent' });
  expect(error).not.toBeInstanceOf(QianfanError);
  expect(isQianfanError(error)).toBe(true);
});

test.each([undefined, null, 'ABORTED', 1, {}, [], new Error('m'), { name: 'AbortError', code: 'ABORTED' }])(
  '%p is none of ours',
  (value) => {
    expect(isQianfanError(value)).toBe(false);
  },
);
