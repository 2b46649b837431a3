// A stop that is waited for, with the real SDK over real sockets: the rows that must hold, what reaches the server, and that
// nothing is left behind. It uses a copy of `dist`: run `npm run build` before.

import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stopFineTuningTaskAndWait, type WaitOptions } from '../../../src';
import { type ChildProject, makeChildProject } from '../../support/processes/project';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { TASK, TASK_ID } from '../../support/task';
import { until } from '../../support/until';
import { asRawResponse, script } from '../../support/waits/script';
import { type End, endOf, inNotation, letters } from '../../support/waits/wait-ends';
import { ROWS } from '../../support/waits/wait-rows';

const credentials = { accessKey: 'an-access-key', secretKey: 'a-secret-key' };

function serve(responses: string): Promise<RawServer> {
  const said = script(responses);
  return startServer((socket, index, request) => {
    const given = asRawResponse(said.next(isStop(request) ? 'stop' : 'describe'));
    if (typeof given === 'function') given(socket, index, request);
    else socket.end(given);
  });
}

const isStop = (request: string): boolean => request.startsWith('POST /v2/finetuning?Action=StopFineTuningTask ');

const seen = ({ requests }: RawServer): string =>
  letters(requests.map((request) => ({ to: isStop(request) ? 'stop' : 'describe' })));

function waitAt({ baseUrl }: Pick<RawServer, 'baseUrl'>, options: WaitOptions = {}): Promise<End> {
  return endOf(stopFineTuningTaskAndWait(TASK, { credentials, baseUrl, pollIntervalMs: 100, ...options }));
}

describe('a script of responses', () => {
  const rows = ROWS.filter(({ not }) => !not?.includes('sockets'));
  const ends = new Map<string, { end: string; requests: string }>();

  // All at once, as they sleep most of the time.
  beforeAll(async () => {
    await Promise.all(
      rows.map(async ({ responses, end }) => {
        const server = await serve(responses);
        const how = await waitAt(server, { timeoutMs: end.startsWith('TIMEOUT') ? 3_000 : 30_000 });
        ends.set(responses, { end: inNotation(how), requests: seen(server) });
      }),
    );
  });

  test.each(rows)('$responses → $end ($requests)', ({ responses, end, requests }) => {
    const row = ends.get(responses);
    expect(row?.end).toBe(end);
    // The number of requests before the time is over depends on the machine.
    if (end.startsWith('TIMEOUT')) expect(requests).toMatch(new RegExp(`^${row?.requests.slice(0, requests.length)}`));
    else expect(row?.requests).toBe(requests);
  });
});

describe('the requests', () => {
  test('are repeated while the connection is refused, and count as not sent', async () => {
    const placeholder = createServer().listen(0, '127.0.0.1');
    await once(placeholder, 'listening');
    const { port } = placeholder.address() as AddressInfo;
    placeholder.close();
    await once(placeholder, 'close');
    const server = createServer((request, response) => {
      const isStopped = request.url?.includes('Describe');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ requestId: 'r', result: isStopped ? { runStatus: 'Stopped' } : true }));
    });
    const stops: string[] = [];
    const end = await waitAt(
      { baseUrl: `http://127.0.0.1:${port}` },
      {
        onProgress: ({ stop, stopRequests }) => {
          stops.push(stop);
          if (stopRequests === 4) server.listen(port, '127.0.0.1');
        },
      },
    );
    server.close();
    expect(inNotation(end)).toBe('Stopped');
    expect(stops.slice(0, 4)).toEqual(['not_sent', 'not_sent', 'not_sent', 'not_sent']);
    expect(stops.slice(-2)).toEqual(['accepted', 'accepted']);
  });

  test('end when the wait does: the server sees the connection closed', async () => {
    const server = await serve('S+ D~');
    const end = await waitAt(server, { timeoutMs: 300 });
    expect(inNotation(end)).toBe('TIMEOUT unknown accepted -');
    await server.connections[1]?.closed;
  });

  test('end with an abort: the server sees the connection closed', async () => {
    const server = await serve('S~');
    const controller = new AbortController();
    const wait = waitAt(server, { signal: controller.signal });
    await until(() => server.requests.length === 1);
    controller.abort('enough');
    expect(inNotation(await wait)).toBe('ABORTED unknown unknown -');
    await server.connections[0]?.closed;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('end with an abort while the wait sleeps', async () => {
    const server = await serve('S+ DR');
    const controller = new AbortController();
    const wait = waitAt(server, {
      signal: controller.signal,
      onProgress: ({ describeRequests }) => {
        if (describeRequests === 3) setImmediate(() => controller.abort());
      },
    });
    expect(inNotation(await wait)).toBe('ABORTED unknown accepted Running');
    await sleep(300); // three pauses
    expect(seen(server)).toBe('SDDD');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});

describe('a process', () => {
  let project: ChildProject;

  beforeAll(() => {
    project = makeChildProject();
  });

  afterAll(() => {
    project.remove();
  });

  test('waits for 500 tasks on one signal, and ends by itself without a warning when they are aborted', async () => {
    const server = await serve('S+ DR');
    const { status, stdout, stderr } = await project.run(
      `import { getEventListeners } from 'node:events';
      import { stopFineTuningTaskAndWait } from 'qianfan-finetuning';
      const controller = new AbortController();
      const { signal } = controller;
      let described = 0;
      const onProgress = ({ describeRequests }) => {
        if (describeRequests === 1 && ++described === 500) controller.abort();
      };
      const waits = Array.from({ length: 500 }, () =>
        stopFineTuningTaskAndWait({ taskId: '${TASK_ID}' }, { signal, onProgress, timeoutMs: 600_000 }));
      const ends = await Promise.allSettled(waits);
      console.log([...new Set(ends.map(({ reason }) => reason.code + ' ' + reason.progress.stop))].join());
      console.log(getEventListeners(signal, 'abort').length);`,
      {
        env: {
          QIANFAN_ACCESS_KEY: credentials.accessKey,
          QIANFAN_SECRET_KEY: credentials.secretKey,
          QIANFAN_CONSOLE_API_BASE_URL: server.baseUrl,
        },
      },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'ABORTED accepted\n0\n', stderr: '' });
    const requests = seen(server);
    await sleep(100);
    expect(seen(server)).toBe(requests);
  });
});
