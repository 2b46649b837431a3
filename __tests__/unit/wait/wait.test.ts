// A stop that is waited for, with the SDK mocked and jest's fake timers: the rows that must hold, when each request is
// made, and how deadlines and aborts end it.

import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stopFineTuningTaskAndWait, type WaitOptions } from '../../../src';
import { errorOf } from '../../support/responses/errors';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK, TASK_ID } from '../../support/task';
import { flush, respondBy } from '../../support/waits/mocked-wait';
import { script } from '../../support/waits/script';
import { endOf, inNotation, letters } from '../../support/waits/wait-ends';
import { asFarAs, ROWS } from '../../support/waits/wait-rows';

const MOCKED_ROWS = ROWS.filter(({ not }) => !not?.includes('mocked'));

/** Starts a wait with a script of responses. */
function start(responses: string, options?: WaitOptions) {
  const requests = respondBy(script(responses));
  return { requests, wait: stopFineTuningTaskAndWait(TASK, options) };
}

beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(Math, 'random').mockReturnValue(1);
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('with modern fake timers', () => {
  test.each(MOCKED_ROWS)('$responses → $end ($requests)', async (row) => {
    const { requests, wait } = start(row.responses);
    const end = endOf(wait);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(inNotation(await end)).toBe(row.end);
    expect(asFarAs(row, letters(requests))).toBe(row.requests);
  });
});

// One row of each kind: these fakes differ in how a timer fires, and not in what a wait makes of a response.
const LEGACY_ROWS = [
  'S+ DR×4 DS', // sleeps, then resolves
  'S503×2 S+ DR DR DS', // requests the stop again
  'S+ D429(7) DS', // sleeps as long as the server asks
  'S+ D~', // times out in a request
  'S- DR', // times out asleep
  'S+ DR D403', // rejects after a sleep
].map(
  (responses) =>
    MOCKED_ROWS.find((row) => row.responses === responses) ?? { responses, end: 'no such row', requests: '' },
);

describe('with legacy fake timers', () => {
  test.each(LEGACY_ROWS)('$responses → $end ($requests)', async (row) => {
    jest.useFakeTimers({ legacyFakeTimers: true });
    const { requests, wait } = start(row.responses);
    let end: string | undefined;
    endOf(wait).then((how) => {
      end = inNotation(how);
    });
    for (let seconds = 0; seconds <= 600 && end === undefined; seconds += 1) {
      await flush();
      jest.advanceTimersByTime(1_000);
    }
    expect(end).toBe(row.end);
    expect(asFarAs(row, letters(requests))).toBe(row.requests);
  });
});

describe('the requests', () => {
  test.each(['S+ DS', 'S- DD', 'S403 DD'])('need no timer if the first Describe is final: %s', async (responses) => {
    const { requests, wait } = start(responses);
    await wait;
    expect(letters(requests)).toBe('SD');
  });

  test('are for the task, and a resolved wait returns its last Describe', async () => {
    const { wait } = start('S+ DS');
    expect(await wait).toEqual({ requestId: 'r-describe', result: { taskId: TASK_ID, runStatus: 'Stopped' } });
    const request = { base_api_route: '/v2/finetuning', data: { taskId: TASK_ID } };
    expect(consoleAction.mock.calls).toEqual([
      [{ ...request, action: 'StopFineTuningTask' }],
      [{ ...request, action: 'DescribeFineTuningTask' }],
    ]);
  });

  test.each<[string, WaitOptions, readonly number[]]>([
    ['S+ DR×6 DS', {}, [0, 0, 2, 6, 14, 29, 44, 59]],
    ['S+ DR×3 DS', { pollIntervalMs: 500 }, [0, 0, 0.5, 1, 1.5]],
    ['S- DR DS', {}, [0, 0, 2, 2]],
    ['S+ D429(7) DS', {}, [0, 0, 7]],
    ['S503 S+ DR DS', {}, [0, 2, 6, 6]],
    ['S~ S+ DR DS', {}, [0, 32, 36, 36]], // a request has 30 s
    ['S+ DR', { timeoutMs: 25_000 }, [0, 0, 2, 6, 14, 23]], // the last one 2 s before the end
    ['S- DR', { timeoutMs: 25_000 }, [0, 0, 2, 2, 6, 6, 14, 14, 23, 23]],
    ['S+ DR', { timeoutMs: 20_000 }, [0, 0, 2, 6, 14]],
  ])('of %s with %j are made at their times', async (responses, options, seconds) => {
    const { requests, wait } = start(responses, options);
    const end = endOf(wait);
    await jest.advanceTimersByTimeAsync(100_000);
    await end;
    expect(requests.map(({ atMs }) => Math.round(atMs) / 1_000)).toEqual(seconds);
  });

  test('are made with the keys and the base URL of the wait, each of them', async () => {
    const seen: unknown[] = [];
    const said = script('S+ DR DS');
    const { next } = said;
    respondBy({
      next(to) {
        const { QIANFAN_ACCESS_KEY, QIANFAN_SECRET_KEY, QIANFAN_CONSOLE_API_BASE_URL } = process.env;
        seen.push([QIANFAN_ACCESS_KEY, QIANFAN_SECRET_KEY, QIANFAN_CONSOLE_API_BASE_URL]);
        return next(to);
      },
    });
    const credentials = { accessKey: 'an-access-key', secretKey: 'a-secret-key' };
    const wait = stopFineTuningTaskAndWait(TASK, { credentials, baseUrl: 'https://console.example' });
    await jest.advanceTimersByTimeAsync(2_000);
    await wait;
    expect(seen).toEqual(Array(3).fill(['an-access-key', 'a-secret-key', 'https://console.example']));
  });
});

describe('the deadline', () => {
  test.each(['S~', 'S+ D~', 'S+ DR', 'S- DR', 'S503 D503', 'S429 DR'])('ends %s when it comes', async (responses) => {
    const { wait } = start(responses, { timeoutMs: 5_000 });
    const end = endOf(wait);
    await jest.advanceTimersByTimeAsync(4_998);
    expect(jest.getTimerCount()).toBeGreaterThan(0);
    await jest.advanceTimersByTimeAsync(2);
    expect(await end).toMatchObject({ code: 'TIMEOUT', timeoutMs: 5_000 });
  });

  test('may be a day away', async () => {
    const { requests, wait } = start('S+ DR', { timeoutMs: 86_400_000, pollIntervalMs: 600_000 });
    const end = endOf(wait);
    await jest.advanceTimersByTimeAsync(86_399_000);
    expect(requests.length).toBeGreaterThan(140);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(inNotation(await end)).toBe('TIMEOUT unknown accepted Running');
  });

  test.each([0, Date.parse('2096-01-01')])('does not depend on the clock, set to %d meanwhile', async (dateMs) => {
    const { requests, wait } = start('S+ DR', { timeoutMs: 25_000 });
    const end = endOf(wait);
    await jest.advanceTimersByTimeAsync(3_000);
    jest.setSystemTime(dateMs);
    await jest.advanceTimersByTimeAsync(22_000);
    expect(inNotation(await end)).toBe('TIMEOUT unknown accepted Running');
    expect(requests).toHaveLength(6);
  });
});

describe('an abort', () => {
  const REASON = { why: 'enough' };

  test.each<[string, number, string, string]>([
    ['S~', 1_000, 'ABORTED unknown unknown -', 'S'], // under way
    ['S+ D~', 1_000, 'ABORTED unknown accepted -', 'SD'],
    ['S- D~', 1_000, 'ABORTED refused refused -', 'SD'],
    ['S+ DR', 1_000, 'ABORTED unknown accepted Running', 'SD'], // asleep
    ['S+ DR', 599_000, 'ABORTED unknown accepted Running', 'SD'], // asleep until the end
    ['S503 D503', 1_000, 'ABORTED unknown unknown -', 'S'],
  ])('ends %s after %d ms at once', async (responses, afterMs, end, first) => {
    const controller = new AbortController();
    const { requests, wait } = start(responses, { signal: controller.signal });
    const ended = endOf(wait);
    await jest.advanceTimersByTimeAsync(afterMs);
    const before = letters(requests);
    controller.abort(REASON);
    const how = await ended;
    expect(inNotation(how)).toBe(end);
    expect(how).toHaveProperty('cause', REASON);
    expect(before.slice(0, first.length)).toBe(first);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(letters(requests)).toBe(before);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('before the call prevents every request', async () => {
    const { requests, wait } = start('S+ DS', { signal: AbortSignal.abort(REASON) });
    expect(inNotation(await errorOf(wait))).toBe('ABORTED not_sent not_sent -');
    expect(requests).toEqual([]);
  });

  test('from onProgress ends it, unless the state is final', async () => {
    const abortOn = (state: string) => {
      const controller = new AbortController();
      const { signal } = controller;
      return {
        signal,
        onProgress: ({ runStatus }: { runStatus?: string | undefined }) => runStatus === state && controller.abort(),
      };
    };
    const ofRunning = start('S+ DR', abortOn('Running'));
    expect(inNotation(await endOf(ofRunning.wait))).toBe('ABORTED unknown accepted Running');
    const ofStopped = start('S+ DS', abortOn('Stopped'));
    expect(inNotation(await endOf(ofStopped.wait))).toBe('Stopped');
  });

  test('leaves nothing on the signal of a wait that ended otherwise', async () => {
    const { signal } = new AbortController();
    await start('S+ DS', { signal }).wait;
    await errorOf(start('S401', { signal }).wait);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('ends 500 waits on one signal', async () => {
    const controller = new AbortController();
    respondBy(script('S+ DR'));
    const waits = Array.from({ length: 500 }, () =>
      endOf(stopFineTuningTaskAndWait(TASK, { signal: controller.signal })),
    );
    await jest.advanceTimersByTimeAsync(10_000);
    controller.abort();
    const ends = await Promise.all(waits);
    expect(new Set(ends.map(inNotation))).toEqual(new Set(['ABORTED unknown accepted Running']));
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('of a signal from another realm ends it', async () => {
    const listeners = new Set<() => void>();
    const signal = {
      aborted: false,
      reason: REASON,
      addEventListener: (_: string, listener: () => void) => listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
    };
    const { wait } = start('S+ DR', { signal: signal as unknown as AbortSignal });
    const ended = endOf(wait);
    await jest.advanceTimersByTimeAsync(1_000);
    for (const listener of listeners) listener();
    expect(await ended).toMatchObject({ code: 'ABORTED', cause: REASON });
    expect(listeners.size).toBe(0);
  });
});
