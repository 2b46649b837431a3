// How many tasks run at once, and when one of `stop --wait` lets the next one start.

import type { WaitProgress } from '../index';

const PLACES = 16;
const LIMITED_KEEPS_PLACE_MS = 30_000;

/** `run` is called for each item as soon as it has a place, which it gives up by `leave` or, at the latest, when it ends. */
export async function runAll<Item, Result>(
  items: readonly Item[],
  run: (item: Item, leave: () => void) => Promise<Result>,
): Promise<Result[]> {
  const queue = items.values();
  const ends: Promise<Result>[] = [];
  const usePlace = async (): Promise<void> => {
    for (const item of queue) {
      await new Promise<void>((leave) => {
        const end = run(item, leave);
        ends.push(end);
        end.then(
          () => leave(),
          () => leave(),
        );
      });
    }
  };
  await Promise.all(Array.from({ length: PLACES }, usePlace));
  return Promise.all(ends);
}

/**
 * Gives up a task's place as soon as its stop has ended, so that every stop is requested before anything is waited for.
 * A task whose stop is rate-limited keeps its place for a while: the next one would only be limited as well.
 */
export function leaveOnceStopped(leave: () => void): (progress: WaitProgress) => void {
  let stopsBefore = 0;
  return ({ stopRequests, lastError }) => {
    // A Describe that comes between limited stops says nothing about them.
    const isStop = stopRequests > stopsBefore;
    stopsBefore = stopRequests;
    if (!isStop) return;
    if (lastError?.code !== 'RATE_LIMITED') leave();
    else if (stopRequests === 1) setTimeout(leave, LIMITED_KEEPS_PLACE_MS).unref();
  };
}
