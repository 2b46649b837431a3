// Work that waits for its time, and that can be dropped all at once.

export interface Timers {
  /** Runs the work after so many milliseconds; at once for 0. */
  later(work: () => void, delayMs: number): void;
  dropAll(): void;
}

export function startTimers(): Timers {
  const waiting = new Set<NodeJS.Timeout>();
  return {
    later(work, delayMs) {
      if (delayMs === 0) return work();
      const timer = setTimeout(() => {
        waiting.delete(timer);
        work();
      }, delayMs);
      waiting.add(timer);
    },
    dropAll() {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
    },
  };
}
