// What the garbage collector leaves.

import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The objects that are still there when garbage was collected again and again, for some seconds at most. */
export async function notCollected(objects: readonly WeakRef<object>[]): Promise<readonly object[]> {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  const left = (): object[] => objects.flatMap((object) => object.deref() ?? []);
  for (let round = 0; round < 200 && left().length > 0; round += 1) {
    await sleep(25);
    gc();
  }
  return left();
}
