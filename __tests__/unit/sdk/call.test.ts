// A call whose SDK never settles, as a mock may. A file of its own, as all calls share the subscription.

import { channel } from 'node:diagnostics_channel';
import timers from 'node:timers';
import { expect, jest, test } from '@jest/globals';
import { stopFineTuningTask } from '../../../src';
import { errorOf } from '../../support/responses/errors';

jest.mock('@baiducloud/qianfan', () => ({ consoleAction: () => new Promise(() => {}) }));

test('a call that was given up is watched for a minute, as its request may come late, and no longer', async () => {
  let stopWatching = (): void => {};
  jest.spyOn(timers, 'setTimeout').mockImplementation(((callback: () => void, delayMs: number) => {
    stopWatching = callback;
    expect(delayMs).toBeGreaterThan(60_000); // the SDK's limiter holds a request back for a minute at most
    return { unref() {} };
  }) as unknown as typeof timers.setTimeout);
  await errorOf(stopFineTuningTask({ taskId: 'task-1' }, { timeoutMs: 1 }));
  const unsubscribe = jest.spyOn(channel('http.client.request.start'), 'unsubscribe');
  stopWatching();
  expect(unsubscribe).toHaveBeenCalledTimes(1);
  stopWatching();
  expect(unsubscribe).toHaveBeenCalledTimes(1);
  jest.restoreAllMocks();
});
