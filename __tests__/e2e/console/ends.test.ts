// How the local console starts and closes, which options it refuses, and how it handles clients that break off.
import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type LocalConsole, startLocalConsole } from '../../../src/local-console';
import { ROOT } from '../../support/root';
import {
  closeConsoles,
  fakeTimeouts,
  rawSend,
  recorded,
  responseTo,
  STOP,
  send,
  startConsole,
  startRequest,
  stop,
  TASK_ID,
} from '../../support/servers/console-client';

const CONSOLE_SOURCE = join(ROOT, 'src', 'local-console');

let local: LocalConsole;
beforeEach(async () => {
  local = await startConsole();
});
afterEach(closeConsoles);

const port = () => Number(new URL(local.url).port);

describe('starting', () => {
  test('has a URL on 127.0.0.1, default keys, and the documented members', () => {
    expect(Object.keys(local)).toEqual(['url', 'credentials', 'tasks', 'requests', 'answerNext', 'close']);
    expect(local.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(local.credentials).toEqual({ accessKey: 'local-access-key', secretKey: 'local-secret-key' });
  });

  test('does not listen on another address', async () => {
    await expect(once(connect(port(), '127.0.0.2'), 'connect')).rejects.toThrow();
  });

  test('works without options, and with every option undefined', async () => {
    const keys = { accessKey: undefined, secretKey: undefined };
    const every = { port: undefined, ...keys, tasks: undefined, stopTakes: undefined };
    for (const other of [await startLocalConsole(), await startConsole(every)]) {
      await other.close();
      expect([other.credentials, other.tasks.size]).toEqual([local.credentials, 0]);
    }
  });

  test('uses the keys and the port that are given', async () => {
    const given = port();
    await local.close();
    const keys = { accessKey: 'mine', secretKey: 'a/b+c=' };
    local = await startConsole({ port: given, ...keys });
    expect(local.url).toBe(`http://127.0.0.1:${given}`);
    expect(await stop(local)).toBe(true);
    expect(local.requests[0]?.accessKey).toBe('mine');
  });

  test('does not change the tasks object that is given', async () => {
    const tasks = { [TASK_ID]: { runStatus: 'Running', runProgress: '60%' } } as const;
    local = await startConsole({ tasks });
    await stop(local);
    expect(local.tasks.get(TASK_ID)).toBe('Stopped');
    expect(tasks).toEqual({ [TASK_ID]: { runStatus: 'Running', runProgress: '60%' } });
  });

  test('copies the tasks of another console', async () => {
    const other = await startConsole({ tasks: local.tasks });
    expect([...other.tasks]).toEqual([[TASK_ID, 'Running']]);
    expect(other.tasks).not.toBe(local.tasks);
  });

  test("rejects with Node's error if the port is in use", async () => {
    await expect(startLocalConsole({ port: port() })).rejects.toMatchObject({ code: 'EADDRINUSE', port: port() });
  });

  test('gives each worker of a cluster its own port', async () => {
    const script = `
      require(${JSON.stringify(CONSOLE_SOURCE)}).startLocalConsole().then(({ url }) => process.send(url));
    `;
    const execArgv = ['--require', require.resolve('esbuild-register'), '--eval', script];
    cluster.setupPrimary({ exec: 'worker', execArgv, cwd: ROOT });
    const workers = [cluster.fork(), cluster.fork()];
    try {
      const urls = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
      expect(new Set([...urls, local.url]).size).toBe(3);
    } finally {
      for (const worker of workers) worker.process.kill('SIGKILL');
      await Promise.all(workers.map((worker) => once(worker, 'exit')));
    }
  });

  const NO_OBJECT = 'options must be an object with some of port, accessKey, secretKey, tasks, stopTakes.';
  const UNKNOWN = 'options.ports is not a known field; known: port, accessKey, secretKey, tasks, stopTakes.';
  const BAD_PORT = 'options.port must be an integer from 0 to 65535.';
  const BAD_ACCESS_KEY = 'options.accessKey must be visible ASCII without a slash.';
  const BAD_SECRET_KEY = 'options.secretKey must be visible ASCII.';
  const BAD_TASKS = 'options.tasks must be an object or a Map, with a state for each task ID.';
  const TASK = `options.tasks["${TASK_ID}"]`;
  const BAD_STATE = `${TASK} must be in one of the states Waiting, Running, Done, Failed, Stopped.`;
  const BAD_PROGRESS = `${TASK}.runProgress must be a string, such as '60%'.`;
  const UNKNOWN_IN_TASK = `${TASK}.progress is not a known field; known: runStatus, runProgress.`;
  const UNKNOWN_IN_STOP = 'options.stopTakes.describe is not a known field; known: describes, ms.';
  const BAD_STOP = 'options.stopTakes must be an object with some of describes, ms.';
  const NOT_ONE = 'options.stopTakes must be either { describes: n } or { ms: n }.';
  const BAD_COUNT = 'options.stopTakes.describes must be an integer, 0 or more.';
  const BAD_TIME = 'options.stopTakes.ms must be an integer from 0 to 2147483647.';
  const oneTask = (task: unknown) => ({ tasks: { [TASK_ID]: task } });
  test.each<[string, unknown, string]>([
    ['options that are a number', 8080, NO_OBJECT],
    ['options that are null', null, NO_OBJECT],
    ['options that are a list', [], NO_OBJECT],
    ['an unknown field', { ports: 80 }, UNKNOWN],
    ['a port that is too high', { port: 65_536 }, BAD_PORT],
    ['a negative port', { port: -1 }, BAD_PORT],
    ['a port that is a string', { port: 'pipe' }, BAD_PORT],
    ['a port that is no integer', { port: 80.5 }, BAD_PORT],
    ['an empty access key', { accessKey: '' }, BAD_ACCESS_KEY],
    ['an access key with a slash', { accessKey: 'a/b' }, BAD_ACCESS_KEY],
    ['an access key with a space', { accessKey: 'a b' }, BAD_ACCESS_KEY],
    ['an access key with a line break', { accessKey: 'ab\n' }, BAD_ACCESS_KEY],
    ['an access key that is no string', { accessKey: 5 }, BAD_ACCESS_KEY],
    ['an empty secret key', { secretKey: '' }, BAD_SECRET_KEY],
    ['a secret key that is not ASCII', { secretKey: '密' }, BAD_SECRET_KEY],
    ['a secret key that is no string', { secretKey: null }, BAD_SECRET_KEY],
    ['tasks that are a number', { tasks: 5 }, BAD_TASKS],
    ['tasks that are a list', { tasks: [TASK_ID] }, BAD_TASKS],
    ['an unknown state', oneTask('running'), BAD_STATE],
    ['an inherited name as a state', oneTask('toString'), BAD_STATE],
    ['a task that is undefined', oneTask(undefined), BAD_STATE],
    ['a task that is null', oneTask(null), BAD_STATE],
    ['an unknown runStatus', oneTask({ runStatus: 'running' }), BAD_STATE],
    ['a task without a runStatus', oneTask({ runProgress: '60%' }), BAD_STATE],
    ['a Map with an unknown state', { tasks: new Map([[TASK_ID, 'running']]) }, BAD_STATE],
    ['a runProgress that is a number', oneTask({ runStatus: 'Running', runProgress: 60 }), BAD_PROGRESS],
    ['an unknown field of a task', oneTask({ runStatus: 'Running', progress: '60%' }), UNKNOWN_IN_TASK],
    ['an unknown field of stopTakes', { stopTakes: { ms: 1, describe: 1 } }, UNKNOWN_IN_STOP],
    ['a stopTakes that is a number', { stopTakes: 5 }, BAD_STOP],
    ['an empty stopTakes', { stopTakes: {} }, NOT_ONE],
    ['a stopTakes of both', { stopTakes: { describes: 1, ms: 1 } }, NOT_ONE],
    ['a negative stopTakes.describes', { stopTakes: { describes: -1 } }, BAD_COUNT],
    ['a stopTakes.describes that is no integer', { stopTakes: { describes: 0.5 } }, BAD_COUNT],
    ['an infinite stopTakes.describes', { stopTakes: { describes: Infinity } }, BAD_COUNT],
    ['a negative stopTakes.ms', { stopTakes: { ms: -1 } }, BAD_TIME],
    ['a stopTakes.ms that is a string', { stopTakes: { ms: '5' } }, BAD_TIME],
    ['a stopTakes.ms too long for setTimeout', { stopTakes: { ms: 2 ** 31 } }, BAD_TIME],
  ])('refuses %s', async (_, options, message) => {
    const starting = Reflect.apply(startLocalConsole, undefined, [options]);
    await expect(starting).rejects.toMatchObject({ name: 'RangeError', message });
  });
});

describe('a client that breaks off', () => {
  const head = `POST ${STOP} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{`;

  test.each([
    ['in the headers', head.slice(0, 40)],
    ['in the body', head],
    ['before anything', ''],
    ['with what is not HTTP', '\u0000\u0001\r\n\r\n'],
  ])('%s is not recorded, and the next client gets its response', async (_, bytes) => {
    local.answerNext({ body: 'next' });
    const socket = connect(port(), '127.0.0.1');
    await once(socket, 'connect');
    await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await send(local)).text).toBe('next');
    expect(local.requests).toHaveLength(1);
  });

  test('before its delayed response does not crash the server', async () => {
    fakeTimeouts();
    const faults = [undefined, 'reset', 'break-body', 'stall-body'] as const;
    for (const fault of faults) local.answerNext({ delayMs: 1_000, body: '01', fault });
    const requests = faults.map(() => startRequest(local).on('error', () => {}));
    await recorded(local, 4);
    for (const request of requests) request.destroy();
    await send(local);
    jest.advanceTimersByTime(1_000);
    expect((await send(local)).status).toBe(200);
  });
});

describe('closing', () => {
  test('frees the port, and a second call changes nothing', async () => {
    await Promise.all([local.close(), local.close()]);
    await local.close();
    await expect(responseTo(startRequest(local))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('breaks connections that are idle, waiting or stalled', async () => {
    local.answerNext({ fault: 'no-answer' });
    local.answerNext({ fault: 'stall-body', body: '01' });
    const ends = [rawSend(local), rawSend(local)];
    const idle = connect(port(), '127.0.0.1').on('error', () => {});
    idle.resume();
    await Promise.all([recorded(local, 2), once(idle, 'connect')]);
    await send(local);
    const idleEnd = once(idle, 'close');
    await local.close();
    await Promise.all([...ends, idleEnd]);
  });

  test('cancels responses and stops that are still to come', async () => {
    fakeTimeouts();
    local = await startConsole({ stopTakes: { ms: 60_000 } });
    await stop(local);
    local.answerNext({ delayMs: 60_000 });
    const raw = rawSend(local);
    await recorded(local, 2);
    const timersBefore = jest.getTimerCount();
    await local.close();
    expect([timersBefore, jest.getTimerCount(), (await raw).text]).toEqual([2, 0, '']);
  });

  test('leaves nothing that keeps the process alive', async () => {
    const script = `
      const http = require('node:http');
      const { startLocalConsole } = require(${JSON.stringify(CONSOLE_SOURCE)});
      const responses = [{ delayMs: 2_000_000_000 }, { fault: 'no-answer' }, { fault: 'stall-body' }, { fault: 'break-body' }, {}];
      (async () => {
        const local = await startLocalConsole();
        responses.forEach(local.answerNext);
        for (const _ of responses) http.request(local.url, { method: 'POST' }, (it) => it.on('error', () => {})).on('error', () => {}).end('{}');
        while (local.requests.length < responses.length) await new Promise(setImmediate);
        await local.close();
        process.stdout.write('closed');
      })();
    `;
    const child = spawn(process.execPath, ['--require', 'esbuild-register', '--eval', script], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [[text], [status]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')]);
      expect([String(text), status]).toEqual(['closed', 0]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
