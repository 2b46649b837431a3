// Runs the unit and end-to-end tests on other versions of Node: npm run test:node, or npm run test:node -- 24

import { spawnSync } from 'node:child_process';
import { nodeOf } from './node-versions.mjs';

const asked = process.argv.slice(2);
const majors = asked.length > 0 ? asked : ['20', '22', '24', '26'];
const wrong = majors.find((major) => !/^\d+$/.test(major));
if (wrong !== undefined) {
  console.error(`"${wrong}" is no major version of Node. Try: npm run test:node -- 24`);
  process.exit(2);
}

const failed = majors.filter((major) => {
  const node = nodeOf(major);
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  console.log(`\nNode ${stdout?.trim()}`);
  const suites = ['__tests__/unit', '__tests__/e2e'];
  const { status } = spawnSync(node, ['node_modules/jest/bin/jest.js', ...suites], { stdio: 'inherit' });
  return status !== 0;
});
if (failed.length > 0) {
  console.error(`\nThe tests fail on these versions of Node: ${failed.join(', ')}`);
  process.exit(1);
}
