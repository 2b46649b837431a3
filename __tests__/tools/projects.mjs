// Projects of users, in a temporary folder, with the packed package installed: for consumers.mjs and hosts.mjs.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const WORK = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-projects-'));
export const NAME = 'qianfan-finetuning';
export const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
export const sdk = (version = '0.2.4') => `@baiducloud/qianfan@${version}`;

const asked = process.argv.slice(2).map((word) => word.toLowerCase());
const counts = { passed: 0, failed: 0 };

/** Runs a check, unless the command line asks for others: `npm run test:hosts -- vite`. */
export function check(title, run) {
  if (asked.length > 0 && !asked.some((word) => title.toLowerCase().includes(word))) return;
  try {
    run();
    counts.passed += 1;
    console.log(`ok      ${title}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAILED  ${title}\n${error instanceof Error ? error.message : error}`);
  }
}

export function demand(condition, message) {
  if (!condition) throw new Error(message);
}

const QUIET = { NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', YARN_ENABLE_TELEMETRY: '0' };

/** Runs a command without this project's own environment. Its standard output, or an error with all that it printed. */
export function run(cwd, command, ...args) {
  return runWith({}, cwd, command, ...args);
}

/** The same, with these variables besides. */
export function runWith(variables, cwd, command, ...args) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(QIANFAN_|NODE_OPTIONS|npm_)/.test(name));
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...QUIET, ...variables },
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

export function project(name, files, ...packages) {
  const directory = join(WORK, name);
  write(directory, { 'package.json': '{ "private": true }', ...files });
  install(directory, ...packages);
  return directory;
}

export function write(directory, files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

export function install(directory, ...packages) {
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--silent', '--legacy-peer-deps'];
  if (packages.length > 0) run(directory, 'npm', 'install', ...flags, ...packages);
}

/** Packs the package, once a run. */
export function pack() {
  const [packed] = JSON.parse(run(ROOT, 'npm', 'pack', '--json', '--silent', '--pack-destination', WORK));
  return { ...packed, tarball: join(WORK, packed.filename) };
}

export function finish() {
  rmSync(WORK, { recursive: true, force: true });
  const { passed, failed } = counts;
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
