// What a wait reports while it lasts, and that `onProgress` cannot change how it ends.

import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stopFineTuningTaskAndWait, type WaitOptions, type WaitProgress } from '../../../src';
import { errorOf } from '../../support/responses/errors';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK, TASK_ID } from '../../support/task';
import { respondBy } from '../../support/waits/mocked-wait';
import { script } from '../../support/waits/script';
import { endOf, inNotation } from '../../support/waits/wait-ends';

/** Runs a wait with a script of responses to its end. */
async function waitFor(responses: string, options?: WaitOptions) {
  respondBy(script(responses));
  const end = endOf(stopFineTuningTaskAndWait(TASK, options));
  await jest.advanceTimersByTimeAsync(600_000);
  return end;
}

/** The progress that onProgress was given. */
async function progressOf(responses: string): Promise<readonly WaitProgress[]> {
  const given: WaitProgress[] = [];
  await waitFor(responses, { onProgress: (progress) => given.push(progress) });
  return given;
}

const throwing = () => {
  throw new Error('from then');
};

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  delete process.env['QIANFAN_SECRET_KEY'];
  jest.useRealTimers();
});

describe('onProgress', () => {
  test('is called after every request, the last one included', async () => {
    const first = { taskId: TASK_ID, stop: 'accepted', stopRequests: 1 };
    expect(await progressOf('S+ DR DS')).toStrictEqual([
      { ...first, describeRequests: 0 },
      { ...first, runStatus: 'Running', runProgress: '45%', describeRequests: 1 },
      { ...first, runStatus: 'Stopped', describeRequests: 2 },
    ]);
  });

  test('gets an error until a request succeeds', async () => {
    const given = await progressOf('S503 S+ DR D503 DS');
    expect(given.map(({ lastError }) => lastError?.code)).toEqual([
      'SERVER_ERROR',
      undefined,
      undefined,
      'SERVER_ERROR',
      undefined,
    ]);
    expect(given.map(({ stop }) => stop)).toEqual(['unknown', 'unknown', 'accepted', 'accepted', 'accepted']);
    expect(given.map(({ runStatus }) => runStatus)).toEqual([undefined, 'Running', 'Running', 'Running', 'Stopped']);
  });

  test('is called for the request that ends the wait with an error', async () => {
    const given = await progressOf('S+ D403');
    expect(given.at(-1)).toMatchObject({ describeRequests: 1, lastError: { code: 'PERMISSION_DENIED' } });
  });

  test('is not called for a request that was cut', async () => {
    const controller = new AbortController();
    const onProgress = jest.fn();
    respondBy(script('S+ D~'));
    const end = errorOf(stopFineTuningTaskAndWait(TASK, { signal: controller.signal, onProgress }));
    await jest.advanceTimersByTimeAsync(1_000);
    controller.abort();
    expect((await end).progress).toMatchObject({ describeRequests: 1 });
    expect(onProgress).toHaveBeenCalledTimes(1);
  });

  test.each<[string, (progress: WaitProgress) => unknown]>([
    [
      'throws',
      () => {
        throw new Error('from onProgress');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('from onProgress');
      },
    ],
    ['never settles', () => new Promise(() => {})],
    ['returns a thenable that throws', () => Object.defineProperty({}, 'then', { get: throwing })],
    [
      'writes into what it is given',
      (progress) => Object.assign(progress, { stop: 'not_sent', stopRequests: -1, taskId: '' }),
    ],
    [
      'throws undefined',
      () => {
        throw undefined;
      },
    ],
  ])('changes nothing if it %s', async (_, onProgress) => {
    expect(inNotation(await waitFor('S+ DR DS', { onProgress }))).toBe('Stopped');
    respondBy(script('S+ D403'));
    const error = await errorOf(stopFineTuningTaskAndWait(TASK, { onProgress }));
    expect(inNotation(error)).toBe('PERMISSION_DENIED unknown accepted -');
    expect(error.progress).toMatchObject({ taskId: TASK_ID, stopRequests: 1 });
    await setImmediate(); // jest fails the test if a rejection is unhandled by now
  });
});

describe('the state in the progress', () => {
  const SECRET = 'c0ffee-is-a-secret-key';
  const described = async (task: object, options: WaitOptions = {}): Promise<WaitProgress | undefined> => {
    const progress: WaitProgress[] = [];
    consoleAction
      .mockReset()
      .mockImplementation(async ({ action }) =>
        action === 'StopFineTuningTask' ? { requestId: '', result: true } : { requestId: '', result: task },
      );
    const wait = errorOf(
      stopFineTuningTaskAndWait(TASK, { timeoutMs: 1_000, ...options, onProgress: (one) => progress.push(one) }),
    );
    await jest.advanceTimersByTimeAsync(1_000);
    expect((await wait).progress).toEqual(progress.at(-1));
    expect((await wait).message).not.toContain(SECRET);
    return progress.at(-1);
  };
  const task = { runStatus: `by ${SECRET}`, runProgress: `${SECRET}%` };
  const redacted = { runStatus: 'by [redacted]', runProgress: '[redacted]%' };

  test('has no secret key of the call in it', async () => {
    const credentials = { accessKey: 'an-access-key', secretKey: SECRET };
    expect(await described(task, { credentials })).toMatchObject(redacted);
  });

  test('has no secret key of the environment in it', async () => {
    process.env['QIANFAN_SECRET_KEY'] = SECRET;
    expect(await described(task)).toMatchObject(redacted);
  });

  test('has at most 2 000 characters', async () => {
    const progress = await described({ runStatus: 'Running '.repeat(1_000), runProgress: '% '.repeat(5_000) });
    expect([progress?.runStatus?.length, progress?.runProgress?.length]).toEqual([2_000, 2_000]);
  });

  test.each([[45], [null], [{ percent: 45 }], [true]])(
    'has no runProgress if that is not a string: %j',
    async (runProgress) => {
      expect(await described({ runStatus: 'Running', runProgress })).not.toHaveProperty('runProgress');
    },
  );
});
