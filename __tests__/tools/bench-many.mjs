// npm run bench:many: when the last of many stops is accepted, by the command and by the READMEs' recipe, against a server
// that limits its rate, and against one whose tasks take a while to stop. Beside another built checkout, 0.2.0 for example,
// whose recipe was p-map: npm run bench:many -- --beside ../qianfan-finetuning-0.2.0. One case: -- --only 3.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startLimitedServer } from './bench-many-server.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RECIPE = fileURLToPath(new URL('bench-many-recipe.mjs', import.meta.url));
const asked = { beside: { type: 'string' }, only: { type: 'string' } };
const { beside, only } = parseArgs({ options: asked }).values;

const CASES = [
  { way: 'command', tasks: 200, requestsPerSecond: 20, taskTakesMs: 0, goalMs: 25_000 },
  { way: 'command', tasks: 40, requestsPerSecond: Infinity, taskTakesMs: 5_000, goalMs: 2_000 },
  { way: 'recipe', tasks: 200, requestsPerSecond: 20, taskTakesMs: 0, goalMs: 45_000 },
  { way: 'recipe', tasks: 60, requestsPerSecond: Infinity, taskTakesMs: 4_000, goalMs: 4_000 },
  { way: 'recipe', tasks: 1_000, requestsPerSecond: Infinity, taskTakesMs: 4_000, goalMs: 20_000 },
  { way: 'recipe', tasks: 400, requestsPerSecond: Infinity, taskTakesMs: 4_000, goalMs: 20_000, descriptors: 256 },
];

/** Runs one case with one checkout, in a process of its own. */
async function measure(one, checkout, kind) {
  const { url, record, close } = await startLimitedServer(one);
  const ids = Array.from({ length: one.tasks }, (_, index) => `task-${index}`);
  const program =
    one.way === 'command'
      ? [join(checkout, 'dist/cli/index.js'), 'stop', '--wait', '--json', '--timeout-ms', '3600000']
      : [RECIPE, join(checkout, 'dist/index.mjs'), kind];
  const limit = one.descriptors === undefined ? '' : `ulimit -n ${one.descriptors}; `;
  const env = { ...process.env, QIANFAN_ACCESS_KEY: 'a', QIANFAN_SECRET_KEY: 's', QIANFAN_CONSOLE_API_BASE_URL: url };
  const startMs = performance.now();
  // exec with "$@": no path or ID is read by the shell.
  const child = spawn('/bin/sh', ['-c', `${limit}exec "$@"`, 'sh', process.execPath, ...program, ...ids], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const endMs = performance.now() - startMs;
  close();
  return { ...record, endMs, ends: endsIn(stdout) };
}

/** How the tasks ended, each by one line of JSON: `Stopped` or the code of an error, with its number. */
function endsIn(stdout) {
  const counts = {};
  for (const line of stdout.split('\n').filter(Boolean)) {
    const { result, error } = JSON.parse(line);
    const end = result?.runStatus ?? error?.code;
    counts[end] = (counts[end] ?? 0) + 1;
  }
  return counts;
}

const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;

function describeCase({ way, tasks, requestsPerSecond, taskTakesMs, descriptors }) {
  return [
    `${tasks} by the ${way}`,
    requestsPerSecond < Infinity ? `${requestsPerSecond} requests a second` : `each takes ${seconds(taskTakesMs)}`,
    ...(descriptors === undefined ? [] : [`${descriptors} descriptors`]),
  ].join(', ');
}

function print(...cells) {
  console.log(`| ${cells.join(' | ')} |`);
}

async function main() {
  const checkouts = [{ name: 'this', path: ROOT, kind: 'allSettled' }];
  if (beside !== undefined) checkouts.push({ name: beside, path: beside, kind: 'p-map' });
  let isGood = true;
  print('tasks', 'checkout', 'last stop accepted', 'goal', 'all ended', 'requests', 'refused', 'ends');
  print(...Array(8).fill('---'));
  for (const [index, one] of CASES.entries()) {
    if (only !== undefined && Number(only) !== index + 1) continue;
    for (const { name, path, kind } of checkouts) {
      const { lastStopMs, endMs, requests, refused, ends } = await measure(one, path, kind);
      const endTexts = Object.entries(ends).map(([end, count]) => `${count} ${end}`);
      const times = [seconds(lastStopMs), seconds(one.goalMs), seconds(endMs)];
      print(describeCase(one), name, ...times, requests, refused, endTexts.join(', '));
      if (path === ROOT) isGood &&= lastStopMs <= one.goalMs && ends['Stopped'] === one.tasks;
    }
  }
  process.exitCode = isGood ? 0 : 1;
}

await main();
