// Tests of users for vitest, node:test, mocha with sinon and Bun, as text: what runners.mjs and hosts.mjs run.

import { NAME } from './projects.mjs';
import {
  filesOf,
  HOST,
  IMPORT,
  IMPORT_ALL,
  IMPORT_DEFAULT,
  OURS,
  REACHED,
  SDK,
  spyOnNamespace,
  UNREACHED,
} from './runner-tests.mjs';

const VITEST_API = `import { expect, test, vi } from 'vitest';\n`;
const vitest = (imports, mock) => `${VITEST_API}${imports}${mock}\nconst mocked = () => vi.mocked(sdk.consoleAction);`;

const VITEST_MOCKS = {
  automock: vitest(IMPORT_ALL, `vi.mock('${SDK}');`),
  factory: vitest(IMPORT_ALL, `vi.mock('${SDK}', () => ({ consoleAction: vi.fn() }));`),
  default: vitest(IMPORT_DEFAULT, `vi.mock('${SDK}', () => ({ default: { consoleAction: vi.fn() } }));`),
  partial: vitest(
    IMPORT_ALL,
    `vi.mock('${SDK}', async (original) => ({ ...(await original()), consoleAction: vi.fn() }));`,
  ),
};
const VITEST_SPIES = {
  spy: vitest(IMPORT_DEFAULT, `vi.spyOn(sdk, 'consoleAction');`),
  'spy-on-all': vitest(IMPORT_ALL, `vi.mock('${SDK}', { spy: true });`),
};
const VITEST_OURS = {
  'host.mjs': HOST,
  ...filesOf(
    'mjs',
    {
      ours: `${VITEST_API}${IMPORT}import { stop } from './host.mjs';
vi.mock('${NAME}', async (original) => ({ ...(await original()), stopFineTuningTaskAndWait: vi.fn() }));
const mocked = () => vi.mocked(stopFineTuningTaskAndWait);`,
    },
    OURS,
  ),
};

/** Tests for vitest: each of these mocks leaves a part of the SDK real, and the real part must not be called. */
export const VITEST = {
  'vitest.config.mjs': `export default { test: { server: { deps: { inline: ['${NAME}'] } } } };`,
  ...filesOf('mjs', { ...VITEST_MOCKS, ...VITEST_SPIES }, REACHED),
  ...filesOf('mjs', { 'spy-on-namespace': VITEST_API + IMPORT_ALL + spyOnNamespace('vi') }, UNREACHED),
  ...VITEST_OURS,
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

/** The same without the setting that vitest needs. */
export const VITEST_PLAIN = {
  ...filesOf('mjs', VITEST_SPIES, REACHED),
  ...filesOf('mjs', VITEST_MOCKS, UNREACHED),
  ...VITEST_OURS,
};

// What a test says without jest's `expect`.
const ASSERT = `
const ANSWER = { requestId: 'r-1', result: true };
let sent = 0;
subscribe('http.client.request.start', () => { sent += 1; });
const reaches = async ({ stopFineTuningTask }) => {
  assert.deepEqual(await stopFineTuningTask({ taskId: 'task-1' }), ANSWER);
};
const reachesNot = async ({ stopFineTuningTask, stopFineTuningTaskAndWait }) => {
  for (const call of [stopFineTuningTask, stopFineTuningTaskAndWait]) {
    const told = { code: 'INVALID_CONFIGURATION', outcome: 'not_sent', message: /mock/ };
    await assert.rejects(call({ taskId: 'task-1' }), told);
  }
  assert.equal(sent, 0);
};`;
const ES_IMPORTS = `import assert from 'node:assert';
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import sdk, * as all from '${SDK}';
import * as imported from '${NAME}';\n`;
const BUILDS = `const required = createRequire(import.meta.url)('${NAME}');
const BUILDS = { imported, required };\n`;

/** Tests for Node's own runner, by both builds. */
export const NODE_TEST = {
  'spy.test.mjs': `${ES_IMPORTS}import { mock, test } from 'node:test';\n${BUILDS}${ASSERT}
for (const [name, build] of Object.entries(BUILDS)) {
  test('a spy on the default export, ' + name, async () => {
    const spy = mock.method(sdk, 'consoleAction', async () => ANSWER);
    await reaches(build);
    spy.mock.restore();
  });
  test('a spy on the namespace, ' + name, async () => {
    assert.throws(() => mock.method(all, 'consoleAction', async () => ANSWER));
    await reachesNot(build);
  });
  test('a spy on a copy, ' + name, async () => {
    mock.method({ ...all }, 'consoleAction', async () => ANSWER);
    await reachesNot(build);
  });
}
test('a spy on this package', async () => {
  mock.method(required, 'stopFineTuningTask', async () => ANSWER);
  await reaches(required);
});`,
  'module.test.mjs': `${ES_IMPORTS}import { mock, test } from 'node:test';\n${BUILDS}${ASSERT}
mock.module('${SDK}', { namedExports: { consoleAction: async () => ANSWER } });
for (const [name, build] of Object.entries(BUILDS)) test('a mock of the module, ' + name, () => reaches(build));
test('a mock of this package', async () => {
  const stopFineTuningTaskAndWait = async () => { throw new imported.TimeoutError('late', { outcome: 'unknown', timeoutMs: 1 }); };
  mock.module('${NAME}', { namedExports: { ...imported, stopFineTuningTaskAndWait } });
  const { stop } = await import('./host.mjs');
  assert.equal(await stop('task-1'), 'TIMEOUT');
});`,
  'host.mjs': HOST,
};

/** Tests for mocha with sinon. */
export const MOCHA = {
  'a.spec.mjs': `${ES_IMPORTS}import sinon from 'sinon';\n${BUILDS}${ASSERT}
afterEach(() => sinon.restore());
for (const [name, build] of Object.entries(BUILDS)) {
  it('a stub of the default export, ' + name, async () => {
    sinon.stub(sdk, 'consoleAction').resolves(ANSWER);
    await reaches(build);
  });
  it('a stub of the namespace, ' + name, async () => {
    assert.throws(() => sinon.stub(all, 'consoleAction'));
    await reachesNot(build);
  });
}
it('a stub of this package', async () => {
  sinon.stub(required, 'stopFineTuningTask').resolves(ANSWER);
  await reaches(required);
});`,
};

const BUN_API = `import { expect, mock, spyOn, test } from 'bun:test';\n`;

/** Tests for Bun's runner, to be run one by one, as a mock of a module stays for all files. */
export const BUN = {
  ...filesOf(
    'ts',
    {
      module: `${BUN_API}${IMPORT}const spy = mock();
mock.module('${SDK}', () => ({ consoleAction: spy }));\nconst mocked = () => spy;`,
      spy: `${BUN_API}${IMPORT_DEFAULT}const spy = spyOn(sdk, 'consoleAction');\nconst mocked = () => spy;`,
    },
    REACHED,
  ),
  ...filesOf('ts', { copy: `${BUN_API}${IMPORT_ALL}spyOn({ ...sdk }, 'consoleAction');` }, UNREACHED),
  ...filesOf(
    'ts',
    {
      ours: `${BUN_API}import * as ours from '${NAME}';\nimport { stop } from './host';\nconst { TimeoutError } = ours;
const spy = mock();\nmock.module('${NAME}', () => ({ ...ours, stopFineTuningTaskAndWait: spy }));\nconst mocked = () => spy;`,
    },
    OURS,
  ),
  'host.ts': HOST,
};
