// Which function of the SDK is called, and what is said where there is none. The SDK is loaded, nothing is called.

import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loadSdk, pickConsoleAction } from '../../../src/sdk/load';
import { browserBuild, type Exports, sealed, withGetters } from '../../support/sdk/builds';

const BY_REQUIRE = false;
const BY_IMPORT = true;
const sdk = jest.requireActual<Exports>('@baiducloud/qianfan');
const real = sdk['consoleAction'];
const browser = browserBuild();
const mock = (): unknown => 'mocked';
let exportsOfSdk: () => unknown;

beforeEach(() => {
  jest.resetModules();
  jest.doMock('@baiducloud/qianfan', () => exportsOfSdk());
});

// As vitest hands out what a mock's factory returns.
function strict(mocked: object): object {
  return new Proxy(mocked, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name);
      throw new Error(`No "${String(name)}" export is defined on the mock`);
    },
  });
}

describe.each([
  ['by require', BY_REQUIRE],
  ['by import()', BY_IMPORT],
])('the function that is called, %s,', (_, isDefaultMade) => {
  test.each<readonly [string, unknown, unknown]>([
    ["is the SDK's own in what `require` gives", sdk, real],
    ["is the SDK's own in what Node makes of that", sealed({ default: sdk, ...sdk }), real],
    ["is the SDK's own in what babel makes of that", { default: sdk, ...sdk }, real],
    ["is the SDK's own in what TypeScript and esbuild make of that", withGetters({ default: sdk, ...sdk }), real],
    ["is the SDK's own in a module that cannot be changed", Object.freeze({ ...sdk }), real],
    ["is the default export's where there is no other", { default: sdk }, real],
    ['is that of a mock without a default export', strict({ consoleAction: mock }), mock],
    ['is that of a mock with nothing but a default export', strict({ default: { consoleAction: mock } }), mock],
    ['is a spy on the default export, beside the real one', { default: { consoleAction: mock }, ...sdk }, mock],
    ["is a partial mock's, beside the real default", { default: sdk, ...sdk, consoleAction: mock }, mock],
    ["is a partial mock's of a build for browsers", withGetters({ ...browser, consoleAction: mock }), mock],
    ['is that of a mock that calls itself an ES module', { __esModule: true, consoleAction: mock }, mock],
    ["is a mock's in a module that cannot be changed", Object.freeze({ consoleAction: mock }), mock],
    ['is the real one that a mock hands on', { __esModule: true, ...sdk }, real],
    ['is the real one that a mock hands on by a getter', withGetters(sdk), real],
  ])('%s', (_title, namespace, consoleAction) => {
    expect(pickConsoleAction(namespace, isDefaultMade)).toEqual({ consoleAction });
  });
});

// Where a bundler minifies the build for Node, its text is no other than that of the build for browsers.
describe('a build of the SDK for Node that was minified is called', () => {
  test.each<readonly [string, unknown, boolean]>([
    ['by require, as a plain object', browser, BY_REQUIRE],
    ['by import(), with a default export', withGetters({ default: browser, ...browser }), BY_IMPORT],
  ])('%s', (_, namespace, isDefaultMade) => {
    expect(pickConsoleAction(namespace, isDefaultMade)).toEqual({ consoleAction: browser['consoleAction'] });
  });
});

describe('a build of the SDK for browsers is refused', () => {
  test.each<readonly [string, unknown, boolean]>([
    ['by require, behind getters', withGetters(browser), BY_REQUIRE],
    ['by require, in a module that cannot be changed', sealed(browser), BY_REQUIRE],
    ['by import(), behind getters', withGetters(browser), BY_IMPORT],
    ['by import(), in a module that cannot be changed', sealed(browser), BY_IMPORT],
    ['by import() in what rollup makes of it in CommonJS, a plain object', browser, BY_IMPORT],
  ])('%s', (_, namespace, isDefaultMade) => {
    const problem = expect.stringMatching(
      /^A bundler seems to have taken the browser build .*\bexternal\b.*"Bundlers"/,
    );
    expect(pickConsoleAction(namespace, isDefaultMade)).toEqual({ problem });
  });
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['no consoleAction', { ChatCompletion: mock }],
  ['a consoleAction that is no function', { consoleAction: 'consoleAction' }],
  ['an ES module without it', { __esModule: true, default: null }],
])('an SDK that exports %s has no consoleAction', async (_, exported) => {
  exportsOfSdk = () => exported;
  expect(await loadSdk()).toEqual({ problem: expect.stringMatching(/has no consoleAction: install .* or mock/) });
});

test('the function is the one that the SDK has at the moment of the call', async () => {
  exportsOfSdk = () => ({ consoleAction: mock });
  expect(await loadSdk()).toEqual({ consoleAction: mock });
  exportsOfSdk = () => sdk;
  jest.resetModules();
  expect(await loadSdk()).toEqual({ consoleAction: real });
});

/** What is said of an SDK that throws this where it is loaded. */
async function problemOf(reason?: Error): Promise<unknown> {
  if (reason) {
    exportsOfSdk = () => {
      throw reason;
    };
  }
  return Reflect.get(await loadSdk(), 'problem');
}

const MISSING = '@baiducloud/qianfan is not installed';
const INSTALL = 'npm install @baiducloud/qianfan.';

test.each([
  ['require', 'MODULE_NOT_FOUND', "Cannot find module '@baiducloud/qianfan'\nRequire stack:\n- /app/a.js\n- /app/b.js"],
  ['import()', 'ERR_MODULE_NOT_FOUND', "Cannot find package '@baiducloud/qianfan' imported from /app/a.js"],
  ['Deno', 'ERR_MODULE_NOT_FOUND', "Could not find package '@baiducloud/qianfan' from referrer '/app/a.js'."],
  ['jest', 'MODULE_NOT_FOUND', "Cannot find module '@baiducloud/qianfan' from '/app/a.js'"],
])('an SDK that %s does not find is missing, and the file that looked for it is named', async (_, code, message) => {
  const problem = await problemOf(Object.assign(new Error(message), { code }));
  expect(problem).toBe(`${MISSING}, looked for from /app/a.js: ${INSTALL}`);
});

test('an SDK that is missing, nobody knows from where, is missing', async () => {
  const reason = Object.assign(new Error("Cannot find module '@baiducloud/qianfan'"), { code: 'MODULE_NOT_FOUND' });
  expect(await problemOf(reason)).toBe(`${MISSING}: ${INSTALL}`);
});

test.each([
  [
    'MODULE_NOT_FOUND',
    "Cannot find module 'dotenv'\nRequire stack:\n- /app/node_modules/@baiducloud/qianfan/dist/a.cjs",
  ],
  ['MODULE_NOT_FOUND', "Cannot find module '/app/node_modules/@baiducloud/qianfan/dist/bundle.cjs'"],
  ['ERR_MODULE_NOT_FOUND', "Cannot find package 'dotenv' imported from /app/node_modules/@baiducloud/qianfan/a.cjs"],
  ['ERR_UNKNOWN_BUILTIN_MODULE', 'No such built-in module: @baiducloud/qianfan'],
  [undefined, 'Dynamic require of "buffer" is not supported'],
  [undefined, "Unexpected token in '@baiducloud/qianfan'"],
])('an SDK that fails to load is not said to be missing: %s, %j', async (code, message) => {
  const problem = await problemOf(Object.assign(new Error(message), { code }));
  expect(problem).toContain(`@baiducloud/qianfan fails to load: "${message}". If you bundle, keep it out`);
});

describe('whatever is thrown while the SDK is read, no promise is rejected:', () => {
  test.each<readonly [string, unknown, string]>([
    ['nothing', undefined, '@baiducloud/qianfan fails to load. If'],
    ['an error without a message', new Error(), '@baiducloud/qianfan fails to load. If'],
    ['a text', 'odd words', '@baiducloud/qianfan fails to load: "odd words". If'],
  ])('%s', async (_, reason, words) => {
    const get = (): never => {
      throw reason;
    };
    exportsOfSdk = () => Object.defineProperty({}, 'consoleAction', { get });
    expect(await problemOf()).toContain(words);
  });
});
