// Holds back the timer of a call's deadline, so that the deadline comes exactly when a test says so:
// when the server has seen this or that, and not when a slow machine happens to be late.

import { jest } from '@jest/globals';

/** No call of a test lasts that long. */
export const NEVER_MS = 599_999;

export interface HeldDeadline {
  /** Lets the deadline of the calls made with `timeoutMs: NEVER_MS` come now, where they still have one. */
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
