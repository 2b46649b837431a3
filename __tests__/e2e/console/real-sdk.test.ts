// The local console as Baidu's own SDK sees it, with the signatures that the SDK makes.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { LocalConsole } from '../../../src/local-console';
import { closeConsoles, ROUTE, startConsole, TASK_ID, UUID } from '../../support/servers/console-client';

let local: LocalConsole;
beforeEach(async () => {
  local = await startConsole();
});
afterEach(closeConsoles);
afterEach(() => {
  jest.restoreAllMocks();
});

function call(action: string, taskId = TASK_ID, secretKey = local.credentials.secretKey): Promise<unknown> {
  // Every variable that the SDK reads is set, so that no `.env` file can change the test.
  jest.replaceProperty(process, 'env', {
    ...process.env,
    QIANFAN_CONSOLE_API_BASE_URL: local.url,
    QIANFAN_ACCESS_KEY: local.credentials.accessKey,
    QIANFAN_SECRET_KEY: secretKey,
  });
  const { consoleAction } = require('@baiducloud/qianfan');
  return consoleAction({ base_api_route: ROUTE, action, data: { taskId } });
}

test('the real SDK describes and stops a task with its own signatures', async () => {
  local = await startConsole({ stopTakes: { describes: 1 } });
  local.tasks.set(TASK_ID, { runStatus: 'Running', runProgress: '60%' });
  const running = { requestId: expect.stringMatching(UUID), result: { runStatus: 'Running', runProgress: '60%' } };
  expect(await call('DescribeFineTuningTask')).toMatchObject(running);
  expect(await call('StopFineTuningTask')).toMatchObject({ requestId: expect.stringMatching(UUID), result: true });
  expect(await call('DescribeFineTuningTask')).toMatchObject(running);
  expect(await call('DescribeFineTuningTask')).toMatchObject({ result: { runStatus: 'Stopped' } });
  expect(local.requests[1]).toMatchObject({
    method: 'POST',
    path: ROUTE,
    query: { Action: 'StopFineTuningTask' },
    body: `{"taskId":"${TASK_ID}"}`,
  });
  expect(local.requests.map(({ signatureValid }) => signatureValid)).toEqual([true, true, true, true]);
});

test('the real SDK resolves for a stop of an unknown task, and rejects for a Describe of it', async () => {
  await expect(call('StopFineTuningTask', 'task-000000000000')).resolves.toMatchObject({ result: false });
  await expect(call('DescribeFineTuningTask', 'task-000000000000')).rejects.toThrow('NoSuchKey');
});

test.each(['StopFineTuningTask', 'DescribeFineTuningTask'])(
  'the real SDK is refused with a wrong secret key: %s',
  async (action) => {
    await expect(call(action, TASK_ID, 'wrong')).rejects.toThrow('SignatureDoesNotMatch');
    expect([local.tasks.get(TASK_ID), local.requests[0]?.signatureValid]).toEqual(['Running', false]);
  },
);
