// What is shown while tasks are under way, and when.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { describeProgress, describeState, showProgress, summarize } from '../../../src/cli/live-progress';
import {
  type AnyQianfanError,
  ApiError,
  ConnectionError,
  TimeoutError,
  UnexpectedResponseError,
  type WaitProgress,
} from '../../../src/index';
import { keepLines } from '../../support/processes/shown-lines';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const progressOf = (more: Partial<WaitProgress> = {}): WaitProgress => ({
  taskId: 'task-a',
  stop: 'accepted',
  stopRequests: 1,
  describeRequests: 1,
  ...more,
});

const running = (runProgress: string) => progressOf({ runStatus: 'Running', runProgress });

const refused = (systemCode?: string): WaitProgress =>
  progressOf({ stop: 'not_sent', lastError: new ConnectionError('x', { outcome: 'not_sent', systemCode }) });

/** Lets the event loop go round once. */
const turn = (): void => void jest.advanceTimersByTime(0);

describe('where no line can be updated', () => {
  test('each change of a task gets one line, and all tasks get one a minute', () => {
    const { lines, output } = keepLines();
    const display = showProgress(2, true, output);
    for (const percent of ['20%', '20%', '21%']) {
      display.progressed(running(percent));
      turn();
    }
    jest.advanceTimersByTime(59_999);
    expect(lines).toEqual(['note task-a: stop accepted, Running, 20 %', 'note task-a: stop accepted, Running, 21 %']);
    jest.advanceTimersByTime(60_001);
    expect(lines.slice(2)).toEqual([
      'note 2 of 2 tasks still running (21 %) · stops accepted: 1 · 1 min 0 s',
      'note 2 of 2 tasks still running (21 %) · stops accepted: 1 · 2 min 0 s',
    ]);
    for (const taskId of ['task-a', 'task-b']) display.ended(taskId);
    expect(lines).toHaveLength(4);
  });

  test('a new reason of a failure is a change, and so is its end', () => {
    const { lines, output } = keepLines();
    const display = showProgress(2, true, output);
    for (const code of ['ECONNREFUSED', 'ECONNREFUSED', 'ETIMEDOUT']) {
      display.progressed(refused(code));
      turn();
    }
    display.progressed(progressOf());
    turn();
    expect(lines).toEqual([
      'note task-a: no stop was sent yet, the last request failed with CONNECTION_FAILED (ECONNREFUSED)',
      'note task-a: no stop was sent yet, the last request failed with CONNECTION_FAILED (ETIMEDOUT)',
      'note task-a: stop accepted',
    ]);
    for (const taskId of ['task-a', 'task-b']) display.ended(taskId);
  });

  test.each([1, 2])('what a task ends with is left to its result or its error (%d tasks)', (total) => {
    const { lines, output } = keepLines();
    const display = showProgress(total, true, output);
    display.progressed(progressOf({ lastError: new TimeoutError('x', { outcome: 'unknown', timeoutMs: 1 }) }));
    display.ended('task-a');
    turn();
    expect(lines).toEqual([]);
    display.ended('task-b');
  });

  test('nothing is shown of a command that does not wait', () => {
    const { lines, output } = keepLines();
    const display = showProgress(1, false, output);
    jest.advanceTimersByTime(600_000);
    display.ended('task-a');
    expect(lines).toEqual([]);
  });
});

describe('on a terminal', () => {
  test('the line follows every request, every second and every end, and goes with the last one', () => {
    const { lines, output } = keepLines(true);
    const display = showProgress(2, true, output);
    display.progressed(running('20%'));
    jest.advanceTimersByTime(1_000);
    display.ended('task-a');
    display.ended('task-b');
    expect(lines).toEqual([
      'live 2 of 2 tasks still running (20 %) · stops accepted: 1 · 0 s',
      'live 2 of 2 tasks still running (20 %) · stops accepted: 1 · 1 s',
      'live 1 of 2 tasks still running · stops accepted: 1 · 1 s',
      'live ',
    ]);
  });

  test('a command that does not wait shows a line only if it takes a second', () => {
    const { lines, output } = keepLines(true);
    const display = showProgress(2, false, output);
    display.ended('task-a');
    jest.advanceTimersByTime(999);
    expect(lines).toEqual([]);
    jest.advanceTimersByTime(1);
    display.ended('task-b');
    expect(lines).toEqual(['live 1 of 2 tasks not answered yet · 1 s', 'live ']);
  });
});

describe('one line sums up all tasks', () => {
  const overview = (progress: readonly WaitProgress[], ended: readonly string[], elapsedMs: number) => ({
    total: 3,
    wait: true,
    progress: new Map(progress.map((one) => [one.taskId, one])),
    ended: new Set(ended),
    elapsedMs,
  });

  test('with the progress of those that have not ended, all stops accepted, and the time', () => {
    const progress = [
      progressOf({ taskId: 'task-a', runProgress: '20%' }),
      progressOf({ taskId: 'task-b', runProgress: '60 %' }),
      progressOf({ taskId: 'task-c', runProgress: '90%' }),
    ];
    expect(summarize(overview(progress, ['task-c'], 12_999))).toBe(
      '2 of 3 tasks still running (20 %, 60 %) · stops accepted: 3 · 12 s',
    );
  });

  test('without what the server did not say, or what is no progress', () => {
    const progress = [progressOf({ stop: 'unknown', runProgress: '\u001b[2J%' })];
    expect(summarize(overview(progress, [], 125_000))).toBe(
      '3 of 3 tasks still running · stops accepted: 0 · 2 min 5 s',
    );
  });

  test('with at most 200 characters, however many tasks there are', () => {
    const progress = Array.from({ length: 100_000 }, (_, index) =>
      progressOf({ taskId: `task-${index}`, runProgress: '100.00%' }),
    );
    const line = summarize({ ...overview(progress, [], 86_399_000), total: 100_000 });
    expect(line).toMatch(/^100000 of 100000 tasks still running \((100\.00 %, ){10}…\) · stops accepted: 100000 · /);
    expect(line.length).toBeLessThanOrEqual(200);
  });

  test('for one task, in the singular, and only that its response is missing if nothing is waited for', () => {
    const one = { ...overview([], [], 3_000), total: 1, wait: false };
    expect(summarize(one)).toBe('1 of 1 task not answered yet · 3 s');
  });
});

test.each<readonly [Partial<WaitProgress>, string]>([
  [{ stop: 'accepted' }, 'stop accepted'],
  [{ stop: 'accepted', runStatus: 'Running', runProgress: '45%' }, 'stop accepted, Running, 45 %'],
  [{ stop: 'accepted', runStatus: 'Running', runProgress: '' }, 'stop accepted, Running'],
  [{ stop: 'refused', runStatus: '' }, 'the stop request stopped nothing, no state'],
  [{ stop: 'unknown' }, 'it is not known whether the stop was accepted'],
  [{ stop: 'not_sent' }, 'no stop was sent yet'],
])('what is known of a task is said in words: %j', (progress, words) => {
  expect(describeProgress(progressOf(progress))).toBe(words);
});

describe('a failure has its code and one word for the reason:', () => {
  const api = (details: Pick<ApiError, 'status' | 'apiCode'>) =>
    new ApiError('x', { code: 'SERVER_ERROR', outcome: 'unknown', retryable: true, ...details });

  test.each<readonly [words: string, error: AnyQianfanError]>([
    [
      'CONNECTION_FAILED (DEPTH_ZERO_SELF_SIGNED_CERT)',
      new ConnectionError('x', { outcome: 'not_sent', systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    ],
    ['CONNECTION_FAILED', new ConnectionError('x', { outcome: 'unknown' })],
    ['SERVER_ERROR (InternalError)', api({ status: 500, apiCode: 'InternalError' })],
    ['SERVER_ERROR (503)', api({ status: 503 })],
    ['SERVER_ERROR', api({})],
    ['SERVER_ERROR (500)', api({ status: 500, apiCode: 'Too many\nwords' })],
    ['SERVER_ERROR (500)', api({ status: 500, apiCode: 'x'.repeat(65) })],
    ['SERVER_ERROR', api({ apiCode: 'Too many\nwords' })],
    ['TIMEOUT', new TimeoutError('x', { outcome: 'unknown', timeoutMs: 1 })],
    ['UNEXPECTED_RESPONSE', new UnexpectedResponseError('x', { outcome: 'unknown', response: 'page' })],
  ])('%s', (words, lastError) => {
    expect(describeProgress(progressOf({ lastError }))).toBe(`stop accepted, the last request failed with ${words}`);
  });
});

test('a progress that is not a percentage is shown as it is', () => {
  expect(describeState('Running', 'step 3')).toBe('Running, step 3');
  expect(describeState('Running', 7)).toBe('Running');
});
