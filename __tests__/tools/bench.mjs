// npm run bench: what the wrapper costs, in ratios to the bare SDK, measured side by side in one run on the packed
// package as a user installs it. The server is a process of its own, on the loopback.
// On another Node: npm run bench -- --node 24. Beside an older commit: npm run bench -- --beside ccf0260.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { PROGRAMS } from './bench-programs.mjs';
import { benchWait } from './bench-wait.mjs';
import { nodeOf } from './node-versions.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NAME = 'qianfan-finetuning';
const asked = { node: { type: 'string', default: process.versions.node.split('.')[0] }, beside: { type: 'string' } };
const { values: options, positionals } = parseArgs({ allowPositionals: true, options: asked });

// Interleaved rounds, each one of the bare SDK beside one of ours; the ratio is taken within a round.
const ROUNDS = { oneByOne: 60, atOnce: 16, process: 30, mocked: 40 };
const CALLS = { oneByOne: 20, atOnce: 300, mocked: 5_000 };

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
  const node = nodeOf(options.node);
  const server = spawn(node, [fileURLToPath(import.meta.url), 'server'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = await once(server.stdout, 'data');
    const ours = install(folder);
    const folders = options.beside ? [folder, installBeside(folder, options.beside)] : [folder];
    report(node, folders, ours, `http://127.0.0.1:${String(port).trim()}`);
    say('');
    await benchWait(say);
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

const run = (cwd, command, ...args) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const pack = (source, folder) => JSON.parse(run(folder, 'npm', 'pack', source, '--json', '--ignore-scripts'))[0];

function writePrograms(folder) {
  for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, name), text);
}

/** Packs the package and installs it beside the SDK, as a user would. */
function install(folder) {
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const sdk = JSON.parse(readFileSync(join(ROOT, 'node_modules/@baiducloud/qianfan/package.json'), 'utf8')).version;
  const { filename, size } = pack(ROOT, folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  run(folder, 'npm', 'install', ...flags, `@baiducloud/qianfan@${sdk}`);
  const before = packagesIn(folder);
  run(folder, 'npm', 'install', ...flags, `./${filename}`);
  writePrograms(folder);
  return { sdk, size, added: packagesIn(folder) - before };
}

/** Builds and packs another commit. A folder in which the programs find it, and the same SDK as the other ones. */
function installBeside(folder, commit) {
  const source = join(folder, 'source');
  const beside = join(folder, 'beside');
  const modules = join(beside, 'node_modules', NAME);
  run(ROOT, 'git', 'worktree', 'add', '--detach', source, commit);
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
    run(source, 'npm', 'run', 'build');
    mkdirSync(modules, { recursive: true });
    run(beside, 'tar', '-xzf', pack(source, beside).filename, '-C', modules, '--strip-components=1');
  } finally {
    run(ROOT, 'git', 'worktree', 'remove', '--force', source);
  }
  writePrograms(beside);
  return beside;
}

function packagesIn(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  return Object.keys(packages).filter((path) => path !== '').length;
}

function report(node, folders, { sdk, size, added }, baseUrl) {
  const keys = { QIANFAN_ACCESS_KEY: 'bench-access-key', QIANFAN_SECRET_KEY: 'bench-secret-key' };
  const env = { ...process.env, ...keys, QIANFAN_CONSOLE_API_BASE_URL: baseUrl };
  const measure = (cwd, program, ...args) =>
    JSON.parse(execFileSync(node, [program, ...args.map(String)], { cwd, env, encoding: 'utf8' }));
  const started = performance.now();
  const date = new Date().toISOString().slice(0, 10);
  const version = run(ROOT, node, '--version').trim();
  say(`Node ${version}, ${cpus()[0]?.model.trim()} (${cpus().length} cores), ${process.platform}, ${date}`);
  say(`@baiducloud/qianfan ${sdk}. Median of the rounds; in brackets, the quartiles.\n`);

  const other = options.beside ? [`ratio at ${options.beside}`] : [];
  line('', 'bare SDK', 'with this package', 'ratio', ...other, 'goal');
  line(...Array(5 + other.length).fill('---'));
  const ms = (digits) => (value) => `${value.toFixed(digits)} ms`;
  for (const [way, extension] of Object.entries({ require: 'cjs', import: 'mjs' })) {
    const each = folders.map((folder) => starts(measure, folder, extension));
    row(`\`${way}\` alone, beyond Node's own start, processor time`, each, ms(1), 0.2);
  }
  for (const [way, extension] of Object.entries({ require: 'cjs', import: 'mjs' })) {
    const each = folders.map((folder) => processes(measure, folder, extension));
    row(`a process with one call, \`${way}\`, processor time`, each, ms(0), 1.05);
  }
  const perCall = (value) => `${(value / CALLS.oneByOne).toFixed(2)} ms`;
  const inTurn = folders.map((folder) => measure(folder, 'one-by-one.cjs', ROUNDS.oneByOne, CALLS.oneByOne));
  row('a call, one after another', inTurn, perCall, 1.03);
  const atOnce = folders.map((folder) => measure(folder, 'at-once.cjs', ROUNDS.atOnce, CALLS.atOnce));
  row(`${CALLS.atOnce} calls at once`, atOnce, ms(0), version.startsWith('v20.') ? 1.15 : 1.05);

  say('');
  line('', '', ...other, 'goal');
  line(...Array(3 + other.length).fill('---'));
  for (const [way, extension, goal] of [
    ['require', 'cjs', '10 µs'],
    ['import', 'mjs', '12 µs'],
  ]) {
    const each = folders.map((folder) => {
      const mocked = measure(folder, `mocked.${extension}`, ROUNDS.mocked, CALLS.mocked);
      const own = summary(mocked.map(([bare, ours]) => ((ours - bare) * 1_000) / CALLS.mocked));
      return `${spread(own, 1)} µs`;
    });
    line(`own cost of a call, the SDK mocked, \`${way}\``, ...each, goal);
  }
  const sizes = [...other.map(() => '')];
  line('main entry (`import`), minified and compressed', `${(entrySize() / 1_000).toFixed(1)} kB`, ...sizes, '20 kB');
  line('packed', `${(size / 1_000).toFixed(1)} kB`, ...sizes, '');
  line('packages added to `node_modules`', added, ...sizes, 1);
  say(`\nMeasured in ${((performance.now() - started) / 1_000).toFixed(0)} s.`);
}

/** What a bundler makes of it. */
function entrySize() {
  const flags = ['--bundle', '--minify', '--platform=node', '--format=esm', '--external:@baiducloud/qianfan'];
  const text = run(ROOT, join(ROOT, 'node_modules/.bin/esbuild'), join(ROOT, 'dist/index.mjs'), ...flags);
  return gzipSync(text, { level: 9 }).length;
}

function processes(measure, folder, extension) {
  return Array.from({ length: ROUNDS.process }, (_, round) => {
    const both = [`bare.${extension}`, `ours.${extension}`];
    const times = (round % 2 === 0 ? both : both.toReversed()).map((program) => measure(folder, program));
    return round % 2 === 0 ? times : times.toReversed();
  });
}

/** What loading takes beyond what a process takes that loads nothing. */
function starts(measure, folder, extension) {
  return Array.from({ length: ROUNDS.process }, () => {
    const [nothing, bare, ours] = ['nothing', 'load-bare', 'load-ours'].map((program) =>
      measure(folder, `${program}.${extension}`),
    );
    return [bare - nothing, ours - nothing];
  });
}

function row(name, [ours, ...others], print, goal) {
  const times = [0, 1].map((side) => print(summary(ours.map((round) => round[side])).median));
  const ratios = [ours, ...others].map((rounds) => spread(summary(rounds.map(([one, other]) => other / one)), 3));
  line(name, ...times, ...ratios, goal.toFixed(2));
}

function line(...cells) {
  say(`| ${cells.join(' | ')} |`);
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

if (positionals[0] === 'server') serve();
else await main();
