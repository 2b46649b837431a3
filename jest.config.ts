/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// Another copy of the SDK to run the tests against, see CONTRIBUTING.md.
const sdk = process.env['SDK_DIR'];

const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  setupFiles: ['<rootDir>/__tests__/support/setup.ts'],
  transform: { '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  ...(sdk && { moduleNameMapper: { '^@baiducloud/qianfan$': sdk } }),
};

export default config;
