// The built command as a process: what it prints where, with which exit status, and what the server sees of it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalConsole, startLocalConsole } from '../../src/local-console/index';
import { type ChildEnd, startChild } from '../support/processes/child';
import { COMMAND, KEYS, objectsIn, runCommand, startCommand, variablesOf } from '../support/processes/command';
import { makeChildProject } from '../support/processes/project';
import { ROOT } from '../support/root';

let local: LocalConsole;
let cwd: string;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-cli-'));
  const tasks = { 'task-running': { runStatus: 'Running', runProgress: '45%' }, 'task-waiting': 'Waiting' } as const;
  local = await startLocalConsole({ ...KEYS, tasks: { ...tasks, 'task-done': 'Done' } });
});

afterEach(async () => {
  await local.close();
  rmSync(cwd, { recursive: true, force: true });
});

/** Runs the command with the keys of the local console, and perhaps other variables. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ChildEnd> =>
  runCommand(args, { cwd, env: { ...variablesOf(local), ...env } });

const withoutIds = (text: string): string => text.replace(/ \(request [\da-f-]{36}\)/g, '');

describe('stop', () => {
  test('says for each task whether the server accepted the stop, and exits with 0 only if it accepted all', async () => {
    const good = await run(['stop', 'task-running', 'task-waiting', 'task-running']);
    expect({ ...good, stdout: withoutIds(good.stdout).split('\n').sort() }).toEqual({
      status: 0,
      stdout: [
        '',
        '✔ task-running: stop accepted, it may take a while.',
        '✔ task-waiting: stop accepted, it may take a while.',
      ],
      stderr: '',
    });
    expect(local.requests).toHaveLength(2);
    const { status, stdout } = await run(['stop', 'task-done']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✖ task-done: this request stopped nothing; .* \(request [\da-f-]{36}\)\.\n$/);
  });

  test('prints an error on standard error, with control characters as codes', async () => {
    local.answerNext({
      status: 403,
      body: { requestId: 'r-1', code: 'AccessDenied', message: 'No.\u001b[2J\nreally' },
    });
    const { status, stdout, stderr } = await run(['stop', 'task-running']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^✖ task-running was not stopped: PERMISSION_DENIED \(request r-1\)\. .*QianfanFullControl/);
    expect(stderr).toContain('No.\\u001b[2J');
    expect(stderr.slice(0, -1)).not.toMatch(/\p{Cc}/u);
  });

  test('says that a task may still be running if the outcome is unknown, and shows the page of a proxy', async () => {
    local.answerNext({ fault: 'break-body', body: { result: true } });
    local.answerNext({ status: 403, body: '<h1>Blocked by the\n proxy</h1>' });
    const broken = await run(['stop', 'task-running']);
    const page = await run(['stop', 'task-running']);
    expect([broken.status, page.status]).toEqual([1, 1]);
    expect(broken.stderr).toMatch(/^✖ task-running may still be running: CONNECTION_FAILED/);
    expect(page.stderr).toMatch(/^✖ task-running may still be running: PERMISSION_DENIED.*<h1>Blocked by the.*proxy/);
  });

  test('stops 300 tasks with 256 descriptors', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `task-${index}`);
    for (const id of ids) local.tasks.set(id, 'Running');
    const shell = ['-c', 'ulimit -n 256 && exec "$@"', 'sh', process.execPath, COMMAND, 'stop', ...ids];
    const { status, stderr } = await startChild('sh', shell, { cwd, env: variablesOf(local) }).end;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(ids.every((id) => local.tasks.get(id) === 'Stopped')).toBe(true);
  });

  test('ends a call with its time limit', async () => {
    local.answerNext({ fault: 'no-answer' });
    const { status, stderr } = await run(['stop', 'task-running', '--timeout-ms', '300']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^✖ task-running (may still be running|was not stopped): TIMEOUT\. .*300 ms/);
  });

  test('goes on if its output is closed', async () => {
    const { process: child, end } = startCommand(['stop', 'task-running', 'task-waiting'], { env: variablesOf(local) });
    child.stdout?.destroy();
    expect(await end).toMatchObject({ status: 0, stderr: '' });
    expect(local.tasks.get('task-waiting')).toBe('Stopped');
  });
});

describe('status', () => {
  test('prints the state and the progress, changes nothing, and exits with 1 if a state was not read', async () => {
    const { status, stdout, stderr } = await run(['status', 'task-running', 'task-done', 'task-none']);
    expect(status).toBe(1);
    expect(withoutIds(stdout).split('\n').sort()).toEqual(['', 'task-done: Done.', 'task-running: Running, 45 %.']);
    expect(stderr).toMatch(/^✖ task-none: the state is not known: NOT_FOUND/);
    expect(stderr).not.toContain('may still be running');
    expect((await run(['status', 'task-waiting'])).status).toBe(0);
  });

  test('writes all of a long response before it ends, and no token', async () => {
    const result = { runStatus: 'Running', vdlLink: 'https://x/?token=t', jobName: 'x'.repeat(900_000) };
    local.answerNext({ body: { requestId: 'r-1', result } });
    const { status, stdout } = await run(['status', 'task-running', '--json']);
    const { vdlLink: _, ...rest } = result;
    expect(status).toBe(0);
    expect(objectsIn(stdout)).toEqual([{ taskId: 'task-running', requestId: 'r-1', result: rest }]);
  });
});

describe('--json', () => {
  test('prints one object a task and nothing else, for successes and failures', async () => {
    local.answerNext({ status: 429, headers: { 'retry-after': '7' }, body: { requestId: 'r-1', code: 'Slow\u202e' } });
    const failed = await run(['stop', 'task-running', '--json']);
    const succeeded = await run(['stop', 'task-running', 'task-done', '--json']);
    expect([failed.status, failed.stderr, succeeded.status, succeeded.stderr]).toEqual([1, '', 1, '']);
    expect(failed.stdout).toContain('Slow\\u202e');
    expect(objectsIn(failed.stdout)).toMatchObject([
      {
        taskId: 'task-running',
        error: { name: 'ApiError', code: 'RATE_LIMITED', retryAfterMs: 7_000, requestId: 'r-1' },
      },
    ]);
    expect(objectsIn(succeeded.stdout)).toEqual(
      expect.arrayContaining([
        { taskId: 'task-running', requestId: expect.stringMatching(/-/), result: true },
        { taskId: 'task-done', requestId: expect.stringMatching(/-/), result: false },
      ]),
    );
  });

  test.each([['status'], ['stop', '--wait']])('has an error where a result cannot be written: %s', async (...args) => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    const body = `{"requestId":"r-1","result":{"runStatus":"Stopped","deep":${deep}}}`;
    local.answerNext({ action: 'DescribeFineTuningTask', body });
    const { status, stdout, stderr } = await run([...args, 'task-running', 'task-waiting', '--json']);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    const error = expect.objectContaining({ code: 'UNEXPECTED_ERROR', requestId: 'r-1' });
    const objects = objectsIn(stdout);
    expect(objects).toHaveLength(2);
    expect(objects).toContainEqual({ taskId: expect.any(String), error });
    expect(objects).toContainEqual(expect.objectContaining({ result: expect.anything() }));
  });

  test('is not disturbed by a dotenv that prints a line in each call', async () => {
    const hook = join(cwd, 'dotenv-17.cjs');
    const dotenv = JSON.stringify(require.resolve('dotenv-17'));
    writeFileSync(
      hook,
      `const Module = require('module'); const resolve = Module._resolveFilename;
       Module._resolveFilename = (name, ...rest) => name === 'dotenv' ? ${dotenv} : resolve(name, ...rest);`,
    );
    const flags = ['--require', hook];
    const { status, stdout, stderr } = await runCommand(['stop', 'task-running', '--json'], {
      cwd,
      env: variablesOf(local),
      flags,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(objectsIn(stdout)).toMatchObject([{ taskId: 'task-running', result: true }]);
    const bare = `require(${JSON.stringify(require.resolve('@baiducloud/qianfan'))}).consoleAction({ base_api_route: '/v2/finetuning',
      action: 'StopFineTuningTask', data: { taskId: 'task-waiting' } }).then(() => process.exit())`;
    const sdk = await startChild(process.execPath, [...flags, '--eval', bare], { cwd, env: variablesOf(local) }).end;
    expect(sdk.stdout).toMatch(/inject\w+ env/);
  });

  test('has the message of the cause of an unforeseen failure, as the line has', async () => {
    // The timer imitates the SDK's limiter, which must not keep the command from ending.
    const project = makeChildProject(
      'setInterval(() => {}, 1000); exports.consoleAction = async () => { throw new TypeError("x is not a function") };',
    );
    const command = join(project.directory, 'node_modules', 'qianfan-finetuning', 'dist', 'cli', 'index.js');
    const runs = [[], ['--json']].map(
      (more) =>
        startChild(process.execPath, [command, 'stop', 'task-a', ...more], { cwd, env: variablesOf(local) }).end,
    );
    const [line, json] = await Promise.all(runs);
    project.remove();
    expect(line?.status).toBe(1);
    expect(line?.stderr).toMatch(
      /^✖ task-a may still be running: UNEXPECTED_ERROR\. .*TypeError: x is not a function\n$/,
    );
    expect(objectsIn(`${json?.stdout}`)).toMatchObject([
      {
        taskId: 'task-a',
        error: { code: 'UNEXPECTED_ERROR', cause: expect.stringMatching(/^TypeError: x is not a function/) },
      },
    ]);
  });
});

test('help and the version are printed', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await run(['-v'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  const help = await run(['help']);
  expect(help).toMatchObject({ status: 0, stderr: '' });
  for (const words of ['stop <taskId…> [--wait]', 'status', 'demo', '--keys-file', '86400000', '129, 130, 143'])
    expect(help.stdout).toContain(words);
});

test('demo shows a whole stop on a local console in at most 14 lines', async () => {
  const { status, stdout, stderr } = await runCommand(['demo'], { cwd });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n').length).toBeLessThanOrEqual(14);
  const story = [
    'Nothing leaves this machine',
    'Running, 60 %',
    'POST /v2/finetuning',
    'valid',
    'accepted',
    'Running, 60 %',
  ];
  expect(stdout.replaceAll('\n', ' ')).toMatch(
    new RegExp([...story, 'Stopped', '✔ task-.* has ended: Stopped'].join('.*')),
  );
});

test('an unforeseen failure is printed with its stack, a frame on each line', async () => {
  const hook = join(cwd, 'closed.cjs');
  writeFileSync(hook, 'require("net").Server.prototype.listen = () => { throw new Error("listen EPERM"); };');
  const { status, stderr } = await runCommand(['demo'], { cwd, flags: ['--require', hook] });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^This command failed unexpectedly\. .*\nError: listen EPERM\n {4}at .*\n {4}at /);
});
