// Turns SIGHUP, SIGINT and SIGTERM into one AbortSignal. A later signal ends the process at once.

import { statusOfSignal } from './exit-status';

// One wish to end can arrive twice, such as a SIGTERM and a SIGHUP of a service manager.
const SAME_WISH_MS = 1_000;
// npx hands Ctrl+C on within a few milliseconds. Such a copy must not cut the output off.
const COPY_MS = 100;

export interface Signals {
  /** Aborted by the first signal. */
  readonly aborted: AbortSignal;
  /** The exit status that the first signal asks for, if there was one. */
  status(): number | undefined;
  /** Handles signals from now on. Until then the system does: no handler can run while a file of keys is read. */
  listen(): void;
  /** Every task's end is decided: a signal ends the process at once from now on. */
  endAtOnce(): void;
}

/** Handlers of our own, as a process with ID 1 in a container has no default ones. */
export function prepareSignals(): Signals {
  const controller = new AbortController();
  let first: { readonly status: number; readonly atMs: number } | undefined;
  let isDecided = false;
  let isListening = false;
  const onSignal = (_: NodeJS.Signals, signalNumber: number): void => {
    const status = statusOfSignal(signalNumber);
    const sinceFirstMs = first === undefined ? Number.POSITIVE_INFINITY : performance.now() - first.atMs;
    const isSameWish = sinceFirstMs < (isDecided ? COPY_MS : SAME_WISH_MS);
    if (!isSameWish && (isDecided || first !== undefined)) process.exit(status);
    first ??= { status, atMs: performance.now() };
    controller.abort();
  };
  const listen = (): void => {
    // Once: a signal that comes while a handler is taken off and added again is lost.
    if (isListening) return;
    isListening = true;
    for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  };
  return {
    aborted: controller.signal,
    status: () => first?.status,
    listen,
    endAtOnce() {
      isDecided = true;
      listen();
    },
  };
}
