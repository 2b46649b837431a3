// What the built command shows while it waits, on a terminal and elsewhere. All runs are made at once, as they sleep most of
// the time.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalConsole, type LocalConsoleAnswer, startLocalConsole } from '../../src/local-console/index';
import { type ChildEnd, startChild } from '../support/processes/child';
import { COMMAND, KEYS, objectsIn, runCommand, variablesOf } from '../support/processes/command';

const THREE = ['task-1', 'task-2', 'task-3'];
const FORTY = Array.from({ length: 40 }, (_, index) => `task-${index}`);
const SLOW: LocalConsoleAnswer = { delayMs: 1_300, body: { requestId: 'r', result: true } };

const LIMIT = { error_code: 18, error_msg: 'Open api qps request limit reached' };

interface Run {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The columns of the terminal that it runs on; its standard input is not a terminal. Default: no terminal. */
  readonly columns?: number;
  /** How often a task is described before its stop takes effect. */
  readonly describes?: number;
  readonly prepare?: (local: LocalConsole) => void;
}

const RUNS = {
  lines: {
    args: ['stop', '--wait', ...THREE],
    prepare: ({ tasks }) => tasks.set('task-2', 'Done').set('task-3', 'Failed'),
  },
  json: { args: ['stop', '--wait', '--json', ...THREE, 'task-x'], describes: 0 },
  forty: {
    args: ['stop', '--wait', ...FORTY],
    describes: 1_000,
    // No task ends before all stops are requested.
    prepare: async ({ requests, tasks }) => {
      const stops = () => requests.filter(({ query }) => query['Action'] === 'StopFineTuningTask');
      while (stops().length < FORTY.length) await sleep(10);
      for (const id of FORTY) tasks.set(id, 'Stopped');
    },
  },
  // The stops of the first 16 tasks are rate-limited, four requests each.
  limited: {
    args: ['stop', '--wait', '--json', ...FORTY.slice(0, 17)],
    describes: 0,
    prepare: (local) => {
      for (let count = 0; count < 64; count += 1) local.answerNext({ action: 'StopFineTuningTask', body: LIMIT });
    },
  },
  // Its first connection fails, and in the end its state must not be read.
  failing: {
    args: ['stop', '--wait', 'task-1'],
    prepare: (local) => {
      local.answerNext({ action: 'StopFineTuningTask', fault: 'reset' });
      local.answerNext({ action: 'DescribeFineTuningTask', body: { result: { runStatus: 'Running' } } });
      local.answerNext({ action: 'DescribeFineTuningTask', status: 403, body: { code: 'AccessDenied' } });
    },
  },
  timeout: { args: ['stop', '--wait', '--timeout-ms', '500', 'task-1'], describes: 1_000 },
  day: { args: ['stop', '--wait', '--timeout-ms', '86400000', 'task-1'], describes: 0 },
  wide: { args: ['stop', '--wait', ...THREE], columns: 80 },
  narrow: { args: ['stop', '--wait', ...THREE], columns: 40 },
  noColour: { args: ['stop', '--wait', ...THREE], columns: 80, describes: 0, env: { NO_COLOR: '1' } },
  dumb: { args: ['stop', '--wait', ...THREE], columns: 80, describes: 0, env: { TERM: 'dumb' } },
  ci: { args: ['stop', '--wait', ...THREE], columns: 80, describes: 1, env: { CI: 'true' } },
  slow: { args: ['stop', ...THREE], columns: 80, prepare: (local) => local.answerNext(SLOW) },
  slowPipe: { args: ['stop', 'task-1'], prepare: (local) => local.answerNext(SLOW) },
  forced: { args: ['stop', 'task-1'], env: { FORCE_COLOR: '1' } },
} as const satisfies Record<string, Run>;

const ends = new Map<string, ChildEnd>();
/** The tasks of all stop requests, in the order they came. */
const stopsOf = new Map<string, readonly string[]>();

beforeAll(async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-cli-'));
  await Promise.all(Object.entries(RUNS).map(async ([name, one]) => ends.set(name, await run(name, one, cwd))));
  rmSync(cwd, { recursive: true, force: true });
});

async function run(name: string, { args, env, columns, describes = 1, prepare }: Run, cwd: string): Promise<ChildEnd> {
  const tasks = FORTY.map((id, index) => [id, { runStatus: 'Running', runProgress: `${20 * index}%` }] as const);
  const local = await startLocalConsole({ ...KEYS, tasks: new Map(tasks), stopTakes: { describes } });
  prepare?.(local);
  const options = { cwd, env: { ...variablesOf(local), TERM: 'xterm', ...env } };
  try {
    if (columns === undefined) return await runCommand(args, options);
    const line = `stty cols ${columns} rows 24; exec ${[process.execPath, COMMAND, ...args].join(' ')}`;
    return await startChild('script', ['--quiet', '--return', '--command', line, '/dev/null'], options).end;
  } finally {
    const stops = local.requests.filter(({ query }) => query['Action'] === 'StopFineTuningTask');
    stopsOf.set(
      name,
      stops.map(({ body }) => JSON.parse(body).taskId),
    );
    await local.close();
  }
}

function endOf(name: keyof typeof RUNS): ChildEnd {
  const end = ends.get(name);
  if (end === undefined) throw new Error(`${name} has not ended.`);
  return end;
}

const sortedLines = (text: string): string[] =>
  text
    .replace(/ \(request .*?\)/g, '')
    .trimEnd()
    .split(/\r?\n/)
    .sort();

describe('stop --wait', () => {
  test('prints how each task ended on standard output, and each change on standard error', () => {
    const { status, stdout, stderr } = endOf('lines');
    expect(status).toBe(0);
    expect(sortedLines(stdout)).toEqual([
      '✔ task-1 has ended: Stopped.',
      '✔ task-2 has ended: Done.',
      '✔ task-3 has ended: Failed.',
    ]);
    expect(stderr.split('\n').filter((line) => line.startsWith('task-1'))).toEqual([
      'task-1: stop accepted',
      'task-1: stop accepted, Running, 20 %',
    ]);
  });

  test('prints one object a task and no progress with --json', () => {
    const { status, stdout, stderr } = endOf('json');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    const objects = objectsIn(stdout);
    expect(objects).toHaveLength(4);
    for (const taskId of THREE)
      expect(objects).toContainEqual({
        taskId,
        requestId: expect.stringMatching(/-/),
        result: expect.objectContaining({ runStatus: 'Stopped' }),
      });
    const progress = expect.objectContaining({ stop: 'refused' });
    const error = expect.objectContaining({ code: 'NOT_FOUND', progress });
    expect(objects).toContainEqual({ taskId: 'task-x', error });
  });

  test('tells the reason of each failure once: the last one with the error', () => {
    const { status, stdout, stderr } = endOf('failing');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([
      'task-1: it is not known whether the stop was accepted, the last request failed with CONNECTION_FAILED (ECONNRESET)',
      'task-1: it is not known whether the stop was accepted, Running',
      'task-1: stop accepted, Running',
      expect.stringMatching(/^✖ task-1 may still be running: PERMISSION_DENIED/),
    ]);
  });

  test('does not begin with another task while the stops of 16 are rate-limited', () => {
    const { status, stderr } = endOf('limited');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const stops = stopsOf.get('limited') ?? [];
    // Four requests of each limited call, then a second call of one of them, before the last task has its turn.
    expect(stops.lastIndexOf('task-16')).toBe(stops.indexOf('task-16'));
    expect(stops.indexOf('task-16')).toBeGreaterThan(64);
  });

  test('requests the stops of 40 tasks before it waits for any of them', () => {
    expect(endOf('forty').status).toBe(0);
  });

  test('has a time limit for each task, of at most a day', () => {
    const { status, stderr } = endOf('timeout');
    expect(status).toBe(1);
    expect(stderr).toMatch(/✖ task-1 (may still be running|was not stopped): TIMEOUT/);
    expect(endOf('day').status).toBe(0);
  });
});

/** The screen at the end, and each text that the live line had. */
function show({ stdout }: ChildEnd): { readonly screen: string; readonly live: string[] } {
  const rows = stdout.split('\r\n').map((row) => row.split('\r\x1b[K'));
  return {
    screen: rows.map((row) => row.at(-1)).join('\n'),
    live: rows.flatMap((row) => row.filter((text) => text.includes(' of 3 tasks'))),
  };
}

describe('on a terminal', () => {
  test.each([
    ['wide', 80, /^3 of 3 tasks still running \(20 %, 40 %, 60 %\) · stops accepted: 3 · \d+ s$/],
    ['narrow', 40, /^3 of 3 tasks still running \(20 %, 40 %…$/],
  ] as const)(
    '(%s) of %d columns one line sums up, is updated in place and is gone at the end',
    (name, columns, line) => {
      const end = endOf(name);
      const { screen, live } = show(end);
      expect(end.status).toBe(0);
      expect(sortedLines(screen)).toEqual(THREE.map((id) => `\x1b[32m✔\x1b[39m ${id} has ended: Stopped.`));
      expect(live.some((one) => line.test(one))).toBe(true);
      expect(live.some((one) => one.startsWith('1 of 3 tasks'))).toBe(true);
      expect(Math.max(...live.map(({ length }) => length))).toBeLessThan(columns);
    },
  );

  test('where CI is set there is a line per change, and none is updated', () => {
    const { status, stdout } = endOf('ci');
    expect(status).toBe(0);
    expect(stdout).not.toContain('\x1b[K');
    expect(stdout).toMatch(/^task-1: stop accepted\r$/m);
  });

  test('there is no colour with NO_COLOR, and with TERM=dumb no live line either, but a line per change', () => {
    expect(endOf('noColour').stdout).not.toContain('\x1b[32m');
    expect(endOf('noColour').stdout).toContain('\r\x1b[K');
    expect(endOf('dumb').stdout).not.toContain('\x1b');
    expect(endOf('dumb').stdout).toContain('task-1: stop accepted');
  });

  test('a stop that takes longer than a second shows a live line, but not on a pipe', () => {
    expect(show(endOf('slow')).live).toContainEqual(
      expect.stringMatching(/^[123] of 3 tasks not answered yet · \d+ s$/),
    );
    expect(endOf('slowPipe')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^✔ /) });
  });
});

test('a pipe gets colour if FORCE_COLOR asks for it', () => {
  expect(endOf('forced').stdout.startsWith('\x1b[32m✔\x1b[39m task-1')).toBe(true);
});
