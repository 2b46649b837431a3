// The facade, with the SDK mocked as our users do it: what goes to the SDK, what comes back, and that
// the promise always settles with one of the two documented things.

import { getEventListeners } from 'node:events';
import * as sdk from '@baiducloud/qianfan';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AnyQianfanError, isQianfanError, stopFineTuningTask } from '../../src';
import { errorFields } from '../support/contract';
import { NO_KEYS_MESSAGE } from '../support/sdk-shapes';

jest.mock('@baiducloud/qianfan');

const consoleAction: jest.Mock<(request: object) => Promise<unknown>> = jest.mocked(sdk).consoleAction;
const TASK = { taskId: 'task-5kjifvzerc5n' };
const REQUEST = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: TASK };
const SUCCESS = { requestId: 'r-1', result: true };
const KEYS = ['QIANFAN_ACCESS_KEY', 'QIANFAN_SECRET_KEY', 'QIANFAN_CONSOLE_API_BASE_URL'] as const;

/** The error that the call must end with. */
async function errorOf(call: Promise<unknown>): Promise<AnyQianfanError> {
  const reason: unknown = await call.then(
    (value) => {
      throw new Error(`resolved: ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
  if (!isQianfanError(reason)) throw reason;
  return reason;
}

const environment = () => KEYS.map((name) => process.env[name]);

/** Has the mock return what is no promise, as mocks of users do. */
const returns = (value: unknown) => consoleAction.mockReturnValue(value as Promise<unknown>);

/** Lets whatever is already settled, and timers that are already due, run. */
const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(() => {
  consoleAction.mockReset();
  for (const name of KEYS) delete process.env[name];
});

describe('the call', () => {
  test('is exactly one of the SDK’s consoleAction, with exactly these arguments', async () => {
    consoleAction.mockResolvedValue(SUCCESS);
    await stopFineTuningTask(TASK);
    expect(consoleAction.mock.calls).toStrictEqual([[REQUEST]]);
  });

  test('is not repeated, whatever comes back', async () => {
    for (const answer of [undefined, { error_code: 18 }, { code: 'InternalError' }]) {
      consoleAction.mockReset().mockResolvedValue(answer);
      await errorOf(stopFineTuningTask(TASK));
      expect(consoleAction).toHaveBeenCalledTimes(1);
    }
    consoleAction.mockReset().mockRejectedValue(new Error('Request timed out.'));
    await errorOf(stopFineTuningTask(TASK));
    expect(consoleAction).toHaveBeenCalledTimes(1);
  });

  test('needs no keys where the SDK is mocked', async () => {
    expect(environment()).toEqual([undefined, undefined, undefined]);
    consoleAction.mockResolvedValue(SUCCESS);
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual(SUCCESS);
  });

  test('can be watched and replaced with jest.spyOn', async () => {
    const spy = jest.spyOn(sdk, 'consoleAction').mockResolvedValueOnce({ requestId: 'spied', result: false });
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual({ requestId: 'spied', result: false });
    expect(spy).toHaveBeenCalledTimes(1);
    expect(spy).toHaveBeenCalledWith(REQUEST);
  });

  test('tells calls side by side apart', async () => {
    consoleAction.mockImplementation(async (request) => {
      const { data } = request as typeof REQUEST;
      return { requestId: data.taskId, result: true };
    });
    const ids = Array.from({ length: 20 }, (_, index) => `task-${index}`);
    const answers = await Promise.all(ids.map((taskId) => stopFineTuningTask({ taskId })));
    expect(answers.map(({ requestId }) => requestId)).toEqual(ids);
  });
});

describe('the result', () => {
  test.each([true, false])('%s comes back with the request ID and nothing else', async (result) => {
    consoleAction.mockResolvedValue({ headers: { date: 'today' }, requestId: 'r-1', result, extra: { a: 1 } });
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual({ requestId: 'r-1', result });
  });

  test.each<readonly [string, object, string]>([
    ['a string', { requestId: 'r-1' }, 'r-1'],
    ['a number, as its digits', { requestId: 4_294_967_296 }, '4294967296'],
    ['the header’s where the body has none', { headers: { 'x-bce-request-id': 'h-1' } }, 'h-1'],
    ['empty where there is none at all', {}, ''],
  ])('has a request ID that is %s', async (_title, fields, requestId) => {
    consoleAction.mockResolvedValue({ ...fields, result: true });
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual({ requestId, result: true });
  });

  test('may come from a mock that returns it without a promise', async () => {
    returns(SUCCESS);
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual(SUCCESS);
  });

  test('may come from a mock that throws it, as the SDK does for an error_code of 0', async () => {
    consoleAction.mockRejectedValue(new Error(JSON.stringify({ error_code: 0, ...SUCCESS })));
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual(SUCCESS);
  });
});

describe('a mock that does not do what the SDK does', () => {
  test('an automock without a return value gets a hint', async () => {
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error.toJSON()).toEqual(errorFields('UNEXPECTED_RESPONSE', 'unknown', { response: 'undefined' }));
    expect(error.message).toContain("the SDK's mock has no return value");
    expect(error.message).toContain('QIANFAN_TPM_LIMIT');
    expect(consoleAction).toHaveBeenCalledTimes(1);
  });

  test('throwing at once is a rejection, not an exception', async () => {
    consoleAction.mockImplementation(() => {
      throw new Error('boom');
    });
    const call = stopFineTuningTask(TASK);
    const error = await errorOf(call);
    expect(error.toJSON()).toEqual(errorFields('UNEXPECTED_ERROR', 'unknown'));
    expect(error.cause).toHaveProperty('message', 'boom');
  });

  test('a promise of another kind is waited for', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    returns({ then: (done: (value: object) => void) => done(SUCCESS) });
    await expect(stopFineTuningTask(TASK)).resolves.toStrictEqual(SUCCESS);
  });

  test('a `then` that throws is a rejection', async () => {
    const thenable = Object.defineProperty({}, 'then', {
      get() {
        throw new Error('boom');
      },
    });
    returns(thenable);
    expect(await errorOf(stopFineTuningTask(TASK))).toMatchObject({ code: 'UNEXPECTED_ERROR', outcome: 'unknown' });
  });

  test('refused input is a rejection, too, never an exception', async () => {
    const call = Reflect.apply(stopFineTuningTask, undefined, []);
    expect(call).toBeInstanceOf(Promise);
    expect(await errorOf(call)).toMatchObject({ code: 'INVALID_INPUT', outcome: 'not_sent' });
  });
});

describe('an unknown outcome', () => {
  test('comes with the way to look at the task', async () => {
    consoleAction.mockRejectedValue(new Error('Request timed out.'));
    const { message } = await errorOf(stopFineTuningTask(TASK));
    for (const words of ['DescribeFineTuningTask', '/v2/finetuning', '{ taskId }', 'result.runStatus']) {
      expect(message).toContain(words);
    }
  });

  test('is the only one that sends the caller to look', async () => {
    consoleAction.mockRejectedValue(new Error(NO_KEYS_MESSAGE));
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error).toMatchObject({ code: 'MISSING_CREDENTIALS', outcome: 'not_sent' });
    expect(error.message).not.toContain('DescribeFineTuningTask');
  });
});

describe('the time limit', () => {
  beforeEach(() => {
    jest.useFakeTimers();
    consoleAction.mockReturnValue(new Promise(() => {}));
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each([
    [{}, 30_000],
    [undefined, 30_000],
    [{ timeoutMs: undefined }, 30_000],
    [{ timeoutMs: 1 }, 1],
    [{ timeoutMs: 600_000 }, 600_000],
  ])('of %j is over after %i ms and not before', async (options, timeoutMs) => {
    let settled = false;
    const call = errorOf(stopFineTuningTask(TASK, options)).finally(() => {
      settled = true;
    });
    await jest.advanceTimersByTimeAsync(timeoutMs - 1);
    expect(settled).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect((await call).toJSON()).toEqual(errorFields('TIMEOUT', 'unknown', { timeoutMs }));
    expect((await call).message).toContain(`${timeoutMs} ms`);
  });

  test('leaves no timer behind, neither when it is over nor when an answer was there before', async () => {
    const late = errorOf(stopFineTuningTask(TASK));
    await jest.advanceTimersByTimeAsync(30_000);
    await late;
    await jest.advanceTimersByTimeAsync(10_000); // a request that starts late is still closed for a while
    expect(jest.getTimerCount()).toBe(0);

    returns(SUCCESS);
    await stopFineTuningTask(TASK);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('keeps what a late answer says to itself', async () => {
    let answer: (value: object) => void = () => {};
    consoleAction.mockReturnValue(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const call = errorOf(stopFineTuningTask(TASK, { timeoutMs: 5 }));
    await jest.advanceTimersByTimeAsync(5);
    answer(SUCCESS);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await call).toHaveProperty('code', 'TIMEOUT');
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the signal', () => {
  const never = () => consoleAction.mockReturnValue(new Promise(() => {}));

  test.each<readonly [string, unknown]>([
    ['an error', new Error('enough')],
    ['a string', 'enough'],
    ['null', null],
    ['an object of the caller’s own', { secretKey: 'the caller’s business' }],
  ])('aborted before: no call, and the cause is the reason itself, %s', async (_title, reason) => {
    const error = await errorOf(stopFineTuningTask(TASK, { signal: AbortSignal.abort(reason) }));
    expect(error.toJSON()).toEqual(errorFields('ABORTED', 'not_sent'));
    expect(error.cause).toBe(reason);
    expect(consoleAction).not.toHaveBeenCalled();
  });

  test('aborted before, without a reason: the cause is the signal’s own', async () => {
    const signal = AbortSignal.abort();
    const error = await errorOf(stopFineTuningTask(TASK, { signal }));
    expect(error.cause).toBe(signal.reason);
  });

  test('aborted later: the outcome is unknown, and the cause is the reason itself', async () => {
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

  test('aborted by the mock itself, in the middle of the call', async () => {
    const controller = new AbortController();
    consoleAction.mockImplementation(() => {
      controller.abort('from within');
      return Promise.resolve(SUCCESS);
    });
    const error = await errorOf(stopFineTuningTask(TASK, { signal: controller.signal }));
    expect(error).toMatchObject({ code: 'ABORTED', outcome: 'unknown', cause: 'from within' });
  });

  test('of AbortSignal.timeout: an abort, with its TimeoutError as the cause', async () => {
    never();
    const error = await errorOf(stopFineTuningTask(TASK, { signal: AbortSignal.timeout(1) }));
    expect(error.code).toBe('ABORTED');
    expect(error.cause).toHaveProperty('name', 'TimeoutError');
  });

  test('that only behaves as one is honoured', async () => {
    never();
    const listeners = new Set<() => void>();
    const duck = {
      aborted: false,
      reason: 'quack',
      addEventListener: (_type: string, listener: () => void) => listeners.add(listener),
      removeEventListener: (_type: string, listener: () => void) => listeners.delete(listener),
    };
    const call = errorOf(Reflect.apply(stopFineTuningTask, undefined, [TASK, { signal: duck }]));
    expect(listeners.size).toBe(1);
    for (const listener of listeners) listener();
    expect(await call).toMatchObject({ code: 'ABORTED', outcome: 'unknown', cause: 'quack' });
    expect(listeners.size).toBe(0);
  });

  test('has no listener of ours left, however the call ended', async () => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, 'abort').length;

    consoleAction.mockReturnValue(turns().then(() => SUCCESS));
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

  test('that was aborted after the end changes nothing', async () => {
    const controller = new AbortController();
    consoleAction.mockResolvedValue(SUCCESS);
    const answer = await stopFineTuningTask(TASK, { signal: controller.signal });
    controller.abort();
    await turns();
    expect(answer).toStrictEqual(SUCCESS);
  });

  test('whose listeners cannot be used does not hold the call up, nor escape it', async () => {
    never();
    const odd = {
      aborted: false,
      addEventListener() {
        throw new Error('no listeners today');
      },
      removeEventListener() {},
    };
    const error = await errorOf(Reflect.apply(stopFineTuningTask, undefined, [TASK, { signal: odd, timeoutMs: 50 }]));
    expect(error.code).toBeDefined();
  });
});

test('a signal that cannot be left does not turn a result into an unhandled rejection', async () => {
  const odd = {
    aborted: false,
    addEventListener() {},
    removeEventListener() {
      throw new Error('stay');
    },
  };
  consoleAction.mockResolvedValue(SUCCESS);
  const call = Reflect.apply(stopFineTuningTask, undefined, [TASK, { signal: odd }]);
  await expect(call).resolves.toStrictEqual(SUCCESS);
  await turns();
});

describe('keys and base URL of one call', () => {
  const credentials = { accessKey: 'AK-of-this-call', secretKey: 'SK-of-this-call' };
  const baseUrl = 'http://127.0.0.1:8080';
  const OURS = [credentials.accessKey, credentials.secretKey, baseUrl];
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

  test('stand in the environment for the synchronous part of the call only', async () => {
    const call = stopFineTuningTask(TASK, { credentials, baseUrl });
    expect(environment()).toEqual([undefined, undefined, undefined]);
    await call;
    expect(seen).toEqual([OURS, [undefined, undefined, undefined]]);
    for (const name of KEYS) expect(name in process.env).toBe(false);
  });

  test('give way again to what stood there before', async () => {
    for (const name of KEYS) process.env[name] = `before-${name}`;
    const before = environment();
    const call = stopFineTuningTask(TASK, { credentials, baseUrl });
    expect(environment()).toEqual(before);
    await call;
    expect(seen).toEqual([OURS, before]);
    expect(environment()).toEqual(before);
  });

  test('give way again when the SDK throws, at once or later', async () => {
    process.env['QIANFAN_ACCESS_KEY'] = 'before';
    const before = environment();
    for (const fail of [
      () => {
        throw new Error('boom');
      },
      async () => {
        throw new Error('boom');
      },
    ]) {
      consoleAction.mockImplementation(() => {
        seen.push(environment());
        return fail();
      });
      await errorOf(stopFineTuningTask(TASK, { credentials, baseUrl }));
      expect(environment()).toEqual(before);
    }
    expect(seen).toEqual([OURS, OURS]);
  });

  test('are each their own call’s where many run side by side', async () => {
    const calls = Array.from({ length: 50 }, (_, index) =>
      stopFineTuningTask(TASK, { credentials: { accessKey: `AK-${index}`, secretKey: `SK-${index}` } }),
    );
    const duringTheCalls = seen.slice();
    await Promise.all(calls);
    expect(duringTheCalls).toEqual(calls.map((_, index) => [`AK-${index}`, `SK-${index}`, undefined]));
  });

  test('are only what was given: the rest stays as it was', async () => {
    process.env['QIANFAN_CONSOLE_API_BASE_URL'] = 'http://before';
    await stopFineTuningTask(TASK, { credentials });
    expect(seen[0]).toEqual([credentials.accessKey, credentials.secretKey, 'http://before']);
    await stopFineTuningTask(TASK, { baseUrl });
    expect(seen[2]).toEqual([undefined, undefined, baseUrl]);
    await stopFineTuningTask(TASK);
    expect(seen[4]).toEqual([undefined, undefined, 'http://before']);
  });

  test.each([
    ['http://h.example', 'http://h.example'],
    ['http://h.example/', 'http://h.example'],
    ['https://h.example///', 'https://h.example'],
    ['HTTPS://h.example', 'https://h.example'],
    ['https:\\\\h.example\\', 'https://h.example'],
    [`https://h.example${'/'.repeat(20_000)}`, 'https://h.example'],
    ['https://h.example/path/', 'https://h.example/path'],
  ])('the base URL %s goes to the SDK as %s, which puts a slash of its own behind it', async (given, sent) => {
    await stopFineTuningTask(TASK, { baseUrl: given });
    expect(seen[0]).toEqual([undefined, undefined, sent]);
  });
});

describe('a global window', () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'window');
  });

  test.each([true, false])('(%s) is named in the message about missing keys', async (exists) => {
    if (exists) Object.assign(globalThis, { window: {} });
    consoleAction.mockRejectedValue(new Error(NO_KEYS_MESSAGE));
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error.toJSON()).toEqual(errorFields('MISSING_CREDENTIALS', 'not_sent'));
    for (const name of ['QIANFAN_ACCESS_KEY', 'QIANFAN_SECRET_KEY', 'QIANFAN_AK', 'QIANFAN_SK', 'bearer']) {
      expect(error.message).toContain(name);
    }
    expect(/window.*ignores the environment/.test(error.message)).toBe(exists);
  });
});

// An unhandled rejection fails the test that is running (jest does so by itself); the turns give it the time.
describe('a rejection that comes late is nobody’s', () => {
  let reject: (reason: unknown) => void = () => {};
  beforeEach(() => {
    consoleAction.mockReturnValue(
      new Promise((_, fail) => {
        reject = fail;
      }),
    );
  });

  test('after the time limit', async () => {
    const error = await errorOf(stopFineTuningTask(TASK, { timeoutMs: 1 }));
    reject(new Error('late'));
    await turns();
    expect(error.code).toBe('TIMEOUT');
  });

  test('after an abort', async () => {
    const controller = new AbortController();
    const call = errorOf(stopFineTuningTask(TASK, { signal: controller.signal }));
    controller.abort();
    reject(new Error('late'));
    await turns();
    expect((await call).code).toBe('ABORTED');
  });
});
