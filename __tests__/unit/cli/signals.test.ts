// What a signal does, by when it comes.

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { prepareSignals, type Signals } from '../../../src/cli/signals';

const NAMES = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

let exits: unknown[];
let signals: Signals;

beforeEach(() => {
  jest.useFakeTimers();
  exits = [];
  jest.spyOn(process, 'exit').mockImplementation((status) => {
    exits.push(status);
    throw new Error('The process has ended.');
  });
  signals = prepareSignals();
});

afterEach(() => {
  for (const name of NAMES) process.removeAllListeners(name);
  jest.restoreAllMocks();
  jest.useRealTimers();
});

function send(name: NodeJS.Signals, signalNumber: number): void {
  try {
    Reflect.apply(process.emit, process, [name, name, signalNumber]);
  } catch (error) {
    if (exits.length === 0) throw error;
  }
}

test('no signal is handled before that is asked for, and each has one handler', () => {
  expect(NAMES.map((name) => process.listenerCount(name))).toEqual([0, 0, 0]);
  signals.listen();
  signals.endAtOnce();
  expect(NAMES.map((name) => process.listenerCount(name))).toEqual([1, 1, 1]);
});

test.each([
  ['SIGHUP', 1, 129],
  ['SIGINT', 2, 130],
  ['SIGTERM', 15, 143],
] as const)('the first %s aborts', (name, signalNumber, status) => {
  signals.listen();
  expect([signals.aborted.aborted, signals.status()]).toEqual([false, undefined]);
  send(name, signalNumber);
  expect([signals.aborted.aborted, signals.status(), exits]).toEqual([true, status, []]);
});

test.each([
  ['a moment later is the same wish', 999, []],
  ['a second later ends the process', 1_000, [143]],
] as const)('a second signal %s', (_, delayMs, expected) => {
  signals.listen();
  send('SIGINT', 2);
  jest.advanceTimersByTime(delayMs);
  send('SIGTERM', 15);
  expect(exits).toEqual(expected);
  expect(signals.status()).toBe(130);
});

test.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)('once all is decided, the first %s ends the process', (name) => {
  signals.listen();
  signals.endAtOnce();
  send(name, 2);
  expect(exits).toEqual([130]);
});

test('a command that has nothing to decide ends by a signal, too', () => {
  signals.endAtOnce();
  send('SIGTERM', 15);
  expect(exits).toEqual([143]);
});

test.each([
  ['that npx hands on must not cut the output off', 99, []],
  ['soon after ends the process', 100, [130]],
] as const)('once all is decided, a second signal %s', (_, delayMs, expected) => {
  signals.listen();
  send('SIGINT', 2);
  signals.endAtOnce();
  jest.advanceTimersByTime(delayMs);
  send('SIGINT', 2);
  expect(exits).toEqual(expected);
});
