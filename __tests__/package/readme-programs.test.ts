// The two programs of the README that a person would build on do what it says of them: many tasks, and a server. `npm run
// build` comes before.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  type LocalConsole,
  type LocalConsoleAction,
  type LocalConsoleAnswer,
  type LocalConsoleRequest,
  startLocalConsole,
} from '../../src/local-console/index';
import { examplesOf } from '../support/documents/examples';
import { writeProgram } from '../support/documents/run-example';
import { type Child, startChild } from '../support/processes/child';
import { variablesOf } from '../support/processes/command';
import { type ChildProject, makeChildProject } from '../support/processes/project';
import { until } from '../support/until';

const TASK_IDS = Array.from({ length: 60 }, (_, index) => `task-${index}`);
const REFUSAL = { status: 403, body: { requestId: 'r-1', code: 'AccessDenied', message: 'no' } };
const NO_SUCH_TASK = {
  action: 'DescribeFineTuningTask',
  status: 404,
  body: { requestId: 'r-1', code: 'NoSuchKey', message: 'no' },
} as const;

jest.setTimeout(60_000);

let local: LocalConsole;
let project: ChildProject;

beforeAll(() => {
  project = makeChildProject();
});
afterAll(() => project.remove());

describe.each(examplesOf('many'))('many tasks: $place', ({ code }) => {
  const run = (...taskIds: string[]): Child =>
    startChild(process.execPath, [writeProgram(project, code), ...taskIds], {
      cwd: project.directory,
      env: variablesOf(local),
    });

  afterEach(() => local.close());

  test('requests the last stop before the first task has ended, and ends well', async () => {
    // No task ends before this test says so. A program that limits how many run at once would never request the last stop.
    local = await startTasks({ describes: 1_000_000 });
    const { end } = run(...TASK_IDS);
    await until(() => count(local.requests, 'StopFineTuningTask') === TASK_IDS.length);
    const lastStop = local.requests.findLastIndex(({ query }) => query['Action'] === 'StopFineTuningTask');
    const firstEnd = local.requests.length;
    for (const taskId of TASK_IDS) local.tasks.set(taskId, 'Stopped');
    expect(await end).toMatchObject({ status: 0, stderr: '' });
    expect(lastStop).toBeLessThan(firstEnd);
    expect(count(local.requests, 'StopFineTuningTask')).toBe(TASK_IDS.length);
  });

  test('names the one task that may be running, and ends with 1', async () => {
    local = await startTasks({ describes: 0 });
    local.answerNext({ action: 'StopFineTuningTask', ...REFUSAL });
    const { status, stdout, stderr } = await run(...TASK_IDS.slice(0, 3)).end;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^task-\d \S.*PERMISSION_DENIED \(refused\): [^\n]*\n$/);
    expect(stdout.match(/ accepted Stopped$/gm)).toHaveLength(2);
  });

  test('names a task that may be running while it waits for the others', async () => {
    local = await startTasks({ describes: 1_000_000 });
    local.answerNext({ action: 'StopFineTuningTask', ...REFUSAL });
    const { end, printed } = run(...TASK_IDS.slice(0, 3));
    await printed(/^task-\d \S.*PERMISSION_DENIED/m);
    for (const taskId of TASK_IDS) local.tasks.set(taskId, 'Stopped');
    expect((await end).status).toBe(1);
  });

  test('ends with 1 where no task was named', async () => {
    local = await startTasks({ describes: 0 });
    expect((await run().end).status).toBe(1);
  });
});

describe.each(examplesOf('server'))('a server: $place', ({ code }) => {
  const [ENDED = '', UNTOUCHED = '', REFUSED = '', LOST = '', HIDDEN = '', OURS = '', LEFT = '', LEFT_EARLY = ''] =
    TASK_IDS;
  let server: RunningServer;

  beforeAll(async () => {
    local = await startTasks({ describes: 1 });
    server = await startServer(code, variablesOf(local));
  });
  afterAll(async () => {
    await server.end();
    await local.close();
  });

  const ask = (taskId: string, options: RequestInit = {}): Promise<Response> => server.ask(taskId, options);
  const requestsFor = (taskId: string): readonly LocalConsoleRequest[] =>
    local.requests.filter(({ body }) => body.includes(`"${taskId}"`));

  test('waits for less than 20 seconds', () => {
    expect(code.match(/timeoutMs: (\d+)_000/)?.[1]).toBe('19');
  });

  test('responds with the state in which the task ended', async () => {
    local.tasks.set(ENDED, 'Done');
    const response = await ask(ENDED);
    expect([response.status, await response.json()]).toEqual([200, { taskId: ENDED, runStatus: 'Done' }]);
  });

  test('stops nothing on a GET, as a link or a crawler sends it', async () => {
    expect((await ask(UNTOUCHED, { method: 'GET' })).status).toBe(405);
    expect(requestsFor(UNTOUCHED)).toEqual([]);
  });

  const DESCRIBE = { action: 'DescribeFineTuningTask', ...REFUSAL } as const;
  const rows: readonly (readonly [
    what: string,
    taskId: string,
    answer: LocalConsoleAnswer | undefined,
    status: number,
    body: object,
  ])[] = [
    ['an ID that is none', 'job-1', undefined, 400, { code: 'INVALID_INPUT', outcome: 'not_sent' }],
    ['no such task', 'task-none', undefined, 404, { code: 'NOT_FOUND', outcome: 'refused' }],
    ['a task that cannot be found any more', LOST, NO_SUCH_TASK, 202, { code: 'NOT_FOUND', outcome: 'unknown' }],
    ['a refused stop', REFUSED, REFUSAL, 502, { code: 'PERMISSION_DENIED', outcome: 'refused' }],
    ['an accepted one', HIDDEN, DESCRIBE, 202, { code: 'PERMISSION_DENIED', outcome: 'unknown' }],
  ];
  test.each(rows)('tells of %s', async (_, taskId, answer, status, body) => {
    if (answer) local.answerNext(answer);
    const response = await ask(taskId);
    expect([response.status, await response.json()]).toEqual([status, { taskId, ...body }]);
  });

  test('takes the blame for its own configuration', async () => {
    const withoutKeys = await startServer(code, { QIANFAN_CONSOLE_API_BASE_URL: local.url });
    const response = await withoutKeys.ask(OURS);
    expect([response.status, await response.json()]).toMatchObject([500, { code: 'MISSING_CREDENTIALS' }]);
    await withoutKeys.end();
  });

  test.each<['accepted' | 'unknown', LocalConsoleAction, string]>([
    ['accepted', 'DescribeFineTuningTask', LEFT],
    ['unknown', 'StopFineTuningTask', LEFT_EARLY],
  ])('ends the wait when its client goes, with `stop` %s, and serves the next one', async (stop, action, taskId) => {
    local.answerNext({ action, fault: 'no-answer' });
    const client = new AbortController();
    const gone = ask(taskId, { signal: client.signal }).catch(() => 'gone');
    await until(() => count(requestsFor(taskId), action) === 1);
    const sent = requestsFor(taskId).length;
    client.abort();
    expect(await gone).toBe('gone');
    await server.printed(new RegExp(`"code":"ABORTED".*"taskId":"${taskId}".*"stop":"${stop}"`));
    expect((await ask('job-1')).status).toBe(400);
    expect([requestsFor(taskId).length, local.tasks.get(taskId)]).toEqual([sent, 'Running']);
  });
});

interface RunningServer {
  ask(taskId: string, options?: RequestInit): Promise<Response>;
  printed(pattern: RegExp): Promise<void>;
  end(): Promise<void>;
}

/** Starts the README's server, and resolves once it listens. */
async function startServer(code: string, variables: Readonly<Record<string, string>>): Promise<RunningServer> {
  const port = await freePort();
  const file = writeProgram(project, code);
  const child = startChild(process.execPath, [file], {
    cwd: project.directory,
    env: { ...variables, PORT: `${port}` },
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(url).catch(() => undefined))) await sleep(10);
  return {
    ask: (taskId, options) => fetch(`${url}/?taskId=${encodeURIComponent(taskId)}`, { method: 'POST', ...options }),
    printed: child.printed,
    async end() {
      child.process.kill();
      await child.end;
    },
  };
}

function startTasks(stopTakes: { describes: number }): Promise<LocalConsole> {
  return startLocalConsole({ tasks: Object.fromEntries(TASK_IDS.map((taskId) => [taskId, 'Running'])), stopTakes });
}

function count(requests: readonly LocalConsoleRequest[], action: string): number {
  return requests.filter(({ query }) => query['Action'] === action).length;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
