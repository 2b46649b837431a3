// The limit of a wait: it can be slept in, and its end or a signal cuts that short, and nothing stays behind.

import { getEventListeners, getMaxListeners } from 'node:events';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startTimeLimit } from '../../../src/common/time-limit';

/** Tells whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => {
    settled = true;
  });
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  return settled;
}

/** Behaves as an AbortSignal, and knows who listens. */
function foreignSignal() {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  };
  const abort = (): void => {
    signal.aborted = true;
    for (const listener of listeners) listener();
  };
  return { signal: signal as unknown as AbortSignal, listeners, abort };
}

afterEach(() => {
  jest.useRealTimers();
});

describe.each([{ legacyFakeTimers: false }, { legacyFakeTimers: true }])('with jest’s fake timers, %j', (config) => {
  beforeEach(() => {
    jest.useFakeTimers(config);
  });

  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
  });

  test('a sleep ends after its time', async () => {
    const limit = startTimeLimit(1_000, undefined);
    const sleep = limit.sleep(300);
    jest.advanceTimersByTime(299);
    expect(await isSettled(sleep)).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await isSettled(sleep)).toBe(true);
    expect([limit.over, limit.signal().aborted]).toEqual([undefined, false]);
    limit.close();
  });

  test('the end of the limit ends a sleep', async () => {
    const limit = startTimeLimit(1_000, undefined);
    const sleep = limit.sleep(5_000);
    jest.advanceTimersByTime(1_000);
    expect(await isSettled(sleep)).toBe(true);
    expect([limit.over, limit.signal().aborted]).toEqual(['timed_out', true]);
    limit.close();
  });

  test('a sleep without an end lasts as long as the limit', async () => {
    const limit = startTimeLimit(86_400_000, undefined);
    const sleep = limit.sleep(Number.POSITIVE_INFINITY);
    jest.advanceTimersByTime(86_399_999);
    expect(await isSettled(sleep)).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await isSettled(sleep)).toBe(true);
    limit.close();
  });

  test('an abort ends a sleep at once, and later sleeps do not begin', async () => {
    const controller = new AbortController();
    const limit = startTimeLimit(1_000, controller.signal);
    const sleep = limit.sleep(500);
    controller.abort();
    expect(await isSettled(sleep)).toBe(true);
    expect(await isSettled(limit.sleep(500))).toBe(true);
    expect([limit.over, limit.signal().aborted]).toEqual(['aborted', true]);
    limit.close();
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('the first end counts', () => {
    const controller = new AbortController();
    const limit = startTimeLimit(1_000, controller.signal);
    controller.abort();
    jest.advanceTimersByTime(1_000);
    expect(limit.over).toBe('aborted');
    limit.close();
  });

  test('a signal that was aborted before ends it before it begins', () => {
    const limit = startTimeLimit(1_000, AbortSignal.abort());
    expect(limit.over).toBe('aborted');
    limit.close();
  });

  test('closing it takes its listener off the signal', () => {
    const { signal } = new AbortController();
    const limit = startTimeLimit(1_000, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    limit.close();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(limit.over).toBeUndefined();
  });

  test('a signal that is not Node’s own ends it, and keeps no listener', () => {
    const { signal, listeners, abort } = foreignSignal();
    const limit = startTimeLimit(1_000, signal);
    abort();
    expect(limit.over).toBe('aborted');
    limit.close();
    expect(listeners.size).toBe(0);
  });

  test('a signal that cannot remove a listener changes nothing', () => {
    const { signal } = foreignSignal();
    const limit = startTimeLimit(1_000, signal);
    Object.assign(signal, { removeEventListener: () => runInNewContext('throw new Error("No.")') });
    limit.close();
    expect(limit.over).toBeUndefined();
  });
});

test('the time left is 0 at the least, and does not depend on the clock on the wall', () => {
  jest.useFakeTimers();
  const limit = startTimeLimit(1_000, undefined);
  expect(limit.remainingMs()).toBe(1_000);
  jest.setSystemTime(0);
  jest.advanceTimersByTime(400);
  expect(limit.remainingMs()).toBe(600);
  jest.setSystemTime(new Date('2096-01-01'));
  jest.advanceTimersByTime(400);
  expect(limit.remainingMs()).toBe(200);
  jest.advanceTimersByTime(400);
  expect(limit.remainingMs()).toBe(0);
  limit.close();
});

test('many spans may share a signal without Node’s warning of a leak', () => {
  const { signal } = new AbortController();
  const limit = startTimeLimit(1_000, signal);
  expect(getMaxListeners(signal)).toBe(Number.POSITIVE_INFINITY);
  limit.close();
});
