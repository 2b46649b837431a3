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

/** Builds every error as a test does that mocks this package: with what must be given, and no more. */
export const ERROR_TYPES = `import * as ours from '${NAME}';
import type { LocalConsole } from '${NAME}/local-console';
const api = { code: 'RATE_LIMITED', outcome: 'refused', retryable: true } as const;
const connection = { outcome: 'unknown', retryable: true } as const;
export const errors: readonly ours.AnyQianfanError[] = [
  new ours.InvalidInputError('no', { issues: [{ path: 'taskId', message: 'no' }] }),
  new ours.ConfigurationError('no', { code: 'MISSING_CREDENTIALS' }),
  new ours.ApiError('no', api),
  new ours.ConnectionError('no', connection),
  new ours.TimeoutError('no', { outcome: 'unknown', timeoutMs: 1 }),
  new ours.AbortError('no', { outcome: 'unknown' }),
  new ours.UnexpectedResponseError('no', { outcome: 'unknown', response: '' }),
  new ours.UnexpectedError('no', {}),
  new ours.AbortError('no', { outcome: 'unknown', cause: 'mine' }),
];
export const cause: unknown = errors[0]?.cause;
export type Local = LocalConsole;`;

/** Finds every name of the CommonJS builds by Node's `import`, which reads them off the text. */
export const NAMES = `import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
const folder = createRequire(import.meta.url).resolve('${NAME}/package.json').replace('package.json', 'dist');
for (const entry of ['index.js', 'local-console/index.js']) {
  const required = createRequire(import.meta.url)(join(folder, entry));
  const imported = await import(pathToFileURL(join(folder, entry)));
  const names = Object.keys(required);
  const missing = names.filter((name) => imported[name] !== required[name]);
  if (missing.length > 0 || names.length === 0) throw new Error(entry + ' does not show ' + missing);
}`;

/** Compiles this package's ES module to CommonJS, as a host does that compiles all it uses. */
export const COMPILED = `const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const ts = require('typescript');
const read = (file) => readFileSync('node_modules/${NAME}/dist/' + file, 'utf8');
const esModuleInterop = process.argv[2] === 'true';
const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop };
mkdirSync('compiled', { recursive: true });
for (const file of ['index', 'local-console/index']) {
  const { outputText } = ts.transpileModule(read(file + '.mjs'), { compilerOptions });
  writeFileSync('compiled/' + file.replace('/', '-') + '.cjs', outputText);
}
const { stopFineTuningTask } = require('./compiled/index.cjs');
const { startLocalConsole } = require('./compiled/local-console-index.cjs');${STOP}`;
