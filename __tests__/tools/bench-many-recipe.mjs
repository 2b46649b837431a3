// The READMEs' recipe for many tasks, as a program: the package's entry, the kind of recipe, task IDs. Prints how each task
// ended, one line of JSON a task, as the command does.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [entry, kind, ...taskIds] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(path).href);
const { stopFineTuningTaskAndWait } = await load(entry);

const wait = (taskId) => stopFineTuningTaskAndWait({ taskId }, { timeoutMs: 3_600_000 });
const ends = kind === 'p-map' ? await sixteenAtATime() : await Promise.allSettled(taskIds.map(wait));

/** The recipe of 0.2.0, with the p-map of that checkout. */
async function sixteenAtATime() {
  const { default: pMap } = await load(createRequire(entry).resolve('p-map'));
  return pMap(taskIds, async (taskId) => (await Promise.allSettled([wait(taskId)]))[0], { concurrency: 16 });
}

for (const { value, reason } of ends) console.log(JSON.stringify(value ?? { error: reason }));
