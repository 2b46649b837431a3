// What signals do to the built command.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type LocalConsole, startLocalConsole } from '../../src/local-console/index';
import { KEYS, startCommand, variablesOf } from '../support/processes/command';
import { until } from '../support/until';

const IDS = Array.from({ length: 17 }, (_, index) => `task-${index}`);

let local: LocalConsole;
let cwd: string;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-cli-'));
  const tasks = new Map(IDS.map((id) => [id, 'Running'] as const));
  local = await startLocalConsole({ ...KEYS, tasks, stopTakes: { describes: 1_000 } });
});

afterEach(async () => {
  await local.close();
  rmSync(cwd, { recursive: true, force: true });
});

test.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s aborts the calls, prints what is known of each task, and exits with %d', async (signal, expected) => {
  for (const _ of IDS) local.answerNext({ fault: 'no-answer' });
  const { process: child, end } = startCommand(['stop', ...IDS], { cwd, env: variablesOf(local) });
  await until(() => local.requests.length === 16);
  child.kill(signal);
  const { status, stdout, stderr } = await end;
  expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
  const lines = stderr.trimEnd().split('\n');
  expect(lines.filter((line) => /^✖ task-\d+ may still be running: ABORTED/.test(line))).toHaveLength(16);
  expect(lines.filter((line) => /^✖ task-16 was not stopped: ABORTED/.test(line))).toHaveLength(1);
  expect(local.requests).toHaveLength(16);
});

test('a second signal within a second is ignored; a later one ends the process at once, with its own status', async () => {
  local.answerNext({ fault: 'no-answer' });
  const hook = join(cwd, 'stuck.cjs');
  // A process whose output never drains.
  writeFileSync(hook, 'process.stdout.write = () => true; setInterval(() => {}, 1000);');
  const flags = ['--require', hook];
  const { process: child, end, printed } = startCommand(['stop', 'task-1'], { cwd, env: variablesOf(local), flags });
  await until(() => local.requests.length === 1);
  child.kill('SIGINT');
  await printed(/ABORTED/);
  child.kill('SIGINT');
  await sleep(1_100);
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  expect((await end).status).toBe(143);
});

test('a signal ends a wait, which prints what is known', async () => {
  const { process: child, end } = startCommand(['stop', '--wait', 'task-1'], { cwd, env: variablesOf(local) });
  await until(() => local.requests.some(({ query }) => query['Action'] === 'DescribeFineTuningTask'));
  child.kill('SIGINT');
  const { status, stderr } = await end;
  expect(status).toBe(130);
  expect(stderr).toMatch(/✖ task-1 may still be running: ABORTED/);
});

test('a signal ends the demo from its beginning, and is not reported as an unforeseen failure', async () => {
  const { process: child, end, printed } = startCommand(['demo'], { cwd });
  await printed(/Nothing leaves this machine/);
  child.kill('SIGINT');
  const { status, stderr } = await end;
  expect(stderr).toMatch(/^✖ task-demo\d+ (may still be running|was not stopped): ABORTED/);
  expect(status).toBe(130);
});
