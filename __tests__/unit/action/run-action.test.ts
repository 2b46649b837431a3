// What every action's call has in common, with the SDK mocked: the time limit, the signal, the keys of one call, late responses
// and faults of our own.

import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stopFineTuningTask } from '../../../src';
import * as readReply from '../../../src/action/result-or-error';
import { errorFields } from '../../support/responses/contract';
import { errorOf } from '../../support/responses/errors';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';

jest.mock('../../../src/action/result-or-error', () => ({
  __esModule: true,
  ...jest.requireActual<object>('../../../src/action/result-or-error'),
}));

const SUCCESS = { requestId: 'r-1', result: true };
const VARIABLES = ['QIANFAN_ACCESS_KEY', 'QIANFAN_SECRET_KEY', 'QIANFAN_CONSOLE_API_BASE_URL'] as const;

const environment = () => VARIABLES.map((name) => process.env[name]);
const never = () => consoleAction.mockReturnValue(new Promise(() => {}));

/** Lets settled promises and due timers run. */
const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(() => {
  consoleAction.mockResolvedValue(SUCCESS);
  for (const name of VARIABLES) delete process.env[name];
});

describe('the time limit', () => {
  beforeEach(() => {
    jest.useFakeTimers();
    never();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each([
    [undefined, 30_000],
    [{}, 30_000],
    [{ timeoutMs: undefined }, 30_000],
    [{ timeoutMs: 1 }, 1],
    [{ timeoutMs: 600_000 }, 600_000],
  ])('of %j is reached after %i ms and not before', async (options, timeoutMs) => {
    let settled = false;
    const call = errorOf(stopFineTuningTask(TASK, options)).finally(() => {
      settled = true;
    });
    await jest.advanceTimersByTimeAsync(timeoutMs - 1);
    expect(settled).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    const error = await call;
    expect(error.toJSON()).toEqual(errorFields('TIMEOUT', 'unknown', { timeoutMs }));
    expect(error.message).toContain(`${timeoutMs} ms`);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('leaves no timer behind after a response', async () => {
    consoleAction.mockResolvedValue(SUCCESS);
    await stopFineTuningTask(TASK);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('is not undone by a late response', async () => {
    let respond: (value: object) => void = () => {};
    consoleAction.mockReturnValue(
      new Promise((resolve) => {
        respond = resolve;
      }),
    );
    const call = errorOf(stopFineTuningTask(TASK, { timeoutMs: 5 }));
    await jest.advanceTimersByTimeAsync(5);
    respond(SUCCESS);
    expect(await call).toHaveProperty('code', 'TIMEOUT');
  });
});

describe('a signal', () => {
  test.each<readonly [string, unknown]>([
    ['an error', new Error('enough')],
    ['a string', 'enough'],
    ['null', null],
    ["an object of the caller's own", { secretKey: "the caller's business" }],
  ])('that was aborted before makes no call, and its reason is the cause, untouched: %s', async (_, reason) => {
    const error = await errorOf(stopFineTuningTask(TASK, { signal: AbortSignal.abort(reason) }));
    expect(error.toJSON()).toEqual(errorFields('ABORTED', 'not_sent'));
    expect(error.cause).toBe(reason);
    expect(consoleAction).not.toHaveBeenCalled();
  });

  test('that was aborted without a reason has one of its own', async () => {
    const signal = AbortSignal.abort();
    expect((await errorOf(stopFineTuningTask(TASK, { signal }))).cause).toBe(signal.reason);
  });

  test('that is aborted before the SDK is called makes no call either', async () => {
    const controller = new AbortController();
    const call = errorOf(stopFineTuningTask(TASK, { signal: controller.signal }));
    controller.abort('at once');
    expect(await call).toMatchObject({ code: 'ABORTED', outcome: 'not_sent', cause: 'at once' });
    await turns();
    expect(consoleAction).not.toHaveBeenCalled();
  });

  test('that is aborted during the call leaves the outcome unknown', async () => {
    never();
    const controller = new AbortController();
    const reason = { why: 'enough' };
    const call = errorOf(stopFineTuningTask(TASK, { signal: controller.signal }));
    await turns();
    controller.abort(reason);
    const error = await call;
    expect(error.toJSON()).toEqual(errorFields('ABORTED', 'unknown'));
    expect(error.cause).toBe(reason);
    expect(consoleAction).toHaveBeenCalledTimes(1);
  });

  test('that the mock itself aborts in the middle of the call, ends it', async () => {
    const controller = new AbortController();
    consoleAction.mockImplementation(() => {
      controller.abort('from within');
      return Promise.resolve(SUCCESS);
    });
    const error = await errorOf(stopFineTuningTask(TASK, { signal: controller.signal }));
    expect(error).toMatchObject({ code: 'ABORTED', outcome: 'unknown', cause: 'from within' });
  });

  test('of AbortSignal.timeout is an abort, with its TimeoutError as the cause', async () => {
    never();
    const error = await errorOf(stopFineTuningTask(TASK, { signal: AbortSignal.timeout(1) }));
    expect(error).toMatchObject({ code: 'ABORTED', cause: { name: 'TimeoutError' } });
  });

  test('that only behaves as an AbortSignal counts, too', async () => {
    never();
    const listeners = new Set<() => void>();
    const duck = {
      aborted: false,
      reason: 'quack',
      addEventListener: (_type: string, listener: () => void) => listeners.add(listener),
      removeEventListener: (_type: string, listener: () => void) => listeners.delete(listener),
    };
    const call = errorOf(Reflect.apply(stopFineTuningTask, undefined, [TASK, { signal: duck }]));
    await turns();
    expect(listeners.size).toBe(1);
    for (const listener of listeners) listener();
    expect(await call).toMatchObject({ code: 'ABORTED', outcome: 'unknown', cause: 'quack' });
    expect(listeners.size).toBe(0);
  });

  test('has no listener of ours left, however the call ended', async () => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, 'abort').length;

    const good = stopFineTuningTask(TASK, { signal });
    expect(listeners()).toBe(1);
    await good;
    expect(listeners()).toBe(0);

    consoleAction.mockRejectedValue(new Error('boom'));
    await errorOf(stopFineTuningTask(TASK, { signal }));
    expect(listeners()).toBe(0);

    never();
    await errorOf(stopFineTuningTask(TASK, { signal, timeoutMs: 1 }));
    expect(listeners()).toBe(0);
  });

  test('that is aborted after the call changes nothing', async () => {
    const controller = new AbortController();
    const response = await stopFineTuningTask(TASK, { signal: controller.signal });
    controller.abort();
    await turns();
    expect(response).toStrictEqual(SUCCESS);
  });

  test.each([
    ['cannot be listened to', 'addEventListener', { code: 'UNEXPECTED_ERROR', cause: { message: 'stay' } }],
    ['keeps its listeners', 'removeEventListener', SUCCESS],
  ])('that %s leaves no timer and no unhandled rejection', async (_, method, end) => {
    const odd = {
      aborted: false,
      addEventListener() {},
      removeEventListener() {},
      [method]() {
        throw new Error('stay');
      },
    };
    const started = jest.spyOn(globalThis, 'setTimeout').mock.results;
    const cleared = jest.spyOn(globalThis, 'clearTimeout').mock.calls;
    const call = Reflect.apply(stopFineTuningTask, undefined, [TASK, { signal: odd }]);
    expect(await call.catch((error: unknown) => error)).toMatchObject(end);
    expect(cleared).toEqual(started.map(({ value }) => [value]));
    jest.restoreAllMocks();
    await turns();
  });
});

describe('keys and base URL of one call', () => {
  const credentials = { accessKey: 'AK-of-this-call', secretKey: 'SK-of-this-call' };
  const baseUrl = 'http://127.0.0.1:8080';
  const OURS = [credentials.accessKey, credentials.secretKey, baseUrl];
  const NONE = [undefined, undefined, undefined];
  let seen: unknown[] = [];

  beforeEach(() => {
    seen = [];
    consoleAction.mockImplementation(async () => {
      seen.push(environment());
      await turns();
      seen.push(environment());
      return SUCCESS;
    });
  });

  test('are in the environment for the synchronous part of the call only', async () => {
    const call = stopFineTuningTask(TASK, { credentials, baseUrl });
    expect(environment()).toEqual(NONE);
    await call;
    expect(seen).toEqual([OURS, NONE]);
    for (const name of VARIABLES) expect(name in process.env).toBe(false);
  });

  test('are replaced again by what was there before', async () => {
    for (const name of VARIABLES) process.env[name] = `before-${name}`;
    const before = environment();
    await stopFineTuningTask(TASK, { credentials, baseUrl });
    expect(seen).toEqual([OURS, before]);
    expect(environment()).toEqual(before);
  });

  test('are replaced again when the SDK throws, at once or later', async () => {
    process.env['QIANFAN_ACCESS_KEY'] = 'before';
    const before = environment();
    const fail = (): never => {
      seen.push(environment());
      throw new Error('boom');
    };
    for (const implementation of [fail, async () => fail()]) {
      consoleAction.mockImplementation(implementation);
      await errorOf(stopFineTuningTask(TASK, { credentials, baseUrl }));
      expect(environment()).toEqual(before);
    }
    expect(seen).toEqual([OURS, OURS]);
  });

  test('are those of each call when many run at once', async () => {
    const names = Array.from({ length: 50 }, (_, index) => index);
    await Promise.all(
      names.map((name) =>
        stopFineTuningTask(TASK, { credentials: { accessKey: `AK-${name}`, secretKey: `SK-${name}` } }),
      ),
    );
    const first = seen.slice(0, names.length);
    expect(first).toEqual(names.map((name) => [`AK-${name}`, `SK-${name}`, undefined]));
  });

  test('are those at the moment of the call, even if the environment changes right after it', async () => {
    process.env['QIANFAN_ACCESS_KEY'] = 'then';
    const call = stopFineTuningTask(TASK, { baseUrl });
    process.env['QIANFAN_ACCESS_KEY'] = 'now';
    await call;
    expect(seen).toEqual([
      ['then', undefined, baseUrl],
      ['now', undefined, undefined],
    ]);
  });

  test('are only those that were given: the others stay as they were', async () => {
    process.env['QIANFAN_CONSOLE_API_BASE_URL'] = 'http://before';
    await stopFineTuningTask(TASK, { credentials });
    await stopFineTuningTask(TASK, { baseUrl });
    await stopFineTuningTask(TASK);
    expect([seen[0], seen[2], seen[4]]).toEqual([
      [credentials.accessKey, credentials.secretKey, 'http://before'],
      [undefined, undefined, baseUrl],
      [undefined, undefined, 'http://before'],
    ]);
  });

  test.each([
    ['http://h.example', 'http://h.example'],
    ['http://h.example/', 'http://h.example'],
    ['https://h.example///', 'https://h.example'],
    ['https://h.example/path/', 'https://h.example/path'],
  ])('lose slashes at the end of the base URL, as the SDK adds one: %s', async (given, sent) => {
    await stopFineTuningTask(TASK, { baseUrl: given });
    expect(seen[0]).toEqual([undefined, undefined, sent]);
  });
});

// Jest fails the running test at an unhandled rejection; the turns give it the time.
test.each(['timed out', 'aborted'])('a rejection that comes after the call has %s is handled', async (how) => {
  let reject: (reason: unknown) => void = () => {};
  consoleAction.mockReturnValue(
    new Promise((_, fail) => {
      reject = fail;
    }),
  );
  const controller = new AbortController();
  const options = how === 'aborted' ? { signal: controller.signal } : { timeoutMs: 1 };
  const call = errorOf(stopFineTuningTask(TASK, options));
  await turns();
  controller.abort();
  const { code } = await call;
  reject(new Error('late'));
  await turns();
  expect(code).toBe(how === 'aborted' ? 'ABORTED' : 'TIMEOUT');
});

test('a fault of our own keeps its name and frames, so that it can be reported', async () => {
  const spy = jest.spyOn(readReply, 'readReply').mockImplementation(() => {
    throw new TypeError(`no ${'0'.repeat(64)}`);
  });
  const error = await errorOf(stopFineTuningTask(TASK));
  spy.mockRestore();
  expect(error.toJSON()).toEqual(errorFields('UNEXPECTED_ERROR', 'unknown'));
  expect(error.message).toMatch(/^This package failed; please report the cause\. The task may still be running: /);
  expect(error.cause).toMatchObject({ name: 'TypeError', message: 'no [redacted]' });
  expect(error.cause).toHaveProperty(
    'stack',
    expect.stringMatching(/^TypeError: no \[redacted\]\n {4}at .*run-action/),
  );
});
