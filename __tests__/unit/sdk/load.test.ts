// Which function of the SDK is called, and what is said where there is none. The SDK is loaded, nothing is called.

import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loadSdk, pickConsoleAction } from '../../../src/sdk/load';

const sdk = jest.requireActual<{ readonly consoleAction: () => unknown }>('@baiducloud/qianfan');
const real = sdk.consoleAction;
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

describe('the function that is called', () => {
  test.each([
    ["is the SDK's own where nothing is mocked, by require", sdk, real],
    ["is the SDK's own where nothing is mocked, by import()", { default: sdk, ...sdk }, real],
    ["is the default export's where there is no other", { default: sdk }, real],
    ['is that of a mock without a default export', strict({ consoleAction: mock }), mock],
    ['is that of a mock with nothing but a default export', strict({ default: { consoleAction: mock } }), mock],
    ['is a spy on the default export, beside the real one', { default: { consoleAction: mock }, ...sdk }, mock],
    ["is a partial mock's, beside the real default", { default: sdk, ...sdk, consoleAction: mock }, mock],
    ['is that of a mock that calls itself an ES module', { __esModule: true, consoleAction: mock }, mock],
    ["is a mock's in a module that cannot be changed", Object.freeze({ consoleAction: mock }), mock],
    ['is the real one that a mock hands on', { __esModule: true, ...sdk }, real],
  ])('%s', (_, namespace, consoleAction) => {
    expect(pickConsoleAction(namespace)).toEqual({ consoleAction });
  });

  test('is the one that the SDK has at the moment of the call', async () => {
    exportsOfSdk = () => ({ consoleAction: mock });
    expect(await loadSdk()).toEqual({ consoleAction: mock });
    exportsOfSdk = () => sdk;
    jest.resetModules();
    expect(await loadSdk()).toEqual({ consoleAction: real });
  });
});

describe('a build of the SDK for browsers is told', () => {
  const getter = { enumerable: true, get: () => real };
  test.each([
    ['by import()', Object.freeze({ consoleAction: real }), true],
    ['by require', Object.defineProperty({ __esModule: true }, 'consoleAction', getter), false],
    ['by import() in what rollup makes of it in CommonJS, a plain object', { consoleAction: real }, true],
  ])('%s', (_, namespace, isDefaultMade) => {
    expect(pickConsoleAction(namespace, isDefaultMade)).toMatchObject({ problem: 'browser_build' });
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
  expect(await loadSdk()).toMatchObject({ problem: 'no_console_action' });
});

test.each([
  ['require', 'MODULE_NOT_FOUND', "Cannot find module '@baiducloud/qianfan'\nRequire stack:\n- /app/a.js\n- /app/b.js"],
  ['import()', 'ERR_MODULE_NOT_FOUND', "Cannot find package '@baiducloud/qianfan' imported from /app/a.js"],
  ['Deno', 'ERR_MODULE_NOT_FOUND', "Could not find package '@baiducloud/qianfan' from referrer '/app/a.js'."],
  ['jest', 'MODULE_NOT_FOUND', "Cannot find module '@baiducloud/qianfan' from '/app/a.js'"],
])('an SDK that %s does not find is missing, and the file that looked for it is named', async (_, code, message) => {
  const reason = Object.assign(new Error(message), { code });
  exportsOfSdk = () => {
    throw reason;
  };
  expect(await loadSdk()).toEqual({ problem: 'missing', reason, from: '/app/a.js' });
});

test.each([
  [
    'MODULE_NOT_FOUND',
    "Cannot find module 'dotenv'\nRequire stack:\n- /app/node_modules/@baiducloud/qianfan/dist/a.cjs",
  ],
  ['MODULE_NOT_FOUND', "Cannot find module '/app/node_modules/@baiducloud/qianfan/dist/bundle.cjs'"],
  ['ERR_MODULE_NOT_FOUND', "Cannot find package 'dotenv' imported from /app/node_modules/@baiducloud/qianfan/a.cjs"],
  [undefined, "Unexpected token in '@baiducloud/qianfan'"],
])('an SDK that is there but fails to load is not missing: %s, %j', async (code, message) => {
  const reason = Object.assign(new Error(message), { code });
  exportsOfSdk = () => {
    throw reason;
  };
  expect(await loadSdk()).toEqual({ problem: 'failed', reason, from: '' });
});

test('whatever reading the SDK throws, no promise is rejected', async () => {
  const get = (): never => {
    throw undefined;
  };
  exportsOfSdk = () => Object.defineProperty({}, 'consoleAction', { get });
  expect(await loadSdk()).toEqual({ problem: 'failed', reason: undefined, from: '' });
});
