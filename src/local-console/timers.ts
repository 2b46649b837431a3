// Delayed work that can be cancelled all at once, as closing the console does.

export interface Timers {
  /** Runs the work after `delayMs` milliseconds; for 0 before it returns. */
  later(work: () => void, delayMs: number): void;
  cancelAll(): void;
}

export function createTimers(): Timers {
  const pending = new Set<NodeJS.Timeout>();
  return {
    later(work, delayMs) {
      if (delayMs === 0) return work();
      const timer = setTimeout(() => {
        pending.delete(timer);
        work();
      }, delayMs);
      pending.add(timer);
    },
    cancelAll() {
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
