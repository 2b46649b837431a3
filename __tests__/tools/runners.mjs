// Runs tests of users under every runner, with the safety line and with keys: a mock that is reached takes no notice of
// them, and where it is not reached, nothing is sent. For consumers.mjs.

import { join } from 'node:path';
import { nodeOf } from './node-versions.mjs';
import { check, install, manifest, project, runWith, sdk, write } from './projects.mjs';
import { SAFE } from './runner-tests.mjs';
import { BABEL_JEST, JEST_ESM, SWC_JEST, TS_JEST, TWO_SDKS } from './runner-tests-jest.mjs';
import { MOCHA, NODE_TEST, VITEST, VITEST_PLAIN } from './runner-tests-others.mjs';

const version = (name) => `${name}@${manifest.devDependencies[name]}`;
const BABEL = ['babel-jest@30', '@babel/core@7', '@babel/preset-env@7', '@babel/preset-typescript@7'];

export function checkRunners(tarball) {
  const host = project('runners', {}, sdk(), tarball);
  install(host, ...['typescript', 'jest', 'ts-jest'].map(version), '@types/node@20', '@types/jest@30');
  install(host, ...BABEL, '@swc/core@1', '@swc/jest', 'vite@8', 'vitest@5', 'mocha@12', 'sinon@22');
  const inFolder = (folder, files, command, ...args) => {
    write(join(host, folder), files);
    runWith(SAFE, join(host, folder), command, ...args);
  };
  const tool = (name) => join(host, 'node_modules', '.bin', name);

  check('jest with ts-jest', () => inFolder('ts-jest', TS_JEST, tool('jest')));
  check('jest with babel-jest', () => inFolder('babel-jest', BABEL_JEST, tool('jest')));
  check('jest with swc', () => inFolder('swc-jest', SWC_JEST, tool('jest')));
  check('jest in its mode for ES modules', () =>
    inFolder('jest-esm', JEST_ESM, 'node', '--experimental-vm-modules', join(host, 'node_modules/jest/bin/jest.js')),
  );
  check('jest in a workspace with a second SDK', () => {
    const workspace = project('runners/workspace', TWO_SDKS, sdk('0.2.3'));
    runWith(SAFE, workspace, tool('jest'));
  });
  check('vitest with its setting', () => inFolder('vitest', VITEST, tool('vitest'), 'run'));
  check('vitest without its setting', () => inFolder('vitest-plain', VITEST_PLAIN, tool('vitest'), 'run'));
  for (const major of [20, 24]) {
    const flags = ['--test', '--experimental-test-module-mocks'];
    const files = Object.keys(NODE_TEST).filter((file) => file.includes('.test.'));
    check(`node:test on Node ${major}`, () => inFolder('node-test', NODE_TEST, nodeOf(major), ...flags, ...files));
  }
  check('mocha with sinon', () => inFolder('mocha', MOCHA, tool('mocha'), 'a.spec.mjs'));
}
