// Lets a call end as a test wants, with what is seen on the wire. The test mocks '@baiducloud/qianfan' itself.

import * as sdk from '@baiducloud/qianfan';
import { jest } from '@jest/globals';
import type { Ending } from '../../src/sdk/reply';
import * as wireModule from '../../src/sdk/wire';
import { NOTHING_SEEN } from './sdk-shapes';

/** From now on the SDK ends every call so, and the wire shows this. */
export function endCallsWith(ending: Ending, wire: wireModule.Wire = NOTHING_SEEN): void {
  const consoleAction: jest.Mock<() => Promise<unknown>> = jest.mocked(sdk).consoleAction;
  consoleAction.mockReset().mockImplementation(async () => {
    if (ending.kind === 'resolved') return ending.value;
    if (ending.kind === 'rejected') throw ending.reason;
    return new Promise(() => {});
  });
  jest.spyOn(wireModule, 'watchRequests').mockReturnValue({
    wire: () => wire,
    run: (makeRequests) => makeRequests(),
    close: () => {},
    stop: () => {},
  });
}
