// Programs of users, as text: what consumers.mjs and hosts.mjs run in their projects.

import { demand, NAME } from './projects.mjs';

const STOP = `
const main = async () => {
  const local = await startLocalConsole({ tasks: { 'task-1': 'Running' } });
  const call = stopFineTuningTask({ taskId: 'task-1' }, { baseUrl: local.url, credentials: local.credentials });
  await call.then(
    ({ result }) => console.log(result, local.tasks.get('task-1')),
    (error) => console.log(error.code, error.message),
  );
  await local.close();
};
main();`;

/** Each stops a task of a local console, and prints what came of it. */
export const COMMON_JS = `const { stopFineTuningTask } = require('${NAME}');
const { startLocalConsole } = require('${NAME}/local-console');${STOP}`;
export const ES_MODULE = `import { stopFineTuningTask } from '${NAME}';
import { startLocalConsole } from '${NAME}/local-console';${STOP}`;

export function stops(printed) {
  demand(printed === 'true Stopped\n', `it printed ${printed}`);
}

/** A build of the SDK that a bundler spoilt is refused, and the remedy is said. */
export function refuses(printed) {
  demand(/^INVALID_CONFIGURATION .*\bexternal\b/.test(printed), `it printed ${printed}`);
}

export const BOTH_BUILDS = `import { createRequire } from 'node:module';
import * as imported from '${NAME}';
const required = createRequire(import.meta.url)('${NAME}');
const names = Object.keys(imported).filter((name) => name !== 'module.exports');
if (names.sort().join() !== Object.keys(required).sort().join()) throw new Error('they export other names');
for (const [one, other] of [[required, imported], [imported, required]]) {
  if (one.stopFineTuningTask === other.stopFineTuningTask) throw new Error('they are one build');
  const error = await one.stopFineTuningTask({ taskId: '' }).catch((reason) => reason);
  if (!other.isQianfanError(error)) throw new Error('one does not recognise an error of the other');
}`;

export const TYPES = `import { type AnyQianfanError, isQianfanError, stopFineTuningTask } from '${NAME}';
import { startLocalConsole, type LocalConsole } from '${NAME}/local-console';
type IsAny<T> = 0 extends 1 & T ? true : false;
const answer: IsAny<Awaited<ReturnType<typeof stopFineTuningTask>>> = false;
const error: IsAny<AnyQianfanError> = false;
const local: IsAny<LocalConsole> = false;
export { answer, error, isQianfanError, local, startLocalConsole };
export const call = stopFineTuningTask({ taskId: 'task-1' }, { timeoutMs: 1, signal: new AbortController().signal });
// @ts-expect-error a slip
export const slip = stopFineTuningTask({ taskID: 'task-1' });`;
