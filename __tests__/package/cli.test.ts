// The built command as a process: what it prints where, with which exit status, and what the server sees of it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalConsole, startLocalConsole } from '../src/local-console';

const ROOT = join(__dirname, '..');
const CLI = join(ROOT, 'dist', 'cli.js');
const KEYS = { accessKey: 'AK-of-the-file', secretKey: 'SK-of-the-file' };
const ID = /\(request [0-9a-f-]{36}\)/;

interface Run {
  readonly child: ChildProcess;
  readonly end: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

let local: LocalConsole;
let cwd: string;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-cli-'));
  local = await startLocalConsole({
    ...KEYS,
    tasks: { 'task-running': 'Running', 'task-waiting': 'Waiting', 'task-done': 'Done' },
  });
});

afterEach(async () => {
  await local.close();
  rmSync(cwd, { recursive: true, force: true });
});

/** The variables of the local console. */
function keys(of: { readonly accessKey: string; readonly secretKey: string } = KEYS): Record<string, string> {
  return {
    QIANFAN_ACCESS_KEY: of.accessKey,
    QIANFAN_SECRET_KEY: of.secretKey,
    QIANFAN_CONSOLE_API_BASE_URL: local.url,
  };
}

function file(name: string, variables: Readonly<Record<string, string>>): string {
  const path = join(cwd, name);
  const lines = Object.entries(variables).map(([variable, value]) => `${variable}=${value}\n`);
  writeFileSync(path, lines.join(''));
  return path;
}

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Run {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(QIANFAN_|NODE_|JEST_|NO_COLOR|FORCE_)/.test(name),
  );
  const child = spawn(process.execPath, [...flags, CLI, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const end = once(child, 'close').then(([status]: (number | null)[]) => {
    for (const secret of ['SK-of', 'bce-auth-v1/', 'signature=']) expect(stdout + stderr).not.toContain(secret);
    return { status: status ?? null, stdout, stderr };
  });
  return { child, end };
}

const run = (...args: Parameters<typeof start>) => start(...args).end;

/** What `--json` prints: an object a line. */
function objectsIn(stdout: string): unknown[] {
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

describe('stop', () => {
  test('says for each task, in the order given, that the server accepted it', async () => {
    const { status, stdout, stderr } = await run(['stop', 'task-running', 'task-waiting'], keys());
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(ID, ''))).toEqual([
      '✔ task-running is being stopped: the server accepted it .',
      '✔ task-waiting is being stopped: the server accepted it .',
    ]);
    expect(lines.every((line) => ID.test(line))).toBe(true);
    expect(local.tasks.get('task-running')).toBe('Stopped');
  });

  test('asks once for a task that is named twice', async () => {
    expect(await run(['stop', 'task-running', 'task-running'], keys())).toMatchObject({ status: 0, stderr: '' });
    expect(local.requests).toHaveLength(1);
  });

  test('ends with 1 where one was not stopped, and false never looks like success', async () => {
    const { status, stdout, stderr } = await run(['stop', 'task-done', 'task-running'], keys());
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toMatch(/^✖ task-done was not stopped by this: .*\n✔ task-running /);
  });

  test('tells results on standard output and errors, with what to do, on standard error', async () => {
    local.answerNext({
      status: 403,
      body: { requestId: 'r-1', code: 'AccessDenied', message: 'No.\u001b[2J\nreally' },
    });
    const { status, stdout, stderr } = await run(['stop', 'task-running'], keys());
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^✖ task-running was not stopped: PERMISSION_DENIED \(request r-1\)\. .*QianfanFullControl/);
    expect(stderr.slice(0, -1)).not.toMatch(/\p{Cc}/u);
  });

  test('says plainly where nobody knows whether the task still runs', async () => {
    local.answerNext({ fault: 'break-body', body: { result: true } });
    const { status, stderr } = await run(['stop', 'task-running'], keys());
    expect(status).toBe(1);
    expect(stderr).toMatch(/^✖ task-running may still be running: CONNECTION_FAILED/);
    expect(stderr).toContain('DescribeFineTuningTask');
  });

  test('gives one JSON object a task, results and errors alike', async () => {
    local.answerNext({ status: 429, headers: { 'retry-after': '7' }, body: { requestId: 'r-1', code: 'Slow\u202e' } });
    const { status, stdout, stderr } = await run(['stop', 'task-running', '--json'], keys());
    const more = await run(['stop', 'task-running', 'task-done', '--json'], keys());
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      taskId: 'task-running',
      error: {
        name: 'ApiError',
        code: 'RATE_LIMITED',
        outcome: 'refused',
        status: 429,
        retryAfterMs: 7_000,
        requestId: 'r-1',
      },
    });
    expect(stdout).not.toContain('\u202e');
    expect(objectsIn(more.stdout)).toEqual([
      { taskId: 'task-running', requestId: expect.stringMatching(/-/), result: true },
      { taskId: 'task-done', requestId: expect.stringMatching(/-/), result: false },
    ]);
  });

  test('goes on where its reader has gone away', async () => {
    const { child, end } = start(['stop', 'task-running', 'task-waiting'], keys());
    child.stdout?.destroy();
    expect(await end).toMatchObject({ status: 0, stderr: '' });
    expect(local.tasks.get('task-waiting')).toBe('Stopped');
  });

  test('ends with its time limit', async () => {
    local.answerNext({ fault: 'no-answer' });
    const { status, stderr } = await run(['stop', 'task-running', '--timeout-ms', '300'], keys());
    expect(status).toBe(1);
    expect(stderr).toMatch(/^✖ task-running (may still be running|was not stopped): TIMEOUT\. .* within 300 ms/);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('aborts on %s, tells what is known, and ends with %d', async (signal, expected) => {
    local.answerNext({ fault: 'no-answer' });
    const { child, end } = start(['stop', 'task-running'], keys());
    while (local.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill(signal);
    const { status, stdout, stderr } = await end;
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toMatch(/^✖ task-running may still be running: ABORTED/);
  });
});

describe('nothing is sent, and the exit status is 2,', () => {
  afterEach(() => {
    expect(local.requests).toEqual([]);
  });

  test.each<readonly [string, readonly string[], RegExp]>([
    ['without a command', [], /^A command is missing\.\nTry: qianfan-finetuning --help\n$/],
    ['for an unknown command', ['halt'], /^No command: halt\n/],
    ['without a task', ['stop'], /^stop needs at least one task ID\.\n/],
    ['for an unknown option', ['stop', 'task-running', '--secret-key', 'x'], /^Unknown option '--secret-key'/],
    ['for demo with more', ['demo', 'task-running'], /^demo takes no arguments\.\n/],
    ['for a time limit that is no number', ['stop', 'task-running', '--timeout-ms', 'soon'], /^--timeout-ms must be/],
    ['for a time limit of 0', ['stop', 'task-running', '--timeout-ms', '0'], /^--timeout-ms must be/],
    ['for an empty time limit', ['stop', 'task-running', '--timeout-ms', ''], /^--timeout-ms must be/],
    ['for a job ID among others', ['stop', 'task-running', 'job-1'], /✖ job-1 was not stopped: INVALID_INPUT.*job ID/],
    ['for an ID that would drive the terminal', ['stop', 'task-\u001b[2J'], /✖ task- \[2J was not stopped/],
  ])('%s', async (_, args, message) => {
    const { status, stdout, stderr } = await run(args, keys());
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('--help');
  });

  test('without keys', async () => {
    const { status, stderr } = await run(['stop', 'task-running'], { QIANFAN_CONSOLE_API_BASE_URL: local.url });
    expect(status).toBe(2);
    expect(stderr).toMatch(/MISSING_CREDENTIALS.*QIANFAN_ACCESS_KEY/);
  });

  test.each([
    ['only one key', { QIANFAN_ACCESS_KEY: 'a' }, 'no QIANFAN_SECRET_KEY'],
    ['no key', {}, 'no QIANFAN_ACCESS_KEY and no QIANFAN_SECRET_KEY'],
    ['a key that no header can carry', { QIANFAN_ACCESS_KEY: 'a b', QIANFAN_SECRET_KEY: 'c' }, 'QIANFAN_ACCESS_KEY'],
  ])('for an --env-file with %s', async (_, variables, message) => {
    const path = file('team.env', variables);
    const { status, stderr } = await run(['stop', 'task-running', `--env-file=${path}`], keys());
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test.each([
    ['a time limit that is no number', ['--timeout-ms', '1e3'], '--timeout-ms'],
    ['an --env-file with one key', ['--env-file', 'one.env'], 'no QIANFAN_SECRET_KEY'],
  ])('with --json for %s: each task has its error', async (_, flags, message) => {
    file('one.env', { QIANFAN_ACCESS_KEY: 'a' });
    const { status, stdout, stderr } = await run(['stop', 'task-running', 'task-waiting', '--json', ...flags], keys());
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    const error = expect.objectContaining({ outcome: 'not_sent', code: expect.stringMatching(/^INVALID_/) });
    expect(objectsIn(stdout)).toEqual([
      { taskId: 'task-running', error },
      { taskId: 'task-waiting', error },
    ]);
  });

  test('for one wrong ID among good ones, of which --json says that they were not sent either', async () => {
    const args = ['stop', 'task-running', 'job-1'];
    const { stderr } = await run(args, keys());
    expect(stderr).toMatch(/^✖ job-1 .*\nNothing was sent for any task, as an ID is wrong\.\n/);
    const { status, stdout } = await run([...args, '--json'], keys());
    expect(status).toBe(2);
    expect(objectsIn(stdout)).toMatchObject([
      {
        taskId: 'task-running',
        error: { code: 'INVALID_INPUT', outcome: 'not_sent', message: expect.stringContaining('an ID is wrong') },
      },
      { taskId: 'job-1', error: { code: 'INVALID_INPUT', outcome: 'not_sent' } },
    ]);
  });

  test('for an --env-file that is missing (Node, which looks first, may say so with a status of its own)', async () => {
    const { status, stderr } = await run(['stop', 'task-running', '--env-file', join(cwd, 'none.env')], keys());
    expect([2, 9]).toContain(status);
    expect(stderr).toContain('none.env');
  });
});

test('the keys and the base URL of an --env-file win over the environment and a .env lying around', async () => {
  const other = { accessKey: 'AK-of-another', secretKey: 'SK-of-another' };
  file('.env', { ...keys(other), QIANFAN_CONSOLE_API_BASE_URL: 'http://127.0.0.1:1' });
  const path = file('team.env', keys());
  const env = { ...keys(other), QIANFAN_CONSOLE_API_BASE_URL: 'http://127.0.0.1:1' };
  expect(await run(['stop', 'task-running', '--env-file', path], env)).toMatchObject({ status: 0, stderr: '' });
  expect(local.requests).toMatchObject([{ accessKey: KEYS.accessKey, signatureValid: true }]);
});

test('without one, a .env in the working directory serves', async () => {
  file('.env', keys());
  expect(await run(['stop', 'task-running'])).toMatchObject({ status: 0, stderr: '' });
});

describe('a terminal', () => {
  const terminal = (hasColors: boolean) => {
    const path = join(cwd, 'terminal.cjs');
    writeFileSync(
      path,
      `for (const s of [process.stdout, process.stderr]) Object.assign(s, { isTTY: true, hasColors: () => ${hasColors} });`,
    );
    return ['--require', path];
  };

  test.each([true, false])('gets colour where it wants it (%s)', async (hasColors) => {
    const { stdout } = await run(['stop', 'task-running'], keys(), terminal(hasColors));
    expect(stdout.startsWith(hasColors ? '\u001b[32m✔\u001b[39m task-running' : '✔ task-running')).toBe(true);
  });

  test('is told after a second that the call waits', async () => {
    local.answerNext({ delayMs: 1_500, body: { requestId: 'r', result: true } });
    const { status, stderr } = await run(['stop', 'task-running'], keys(), terminal(false));
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'Waiting for the server…\n' });
  });
});

test('a pipe is not told that the call waits', async () => {
  local.answerNext({ delayMs: 1_500, body: { requestId: 'r', result: true } });
  expect(await run(['stop', 'task-running'], keys())).toMatchObject({ status: 0, stderr: '' });
});

test('--help and --version', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  const help = await run(['--help']);
  expect(help).toMatchObject({ status: 0, stderr: '' });
  for (const word of ['stop', 'demo', '--timeout-ms', '--env-file', '--json', '130, 143'])
    expect(help.stdout).toContain(word);
});

test('demo stops a made-up task and says that no account is touched', async () => {
  const { status, stdout, stderr } = await run(['demo']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const words of [
    'No account is touched',
    'is Running',
    'is Stopped',
    'POST /v2/finetuning',
    'signature  valid',
    '"result":true',
  ]) {
    expect(stdout).toContain(words);
  }
});
