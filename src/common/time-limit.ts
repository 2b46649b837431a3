// The time limit of a call or of a wait, which a caller's abort signal ends early. It must not know what is limited.
// The timers are the global ones, looked up at each use: a test's fake timers replace these, but neither
// node:timers/promises nor AbortSignal.timeout.

import { setMaxListeners } from 'node:events';

export interface TimeLimit {
  /** How it is over, once it is. */
  readonly over: 'timed_out' | 'aborted' | undefined;
  /** Resolves as soon as it is over. */
  readonly whenOver: Promise<void>;
  /** A signal of Node's own that is aborted as soon as it is over, either way. */
  signal(): AbortSignal;
  remainingMs(): number;
  /** Resolves after so long, or as soon as the limit is over; after `Infinity` only then. */
  sleep(ms: number): Promise<void>;
  /** Clears the timer and takes the listener off the caller's signal. */
  close(): void;
}

/** Starts a time limit that is over after `timeoutMs`, or when the caller's signal is aborted. */
export function startTimeLimit(timeoutMs: number, outer: AbortSignal | undefined): TimeLimit {
  const startedAt = performance.now(); // not Date: clocks are set
  let controller: AbortController | undefined; // made when it is asked for: most calls have no use for it
  let onOver = (): void => {};
  let wake = (): void => {};
  const whenOver = new Promise<void>((resolve) => {
    onOver = resolve;
  });
  const end = (how: TimeLimit['over']): void => {
    limit.over ??= how;
    controller?.abort();
    onOver();
    wake();
  };
  const limit = {
    over: undefined as TimeLimit['over'],
    whenOver,
    signal() {
      controller ??= new AbortController();
      if (limit.over) controller.abort();
      return controller.signal;
    },
    remainingMs: () => Math.max(0, timeoutMs - (performance.now() - startedAt)),
    sleep: (ms: number) =>
      new Promise<void>((resolve) => {
        if (limit.over) return resolve();
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
  if (outer?.aborted) end('aborted');
  const unlisten = listen(outer, () => end('aborted'));
  const deadline = setTimeout(end, timeoutMs, 'timed_out');
  return limit;
}

// Any kind of signal: Node's, jsdom's or another realm's. AbortSignal.any ignores the last two without a word.
function listen(signal: AbortSignal | undefined, listener: () => void): () => void {
  try {
    // Many calls may share a signal, and Node warns of a leak from the eleventh listener on. Node's own fetch does the
    // same. Not 0: Node 20 cannot read it back.
    if (signal) setMaxListeners(Number.POSITIVE_INFINITY, signal);
  } catch {
    // Not Node's own signal: it has no such limit.
  }
  signal?.addEventListener('abort', listener);
  return () => {
    try {
      signal?.removeEventListener('abort', listener);
    } catch {
      // A signal that cannot remove a listener must not change how the call ended.
    }
  };
}
