// What is told while tasks are under way, and when.

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { watchTasks } from '../../../src/cli/live-progress';
import type { Output } from '../../../src/cli/output';
import { ConfigurationError, ConnectionError, type WaitProgress } from '../../../src/index';

let told: string[];

beforeEach(() => {
  told = [];
  jest.useFakeTimers();
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const output = (isTerminal: boolean): Output => ({
  result: () => {},
  page: () => {},
  note: (text) => void told.push(`note ${text}`),
  live: (text) => void told.push(`live ${text}`),
  isTerminal,
  flush: async () => {},
});

const progressOf = (runStatus: string, runProgress?: string): WaitProgress => ({
  taskId: 'task-a',
  stop: 'accepted',
  runStatus,
  runProgress,
  stopRequests: 1,
  describeRequests: 1,
});

test('elsewhere than on a terminal each change of a task gets one line, and all tasks one a minute', () => {
  const watch = watchTasks(2, true, output(false));
  watch.progressed(progressOf('Running', '20%'));
  watch.progressed(progressOf('Running', '20%'));
  watch.progressed(progressOf('Running', '21%'));
  jest.advanceTimersByTime(59_999);
  expect(told).toEqual(['note task-a: stop accepted, Running, 20 %', 'note task-a: stop accepted, Running, 21 %']);
  jest.advanceTimersByTime(60_001);
  expect(told.slice(2)).toEqual([
    'note 2 of 2 tasks still running (21 %) · stops accepted: 1 · 1 min 0 s',
    'note 2 of 2 tasks still running (21 %) · stops accepted: 1 · 2 min 0 s',
  ]);
  watch.progressed(progressOf('Stopped'));
  watch.ended('task-a');
  watch.close();
  expect(told).toHaveLength(5);
});

test('elsewhere than on a terminal a failure that ends the wait with nothing sent is told by its error alone', () => {
  const watch = watchTasks(1, true, output(false));
  const lastError = new ConfigurationError('No keys.', { code: 'MISSING_CREDENTIALS' });
  watch.progressed({ taskId: 'task-a', stop: 'not_sent', stopRequests: 1, describeRequests: 0, lastError });
  expect(told).toEqual([]);
  const retried = new ConnectionError('No network.', { outcome: 'not_sent' });
  watch.progressed({ taskId: 'task-a', stop: 'not_sent', stopRequests: 1, describeRequests: 0, lastError: retried });
  expect(told).toEqual(['note task-a: no stop was sent yet, the last request failed with CONNECTION_FAILED']);
  watch.close();
});

test('elsewhere than on a terminal nothing is told of a call that is not waited for', () => {
  const watch = watchTasks(1, false, output(false));
  jest.advanceTimersByTime(600_000);
  watch.ended('task-a');
  watch.close();
  expect(told).toEqual(['live ']);
});

test('on a terminal the live line follows every answer, every second and every end, and goes with the last one', () => {
  const watch = watchTasks(2, true, output(true));
  watch.progressed(progressOf('Running', '20%'));
  jest.advanceTimersByTime(1_000);
  watch.ended('task-a');
  watch.ended('task-b');
  watch.close();
  expect(told).toEqual([
    'live 2 of 2 tasks still running (20 %) · stops accepted: 1 · 0 s',
    'live 2 of 2 tasks still running (20 %) · stops accepted: 1 · 1 s',
    'live 1 of 2 tasks still running · stops accepted: 1 · 1 s',
    'live ',
    'live ',
  ]);
});

test('on a terminal a call that is not waited for shows a line only if it takes a second', () => {
  const watch = watchTasks(2, false, output(true));
  watch.ended('task-a');
  jest.advanceTimersByTime(999);
  expect(told).toEqual([]);
  jest.advanceTimersByTime(1);
  watch.close();
  expect(told).toEqual(['live 1 of 2 tasks not answered yet · 1 s', 'live ']);
});
