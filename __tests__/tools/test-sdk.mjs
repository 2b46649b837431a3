// Runs the end-to-end tests against other versions of the SDK: npm run test:sdk, or npm run test:sdk -- 0.2.4

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SDK = '@baiducloud/qianfan';
const asked = process.argv.slice(2);
const versions = asked.length > 0 ? asked : ['0.1.9', '0.2.3', '0.2.4'];
const wrong = versions.find((version) => !/^\d+\.\d+\.\d+[\w.-]*$/.test(version));
if (wrong !== undefined) {
  console.error(`"${wrong}" is no version of ${SDK}. Try: npm run test:sdk -- 0.1.9`);
  process.exit(2);
}

// The local console does not know the SDK.
const JEST = ['node_modules/jest/bin/jest.js', '__tests__/e2e', '--testPathIgnorePatterns=e2e/console'];

const failed = versions.filter((version) => {
  const sdk = install(version);
  const { version: installed } = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'));
  console.log(`\n${SDK} ${installed}`);
  const env = { ...process.env, SDK_DIR: sdk };
  return spawnSync(process.execPath, JEST, { stdio: 'inherit', env }).status !== 0;
});
if (failed.length > 0) {
  console.error(`\nThese versions of ${SDK} do not behave as the tests say: ${failed.join(', ')}`);
  process.exit(1);
}

/** The folder of this version, which is kept in the folder for temporary files. */
function install(version) {
  const directory = join(tmpdir(), `qianfan-finetuning-sdk-${version}`);
  const sdk = join(directory, 'node_modules', SDK);
  if (existsSync(join(sdk, 'package.json'))) return sdk;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "private": true }');
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--silent', `${SDK}@${version}`];
  spawnSync('npm', args, { cwd: directory, stdio: 'inherit', shell: process.platform === 'win32' });
  if (!existsSync(join(sdk, 'package.json'))) throw new Error(`npm could not install ${SDK}@${version}.`);
  return sdk;
}
