// The error classes: what each one shows in every way of printing, and how it is recognised.

import { inspect } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import * as errors from '../../../src/errors';
import { revokedProxy, THROWING_GETTER } from '../../support/hostile-values';
import { plainFields } from '../../support/responses/contract';

const { AbortError, ApiError, ConfigurationError, ConnectionError, InvalidInputError } = errors;
const { isQianfanError, QianfanError, TimeoutError, UnexpectedError, UnexpectedResponseError } = errors;

const THROWING = Object.defineProperty({}, 'x', THROWING_GETTER);
const ISSUES = [{ path: 'taskId', message: 'is empty' }];
const RATE_LIMITED = { code: 'RATE_LIMITED', outcome: 'refused', retryable: true } as const;
const PROGRESS = { taskId: 'task-1', stop: 'accepted', stopRequests: 1, describeRequests: 2 } as const;

const ALL: readonly (readonly [string, errors.AnyQianfanError, object])[] = [
  [
    'InvalidInputError',
    new InvalidInputError('m', { issues: ISSUES }),
    plainFields('INVALID_INPUT', 'not_sent', { issues: ISSUES }),
  ],
  [
    'ConfigurationError',
    new ConfigurationError('m', { code: 'MISSING_CREDENTIALS' }),
    plainFields('MISSING_CREDENTIALS', 'not_sent'),
  ],
  [
    'ApiError',
    new ApiError('m', { ...RATE_LIMITED, status: 429, retryAfterMs: 5, apiCode: undefined }),
    plainFields('RATE_LIMITED', 'refused', { status: 429, retryAfterMs: 5 }),
  ],
  [
    'ConnectionError',
    new ConnectionError('m', { outcome: 'unknown', systemCode: 'ECONNRESET' }),
    plainFields('CONNECTION_FAILED', 'unknown', { systemCode: 'ECONNRESET' }),
  ],
  [
    'TimeoutError',
    new TimeoutError('m', { outcome: 'unknown', timeoutMs: 7, progress: PROGRESS }),
    plainFields('TIMEOUT', 'unknown', { timeoutMs: 7, progress: PROGRESS }),
  ],
  [
    'AbortError',
    new AbortError('m', { outcome: 'not_sent', requestId: 'r' }),
    plainFields('ABORTED', 'not_sent', { requestId: 'r' }),
  ],
  [
    'UnexpectedResponseError',
    new UnexpectedResponseError('m', { outcome: 'unknown', response: '' }),
    plainFields('UNEXPECTED_RESPONSE', 'unknown', { response: '' }),
  ],
  [
    'UnexpectedError',
    new UnexpectedError('m', { cause: 'c' }),
    plainFields('UNEXPECTED_ERROR', 'unknown', { cause: 'c' }),
  ],
];

describe.each(ALL)('%s', (name, error, fields) => {
  test('shows its name and message first, in its stack and where it is printed', () => {
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: m`);
    expect(inspect(error)).toMatch(new RegExp(`^${name}: m\n`));
  });

  test('is an Error, a QianfanError and recognised as one', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(QianfanError);
    expect(isQianfanError(error)).toBe(true);
  });

  test('becomes JSON with all its fields, but without cause and stack', () => {
    expect(JSON.parse(JSON.stringify(error))).toStrictEqual({ ...fields, message: 'm' });
  });

  test('prints no undefined field and no marker', () => {
    expect(Object.values(error)).not.toContain(undefined);
    expect(inspect(error)).not.toMatch(/undefined|Symbol/);
  });
});

test('the stack begins with the name of the class', () => {
  expect(new TimeoutError('m', { outcome: 'unknown', timeoutMs: 7 }).stack).toMatch(/^TimeoutError: m\n/);
});

test('a cause is kept as it is, and is not enumerable', () => {
  const cause = new Error('why');
  const error = new UnexpectedError('m', { cause });
  expect(error.cause).toBe(cause);
  expect(Object.keys(error)).not.toContain('cause');
  expect('cause' in new AbortError('m', { outcome: 'unknown' })).toBe(false);
});

test('an error of another copy of the package is recognised, though it is no instance of a class here', () => {
  let copy: typeof errors | undefined;
  jest.isolateModules(() => {
    copy = require('../../../src/errors');
  });
  const error = copy && new copy.AbortError('m', { outcome: 'not_sent' });
  expect(error).not.toBeInstanceOf(QianfanError);
  expect(isQianfanError(error)).toBe(true);
});

test('a proxy that cannot be asked is not an error of this package', () => {
  const throwing = new Proxy({}, { has: () => Reflect.get(THROWING, 'x') });
  expect([isQianfanError(throwing), isQianfanError(revokedProxy())]).toEqual([false, false]);
});

test.each([undefined, null, 'ABORTED', 1, {}, [], new Error('m'), { name: 'AbortError', code: 'ABORTED' }])(
  '%p is not an error of this package',
  (value) => {
    expect(isQianfanError(value)).toBe(false);
  },
);
