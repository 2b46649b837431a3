// What the tests of users have in common, whatever the runner, as text.

import { NAME } from './projects.mjs';

export const SDK = '@baiducloud/qianfan';

/** What a user sets for all tests, and keys, with which a mock that is not reached would stop a real task. */
export const SAFE = {
  QIANFAN_CONSOLE_API_BASE_URL: 'none',
  QIANFAN_ACCESS_KEY: 'access-key-of-the-host',
  QIANFAN_SECRET_KEY: 'secret-key-of-the-host',
};

export const IMPORT = `import { stopFineTuningTask, stopFineTuningTaskAndWait, TimeoutError } from '${NAME}';\n`;
export const IMPORT_ALL = `${IMPORT}import * as sdk from '${SDK}';\n`;
export const IMPORT_DEFAULT = `${IMPORT}import sdk from '${SDK}';\n`;

export const REACHED = `
const CALL = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId: 'task-1' } };
const ANSWER = { requestId: 'r-1', result: true };
test('reaches the SDK', async () => {
  mocked().mockResolvedValue(ANSWER);
  expect(await stopFineTuningTask({ taskId: 'task-1' })).toEqual(ANSWER);
  expect(mocked().mock.calls).toEqual([[CALL]]);
});`;

export const UNREACHED = `
import { subscribe } from 'node:diagnostics_channel';
let sent = 0;
subscribe('http.client.request.start', () => { sent += 1; });
for (const call of [stopFineTuningTask, stopFineTuningTaskAndWait]) {
  test('does not reach the SDK: nothing is sent, and a mock is named', async () => {
    const told = { code: 'INVALID_CONFIGURATION', outcome: 'not_sent', message: expect.stringMatching(/mock/) };
    await expect(call({ taskId: 'task-1' })).rejects.toMatchObject(told);
    expect(sent).toBe(0);
  });
}`;

// Most runners refuse to spy on a namespace. babel's and swc's is a copy.
export const spyOnNamespace = (runner) => `try {
  ${runner}.spyOn(sdk, 'consoleAction').mockResolvedValue({ requestId: 'r-1', result: true });
} catch {}`;

// A module of the host, and what its tests say with this package mocked.
export const HOST = `import { isQianfanError, stopFineTuningTaskAndWait } from '${NAME}';
export async function stop(taskId) {
  try {
    return (await stopFineTuningTaskAndWait({ taskId })).result.runStatus;
  } catch (error) {
    if (!isQianfanError(error)) throw error;
    return error.code;
  }
}`;
export const OURS = `
test('this package is mocked, and its errors are recognised', async () => {
  mocked().mockResolvedValueOnce({ requestId: 'r-1', result: { runStatus: 'Stopped' } });
  expect(await stop('task-1')).toBe('Stopped');
  mocked().mockRejectedValueOnce(new TimeoutError('late', { outcome: 'unknown', timeoutMs: 1 }));
  expect(await stop('task-1')).toBe('TIMEOUT');
});`;

export const filesOf = (extension, tests, end) =>
  Object.fromEntries(Object.entries(tests).map(([kind, text]) => [`${kind}.test.${extension}`, text + end]));
