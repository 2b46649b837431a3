// Runs the end-to-end tests against other versions of the SDK: npm run test:sdk -- 0.1.9

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SDK = '@baiducloud/qianfan';
const asked = process.argv.slice(2);
const versions = asked.length > 0 ? asked : ['0.1.9', '0.2.4'];
const wrong = versions.find((version) => !/^\d+\.\d+\.\d+[\w.-]*$/.test(version));
if (wrong !== undefined) {
  console.error(`"${wrong}" is no version of ${SDK}. Try: npm run test:sdk -- 0.1.9`);
  process.exit(2);
}

const failed = versions.filter((version) => {
  const directory = join(tmpdir(), `qianfan-finetuning-sdk-${version}`);
  const sdk = join(directory, 'node_modules', SDK);
  if (!existsSync(join(sdk, 'package.json'))) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{"private":true}');
    run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--silent', `${SDK}@${version}`], {
      cwd: directory,
    });
  }
  const { version: installed } = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'));
  console.log(`\n${SDK} ${installed}`);
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const suites = ['sdk-contract.e2e', 'failures.e2e', 'ends.e2e', 'credentials.e2e'];
  const { status } = spawnSync(process.execPath, [jest, ...suites], {
    stdio: 'inherit',
    env: { ...process.env, SDK_DIR: sdk },
  });
  return status !== 0;
});
if (failed.length > 0) {
  console.error(`\nThese versions of ${SDK} do not behave as the tests say: ${failed.join(', ')}`);
  process.exit(1);
}

function run(command, args, options) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32', ...options });
  if (status !== 0) process.exit(status ?? 1);
}
