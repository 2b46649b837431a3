// How long a wait pauses between two rounds.

import { describe, expect, test } from '@jest/globals';
import type { Timing } from '../../../src/wait/pauses';
import { type Attempt, advance, type Known, NOTHING_KNOWN } from '../../../src/wait/policy';
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
function pauses(answers: readonly Attempt[], timing: Partial<Timing> = {}): readonly unknown[] {
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

  test('grows up to a minute while Describes are rate-limited', () => {
    const limited = [ACCEPTED, ...Array.from({ length: 7 }, () => failed('describe', RATE_LIMITED))];
    const expected = [0, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
    expect(pauses(limited)).toEqual(expected);
    expect(pauses(limited, { pollIntervalMs: 100 })).toEqual(expected);
    const known = { ...NOTHING_KNOWN, stop: 'accepted', pauses: 20 } as const;
    const { step } = advance(known, failed('describe', RATE_LIMITED), { ...TIMING, pollIntervalMs: 90_000 });
    expect(step).toEqual({ next: 'describe', pauseMs: 90_000 });
  });

  test('is 2, 4, 8, 8 … seconds after stops that are rate-limited, whatever pollIntervalMs is', () => {
    const limited = Array.from({ length: 6 }, () => failed('stop', RATE_LIMITED));
    const expected = [2_000, 4_000, 8_000, 8_000, 8_000, 8_000];
    expect(pauses(limited)).toEqual(expected);
    expect(pauses(limited, { pollIntervalMs: 100, random: 0 })).toEqual(expected.map((ms) => ms / 2));
  });

  test('of a limited stop leaves the pauses after Describes as short as they were', () => {
    const limited = [failed('stop', RATE_LIMITED), failed('stop', RATE_LIMITED)];
    expect(pauses([...limited, ACCEPTED, state('Running')])).toEqual([2_000, 4_000, 0, 2_000]);
  });

  test('starts again at 2 s where limited stops do not follow each other', () => {
    const stops = [failed('stop', RATE_LIMITED), failed('stop', RATE_LIMITED), STOPPED_NOTHING];
    expect(pauses([...stops, state('Running'), failed('stop', RATE_LIMITED)])).toEqual([2_000, 4_000, 0, 2_000, 2_000]);
  });

  test('of a Describe that is limited after five limited stops is that of a Describe', () => {
    const stops = Array.from({ length: 5 }, () => failed('stop', RATE_LIMITED));
    expect(pauses([...stops, ...[1, 2, 3, 4].map(() => failed('describe', RATE_LIMITED))]).slice(5)).toEqual([
      2_000, 4_000, 8_000, 16_000,
    ]);
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
