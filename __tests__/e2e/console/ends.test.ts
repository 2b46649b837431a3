// How the local console starts and closes, and what it makes of clients that break off.
import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type LocalConsole, type LocalConsoleOptions, startLocalConsole } from '../../../src/local-console';
import { ROOT } from '../../support/root';
import {
  answerTo,
  fakeTimeouts,
  open,
  rawSend,
  recorded,
  STOP,
  send,
  stop,
  TASK_ID,
} from '../../support/servers/console-client';

const CONSOLE_SOURCE = join(ROOT, 'src', 'local-console');

let local: LocalConsole;
beforeEach(async () => {
  local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running' } });
});
afterEach(async () => {
  jest.useRealTimers();
  await local.close();
});

const port = () => Number(new URL(local.url).port);

describe('starting', () => {
  test('gives a URL on 127.0.0.1, and keys that nobody has to choose', () => {
    expect(local.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(local.credentials).toEqual({ accessKey: 'local-access-key', secretKey: 'local-secret-key' });
  });

  test('listens nowhere else', async () => {
    await expect(once(connect(port(), '127.0.0.2'), 'connect')).rejects.toThrow();
  });

  test('takes no option, or every one as undefined', async () => {
    const keys = { accessKey: undefined, secretKey: undefined };
    const consoles = [
      await startLocalConsole(),
      await startLocalConsole({ port: undefined, ...keys, tasks: undefined, stopTakes: undefined }),
    ];
    for (const other of consoles) {
      await other.close();
      expect([other.credentials, other.tasks.size]).toEqual([local.credentials, 0]);
    }
  });

  test('takes the keys and the port that it is given', async () => {
    const given = port();
    await local.close();
    const keys = { accessKey: 'mine', secretKey: 'a/b+c=' };
    local = await startLocalConsole({ port: given, ...keys, tasks: { [TASK_ID]: 'Waiting' } });
    expect(local.url).toBe(`http://127.0.0.1:${given}`);
    expect(await stop(local)).toBe(true);
    expect(local.requests[0]?.accessKey).toBe('mine');
  });

  test('leaves the tasks object that it was given as it is', async () => {
    const tasks = { [TASK_ID]: { runStatus: 'Running', runProgress: '60%' } } as const;
    await local.close();
    local = await startLocalConsole({ tasks });
    await stop(local);
    expect(local.tasks.get(TASK_ID)).toBe('Stopped');
    expect(tasks).toEqual({ [TASK_ID]: { runStatus: 'Running', runProgress: '60%' } });
  });

  test('takes the tasks of another console as they are', async () => {
    const other = await startLocalConsole({ tasks: local.tasks });
    expect([...other.tasks]).toEqual([[TASK_ID, 'Running']]);
    expect(other.tasks).not.toBe(local.tasks);
    await other.close();
  });

  test('rejects with the error of Node where the port is taken', async () => {
    await expect(startLocalConsole({ port: port() })).rejects.toMatchObject({ code: 'EADDRINUSE', port: port() });
  });

  test('gives the workers of a cluster a port each', async () => {
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

  const UNKNOWN = 'ports is not a known field; known: port, accessKey, secretKey, tasks, stopTakes.';
  const BAD_PORT = 'port must be an integer from 0 to 65535.';
  const BAD_ACCESS_KEY = 'accessKey must be visible ASCII without a slash.';
  const BAD_SECRET_KEY = 'secretKey must be visible ASCII.';
  const BAD_STATE = `The state of ${TASK_ID} must be one of Waiting, Running, Done, Failed, Stopped.`;
  const BAD_PROGRESS = `The runProgress of ${TASK_ID} must be text, such as '60%'.`;
  const NOT_ONE = 'stopTakes must be either { describes: n } or { ms: n }.';
  const BAD_COUNT = 'stopTakes.describes must be an integer, 0 or more.';
  const BAD_TIME = 'stopTakes.ms must be an integer, 0 to 2147483647.';
  const oneTask = (task: unknown) => ({ tasks: { [TASK_ID]: task } });
  test.each<[string, object, string]>([
    ['tasks that are a number', { tasks: 5 }, 'tasks must be an object or a Map of states by task ID.'],
    ['an unknown field', { ports: 80 }, UNKNOWN],
    ['a port too high', { port: 65_536 }, BAD_PORT],
    ['a port below 0', { port: -1 }, BAD_PORT],
    ['the path of a pipe', { port: 'pipe' }, BAD_PORT],
    ['half a port', { port: 80.5 }, BAD_PORT],
    ['an empty access key', { accessKey: '' }, BAD_ACCESS_KEY],
    ['an access key with a slash', { accessKey: 'a/b' }, BAD_ACCESS_KEY],
    ['an access key with a space', { accessKey: 'a b' }, BAD_ACCESS_KEY],
    ['an access key with a line break', { accessKey: 'ab\n' }, BAD_ACCESS_KEY],
    ['an access key that is no text', { accessKey: 5 }, BAD_ACCESS_KEY],
    ['an empty secret key', { secretKey: '' }, BAD_SECRET_KEY],
    ['a secret key of other characters', { secretKey: '密' }, BAD_SECRET_KEY],
    ['a secret key that is no text', { secretKey: null }, BAD_SECRET_KEY],
    ['an unknown state', oneTask('running'), BAD_STATE],
    ['an inherited name as a state', oneTask('toString'), BAD_STATE],
    ['a state that is undefined', oneTask(undefined), BAD_STATE],
    ['a state that is null', oneTask(null), BAD_STATE],
    ['an unknown runStatus', oneTask({ runStatus: 'running' }), BAD_STATE],
    ['a task without a runStatus', oneTask({ runProgress: '60%' }), BAD_STATE],
    ['a map with an unknown state', { tasks: new Map([[TASK_ID, 'running']]) }, BAD_STATE],
    ['a progress that is a number', oneTask({ runStatus: 'Running', runProgress: 60 }), BAD_PROGRESS],
    [
      'an unknown field of a task',
      oneTask({ runStatus: 'Running', progress: '60%' }),
      'progress is not a known field; known: runStatus, runProgress.',
    ],
    [
      'an unknown field of stopTakes',
      { stopTakes: { ms: 1, describe: 1 } },
      'describe is not a known field; known: describes, ms.',
    ],
    ['an empty stopTakes', { stopTakes: {} }, NOT_ONE],
    ['a stopTakes of both', { stopTakes: { describes: 1, ms: 1 } }, NOT_ONE],
    ['a stopTakes that is a number', { stopTakes: 5 }, NOT_ONE],
    ['fewer Describes than none', { stopTakes: { describes: -1 } }, BAD_COUNT],
    ['half a Describe', { stopTakes: { describes: 0.5 } }, BAD_COUNT],
    ['Describes without end', { stopTakes: { describes: Infinity } }, BAD_COUNT],
    ['a stop that ends before now', { stopTakes: { ms: -1 } }, BAD_TIME],
    ['a stop of text', { stopTakes: { ms: '5' } }, BAD_TIME],
    ['a stop that setTimeout cuts', { stopTakes: { ms: 2 ** 31 } }, BAD_TIME],
  ])('refuses %s', async (_, options: LocalConsoleOptions, message) => {
    await expect(startLocalConsole(options)).rejects.toMatchObject({ name: 'RangeError', message });
  });

  test('refuses options that are no object', async () => {
    await expect(Reflect.apply(startLocalConsole, undefined, [8080])).rejects.toThrow(
      'It must be an object with some of port',
    );
  });
});

describe('a client that breaks off', () => {
  const head = `POST ${STOP} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{`;

  test.each([
    ['in the headers', head.slice(0, 40)],
    ['in the body', head],
    ['before anything', ''],
    ['with what is not HTTP', '\u0000\u0001\r\n\r\n'],
  ])('%s is not recorded, and hurts nobody', async (_, bytes) => {
    local.answerNext({ body: 'still there' });
    const socket = connect(port(), '127.0.0.1');
    await once(socket, 'connect');
    await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await send(local)).text).toBe('still there');
    expect(local.requests).toHaveLength(1);
  });

  test('while its answer is late is forgotten', async () => {
    fakeTimeouts();
    const faults = [undefined, 'reset', 'break-body', 'stall-body'] as const;
    for (const fault of faults) local.answerNext({ delayMs: 1_000, body: '01', fault });
    const requests = faults.map(() => open(local).on('error', () => {}));
    await recorded(local, 4);
    for (const request of requests) request.destroy();
    await send(local);
    jest.advanceTimersByTime(1_000);
    expect((await send(local)).status).toBe(200);
  });
});

describe('closing', () => {
  test('frees the port, and a second time changes nothing', async () => {
    await Promise.all([local.close(), local.close()]);
    await local.close();
    await expect(answerTo(open(local))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
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

  test('drops answers and stops that are still to come', async () => {
    fakeTimeouts();
    await local.close();
    local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running' }, stopTakes: { ms: 60_000 } });
    await stop(local);
    local.answerNext({ delayMs: 60_000 });
    const raw = rawSend(local);
    await recorded(local, 2);
    const timersBefore = jest.getTimerCount();
    await local.close();
    expect([timersBefore, jest.getTimerCount(), (await raw).text]).toEqual([2, 0, '']);
  });

  test('leaves nothing behind that keeps the process alive', async () => {
    const script = `
      const http = require('node:http');
      const { startLocalConsole } = require(${JSON.stringify(CONSOLE_SOURCE)});
      const answers = [{ delayMs: 2_000_000_000 }, { fault: 'no-answer' }, { fault: 'stall-body' }, { fault: 'break-body' }, {}];
      (async () => {
        const local = await startLocalConsole();
        answers.forEach(local.answerNext);
        for (const _ of answers) http.request(local.url, { method: 'POST' }, (it) => it.on('error', () => {})).on('error', () => {}).end('{}');
        while (local.requests.length < answers.length) await new Promise(setImmediate);
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
