// What a call leaves alone: the SDK where it was given up before, and the process where it could not begin.

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { stopFineTuningTask } from '../../src';
import { errorFields } from '../support/contract';
import { errorOf } from '../support/errors';

jest.mock('@baiducloud/qianfan');
const { consoleAction } = jest.requireMock<{ consoleAction: jest.Mock<() => Promise<unknown>> }>('@baiducloud/qianfan');

const TASK = { taskId: 'task-5kjifvzerc5n' };

beforeEach(() => {
  consoleAction.mockReset().mockResolvedValue({ requestId: 'r', result: true });
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('a call that is aborted in the turn that began it never reaches the SDK', async () => {
  const controller = new AbortController();
  const call = errorOf(stopFineTuningTask(TASK, { signal: controller.signal }));
  controller.abort();
  expect((await call).toJSON()).toEqual(errorFields('ABORTED', 'not_sent'));
  await jest.advanceTimersByTimeAsync(1_000);
  expect(consoleAction).not.toHaveBeenCalled();
});

test('a signal that cannot be listened to ends the call and leaves no timer', async () => {
  const signal = Object.assign(new EventTarget(), { aborted: false, addEventListener: fail });
  const call: Promise<unknown> = Reflect.apply(stopFineTuningTask, undefined, [TASK, { signal }]);
  expect((await errorOf(call)).toJSON()).toEqual(errorFields('UNEXPECTED_ERROR', 'unknown'));
  expect(jest.getTimerCount()).toBe(0);
});

function fail(): never {
  throw new Error('not today');
}
