// The SDK mocked, as users mock it: a test file that imports this calls the mock.

import * as sdk from '@baiducloud/qianfan';
import { beforeEach, jest } from '@jest/globals';

jest.mock('@baiducloud/qianfan');

/** The mock of the SDK's only function that is used here. It is reset before each test. */
export const consoleAction: jest.Mock<(request: { readonly action: string }) => Promise<unknown>> =
  jest.mocked(sdk).consoleAction;

beforeEach(() => {
  consoleAction.mockReset();
});
