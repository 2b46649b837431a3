// Signals as one wish to end. The first one aborts what is under way; one that comes later than a second ends at once.

// npx hands Ctrl+C on, so the same wish can arrive twice.
const SAME_WISH_MS = 1_000;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit status that the first signal asks for, if there was one. */
  status(): number | undefined;
}

/** Handlers of our own, as a process with ID 1 in a container has no default ones. */
export function watchSignals(): Interrupt {
  const controller = new AbortController();
  let first: { readonly status: number; readonly atMs: number } | undefined;
  const onSignal = (_: NodeJS.Signals, number: number): void => {
    const status = 128 + number;
    if (first && performance.now() - first.atMs >= SAME_WISH_MS) process.exit(status);
    first ??= { status, atMs: performance.now() };
    controller.abort();
  };
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return { signal: controller.signal, status: () => first?.status };
}
