// What a wait rejects with: a new error of the same class, about the whole wait and not about one request.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  AbortError,
  type AnyQianfanError,
  ApiError,
  ConfigurationError,
  ConnectionError,
  stopFineTuningTaskAndWait,
  TimeoutError,
  UnexpectedError,
  UnexpectedResponseError,
  type WaitOptions,
  type WaitProgress,
} from '../../../src';
import { aborted, rejection, timedOut } from '../../../src/wait/wait-errors';
import { errorOf } from '../../support/responses/errors';
import { TASK, TASK_ID } from '../../support/task';
import { respondBy } from '../../support/waits/mocked-wait';
import { script } from '../../support/waits/script';

/** Runs a wait with a script of responses to the error that it must end with. */
async function failureOf(responses: string, options?: WaitOptions): Promise<AnyQianfanError> {
  respondBy(script(responses));
  const error = errorOf(stopFineTuningTaskAndWait(TASK, options));
  await jest.advanceTimersByTimeAsync(600_000);
  return error;
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('the error', () => {
  test.each([
    ['S401', ApiError],
    ['S+ D404', ApiError],
    ['S+ Dnone', UnexpectedResponseError],
    ['Snokeys', ConfigurationError],
    ['S+ D503', TimeoutError],
    ['S+ Dnokeys', UnexpectedError],
  ])('of %s is a new one of the class %p', async (responses, ErrorClass) => {
    const error = await failureOf(responses);
    expect(error).toBeInstanceOf(ErrorClass);
    expect(error).not.toBe(error.progress?.lastError);
    expect(error.progress?.lastError).not.toHaveProperty('progress');
    const json = JSON.parse(JSON.stringify(error));
    expect(json).toMatchObject({ name: error.name, code: error.code, progress: { taskId: TASK_ID } });
  });

  test('keeps all fields of the request’s own error', async () => {
    const error = await failureOf('S+ D403');
    const { message, outcome, progress, ...fields } = error.toJSON() as Record<string, unknown>;
    const { message: _, outcome: __, ...own } = (error.progress?.lastError?.toJSON() ?? {}) as Record<string, unknown>;
    expect(fields).toEqual(own);
    expect(fields).toMatchObject({ status: 403, apiCode: 'AccessDenied', apiMessage: 'Server says no.' });
  });

  test('is unexpected if the keys are gone after a stop was requested', async () => {
    const error = await failureOf('S+ Dnokeys');
    expect(error).toMatchObject({
      code: 'UNEXPECTED_ERROR',
      outcome: 'unknown',
      taskId: TASK_ID,
      cause: { code: 'MISSING_CREDENTIALS' },
    });
  });

  test('of a deadline has the last request’s error as its cause', async () => {
    const error = await failureOf('S+ DR D503');
    expect(error.code).toBe('TIMEOUT');
    expect(error.cause).toBe(error.progress?.lastError);
    expect(error.cause).toMatchObject({ code: 'SERVER_ERROR' });
    expect(await failureOf('S+ DR')).not.toHaveProperty('cause');
  });

  test.each([5_000, 30_000])(
    'of a deadline of %i ms says nothing about the request that it cuts',
    async (timeoutMs) => {
      for (const responses of ['S+ D~', 'S403 D~', 'S~ D~']) {
        const onProgress = jest.fn();
        const error = await failureOf(responses, { timeoutMs, onProgress });
        expect(error).toMatchObject({ code: 'TIMEOUT', timeoutMs });
        expect(onProgress).toHaveBeenCalledTimes(responses === 'S~ D~' ? 0 : 1);
        expect(error.cause).toBe(error.progress?.lastError);
        expect(error.progress?.lastError?.code).toBe(responses === 'S403 D~' ? 'PERMISSION_DENIED' : undefined);
      }
    },
  );

  test.each<[string, readonly (string | RegExp)[]]>([
    ['S+ DR', ['within 600000 ms', 'The server accepted the stop.', 'is Running (45%).', 'describeFineTuningTask']],
    ['S+ D""', ["is ''."]],
    ['S- DW', ['The server stopped nothing.', 'is Waiting.']],
    [
      'S503 D503',
      ['A stop request may have taken effect', 'is not known.', 'The last request failed: ', /InternalError|503/],
    ],
    [
      'S403 D503',
      [/AccessDenied|403/, 'The server stopped nothing.', 'The last request failed: ', /InternalError|503/],
    ],
    ['Snokeys', [/^QIANFAN_ACCESS_KEY .* Nothing was sent\.$/]],
    ['S+ Dnokeys', ['A later request could not be made.', 'Stop the task again and wait']],
    ['S429(3600)', ['The server asks to wait 3600 s, longer than the time left.']],
    ['S+ D503(601)', ['The server asks to wait 601 s, longer than the time left.']],
  ])(
    'of %s says what ended it, what is known of the stop, the last state and the last error',
    async (responses, words) => {
      const { message } = await failureOf(responses);
      for (const word of words) expect(message).toMatch(word);
    },
  );

  test('does not say of a whole wait that nothing was sent, which is true of its last request alone', () => {
    const lastError = new ConnectionError('It broke.', { outcome: 'not_sent' });
    const progress = { taskId: TASK_ID, stop: 'accepted', stopRequests: 1, describeRequests: 1, lastError } as const;
    for (const { message } of [timedOut(5, progress), aborted('enough', progress)]) {
      expect(message).toContain('The last request failed: It broke. Stop the task again');
    }
  });

  test.each(['S503 D503', 'S? DR', 'S~ D~', 'S+ D403', 'S? Dpage'])('of %s says once what to do', async (answers) => {
    const { message } = await failureOf(answers);
    expect(message.match(/[Ss]top the task again|stop it again|ask again/g)).toEqual(['Stop the task again']);
    expect(message).toMatch(/ Stop the task again and wait, or check its state \(.*\)\.$/);
  });

  test('says once what both the stop and the last request failed with', async () => {
    const { message } = await failureOf('S400 D400');
    expect(message).not.toContain('The last request failed');
    expect(message.match(/NobodyDocumentsThis/g)).toHaveLength(1);
  });

  test('names the error of the last request once if that ended the wait', async () => {
    const { message } = await failureOf('S+ D403');
    expect(message).not.toContain('The last request failed');
  });

  test('has the server’s state on one line, without what a terminal would obey', () => {
    const state = { runStatus: 'Pau\u001b[2Jsed\n\nfine\u202e', runProgress: '5\n%' };
    const progress = { taskId: TASK_ID, stop: 'accepted', stopRequests: 1, describeRequests: 1, ...state } as const;
    const { message } = timedOut(5, progress);
    expect(message).toContain(String.raw`is Pau\u001b[2Jsed fine\u202e (5 %).`);
  });

  test('is ours even if a signal throws', async () => {
    const signal = {
      aborted: false,
      addEventListener() {
        throw new Error('No listeners here.');
      },
      removeEventListener() {},
    };
    const wait = stopFineTuningTaskAndWait(TASK, { signal: signal as unknown as AbortSignal });
    const error = await errorOf(wait);
    expect(error).toMatchObject({ code: 'UNEXPECTED_ERROR', cause: { message: 'No listeners here.' } });
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a copy about the whole wait', () => {
  const progress: WaitProgress = { taskId: TASK_ID, stop: 'refused', stopRequests: 1, describeRequests: 0 };
  const cause = new Error('The cause.');
  const unknown = { outcome: 'unknown', requestId: 'r-1', cause } as const;
  const errors: readonly AnyQianfanError[] = [
    new ApiError('It said no.', {
      ...unknown,
      code: 'NOT_FOUND',
      retryable: false,
      status: 404,
      apiCode: 'NoSuchKey',
      apiMessage: 'No.',
      retryAfterMs: 1,
      response: 'x',
    }),
    new ConnectionError('It broke.', { ...unknown, systemCode: 'ECONNRESET' }),
    new TimeoutError('It took long.', { ...unknown, timeoutMs: 7 }),
    new AbortError('It was aborted.', unknown),
    new UnexpectedResponseError('It is odd.', { ...unknown, response: 'odd' }),
  ];

  test.each(errors)('of $name has all its fields, and the outcome of the stop', (error) => {
    const copy = rejection(error, progress);
    expect(copy).not.toBe(error);
    expect(copy.toJSON()).toEqual({ ...error.toJSON(), message: copy.message, outcome: 'refused', progress });
    expect([copy.constructor, copy.cause]).toEqual([error.constructor, cause]);
    expect(copy.message).toContain(error.message);
    expect(rejection(error, { ...progress, stop: 'accepted' }).outcome).toBe('unknown');
    expect(rejection(error, { ...progress, stop: 'not_sent' }).outcome).toBe('not_sent');
  });

  test.each([
    ['not_sent', 'ConfigurationError', 'not_sent', cause],
    ['refused', 'UnexpectedError', 'unknown', undefined],
    ['unknown', 'UnexpectedError', 'unknown', undefined],
    ['accepted', 'UnexpectedError', 'unknown', undefined],
  ] as const)('of a ConfigurationError after a stop that is %s is a %s', (stop, name, outcome, ownCause) => {
    const error = new ConfigurationError('No keys.', { code: 'MISSING_CREDENTIALS', cause });
    const copy = rejection(error, { ...progress, stop });
    expect(copy).toMatchObject({ name, outcome, progress: { stop } });
    expect(copy.cause).toBe(ownCause ?? error);
  });

  test('of an UnexpectedError has its cause', () => {
    expect(rejection(new UnexpectedError('Oops.', { cause }), progress)).toMatchObject({
      name: 'UnexpectedError',
      cause,
    });
  });
});
