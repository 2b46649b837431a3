// The example of the guide: a user's test drives a whole wait with the SDK mocked and jest's fake timers.

import * as sdk from '@baiducloud/qianfan';
import { afterEach, expect, jest, test } from '@jest/globals';
import { stopFineTuningTaskAndWait } from '../../../src';

jest.mock('@baiducloud/qianfan');

afterEach(() => {
  jest.useRealTimers();
});

test('waits until the task is stopped', async () => {
  jest.useFakeTimers();
  jest
    .mocked(sdk.consoleAction)
    .mockResolvedValueOnce({ requestId: '1', result: true })
    .mockResolvedValueOnce({ requestId: '2', result: { runStatus: 'Running' } })
    .mockResolvedValueOnce({ requestId: '3', result: { runStatus: 'Stopped' } });

  const wait = stopFineTuningTaskAndWait({ taskId: 'task-5kjifvzerc5n' });
  await jest.runAllTimersAsync();

  expect(await wait).toMatchObject({ result: { runStatus: 'Stopped' } });
});
