// A span of time that can be slept in, and that a signal or its end cuts short. It must not know what is waited for.
// The timers are the global ones, looked up at each use: fake timers of a test replace these, but neither
// node:timers/promises nor AbortSignal.timeout.

import { setMaxListeners } from 'node:events';

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
  const onAbort = (): void => end('aborted');
  if (outer?.aborted) onAbort();
  else if (outer) listen(outer, onAbort);
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
      if (outer) unlisten(outer, onAbort);
    },
  };
}

// Not AbortSignal.any: it ignores a signal of another realm, such as jsdom's, without a word.
function listen(signal: AbortSignal, onAbort: () => void): void {
  try {
    // Many calls may share a signal, and Node would warn of a leak from the eleventh on. Not 0: Node 20 cannot read it back.
    setMaxListeners(Number.POSITIVE_INFINITY, signal);
  } catch {
    // It is not one of Node's own signals, and has no such limit.
  }
  signal.addEventListener('abort', onAbort);
}

function unlisten(signal: AbortSignal, onAbort: () => void): void {
  try {
    signal.removeEventListener('abort', onAbort);
  } catch {
    // It behaves as a signal but for this. The call has its end, which must not change.
  }
}
