// The READMEs' recipe for many tasks, as a program: the package's entry, the kind of recipe, task IDs. Prints how each task
// ended, one line of JSON a task, as the command does.

import { pathToFileURL } from 'node:url';
import pMap from 'p-map';

const [entry, kind, ...taskIds] = process.argv.slice(2);
const { stopFineTuningTaskAndWait } = await import(pathToFileURL(entry).href);

const wait = (taskId) => stopFineTuningTaskAndWait({ taskId }, { timeoutMs: 3_600_000 });

/** All at once, or as 0.2.0 told it, 16 at a time. */
const ends =
  kind === 'p-map'
    ? await pMap(taskIds, async (taskId) => (await Promise.allSettled([wait(taskId)]))[0], { concurrency: 16 })
    : await Promise.allSettled(taskIds.map(wait));

for (const { value, reason } of ends) console.log(JSON.stringify(value ?? { error: reason }));
