// npm run bench: what the wrapper costs, in ratios to the bare SDK, measured side by side in one run on the packed
// package as a user installs it. The servers are processes of their own, on the loopback.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const [role] = process.argv.slice(2);

// Interleaved rounds, each one of the bare SDK beside one of ours; the ratio is taken within a round.
const ROUNDS = { oneByOne: 60, atOnce: 16, process: 30, mocked: 40 };
const CALLS = { oneByOne: 20, atOnce: 300, mocked: 5_000 };

const REQUEST = `{ base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId: 'task-5kjifvzerc5n' } }`;
const BARE = `consoleAction(${REQUEST})`;
const OURS = `stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' })`;

// Makes one call, ends, and tells what processor time it took, in milliseconds.
const oneCall = (call) => `
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.getBuiltinModule('fs').writeSync(1, String((user + system) / 1000));
});
${call}.then(({ result }) => { if (result !== true) process.exit(1); });`;

const measure = (load, run) => `${load}
const { performance } = require('node:perf_hooks');
const { consoleAction } = require('@baiducloud/qianfan');
const { stopFineTuningTask } = require('qianfan-finetuning');
const [rounds, calls] = process.argv.slice(-2).map(Number);
const bare = () => ${BARE};
const ours = () => ${OURS};
const time = async (call) => {
  const start = performance.now();
  ${run}
  return performance.now() - start;
};
(async () => {
  const pairs = [];
  for (let round = -2; round < rounds; round++) { // two to warm up
    const first = round % 2 === 0 ? bare : ours;
    const times = [await time(first), await time(first === bare ? ours : bare)];
    if (round >= 0) pairs.push(first === bare ? times : times.reverse());
  }
  process.stdout.write(JSON.stringify(pairs));
})();`;

const inTurn = `for (let i = 0; i < calls; i++) if ((await call()).result !== true) throw new Error('No result.');`;
const atOnce = `const all = await Promise.all(Array.from({ length: calls }, call));
  if (!all.every(({ result }) => result)) throw new Error('No result.');`;
const fakeSdk = `const path = require.resolve('@baiducloud/qianfan');
const answer = { requestId: 'r', result: true, headers: {} };
require.cache[path] = { id: path, filename: path, loaded: true, exports: { consoleAction: async () => answer } };`;

const PROGRAMS = {
  'bare.cjs': `const { consoleAction } = require('@baiducloud/qianfan');${oneCall(BARE)}`,
  'ours.cjs': `const { stopFineTuningTask } = require('qianfan-finetuning');${oneCall(OURS)}`,
  'bare.mjs': `import { consoleAction } from '@baiducloud/qianfan';${oneCall(BARE)}`,
  'ours.mjs': `import { stopFineTuningTask } from 'qianfan-finetuning';${oneCall(OURS)}`,
  'one-by-one.cjs': measure('', inTurn),
  'at-once.cjs': measure('', atOnce),
  'mocked.cjs': measure(fakeSdk, inTurn),
};

const say = (text) => process.stdout.write(`${text}\n`);

function serve() {
  const body = JSON.stringify({ requestId: '5c9a4f3e-0000-4000-8000-000000000000', result: true });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    request.resume().on('end', () => response.writeHead(200, headers).end(body));
  });
  server.listen(0, '127.0.0.1', () => say(String(server.address().port)));
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'qianfan-bench-'));
  const server = spawn(process.execPath, [fileURLToPath(import.meta.url), 'server'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [port] = await once(server.stdout, 'data');
    report(folder, install(folder), `http://127.0.0.1:${String(port).trim()}`);
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Packs the package and installs it beside the SDK, as a user would. */
function install(folder) {
  const npm = (...args) =>
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const add = (what) => npm('install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', what);
  const sdk = JSON.parse(readFileSync(join(ROOT, 'node_modules/@baiducloud/qianfan/package.json'), 'utf8')).version;
  const [{ filename, size }] = JSON.parse(npm('pack', ROOT, '--json', '--ignore-scripts'));
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  add(`@baiducloud/qianfan@${sdk}`);
  const before = packagesIn(folder);
  add(`./${filename}`);
  for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, name), text);
  return { sdk, size, added: packagesIn(folder) - before };
}

function packagesIn(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  return Object.keys(packages).filter((path) => path !== '').length;
}

function report(folder, { sdk, size, added }, baseUrl) {
  const run = (program, ...args) => JSON.parse(node(folder, baseUrl, [program, ...args.map(String)]));
  const started = performance.now();
  const date = new Date().toISOString().slice(0, 10);
  say(
    `Node ${process.versions.node}, ${cpus()[0]?.model.trim()} (${cpus().length} cores), ${process.platform}, ${date}`,
  );
  say(`@baiducloud/qianfan ${sdk}. Median of the rounds; in brackets, the quartiles.\n`);
  say('| | bare SDK | with this package | ratio | goal |\n|---|---|---|---|---|');

  const oneByOne = run('one-by-one.cjs', ROUNDS.oneByOne, CALLS.oneByOne);
  row('a call, one after another', oneByOne, (ms) => `${(ms / CALLS.oneByOne).toFixed(2)} ms`, 1.01);
  const atOnce = run('at-once.cjs', ROUNDS.atOnce, CALLS.atOnce);
  row(`${CALLS.atOnce} calls at once`, atOnce, (ms) => `${ms.toFixed(0)} ms`, 1.05);
  const cpu = (ms) => `${ms.toFixed(0)} ms`;
  row('a process with one call, `require`, processor time', processes(run, 'cjs'), cpu, 1.05);
  row('a process with one call, `import`, processor time', processes(run, 'mjs'), cpu, 0.7);

  const mocked = run('mocked.cjs', ROUNDS.mocked, CALLS.mocked);
  const own = summary(mocked.map(([bare, ours]) => ((ours - bare) * 1_000) / CALLS.mocked));
  say('\n| | | goal |\n|---|---|---|');
  say(`| own cost of a call, the SDK mocked | ${spread(own, 1)} µs | 10 µs |`);
  say(`| packed | ${(size / 1_000).toFixed(1)} kB | 30 kB |`);
  say(`| packages added to \`node_modules\` | ${added} | 1 |`);
  say(`\nMeasured in ${((performance.now() - started) / 1_000).toFixed(0)} s.`);
}

function processes(run, extension) {
  return Array.from({ length: ROUNDS.process }, (_, round) => {
    const both = [`bare.${extension}`, `ours.${extension}`];
    const times = (round % 2 === 0 ? both : both.toReversed()).map((program) => run(program));
    return round % 2 === 0 ? times : times.toReversed();
  });
}

function node(folder, baseUrl, args) {
  const keys = { QIANFAN_ACCESS_KEY: 'bench-access-key', QIANFAN_SECRET_KEY: 'bench-secret-key' };
  const env = { ...process.env, ...keys, QIANFAN_CONSOLE_API_BASE_URL: baseUrl };
  return execFileSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
}

function row(name, rounds, print, goal) {
  const [bare, ours] = [0, 1].map((side) => print(summary(rounds.map((round) => round[side])).median));
  const ratio = summary(rounds.map(([one, other]) => other / one));
  say(`| ${name} | ${bare} | ${ours} | ${spread(ratio, 3)} | ${goal.toFixed(2)} |`);
}

function spread({ median, lower, upper }, digits) {
  return `${median.toFixed(digits)} [${lower.toFixed(digits)}–${upper.toFixed(digits)}]`;
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => {
    const place = (sorted.length - 1) * part;
    const low = sorted[Math.floor(place)];
    return low + (sorted[Math.ceil(place)] - low) * (place % 1);
  };
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

if (role === 'server') serve();
else await main();
