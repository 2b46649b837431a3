// What signals do to the built command.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type LocalConsole, startLocalConsole } from '../../src/local-console/index';
import { COMMAND, KEYS, startCommand, variablesOf } from '../support/processes/command';
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

test.each([
  ['SIGHUP', 129],
  ['SIGTERM', 143],
] as const)(
  '%s ends a command whose tasks have all ended, although its output is not read',
  async (signal, expected) => {
    local.answerNext({ body: { requestId: 'r-1', result: { runStatus: 'Running', jobName: 'x'.repeat(900_000) } } });
    expect(await endUnread(signal, 'task-1')).toEqual([expected, null]);
  },
);

test('SIGTERM ends a command with a task that has not ended, although its output is not read', async () => {
  local.answerNext({ body: { requestId: 'r-1', result: { runStatus: 'Running', jobName: 'x'.repeat(900_000) } } });
  local.answerNext({ fault: 'no-answer' });
  expect(await endUnread('SIGTERM', 'task-1', 'task-2')).toEqual([143, null]);
});

test('a second signal a second later ends a command that does not end by itself', async () => {
  const hook = join(cwd, 'stuck.cjs');
  // A call that does not notice that it was aborted.
  writeFileSync(
    hook,
    'AbortController.prototype.abort = () => process.stderr.write("aborted"); setInterval(() => {}, 1000);',
  );
  local.answerNext({ fault: 'no-answer' });
  const options = { cwd, env: variablesOf(local), flags: ['--require', hook] };
  const { process: child, end, printed } = startCommand(['stop', 'task-1'], options);
  await until(() => local.requests.length === 1);
  child.kill('SIGINT');
  await printed(/aborted/);
  await sleep(1_100);
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

/** Asks for the state of tasks, reads nothing of what is printed, and sends a signal. Resolves with how the process ended. */
async function endUnread(signal: NodeJS.Signals, ...taskIds: readonly string[]): Promise<unknown[]> {
  const child = spawn(process.execPath, [COMMAND, 'status', '--json', ...taskIds], {
    cwd,
    env: { ...process.env, ...variablesOf(local) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = once(child, 'exit');
  try {
    await once(child.stdout, 'readable');
    child.kill(signal);
    return await exit;
  } finally {
    child.kill('SIGKILL');
  }
}
