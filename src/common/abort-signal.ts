// Listens to a caller's abort signal, whoever made it: Node, jsdom or another realm. Not AbortSignal.any, which ignores a
// foreign one without a word.

import { setMaxListeners } from 'node:events';

/** Calls the listener when the signal is aborted. Returns what takes it off again. */
export function listen(signal: AbortSignal | undefined, listener: () => void): () => void {
  try {
    // Many calls may share a signal, and Node would warn of a leak from the eleventh on. Its own fetch does the same.
    // Not 0: Node 20 cannot read it back.
    if (signal) setMaxListeners(Number.POSITIVE_INFINITY, signal);
  } catch {
    // Not one of Node's own signals, such as jsdom's: it has no such limit.
  }
  signal?.addEventListener('abort', listener);
  return () => {
    try {
      signal?.removeEventListener('abort', listener);
    } catch {
      // It behaves as a signal but for this. The call has its end, which must not change.
    }
  };
}
