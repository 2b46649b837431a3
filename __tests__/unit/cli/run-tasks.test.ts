// When a task of `stop --wait` gives up its place to the next one.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { leaveOnceStopped } from '../../../src/cli/run-tasks';
import { ApiError, type ApiErrorCode, type WaitProgress } from '../../../src/index';

const failure = (code: ApiErrorCode) => new ApiError('x', { code, outcome: 'unknown', retryable: true });
const LIMITED = failure('RATE_LIMITED');

const progress = (
  stopRequests: number,
  describeRequests: number,
  lastError?: WaitProgress['lastError'],
): WaitProgress => ({ taskId: 'task-a', stop: 'unknown', stopRequests, describeRequests, lastError });

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
