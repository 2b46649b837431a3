// What a caller is told where there is no SDK to call. Which problem it is, is tested in load.test.ts.

import { describe, expect, jest, test } from '@jest/globals';
import { describeFineTuningTask, stopFineTuningTask } from '../../../src';
import { errorFields } from '../../support/responses/contract';
import { errorOf } from '../../support/responses/errors';
import { browserBuild, withGetters } from '../../support/sdk/builds';

const TASK = { taskId: 'task-5kjifvzerc5n' };
let loadSdk: () => unknown;

jest.mock('@baiducloud/qianfan', () => loadSdk());

const missing = Object.assign(new Error("Cannot find module '@baiducloud/qianfan'\nRequire stack:\n- /app/a.js"), {
  code: 'MODULE_NOT_FOUND',
});
const broken = new Error("Cannot find module 'dotenv' for sk-of-the-app");
const bundled = withGetters(browserBuild());
const fail = (reason: unknown) => () => {
  throw reason;
};

describe('nothing is sent, and the message says what to do, where the SDK', () => {
  test.each<readonly [string, () => unknown, readonly string[]]>([
    ['is not installed', fail(missing), ['is not installed', '/app/a.js', 'npm install @baiducloud/qianfan']],
    ['is too old', () => ({ ChatCompletion: () => {} }), ['has no consoleAction', '0.1.9']],
    ['is mocked without consoleAction', () => ({ __esModule: true, default: {} }), ['mock consoleAction']],
    ['is its build for browsers', () => bundled, ['external', 'dependencies', '"Bundlers"']],
    ['fails to load', fail(broken), ['fails to load', "Cannot find module 'dotenv'", 'external', '"Bundlers"']],
    ['fails with nothing to say', fail(undefined), ['fails to load']],
  ])('%s', async (_, load, words) => {
    jest.resetModules();
    loadSdk = load;
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error.toJSON()).toEqual(errorFields('INVALID_CONFIGURATION', 'not_sent'));
    for (const word of words) expect(error.message).toContain(word);
    expect(error.message).toMatch(/ Nothing was sent\.$/);
  });
});

test('the SDK is loaded anew by each call, so that one that comes later is found', async () => {
  jest.resetModules();
  loadSdk = fail(missing);
  expect(await errorOf(stopFineTuningTask(TASK))).toMatchObject({ code: 'INVALID_CONFIGURATION' });
  jest.resetModules();
  loadSdk = () => ({ consoleAction: () => ({ requestId: 'r', result: { runStatus: 'Done' } }) });
  expect(await describeFineTuningTask(TASK)).toEqual({ requestId: 'r', result: { runStatus: 'Done' } });
});

test('what the SDK says when it fails to load holds no secret key', async () => {
  jest.resetModules();
  loadSdk = fail(broken);
  const credentials = { accessKey: 'ak-of-the-app', secretKey: 'sk-of-the-app' };
  const { message } = await errorOf(stopFineTuningTask(TASK, { credentials }));
  expect(message).toContain("Cannot find module 'dotenv'");
  expect(message).not.toContain('sk-of-the-app');
});
