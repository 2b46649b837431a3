// A span of time that can be slept in, and that a signal or its end cuts short. It must not know what is waited for.
// The timers are the global ones, looked up at each use: fake timers of a test replace these, but neither
// node:timers/promises nor AbortSignal.timeout.

import { listen } from './abort-signal';

export interface Span {
  /** Aborted as soon as the span is over, whichever way. */
  readonly signal: AbortSignal;
  /** How the span is over, once it is. */
  readonly over: 'timed_out' | 'aborted' | undefined;
  remainingMs(): number;
  /** Resolves after so long, or as soon as the span is over; after `Infinity` only then. */
  sleep(ms: number): Promise<void>;
  /** Lets go of the timer and of the outer signal. */
  close(): void;
}

/** Starts a span that ends after `timeoutMs`, or when the outer signal is aborted. */
export function startSpan(timeoutMs: number, outer: AbortSignal | undefined): Span {
  const controller = new AbortController();
  const startedAt = performance.now(); // not Date: clocks are set
  let over: Span['over'];
  let wake = (): void => {};
  const end = (how: Span['over']): void => {
    over ??= how;
    controller.abort();
    wake();
  };
  if (outer?.aborted) end('aborted');
  const unlisten = listen(outer, () => end('aborted'));
  const deadline = setTimeout(end, timeoutMs, 'timed_out');
  return {
    signal: controller.signal,
    get over() {
      return over;
    },
    remainingMs: () => Math.max(0, timeoutMs - (performance.now() - startedAt)),
    sleep: (ms) =>
      new Promise((resolve) => {
        if (over) return resolve();
        const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close() {
      clearTimeout(deadline);
      unlisten();
    },
  };
}
