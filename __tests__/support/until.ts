// Waits for something that gives no event.

import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again. The test's own time limit is the only one. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(2);
}
