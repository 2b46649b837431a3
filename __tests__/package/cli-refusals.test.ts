// What the built command refuses before anything is sent: exit status 2.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalConsole, startLocalConsole } from '../../src/local-console/index';
import { type ChildEnd, startChild } from '../support/processes/child';
import { COMMAND, KEYS, objectsIn, runCommand, variablesOf } from '../support/processes/command';
import { makeChildProject } from '../support/processes/project';

const OTHER_KEYS = 'QIANFAN_ACCESS_KEY=other\nQIANFAN_SECRET_KEY=other\n';

let local: LocalConsole;
let cwd: string;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-cli-'));
  local = await startLocalConsole({ ...KEYS, tasks: { 'task-a': 'Running', 'task-b': 'Running' } });
});

afterAll(async () => {
  await local.close();
  rmSync(cwd, { recursive: true, force: true });
});

function file(name: string, content: string | Buffer): string {
  const path = join(cwd, name);
  writeFileSync(path, content);
  return path;
}

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ChildEnd> =>
  runCommand(args, { cwd, env: { ...variablesOf(local), ...env } });

describe('nothing is sent, and the exit status is 2,', () => {
  afterEach(() => {
    expect(local.requests).toEqual([]);
  });

  test('for words that are not task IDs; only these are named, with what was meant', async () => {
    const wrong = ['5000', 'team.env', '"task-a"', 'task-a,task-b', 'https://x/task-b', '{"taskId":"task-a"}', 'job-1'];
    const args = ['stop', 'task-a', ...wrong, 'task-\u001b[2J', '--', '--json'];
    const { status, stdout, stderr } = await run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' is not a task ID: it ', 1).join())).toEqual([
      ...wrong.map((id) => `✖ ${id}`),
      '✖ task-\\u001b[2J',
      '✖ --json',
      'Nothing was sent for any task.',
    ]);
    expect(stderr).toContain('the IDs in it are task-a task-b');
    const json = await run(['stop', 'task-a', '5000', '--json']);
    expect(json.status).toBe(2);
    expect(objectsIn(json.stdout)).toMatchObject(
      ['task-a', '5000'].map((taskId) => ({ taskId, error: { code: 'INVALID_INPUT', outcome: 'not_sent' } })),
    );
  });

  test('for what an input method or an empty list leaves over', async () => {
    const { status, stderr } = await run(['stop', 'task－1', '－－wait', '-']);
    expect(status).toBe(2);
    expect(stderr.split('\n')).toEqual([
      '✖ task－1 is not a task ID: it has a character that no task ID has, － (U+FF0D); the ID is probably task-1.',
      '✖ －－wait is not a task ID: it looks like an option, but has － (U+FF0D) in it; an option starts with --.',
      '✖ - is not a task ID: it does not stand for standard input here; xargs -r passes IDs from a pipe.',
      'Nothing was sent for any task.',
      '',
    ]);
    const none = await run(['stop', '--wait']);
    expect(none.status).toBe(2);
    expect(none.stderr).toContain('stop needs at least one task ID. For a list that may be empty, use xargs -r.');
  });

  test('for a word that holds the secret key or is very long, and shows neither', async () => {
    const wrong = [`x ${KEYS.secretKey}`, 'x'.repeat(5_000)];
    const shown = ['x [redacted]', 'x'.repeat(256)];
    const lines = (await run(['status', ...wrong])).stderr.split('\n');
    expect(lines.slice(0, 2).map((line) => line.split(' is not a task ID')[0])).toEqual(shown.map((id) => `✖ ${id}`));
    const { stdout } = await run(['stop', '--json', ...wrong]);
    expect(objectsIn(stdout)).toMatchObject(shown.map((taskId) => ({ taskId, error: { taskId } })));
  });

  test('for a keys file or a time limit, with an error that names each task', async () => {
    for (const args of [
      ['--keys-file', '/no/such/file'],
      ['--timeout-ms', '0'],
    ]) {
      const { status, stdout } = await run(['stop', 'task-a', 'task-b', '--json', ...args]);
      expect(status).toBe(2);
      expect(objectsIn(stdout)).toMatchObject(['task-a', 'task-b'].map((taskId) => ({ taskId, error: { taskId } })));
    }
  });

  test('for an unknown option, without advice to get around it', async () => {
    const { status, stdout, stderr } = await run(['stop', 'task-a', '--dry-run']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^stop has no option --dry-run; it has --wait, .*\nTry: qianfan-finetuning --help\n$/);
    expect(stderr).not.toContain("'--'");
  });

  test('for --env-file, which is an option of Node', async () => {
    const { status, stderr } = await run(['stop', 'task-a', '--env-file', file('other.env', OTHER_KEYS)]);
    expect(status).toBe(2);
    expect(stderr).toContain('use --keys-file <path>');
  });

  test('for an option that npm exec took, and the value that it left', async () => {
    const project = makeChildProject();
    const bin = join(project.directory, 'node_modules', '.bin');
    mkdirSync(bin);
    symlinkSync(COMMAND, join(bin, 'qianfan-finetuning'));
    writeFileSync(join(project.directory, 'package.json'), '{}');
    const npm = (...args: string[]) =>
      startChild('npm', ['exec', '--offline', ...args], { cwd: project.directory, env: variablesOf(local) }).end;
    const ends = await Promise.all([
      npm('qianfan-finetuning', 'stop', 'task-a', '--keys-file=team.env'),
      npm('qianfan-finetuning', 'stop', 'task-a', '--timeout-ms', '5000', '--wait'),
    ]);
    project.remove();
    expect(ends.map(({ status }) => status)).toEqual([2, 2]);
    expect(ends[0].stderr).toContain('npm took --keys-file for itself');
    expect(ends[1].stderr).toContain('npm took --wait for itself');
  });

  test.each([['soon'], ['0'], ['1e3'], ['600001'], ['１０００']])('for the time limit %s', async (limit) => {
    const { status, stdout, stderr } = await run(['stop', 'task-a', 'task-b', '--json', '--timeout-ms', limit]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^✖ Nothing was sent: --timeout-ms must be a whole number of milliseconds from 1 to 600000/);
    expect(stderr.includes('１ (U+FF11)')).toBe(limit === '１０００');
    const error = expect.objectContaining({ code: 'INVALID_INPUT', outcome: 'not_sent' });
    expect(objectsIn(stdout)).toEqual([
      { taskId: 'task-a', error },
      { taskId: 'task-b', error },
    ]);
  });

  test.each<readonly [what: string, content: string | Buffer, message: string]>([
    ['with one key', 'QIANFAN_ACCESS_KEY=a', 'it has no QIANFAN_SECRET_KEY'],
    ['in UTF-16', Buffer.from(`\ufeff${OTHER_KEYS}`, 'utf16le'), 'save it as UTF-8'],
    ['with keys of an application', 'QIANFAN_AK=a\nQIANFAN_SK=b', 'it has QIANFAN_AK and QIANFAN_SK in place of'],
    ['with commands of a shell', OTHER_KEYS.replaceAll('QIANFAN', 'set QIANFAN'), 'commands of a Windows shell'],
    [
      'with a key that has a blank',
      OTHER_KEYS.replace('=other', '=ot her'),
      'QIANFAN_ACCESS_KEY in the --keys-file has',
    ],
    [
      'with a key that has a Chinese quote',
      'QIANFAN_ACCESS_KEY=a\nQIANFAN_SECRET_KEY=“b”',
      'QIANFAN_SECRET_KEY in the --keys-file has a character that no key has, “ (U+201C)',
    ],
  ])('for a keys file %s', async (_, content, message) => {
    const args = ['stop', 'task-a', '--json', '--keys-file', file('team.env', content)];
    const { status, stdout, stderr } = await run(args.filter((arg) => arg !== '--json'));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(objectsIn((await run(args)).stdout)).toMatchObject([{ taskId: 'task-a', error: { outcome: 'not_sent' } }]);
  });

  test('for a keys file that is not there', async () => {
    const { status, stderr } = await run(['status', 'task-a', '--keys-file', 'none.env']);
    expect(status).toBe(2);
    expect(stderr).toContain('none.env cannot be used: there is no such file');
  });

  test('without keys: it says where it looked, and which empty variable hides a good .env', async () => {
    const { QIANFAN_SECRET_KEY: secretKey = '', ...others } = variablesOf(local);
    file('.env', `QIANFAN_SECRET_KEY=${secretKey}`);
    const hidden = await runCommand(['stop', 'task-a'], { cwd, env: { ...others, QIANFAN_SECRET_KEY: '' } });
    rmSync(join(cwd, '.env'));
    const absent = await runCommand(['stop', 'task-a', '--json'], { cwd, env: others });
    expect([hidden.status, absent.status]).toEqual([2, 2]);
    expect(hidden.stderr).toMatch(/MISSING_CREDENTIALS.*QIANFAN_SECRET_KEY is set but empty/);
    expect(objectsIn(absent.stdout)).toMatchObject([
      { taskId: 'task-a', error: { code: 'MISSING_CREDENTIALS', message: expect.stringContaining('.env') } },
    ]);
  });
});

test('the keys and the base URL of a keys file are used, from a pipe, too', async () => {
  const variables = Object.entries(variablesOf(local)).map(([name, value]) => `export ${name}="${value}"\r\n`);
  const content = `\ufeff${variables.join('')}NODE_OPTIONS=--bad\r\n`;
  const path = file('team.env', content);
  file('.env', `${OTHER_KEYS}QIANFAN_CONSOLE_API_BASE_URL=http://127.0.0.1:1\n`);
  const env = {
    QIANFAN_ACCESS_KEY: 'other',
    QIANFAN_SECRET_KEY: 'other',
    QIANFAN_CONSOLE_API_BASE_URL: 'http://127.0.0.1:1',
  };
  const shell = `${process.execPath} ${COMMAND} status task-b --keys-file <(sleep 0.1; cat ${path})`;
  const ends = await Promise.all([
    runCommand(['status', 'task-a', '--keys-file', path], { cwd, env }),
    runCommand(['status', 'task-a', '--keys-file', '/dev/stdin'], { cwd, env, input: content }),
    startChild('bash', ['-c', shell], { cwd, env }).end,
  ]);
  rmSync(join(cwd, '.env'));
  expect(ends.map(({ status, stderr }) => ({ status, stderr }))).toEqual(Array(3).fill({ status: 0, stderr: '' }));
  expect(local.requests.map(({ accessKey }) => accessKey)).toEqual(Array(3).fill(KEYS.accessKey));
});
