// The outcome of each end of a call, and the cause of its error.

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type AnyQianfanError, stopFineTuningTask } from '../../../src';
import type { RawEnd } from '../../../src/sdk/messages';
import type { RequestsSeen } from '../../../src/sdk/watch-requests';
import { errorFields } from '../../support/responses/contract';
import { errorOf, printed } from '../../support/responses/errors';
import {
  bodyError,
  connectionError,
  httpError,
  NO_KEYS_MESSAGE,
  NOTHING_SEEN,
  rejected,
  resolved,
  resolvedBody,
} from '../../support/sdk/messages';
import { ANSWERED, endCallsWith, failure, SEEN, UNSENT } from '../../support/sdk/mocked-call';
import { TASK } from '../../support/task';

const timedOut: RawEnd = { kind: 'timed_out', timeoutMs: 5 };
const aborted: RawEnd = { kind: 'aborted', reason: 'enough' };
const SELF_SIGNED = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('The outcome is what was proved:', () => {
  const limit = { timeoutMs: 5 };
  test.each<[string, RawEnd, RequestsSeen, object]>([
    ['a time limit, nothing seen', timedOut, NOTHING_SEEN, errorFields('TIMEOUT', 'unknown', limit)],
    ['a time limit, nothing sent', timedOut, UNSENT, errorFields('TIMEOUT', 'not_sent', limit)],
    [
      'a time limit within a response',
      timedOut,
      { ...ANSWERED, headers: { 'x-bce-request-id': 'r' } },
      errorFields('TIMEOUT', 'unknown', { ...limit, requestId: 'r' }),
    ],
    [
      "the SDK's time limit, nothing sent",
      rejected(new Error('Request timed out.')),
      UNSENT,
      errorFields('TIMEOUT', 'not_sent', { timeoutMs: 600_000 }),
    ],
    ['an abort, nothing seen', aborted, NOTHING_SEEN, errorFields('ABORTED', 'unknown')],
    ['an abort, nothing sent', aborted, UNSENT, errorFields('ABORTED', 'not_sent')],
    [
      'an abort within a response',
      aborted,
      { ...ANSWERED, headers: { 'x-bce-request-id': 'r' } },
      errorFields('ABORTED', 'unknown', { requestId: 'r' }),
    ],
    [
      'a failed connection, nothing seen',
      rejected(connectionError('connect ECONNREFUSED ::1:1')),
      NOTHING_SEEN,
      errorFields('CONNECTION_FAILED', 'unknown', { systemCode: 'ECONNREFUSED' }),
    ],
    [
      'a failed connection, nothing sent',
      rejected(connectionError('')),
      UNSENT,
      errorFields('CONNECTION_FAILED', 'not_sent'),
    ],
    [
      'a certificate, nothing sent',
      rejected(connectionError('')),
      { ...UNSENT, failure: { error: SELF_SIGNED } },
      errorFields('CONNECTION_FAILED', 'not_sent', { systemCode: SELF_SIGNED.code, retryable: false }),
    ],
    [
      'a certificate after an earlier request',
      rejected(connectionError('')),
      { ...SEEN, requests: 2, failure: { error: SELF_SIGNED } },
      errorFields('CONNECTION_FAILED', 'unknown', { systemCode: SELF_SIGNED.code, retryable: true }),
    ],
    [
      'a broken response',
      rejected(connectionError('')),
      { ...ANSWERED, headers: { 'x-bce-request-id': 'r' }, failure: { error: 'e' } },
      errorFields('CONNECTION_FAILED', 'unknown', { requestId: 'r' }),
    ],
    [
      'what nobody foresaw, nothing sent',
      rejected('boom'),
      UNSENT,
      errorFields('UNEXPECTED_ERROR', 'unknown', { cause: expect.stringMatching(/^Error: boom\n/) }),
    ],
    [
      'nothing returned, nothing sent',
      resolved(undefined),
      UNSENT,
      errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: '' }),
    ],
    ['no keys', rejected(NO_KEYS_MESSAGE), NOTHING_SEEN, errorFields('MISSING_CREDENTIALS', 'not_sent')],
    [
      'a page that is too large',
      rejected('cut'),
      { ...ANSWERED, tooLarge: true },
      errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: '' }),
    ],
    [
      'a 403 that is too large',
      rejected('cut'),
      { ...ANSWERED, status: 403, headers: { 'x-bce-error-code': 'NoSuchKey' }, tooLarge: true },
      errorFields('PERMISSION_DENIED', 'unknown', { status: 403, response: '' }),
    ],
    [
      'a thrown code that the SDK repeats',
      rejected(bodyError({ error_code: 18 })),
      NOTHING_SEEN,
      errorFields('RATE_LIMITED', 'refused', { apiCode: '18' }),
    ],
  ])('%s.', async (_, ending, seen, fields) => {
    expect((await failure(ending, seen)).toJSON()).toEqual(fields);
  });

  test.each([
    ['Tue, 24 Nov 2026 10:00:30 GMT', {}, 30_000],
    ['Tue, 24 Nov 2026 10:00:30 GMT', { date: 'soon' }, 30_000],
    ['Tue, 24 Nov 2026 10:00:30 GMT', { date: 'Tue, 24 Nov 2026 10:00:20 GMT' }, 10_000],
  ])(
    'a Retry-After of a date counts from the date of the response, if it has one: %s, %j.',
    async (date, headers, retryAfterMs) => {
      jest.useFakeTimers({ now: Date.parse('2026-11-24T10:00:00Z') });
      const error = await failure(rejected(httpError(429, {}, { 'retry-after': date, ...headers })));
      expect(error).toMatchObject({ retryAfterMs });
    },
  );
});

describe('A cause', () => {
  const secretKey = 'a-secret-key-of-a-test';
  const signature = '0f'.repeat(32);
  const words = `${secretKey} ${signature}`;

  /** The error of a call with this key. */
  async function withKey(ending: RawEnd, seen: RequestsSeen = NOTHING_SEEN): Promise<AnyQianfanError> {
    endCallsWith(ending, seen);
    const credentials = { accessKey: 'ak', secretKey };
    const error = await errorOf(stopFineTuningTask(TASK, { credentials }));
    expect(printed(error)).not.toContain(secretKey);
    expect(printed(error)).not.toContain(signature);
    return error;
  }

  test('is the reason of an abort itself, untouched.', async () => {
    const reason = { secretKey };
    expect((await failure({ kind: 'aborted', reason })).cause).toBe(reason);
  });

  test("of a failed connection is the system's error, redacted.", async () => {
    const thrown = Object.assign(new Error(`connect ECONNREFUSED ${words}`), { code: 'ECONNREFUSED' });
    const error = await withKey(rejected(connectionError('')), { ...SEEN, failure: { error: thrown } });
    expect(error.cause).toMatchObject({
      name: 'Error',
      message: 'connect ECONNREFUSED [redacted] [redacted]',
      code: 'ECONNREFUSED',
    });
    expect(error.message).toContain('connect ECONNREFUSED [redacted] [redacted]');
  });

  test('is absent for a failed connection of which only the words of the SDK are known.', async () => {
    const error = await withKey(rejected(connectionError(words)));
    expect(error.cause).toBeUndefined();
    expect(error.message).toContain('The connection failed: [redacted] [redacted].');
  });

  test('of an unforeseen error keeps its name and frames, redacted.', async () => {
    const thrown = new RangeError(words);
    const error = await withKey(rejected(thrown));
    const frames = String(thrown.stack).split('\n').slice(1, 3);
    expect(error.cause).toMatchObject({ name: 'RangeError', message: '[redacted] [redacted]' });
    expect(Object(error.cause).stack.split('\n').slice(0, 3)).toEqual(['RangeError: [redacted] [redacted]', ...frames]);
  });

  test.each([
    ['a refusal', rejected(httpError(403, { code: words, message: words, requestId: words }))],
    ['a refusal of a 200', rejected(bodyError({ error_code: 6, error_msg: words, log_id: words }))],
    ['a page', resolved(resolvedBody(`<p>${words}</p>`))],
    ['a page of a gateway', rejected(httpError(403, words))],
    ['a redirect', rejected(httpError(302, words))],
  ])('is absent for %s, and no field shows a secret.', async (_, ending) => {
    const error = await withKey(ending);
    expect(error.cause).toBeUndefined();
    expect(printed(error)).toContain('[redacted]');
  });

  test('is none where a redirect names a secret for its host.', async () => {
    const seen = { ...ANSWERED, status: 302, redirect: `http://${secretKey}.example/${signature}` };
    expect((await withKey(rejected(httpError(302)), seen)).message).toContain('to [redacted].example (HTTP 302)');
  });
});
