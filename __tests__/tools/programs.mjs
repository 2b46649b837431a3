// Programs and tests of users, as text: what consumers.mjs and hosts.mjs run in their projects.

import { demand, NAME } from './projects.mjs';

const SDK = '@baiducloud/qianfan';
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

const REACHED = `
const CALL = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId: 'task-1' } };
const ANSWER = { requestId: 'r-1', result: true };
test('reaches the SDK', async () => {
  mocked().mockResolvedValue(ANSWER);
  expect(await stopFineTuningTask({ taskId: 'task-1' })).toEqual(ANSWER);
  expect(mocked().mock.calls).toEqual([[CALL]]);
});`;
const IMPORT = `import { stopFineTuningTask } from '${NAME}';\n`;
const IMPORT_ALL = `${IMPORT}import * as sdk from '${SDK}';\n`;
const IMPORT_DEFAULT = `${IMPORT}import sdk from '${SDK}';\n`;

// What is mocked, and how the test names the mock.
const files = (extension, tests) =>
  Object.fromEntries(Object.entries(tests).map(([kind, text]) => [`${kind}.test.${extension}`, text + REACHED]));

/** Tests for jest with ts-jest, which makes CommonJS of them. */
export const TS_JEST = {
  'package.json': JSON.stringify({ jest: { transform: { '\\.ts$': ['ts-jest', { diagnostics: false }] } } }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      module: 'commonjs',
      target: 'es2022',
      esModuleInterop: true,
      ignoreDeprecations: '6.0',
      types: ['node', 'jest'],
      isolatedModules: true,
    },
  }),
  ...files('ts', {
    automock: `${IMPORT_ALL}jest.mock('${SDK}');\nconst mocked = () => jest.mocked(sdk.consoleAction);`,
    factory: `${IMPORT_ALL}jest.mock('${SDK}', () => ({ consoleAction: jest.fn() }));
const mocked = () => jest.mocked(sdk.consoleAction);`,
    spy: `${IMPORT_DEFAULT}const spy = jest.spyOn(sdk, 'consoleAction');\nconst mocked = () => spy;`,
  }),
};

// Nothing is hoisted in ES modules, so the package is imported behind the mock.
const jestEsm = (mock) => `import { expect, jest, test } from '@jest/globals';
import sdk, * as all from '${SDK}';
const mock = jest.fn();
const mocked = () => mock;
${mock}
const { stopFineTuningTask } = await import('${NAME}');`;

/** Tests for jest's mode for ES modules. */
export const JEST_ESM = {
  'package.json': JSON.stringify({ type: 'module', jest: { transform: {} } }),
  ...files('js', {
    factory: jestEsm(`jest.unstable_mockModule('${SDK}', () => ({ consoleAction: mock }));`),
    partial: jestEsm(`jest.unstable_mockModule('${SDK}', () => ({ ...all, consoleAction: mock }));`),
    spy: jestEsm(`jest.spyOn(sdk, 'consoleAction').mockImplementation(mock);`),
  }),
};

const vitest = (imports, mock) => `import { expect, test, vi } from 'vitest';
${imports}${mock}
const mocked = () => vi.mocked(sdk.consoleAction);`;

/** Tests for vitest: each of these mocks leaves a part of the SDK real, and the real part must not be called. */
export const VITEST = {
  'vitest.config.mjs': `export default { test: { server: { deps: { inline: ['${NAME}'] } } } };`,
  ...files('mjs', {
    automock: vitest(IMPORT_ALL, `vi.mock('${SDK}');`),
    factory: vitest(IMPORT_ALL, `vi.mock('${SDK}', () => ({ consoleAction: vi.fn() }));`),
    default: vitest(IMPORT_DEFAULT, `vi.mock('${SDK}', () => ({ default: { consoleAction: vi.fn() } }));`),
    partial: vitest(
      IMPORT_ALL,
      `vi.mock('${SDK}', async (original) => ({ ...(await original()), consoleAction: vi.fn() }));`,
    ),
    spy: vitest(IMPORT_DEFAULT, `vi.spyOn(sdk, 'consoleAction');`),
  }),
  'console.test.mjs': `import { expect, test } from 'vitest';
import { stopFineTuningTask } from '${NAME}';
import { startLocalConsole } from '${NAME}/local-console';
test('stops', async () => {
  const local = await startLocalConsole({ tasks: { 'task-1': 'Running' } });
  await stopFineTuningTask({ taskId: 'task-1' }, { baseUrl: local.url, credentials: local.credentials });
  expect(local.tasks.get('task-1')).toBe('Stopped');
  await local.close();
});`,
};

/** A test for Node's own runner, by both builds. */
export const NODE_TEST = `import assert from 'node:assert';
import { createRequire } from 'node:module';
import { mock, test } from 'node:test';
const answer = { requestId: 'r-1', result: true };
mock.module('${SDK}', { namedExports: { consoleAction: async () => answer } });
for (const load of [() => import('${NAME}'), () => createRequire(import.meta.url)('${NAME}')]) {
  test('reaches the SDK', async () => {
    const { stopFineTuningTask } = await load();
    assert.deepEqual(await stopFineTuningTask({ taskId: 'task-1' }), answer);
  });
}`;
