// A call leaves nothing behind: no process that goes on, no listeners, timers, sockets, subscriptions or memory, no unhandled
// rejection, and no copy of the module in a test runner. It uses a copy of `dist`: run `npm run build` before.

import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { notCollected } from '../../support/garbage';
import { type ChildProject, makeChildProject } from '../../support/processes/project';
import { json, keptAlive, type RawResponse, response } from '../../support/servers/raw-responses';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { TASK } from '../../support/task';

const JSON_TYPE = { 'content-type': 'application/json' };
const PART = '{"requestId":"r-1","result":tr';

// Long enough for a slow machine, and shorter than the SDK's own timer of 600 s.
jest.setTimeout(60_000);

const RESPONSES = {
  success: (socket) => socket.write(keptAlive(200, { requestId: 'r-1', result: true })),
  refusal: json(403, { requestId: 'r-1', code: 'AccessDenied', message: 'no' }),
  repeated: (socket) =>
    socket.write(keptAlive(200, { error_code: 18, error_msg: 'Open api qps request limit reached' })),
  silence: () => {},
  'stalled-200': (socket) => socket.write(response(200, { ...JSON_TYPE, 'content-length': '999' }, PART)),
  'stalled-500': (socket) => socket.write(response(500, { ...JSON_TYPE, 'content-length': '999' }, PART)),
  'broken-200': (socket) => socket.end(response(200, { ...JSON_TYPE, 'content-length': '999' }, PART)),
  'broken-500': (socket) => socket.end(response(500, { ...JSON_TYPE, 'content-length': '999' }, PART)),
  'broken-chunks': (socket) => socket.end(response(200, { 'transfer-encoding': 'chunked' }, 'fff\r\n{')),
  reset: (socket) => socket.resetAndDestroy(),
  upgrade: (socket) => socket.write(response(101, { upgrade: 'x', connection: 'upgrade' })),
  garbage: 'this is not HTTP\r\n\r\n',
} as const satisfies Record<string, RawResponse>;

type Kind = keyof typeof RESPONSES;

let project: ChildProject;
let server: RawServer;

beforeAll(() => {
  project = makeChildProject();
});

afterAll(() => project.remove());

beforeEach(async () => {
  server = await startServer((socket, index, request) => {
    const kind = request.slice('POST /'.length).split('/', 1).join();
    const given: RawResponse = RESPONSES[kind as Kind];
    if (typeof given === 'function') given(socket, index, request);
    else socket.end(given);
  });
});

/** What each script below begins with. */
function prelude(): string {
  return `
    import { stopFineTuningTask } from 'qianfan-finetuning';
    import { channel } from 'node:diagnostics_channel';
    import { getEventListeners, setMaxListeners } from 'node:events';
    import http from 'node:http';
    import { queryObjects } from 'node:v8';
    const baseUrlOf = (kind) => '${server.baseUrl}/' + kind;
    const credentials = { accessKey: 'access-key', secretKey: 'secret-key-of-the-leaks' };
    const stop = (kind, options) =>
      stopFineTuningTask(${JSON.stringify(TASK)}, { credentials, baseUrl: baseUrlOf(kind), ...options });
    const codeOf = (call) => call.then(({ result }) => result, ({ code }) => code);
    const sleep = (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs));
    const until = async (isSo) => { while (!isSo()) await sleep(5); };
    const isWatched = () => channel('http.client.request.start').hasSubscribers;
    const listeners = () => process.eventNames().map((name) => String(name) + ' ' + process.listenerCount(name)).sort();
    // A leak grows with every batch; the median leaves out what the engine does now and then.
    const medianOf = (values) => values.sort((a, b) => a - b)[values.length >> 1];
    const growthOf = async (batch) => {
      const sizes = [];
      for (let round = 0; round < 5; round += 1) {
        await batch();
        gc();
        sizes.push({ objects: queryObjects(Object, { format: 'count' }), bytes: process.memoryUsage().heapUsed });
      }
      const growth = (what) => medianOf(sizes.slice(1).map((size, round) => size[what] - sizes[round][what]));
      return { objects: growth('objects'), bytes: growth('bytes'), sizes };
    };
  `;
}

describe('a process whose only work is a call', () => {
  const CASES: readonly (readonly [string, Kind, string, string])[] = [
    ['to a server that never responds', 'silence', '{ timeoutMs: 400 }', 'TIMEOUT'],
    ['to a server that never responds, with a signal', 'silence', '{ signal: AbortSignal.timeout(400) }', 'ABORTED'],
    ['whose response, a 500, stalls', 'stalled-500', '{ timeoutMs: 400 }', 'TIMEOUT'],
    ['whose response changes the protocol', 'upgrade', '{ timeoutMs: 400 }', 'TIMEOUT'],
    ['whose response breaks off', 'broken-200', '{}', 'CONNECTION_FAILED'],
    ['whose response, a 500, breaks off', 'broken-500', '{}', 'CONNECTION_FAILED'],
  ];

  test.each(CASES)('%s, prints the error and exits by itself', async (_, kind, options, code) => {
    const script = `${prelude()} console.log(await codeOf(stop('${kind}', ${options})));`;
    expect(await project.run(script)).toEqual({ status: 0, stdout: `${code}\n`, stderr: '' });
  });

  test('whose TLS handshake gets no response, prints the error and exits by itself', async () => {
    const baseUrl = server.baseUrl.replace('http', 'https');
    const script = `${prelude()} console.log(await codeOf(stop('', { timeoutMs: 400, baseUrl: '${baseUrl}' })));`;
    expect(await project.run(script)).toEqual({ status: 0, stdout: 'TIMEOUT\n', stderr: '' });
  });

  test('that was aborted before the SDK sent anything, exits by itself', async () => {
    const script = `${prelude()}
      const controller = new AbortController();
      const call = codeOf(stop('silence', { signal: controller.signal }));
      for (let turn = 0; turn < 10; turn += 1) await null; // the SDK is called, and waits for its own timers
      controller.abort();
      console.log(await call);`;
    expect(await project.run(script)).toEqual({ status: 0, stdout: 'ABORTED\n', stderr: '' });
  });

  test('whose response breaks off, ends without a message if the bare SDK made the call', async () => {
    const script = `
      import sdk from '@baiducloud/qianfan';
      const route = '/v2/finetuning';
      console.log(await sdk.consoleAction({ base_api_route: route, action: 'StopFineTuningTask', data: { taskId: 't' } }));`;
    const env = {
      QIANFAN_ACCESS_KEY: 'access-key',
      QIANFAN_SECRET_KEY: 'secret-key',
      QIANFAN_CONSOLE_API_BASE_URL: `${server.baseUrl}/broken-200`,
    };
    expect(await project.run(script, { env })).toMatchObject({ status: 13, stdout: '' });
  });

  test('to an SDK that never settles, exits with the deadline and waits for nothing more', async () => {
    const fake = makeChildProject('exports.consoleAction = () => new Promise(() => {});');
    try {
      // This fires only if something of ours still keeps the process alive.
      const script = `${prelude()}
        console.log(await codeOf(stop('silence', { timeoutMs: 100 })));
        setTimeout(() => console.log('still here'), 500).unref();`;
      expect(await fake.run(script)).toEqual({ status: 0, stdout: 'TIMEOUT\n', stderr: '' });
    } finally {
      fake.remove();
    }
  });
});

test('calls with every kind of end leave no listener, subscription, handle, warning or unhandled rejection', async () => {
  const script = `${prelude()}
    const hasSockets = () => process.getActiveResourcesInfo().some((name) => name.startsWith('TCP'));
    await stop('success'); // loads the SDK
    http.globalAgent.destroy();
    for (const stream of [process.stdout, process.stderr]) stream.write(''); // they open when first used
    await until(() => !hasSockets());
    await sleep(0); // the timer of \`until\` itself
    const before = { listeners: listeners(), resources: process.getActiveResourcesInfo() };
    const aborted = (kind, delayMs) => {
      const controller = new AbortController();
      const call = codeOf(stop(kind, { signal: controller.signal }));
      if (delayMs === 0) controller.abort();
      else setTimeout(() => controller.abort(), delayMs);
      return call.then((code) => code + ' ' + getEventListeners(controller.signal, 'abort').length);
    };
    const ended = (kind) => codeOf(stop(kind, { timeoutMs: 1500 }));
    const codes = await Promise.all([
      codeOf(stop('success')), codeOf(stop('refusal')), codeOf(stop('repeated')),
      codeOf(stop('broken-200')), codeOf(stop('broken-500')), codeOf(stop('broken-chunks')),
      codeOf(stop('reset')), codeOf(stop('garbage')),
      codeOf(stop('', { baseUrl: 'http://127.0.0.1:1' })),
      ended('silence'), ended('stalled-200'), ended('stalled-500'),
      aborted('silence', 0), aborted('silence', 1500), aborted('stalled-200', 1500), aborted('stalled-500', 1500),
      codeOf(stop('success', { signal: AbortSignal.abort() })),
      codeOf(stop('success', { timeoutMs: 0 })),
    ]);
    await until(() => !isWatched());
    http.globalAgent.destroy();
    await until(() => !hasSockets());
    await sleep(0);
    const after = { listeners: listeners(), resources: process.getActiveResourcesInfo() };
    console.log(JSON.stringify({ codes, before, after }));`;
  const { status, stdout, stderr } = await project.run(script);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { codes, before, after } = JSON.parse(stdout);
  expect(codes).toEqual([
    ...[true, 'PERMISSION_DENIED', 'RATE_LIMITED'],
    ...['CONNECTION_FAILED', 'CONNECTION_FAILED', 'CONNECTION_FAILED', 'CONNECTION_FAILED', 'CONNECTION_FAILED'],
    'CONNECTION_FAILED',
    ...['TIMEOUT', 'TIMEOUT', 'TIMEOUT'],
    ...['ABORTED 0', 'ABORTED 0', 'ABORTED 0', 'ABORTED 0'],
    ...['ABORTED', 'INVALID_INPUT'],
  ]);
  expect(after).toEqual(before);
});

test('hundreds of calls at once on one signal cause no warning and leave no listener', async () => {
  const script = `${prelude()}
    const { signal } = new AbortController();
    const codes = await Promise.all(Array.from({ length: 100 }, () => codeOf(stop('success', { signal }))));
    const stopped = codes.filter((code) => code === true).length;
    console.log(stopped, getEventListeners(signal, 'abort').length);
    const controller = new AbortController();
    const calls = Array.from({ length: 100 }, () => codeOf(stop('silence', { signal: controller.signal })));
    await sleep(100);
    controller.abort();
    console.log(new Set(await Promise.all(calls)), getEventListeners(controller.signal, 'abort').length);`;
  const stdout = "100 0\nSet(1) { 'ABORTED' } 0\n";
  expect(await project.run(script)).toEqual({ status: 0, stdout, stderr: '' });
});

describe('memory', () => {
  const flags = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
  const quiet = 'setMaxListeners(0); // the test above is about the warning of many listeners';

  // A call of the SDK takes milliseconds, so there are 500 here, and 2 000 below without the SDK.
  test('does not grow with 500 calls of the real SDK, nor do listeners and sockets', async () => {
    const script = `${prelude()} ${quiet}
      const { signal } = new AbortController();
      const batch = async () => {
        for (let made = 0; made < 100; made += 50) {
          const kinds = Array.from({ length: 50 }, (_, index) => (index < 3 ? 'refusal' : 'success'));
          await Promise.all(kinds.map((kind) => codeOf(stop(kind, { signal }))));
        }
      };
      const observe = () => ({
        listeners: listeners(),
        ofSignal: getEventListeners(signal, 'abort').length,
        ofSockets: Object.values(http.globalAgent.freeSockets).flat().map((socket) =>
          socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0)).sort().at(-1),
        isWatched: isWatched(),
      });
      await batch();
      const before = observe();
      const growth = await growthOf(batch);
      console.log(JSON.stringify({ growth, before, after: observe() }));`;
    const { status, stdout, stderr } = await project.run(script, { flags });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { growth, before, after } = JSON.parse(stdout);
    expect(after).toEqual(before);
    expect(after).toMatchObject({ ofSignal: 0, isWatched: false });
    expect(growth.objects).toBeLessThan(200); // two objects a call
  });

  test('does not grow with 2 000 calls with every kind of end', async () => {
    const fake = makeChildProject(`
      let calls = 0;
      exports.consoleAction = () => {
        switch (calls++ % 4) {
          case 0: return { requestId: 'r', result: true };
          case 1: return Promise.reject(new Error('Request timed out.'));
          case 2: throw new Error('{"error_code":6,"error_msg":"no"}');
          default: return new Promise((_, reject) => globalThis.late.push(reject));
        }
      };`);
    const script = `${prelude()} ${quiet}
      const codes = new Set();
      globalThis.late = [];
      const batch = async () => {
        for (let made = 0; made < 400; made += 100) {
          const controller = new AbortController();
          const all = Array.from({ length: 100 }, () => codeOf(stop('', { signal: controller.signal })));
          await Promise.all(all.filter((_, index) => index % 4 !== 3));
          controller.abort();
          for (const code of await Promise.all(all)) codes.add(code);
          for (const reject of globalThis.late.splice(0)) reject(new Error('late'));
        }
        await until(() => !isWatched());
      };
      const growth = await growthOf(batch);
      console.log(JSON.stringify({ codes: [...codes], growth, resources: process.getActiveResourcesInfo() }));`;
    try {
      const { status, stdout, stderr } = await fake.run(script, { flags });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { codes, growth, resources } = JSON.parse(stdout);
      expect(codes).toEqual([true, 'TIMEOUT', 'PERMISSION_DENIED', 'ABORTED']);
      expect(resources).not.toContain('Timeout');
      expect(growth.objects).toBeLessThan(100); // a quarter of an object a call
    } finally {
      fake.remove();
    }
  });
});

describe("jest's registry", () => {
  const { globalAgent } = http;

  beforeAll(() => {
    // If the first copy loaded the SDK, an error that the SDK keeps would keep that copy by its stack.
    require('@baiducloud/qianfan');
    // An idle connection must not keep a copy either, however long it is idle.
    http.globalAgent = new http.Agent({ keepAlive: true });
  });

  afterAll(() => {
    http.globalAgent.destroy();
    http.globalAgent = globalAgent;
  });

  test.each<Kind>(['success', 'silence', 'broken-200'])(
    'keeps no copy of the module that has made a call: %s',
    async (kind) => {
      const copies: WeakRef<object>[] = [];
      for (let copy = 0; copy < 3; copy += 1) copies.push(...(await useCopy(kind)));
      // A call that was given up watches for a late request a while longer.
      expect(await notCollected(copies)).toEqual([]);
      if (kind === 'success') expect(Object.keys(http.globalAgent.freeSockets)).toHaveLength(1);
    },
  );

  async function useCopy(kind: Kind): Promise<WeakRef<object>[]> {
    let modules: (typeof import('../../../src') & typeof import('../../../src/sdk/call')) | undefined;
    jest.isolateModules(() => {
      modules = { ...require('../../../src'), ...require('../../../src/sdk/call') };
    });
    if (!modules) throw new Error('no module');
    const { stopFineTuningTask, callConsoleAction } = modules;
    const credentials = { accessKey: 'access-key', secretKey: 'secret-key' };
    const options = { credentials, baseUrl: `${server.baseUrl}/${kind}`, timeoutMs: 300 };
    const { signal } = new AbortController();
    await Promise.allSettled([
      stopFineTuningTask({ taskId: 'task-1' }, options),
      stopFineTuningTask({ taskId: 'task-1' }, { ...options, signal }),
      stopFineTuningTask({ taskId: 'task-1' }, { ...options, signal: AbortSignal.timeout(50) }),
    ]);
    return [new WeakRef(stopFineTuningTask), new WeakRef(callConsoleAction)];
  }
});
