/** @jest-config-loader esbuild-register */
import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

// Another copy of the SDK to run the tests against, see CONTRIBUTING.md.
const sdk = process.env['SDK_DIR'];

const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  testTimeout: 60_000, // a limit for what hangs, and no promise that this machine is quick
  setupFiles: ['<rootDir>/__tests__/support/setup.ts'],
  transform: { '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  collectCoverageFrom: ['src/**/*.ts'],
  maxWorkers: Math.ceil(1.5 * availableParallelism()), // many tests wait for sockets and processes
  // A worker has a heap of 100 to 400 MB to give back after its last handle is closed: 30 to 90 ms, but more than jest's
  // 500 ms where other programs use the cores. Jest then said that tests leak. What does leak still lasts longer than this.
  workerGracefulExitTimeout: 5_000,
  ...(sdk && { moduleNameMapper: { '^@baiducloud/qianfan$': sdk } }),
};

export default config;
