// Holds back the timer of a call's deadline until a test lets it come: after the server has seen something, and not when a
// slow machine is late.

import { jest } from '@jest/globals';

/** Longer than any call of a test. */
export const NEVER_MS = 599_999;

export interface HeldDeadline {
  /** Ends the time of all calls with `timeoutMs: NEVER_MS` that are under way. */
  come(): void;
}

/** Holds every deadline of `NEVER_MS` until `jest.restoreAllMocks()`. */
export function holdDeadlines(): HeldDeadline {
  const held = new Map<NodeJS.Timeout, () => void>();
  const { setTimeout, clearTimeout } = globalThis;
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((
    callback: (...values: unknown[]) => void,
    delayMs?: number,
    ...values: unknown[]
  ) => {
    const timer = setTimeout(callback, delayMs, ...values);
    if (delayMs === NEVER_MS) held.set(timer, () => callback(...values));
    return timer;
  }) as typeof setTimeout);
  jest.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    if (typeof timer === 'object') held.delete(timer);
    clearTimeout(timer);
  });
  return {
    come() {
      for (const [timer, callback] of [...held]) {
        globalThis.clearTimeout(timer);
        callback();
      }
    },
  };
}
