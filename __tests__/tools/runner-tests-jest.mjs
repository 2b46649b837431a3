// Tests of users for jest, as text: what runners.mjs runs.

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

const MOCKED = `const mocked = () => jest.mocked(sdk.consoleAction);\n`;
const AUTOMOCK = `${IMPORT_ALL}jest.mock('${SDK}');\n${MOCKED}`;
const SPY = `const spy = jest.spyOn(sdk, 'consoleAction');\nconst mocked = () => spy;\n`;
const RESET = `beforeEach(() => { jest.resetModules(); });\n`; // as \`resetModules: true\` in jest's configuration does

/** Tests for jest, where `transform` makes CommonJS of them. */
const jestCommonJs = (transform) => ({
  'package.json': JSON.stringify({ jest: { transform: { '\\.ts$': transform } } }),
  'host.ts': HOST,
  ...filesOf(
    'ts',
    {
      automock: AUTOMOCK,
      factory: `${IMPORT_ALL}jest.mock('${SDK}', () => ({ consoleAction: jest.fn() }));\n${MOCKED}`,
      spy: IMPORT_DEFAULT + SPY,
      'spy-behind-reset': `${IMPORT}${RESET}let spy;
beforeEach(async () => {
  const { default: sdk } = await import('${SDK}');
  spy = jest.spyOn(sdk, 'consoleAction');
});
const mocked = () => spy;\n`,
      'automock-behind-reset': `${IMPORT}jest.mock('${SDK}');\n${RESET}let sdk;
beforeEach(async () => { sdk = await import('${SDK}'); });\n${MOCKED}`,
    },
    REACHED,
  ),
  ...filesOf(
    'ts',
    {
      'spy-on-namespace': IMPORT_ALL + spyOnNamespace('jest'),
      'spy-before-reset': `${IMPORT_DEFAULT}${RESET}jest.spyOn(sdk, 'consoleAction').mockResolvedValue({ result: true });`,
    },
    UNREACHED,
  ),
  ...filesOf(
    'ts',
    {
      ours: `${IMPORT}import { stop } from './host';
jest.mock('${NAME}', () => ({ ...jest.requireActual('${NAME}'), stopFineTuningTaskAndWait: jest.fn() }));
const mocked = () => jest.mocked(stopFineTuningTaskAndWait);`,
      'ours-by-spy': `import * as ours from '${NAME}';\nimport { stop } from './host';\nconst { TimeoutError } = ours;
const spy = jest.spyOn(ours, 'stopFineTuningTaskAndWait');\nconst mocked = () => spy;`,
      'ours-by-assignment': `const ours = require('${NAME}');\nconst { stop } = require('./host');
const { TimeoutError } = ours;\nconst mock = jest.fn();\nours.stopFineTuningTaskAndWait = mock;\nconst mocked = () => mock;`,
    },
    OURS,
  ),
});

/** Tests for jest with ts-jest. */
export const TS_JEST = {
  ...jestCommonJs(['ts-jest', { diagnostics: false }]),
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
};

/** Tests for jest with babel-jest. */
export const BABEL_JEST = {
  ...jestCommonJs('babel-jest'),
  'babel.config.json': JSON.stringify({
    presets: [['@babel/preset-env', { targets: { node: '20' } }], '@babel/preset-typescript'],
  }),
};

/** Tests for jest with swc. */
export const SWC_JEST = jestCommonJs(['@swc/jest', {}]);

const JEST_API = `import { expect, jest, test } from '@jest/globals';\n`;
// Nothing is hoisted in ES modules, so the package is imported behind the mock.
const jestEsm = (mock) => `${JEST_API}import sdk, * as all from '${SDK}';
const mock = jest.fn();
const mocked = () => mock;
${mock}
const { stopFineTuningTask } = await import('${NAME}');`;

/** Tests for jest's mode for ES modules. */
export const JEST_ESM = {
  'package.json': JSON.stringify({ type: 'module', jest: { transform: {} } }),
  'host.js': HOST,
  ...filesOf(
    'js',
    {
      factory: jestEsm(`jest.unstable_mockModule('${SDK}', () => ({ consoleAction: mock }));`),
      partial: jestEsm(`jest.unstable_mockModule('${SDK}', () => ({ ...all, consoleAction: mock }));`),
      spy: jestEsm(`jest.spyOn(sdk, 'consoleAction').mockImplementation(mock);`),
    },
    REACHED,
  ),
  ...filesOf('js', { 'commonjs-mock': `${JEST_API}${IMPORT_ALL}jest.mock('${SDK}');` }, UNREACHED),
  'ours.test.js': `${JEST_API}import * as actual from '${NAME}';
const stopFineTuningTaskAndWait = jest.fn();
jest.unstable_mockModule('${NAME}', () => ({ ...actual, stopFineTuningTaskAndWait }));
const { stop } = await import('./host.js');
const { TimeoutError } = actual;
const mocked = () => stopFineTuningTaskAndWait;${OURS}`,
};

/** Tests for jest in a folder with an SDK of its own, while this package finds another one. */
export const TWO_SDKS = {
  'package.json': '{ "private": true }',
  'jest.config.cjs': `const transform = { '\\\\.ts$': ['@swc/jest', {}] };
const moduleNameMapper = { '^${SDK}$': require.resolve('${SDK}') };
const project = (name, more) => ({ displayName: name, transform, testMatch: ['**/' + name + '.test.ts'], ...more });
module.exports = { projects: [project('two'), project('one', { moduleNameMapper })] };`,
  ...filesOf('ts', { two: AUTOMOCK }, UNREACHED),
  ...filesOf('ts', { one: AUTOMOCK }, REACHED),
};
