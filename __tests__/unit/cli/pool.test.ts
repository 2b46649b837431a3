// How many tasks are under way at once, and when one gives up its place.

import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { leaveOnceStopped, runAll } from '../../../src/cli/pool';
import { ApiError, type ApiErrorCode, type WaitProgress } from '../../../src/index';

interface Started {
  readonly item: number;
  readonly leave: () => void;
  readonly end: (value: string) => void;
}

function start(count: number) {
  const started: Started[] = [];
  const items = Array.from({ length: count }, (_, index) => index);
  const ends = runAll(items, (item, leave) => new Promise<string>((end) => started.push({ item, leave, end })));
  return { started, ends };
}

test('16 items start at once, and each that ends lets the next one start', async () => {
  const { started } = start(40);
  await setImmediate();
  expect(started.map(({ item }) => item)).toEqual(Array.from({ length: 16 }, (_, index) => index));
  started[3]?.end('x');
  await setImmediate();
  expect(started.slice(16).map(({ item }) => item)).toEqual([16]);
});

test('an item that leaves its place lets one other start, and not another one when it ends', async () => {
  const { started } = start(40);
  await setImmediate();
  started[0]?.leave();
  started[0]?.leave();
  await setImmediate();
  started[0]?.end('x');
  await setImmediate();
  expect(started).toHaveLength(17);
});

test('all ends are given in the order of the items, whichever came first', async () => {
  const { started, ends } = start(3);
  await setImmediate();
  for (const { item, end } of [...started].reverse()) end(`end of ${item}`);
  expect(await ends).toEqual(['end of 0', 'end of 1', 'end of 2']);
});

test('what one item throws does not keep others from running, and is thrown at the end', async () => {
  const seen: number[] = [];
  const ends = runAll(
    Array.from({ length: 20 }, (_, index) => index),
    async (item) => {
      seen.push(item);
      if (item === 0) throw new Error('a bug');
    },
  );
  await expect(ends).rejects.toThrow('a bug');
  expect(seen).toHaveLength(20);
});

const failure = (code: ApiErrorCode) => new ApiError('x', { code, outcome: 'unknown', retryable: true });
const LIMITED = failure('RATE_LIMITED');

const progress = (
  stopRequests: number,
  describeRequests: number,
  lastError?: WaitProgress['lastError'],
): WaitProgress => ({ taskId: 'task-a', stop: 'unknown', stopRequests, describeRequests, lastError });

describe('A task of `stop --wait` gives up its place', () => {
  let left: number;
  let progressed: (progress: WaitProgress) => void;

  beforeEach(() => {
    jest.useFakeTimers();
    left = 0;
    progressed = leaveOnceStopped(() => {
      left += 1;
    });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test.each([
    ['with a result', undefined],
    ['with a failure', failure('SERVER_ERROR')],
  ])('as soon as the first stop has ended %s', (_, lastError) => {
    progressed(progress(1, 0, lastError));
    expect(left).toBe(1);
  });

  describe('not while its stops are rate-limited,', () => {
    test('but with the first one that is not', () => {
      for (const stops of [1, 2, 3]) progressed(progress(stops, 0, LIMITED));
      expect(left).toBe(0);
      progressed(progress(4, 0));
      expect(left).toBe(1);
    });

    test.each([undefined, failure('SERVER_ERROR'), LIMITED])(
      'nor with a Describe that comes between them (its error: %p)',
      (lastError) => {
        for (const stops of [1, 2, 3, 4, 5]) progressed(progress(stops, 0, LIMITED));
        progressed(progress(5, 1, lastError));
        progressed(progress(6, 1, LIMITED));
        expect(left).toBe(0);
      },
    );

    test('for more than 30 seconds', () => {
      progressed(progress(1, 0, LIMITED));
      jest.advanceTimersByTime(20_000);
      progressed(progress(2, 0, LIMITED));
      jest.advanceTimersByTime(9_999);
      expect(left).toBe(0);
      jest.advanceTimersByTime(1);
      expect(left).toBe(1);
    });
  });
});
