// What both actions of the local console do to its tasks, and how long a stop takes.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { LocalConsole, LocalConsoleTask, StopTakes } from '../../../src/local-console';
import {
  closeConsoles,
  DESCRIBE,
  describeTask,
  fakeTimeouts,
  send,
  startConsole,
  stop,
  TASK_ID,
  UUID,
} from '../../support/servers/console-client';

let local: LocalConsole;
beforeEach(async () => {
  local = await startConsole();
});
afterEach(closeConsoles);

describe('StopFineTuningTask', () => {
  test.each<[LocalConsoleTask, boolean, LocalConsoleTask]>([
    ['Waiting', true, 'Stopped'],
    ['Running', true, 'Stopped'],
    ['Done', false, 'Done'],
    ['Failed', false, 'Failed'],
    ['Stopped', false, 'Stopped'],
    [{ runStatus: 'Running', runProgress: '60%' }, true, 'Stopped'],
    [{ runStatus: 'Done' }, false, { runStatus: 'Done' }],
  ])('for the task %j returns %s, and the task is then %j', async (before, result, after) => {
    local.tasks.set(TASK_ID, before);
    const { status, headers, text } = await send(local);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toEqual({ requestId: expect.stringMatching(UUID), result });
    expect(headers['x-bce-request-id']).toBe(JSON.parse(text).requestId);
    expect([...local.tasks]).toEqual([[TASK_ID, after]]);
  });

  test.each(['task-000000000000', '', '__proto__', 'constructor'])(
    'for the unknown task %j returns false, and adds no task',
    async (taskId) => {
      expect(await stop(local, taskId)).toBe(false);
      expect([...local.tasks]).toEqual([[TASK_ID, 'Running']]);
    },
  );

  test('gives each response its own request ID', async () => {
    const ids = [await send(local), await send(local)].map(({ headers }) => headers['x-bce-request-id']);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('DescribeFineTuningTask', () => {
  const UNFINISHED = { finishDate: '0000-00-00T00:00:00Z' };
  const FINISHED = { finishDate: '2024-01-30T11:07:23Z' };
  const SCORE = expect.stringMatching(/^\d\d\.\d\d%$/);
  const METRICS = { 'BLEU-4': SCORE, 'ROUGE-1': SCORE, 'ROUGE-2': SCORE, 'ROUGE-L': SCORE };

  test.each<[LocalConsoleTask, object]>([
    ['Waiting', { runStatus: 'Waiting', ...UNFINISHED }],
    ['Running', { runStatus: 'Running', runProgress: '0%', ...UNFINISHED }],
    ['Done', { runStatus: 'Done', ...FINISHED, metrics: METRICS }],
    ['Failed', { runStatus: 'Failed', ...FINISHED }],
    ['Stopped', { runStatus: 'Stopped', ...FINISHED }],
    [{ runStatus: 'Running' }, { runStatus: 'Running', runProgress: '0%', ...UNFINISHED }],
    [
      { runStatus: 'Running', runProgress: '60%' },
      { runStatus: 'Running', runProgress: '60%', ...UNFINISHED },
    ],
    [
      { runStatus: 'Waiting', runProgress: '60%' },
      { runStatus: 'Waiting', ...UNFINISHED },
    ],
  ])('shows the task %j with the documented fields, and does not change it', async (task, fieldsOfState) => {
    local.tasks.set(TASK_ID, task);
    const { status, headers, text } = await send(local, { target: DESCRIBE });
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toEqual({
      requestId: headers['x-bce-request-id'],
      result: {
        taskId: TASK_ID,
        jobId: expect.stringMatching(/^job-[0-9a-z]{12}$/),
        jobName: expect.any(String),
        jobDescription: expect.any(String),
        model: 'ERNIE-Speed-8K',
        trainMode: 'SFT',
        parameterScale: 'LoRA',
        vdlLink: expect.stringContaining('displayToken='),
        createDate: '2024-01-30T09:41:54Z',
        ...fieldsOfState,
      },
    });
    expect(local.tasks.get(TASK_ID)).toBe(task);
  });

  test.each(['task-000000000000', '', '__proto__'])(
    'refuses the unknown task %j with 404 NoSuchKey',
    async (taskId) => {
      const { status, headers, text } = await send(local, { target: DESCRIBE, body: JSON.stringify({ taskId }) });
      const requestId = headers['x-bce-request-id'];
      const message = 'There is no such task here; add it to `tasks`.';
      expect([status, JSON.parse(text)]).toEqual([404, { requestId, code: 'NoSuchKey', message }]);
    },
  );
});

describe('stopTakes', () => {
  test.each<[StopTakes | undefined, string[]]>([
    [undefined, ['Stopped']],
    [{ describes: 0 }, ['Stopped']],
    [{ describes: 1 }, ['Running', 'Stopped']],
    [{ describes: 3 }, ['Running', 'Running', 'Running', 'Stopped']],
    [{ ms: 0 }, ['Stopped']],
  ])(
    '%j: after an accepted stop, Describes show %j, and the map has the same value before each',
    async (stopTakes, states) => {
      local = await startConsole({ stopTakes });
      expect(await stop(local)).toBe(true);
      for (const state of [...states, 'Stopped']) {
        expect(local.tasks.get(TASK_ID)).toBe(state);
        expect((await describeTask(local)).runStatus).toBe(state);
      }
      expect(await stop(local)).toBe(false);
    },
  );

  test('in milliseconds: the task is stopped when they have passed, and not before', async () => {
    fakeTimeouts();
    local = await startConsole({ stopTakes: { ms: 60_000 } });
    expect(await stop(local)).toBe(true);
    jest.advanceTimersByTime(59_999);
    expect([(await describeTask(local)).runStatus, local.tasks.get(TASK_ID)]).toEqual(['Running', 'Running']);
    jest.advanceTimersByTime(1);
    expect([local.tasks.get(TASK_ID), (await describeTask(local)).runStatus]).toEqual(['Stopped', 'Stopped']);
  });

  test('a second stop is accepted and does not start the count again: in Describes', async () => {
    local = await startConsole({ stopTakes: { describes: 2 } });
    const seen = [await stop(local), (await describeTask(local)).runStatus];
    seen.push(await stop(local), (await describeTask(local)).runStatus);
    seen.push((await describeTask(local)).runStatus, await stop(local));
    expect(seen).toEqual([true, 'Running', true, 'Running', 'Stopped', false]);
  });

  test('a second stop is accepted and does not start the count again: in milliseconds', async () => {
    fakeTimeouts();
    local = await startConsole({ stopTakes: { ms: 1_000 } });
    const accepted = [await stop(local)];
    jest.advanceTimersByTime(600);
    accepted.push(await stop(local));
    jest.advanceTimersByTime(400);
    expect([accepted, local.tasks.get(TASK_ID)]).toEqual([[true, true], 'Stopped']);
  });

  test('is counted for each task separately', async () => {
    local = await startConsole({ stopTakes: { describes: 1 } });
    local.tasks.set('task-other', 'Waiting');
    await stop(local);
    expect((await describeTask(local, 'task-other')).runStatus).toBe('Waiting');
    expect((await describeTask(local)).runStatus).toBe('Running');
    expect([...local.tasks.values()]).toEqual(['Stopped', 'Waiting']);
  });

  test('is counted from the start when a stopped task is set to Running and stopped again', async () => {
    local = await startConsole({ stopTakes: { describes: 2 } });
    for (const _ of ['first stop', 'second stop']) {
      local.tasks.set(TASK_ID, 'Running');
      await stop(local);
      const seen: string[] = [];
      for (let count = 0; count < 3; count += 1) seen.push((await describeTask(local)).runStatus);
      expect(seen).toEqual(['Running', 'Running', 'Stopped']);
    }
  });

  test('scripted and refused Describes do not count', async () => {
    local = await startConsole({ stopTakes: { describes: 1 } });
    await stop(local);
    local.answerNext({ body: 'scripted' });
    await describeTask(local).catch(() => {});
    await send(local, { target: DESCRIBE, secretKey: 'wrong' });
    expect((await describeTask(local)).runStatus).toBe('Running');
    expect(local.tasks.get(TASK_ID)).toBe('Stopped');
  });

  test.each<[string, LocalConsoleTask, object, LocalConsoleTask]>([
    ['a final state', 'Done', { runStatus: 'Done' }, 'Done'],
    ['a final state with progress', { runStatus: 'Failed' }, { runStatus: 'Failed' }, { runStatus: 'Failed' }],
    ['progress', { runStatus: 'Running', runProgress: '70%' }, { runStatus: 'Running', runProgress: '70%' }, 'Stopped'],
    ['another active state', 'Waiting', { runStatus: 'Waiting' }, 'Stopped'],
  ])(
    'a stopping task that is set to %s shows it, and is stopped only if it is still active',
    async (_, task, shown, after) => {
      local = await startConsole({ stopTakes: { describes: 1 } });
      await stop(local);
      local.tasks.set(TASK_ID, task);
      expect(await describeTask(local)).toMatchObject(shown);
      expect(local.tasks.get(TASK_ID)).toEqual(after);
    },
  );

  test('a stopping task that is deleted stays deleted', async () => {
    local = await startConsole({ stopTakes: { describes: 1 } });
    await stop(local);
    local.tasks.delete(TASK_ID);
    expect([await describeTask(local), local.tasks.size]).toEqual(['NoSuchKey', 0]);
  });
});

test.each([null, undefined, 5])('a task that is set to %s does not crash the server', async (value) => {
  Object(local.tasks).set(TASK_ID, value);
  expect(await stop(local)).toBe(false);
  await describeTask(local);
  expect(local.requests).toHaveLength(2);
});
