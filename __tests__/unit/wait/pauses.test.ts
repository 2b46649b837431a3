// How long a wait pauses between two rounds.

import { describe, expect, test } from '@jest/globals';
import { type Answer, advance, type Known, NOTHING_KNOWN, type Timing } from '../../../src/wait/policy';
import {
  ACCEPTED,
  api,
  failed,
  follow,
  RATE_LIMITED,
  STOPPED_NOTHING,
  state,
  TIMING,
} from '../../support/waits/attempts';

/** The pauses before the requests that follow these answers. */
function pauses(answers: readonly Answer[], timing: Partial<Timing> = {}): readonly unknown[] {
  return answers.map((_, index) => {
    const { step } = follow(answers.slice(0, index + 1), timing);
    return 'pauseMs' in step ? step.pauseMs : step.next;
  });
}

describe('a pause', () => {
  const DESCRIBED = [ACCEPTED, ...Array.from({ length: 6 }, () => state('Running'))];

  test('is 0, 2, 4, 8, 15, 15 … seconds', () => {
    expect(pauses(DESCRIBED)).toEqual([0, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  test('is half of that at the least', () => {
    expect(pauses(DESCRIBED, { random: 0 })).toEqual([0, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500]);
  });

  test('never grows beyond pollIntervalMs, not after thousands of pauses either', () => {
    expect(pauses(DESCRIBED, { pollIntervalMs: 100 })).toEqual([0, 100, 100, 100, 100, 100, 100]);
    const known = { ...NOTHING_KNOWN, stop: 'accepted', pauses: 5_000 } as const;
    expect(advance(known, state('Running'), TIMING).step).toEqual({ next: 'describe', pauseMs: 15_000 });
  });

  test('is not made after true, false or a refusal', () => {
    for (const answer of [ACCEPTED, STOPPED_NOTHING, failed('stop', api('PERMISSION_DENIED'))]) {
      expect(follow([answer]).step).toEqual({ next: 'describe', pauseMs: 0 });
    }
  });

  test('grows up to a minute while requests are rate limited', () => {
    const answers = Array.from({ length: 7 }, () => failed('stop', RATE_LIMITED));
    expect(pauses(answers)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(pauses(answers, { pollIntervalMs: 100 })).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    const known = { ...NOTHING_KNOWN, pauses: 20 };
    const { step } = advance(known, failed('stop', RATE_LIMITED), { ...TIMING, pollIntervalMs: 90_000 });
    expect(step).toEqual({ next: 'stop', pauseMs: 90_000 });
  });

  test.each<[string, number, number]>([
    ['is never below Retry-After', 7_000, 7_000],
    ['is not shortened by a shorter Retry-After', 1_000, 2_000],
    ['lasts to the end if Retry-After does', 600_000, Number.POSITIVE_INFINITY],
  ])('%s', (_, retryAfterMs, pauseMs) => {
    const { step } = follow([failed('stop', api('RATE_LIMITED', { retryable: true, retryAfterMs }))]);
    expect(step).toEqual({ next: 'stop', pauseMs });
  });

  test('is not made if Retry-After is longer than the time left', () => {
    const error = api('RATE_LIMITED', { retryable: true, retryAfterMs: 600_001 });
    expect(follow([failed('stop', error)]).step).toEqual({ next: 'reject', error });
    expect(follow([ACCEPTED, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });

  test.each<[string, number, number, number | undefined]>([
    ['that ends in time is not changed', 15_001, 15_000, undefined],
    ['that would reach the end leaves 2 s for the last requests', 15_000, 13_000, undefined],
    ['may be cut to a half', 9_500, 7_500, undefined],
    ['is not cut to less than a half, but lasts to the end', 9_499, Number.POSITIVE_INFINITY, undefined],
    ['may be cut to Retry-After', 14_000, 12_000, 12_000],
    ['is not cut to less than Retry-After', 13_999, Number.POSITIVE_INFINITY, 12_000],
  ])('%s', (_, remainingMs, pauseMs, retryAfterMs) => {
    const known: Known = { ...NOTHING_KNOWN, stop: 'accepted', pauses: 9 };
    const error = api('SERVER_ERROR', { outcome: 'unknown', retryable: true, retryAfterMs });
    expect(advance(known, failed('describe', error), { ...TIMING, remainingMs }).step).toEqual({
      next: 'describe',
      pauseMs,
    });
  });
});
