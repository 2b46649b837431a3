import { expect, jest, test } from '@jest/globals';
import { ConfigurationError, stopFineTuningTask } from '../../src';

const TASK = { taskId: 'task-5kjifvzerc5n' };
let loadSdk: () => unknown;

// A getter, so that each test says what loading the SDK gives at the moment of the call.
jest.mock('@baiducloud/qianfan', () =>
  Object.defineProperty({}, 'consoleAction', { enumerable: true, get: () => loadSdk() }),
);

test.each([
  ['is missing', undefined],
  ['is no function', 'consoleAction'],
  ['is null', null],
])('an SDK whose consoleAction %s is a configuration error, and nothing was sent', async (_, consoleAction) => {
  loadSdk = () => consoleAction;
  const call = stopFineTuningTask(TASK);
  await expect(call).rejects.toBeInstanceOf(ConfigurationError);
  await expect(call).rejects.toMatchObject({
    code: 'INVALID_CONFIGURATION',
    outcome: 'not_sent',
    message: expect.stringContaining('npm install @baiducloud/qianfan'),
  });
});

test('an SDK that cannot be loaded is a configuration error with its cause', async () => {
  loadSdk = () => {
    throw Object.assign(new Error("Cannot find module '@baiducloud/qianfan'"), { code: 'MODULE_NOT_FOUND' });
  };
  const call = stopFineTuningTask(TASK);
  await expect(call).rejects.toMatchObject({
    code: 'INVALID_CONFIGURATION',
    outcome: 'not_sent',
    cause: { code: 'MODULE_NOT_FOUND' },
  });
});
