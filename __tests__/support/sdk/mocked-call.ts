// Lets a call of the mocked SDK end as a test wants, with what is seen of the requests.

import { jest } from '@jest/globals';
import { type AnyQianfanError, type describeFineTuningTask, stopFineTuningTask } from '../../../src';
import type { RawEnd } from '../../../src/sdk/messages';
import * as watchModule from '../../../src/sdk/watch-requests';
import { errorOf } from '../responses/errors';
import { TASK } from '../task';
import { NOTHING_SEEN } from './messages';
import { consoleAction } from './mocked-sdk';

type RequestsSeen = watchModule.RequestsSeen;

export const SEEN: RequestsSeen = { requests: 1, nothingSent: false };
export const UNSENT: RequestsSeen = { requests: 1, nothingSent: true };
export const ANSWERED: RequestsSeen = { ...SEEN, status: 200 };

/** From now on the SDK ends every call so, and this is what is seen. `onCall` runs when the SDK is called. */
export function endCallsWith(ending: RawEnd, seen: RequestsSeen = NOTHING_SEEN, onCall = (): void => {}): void {
  consoleAction.mockReset().mockImplementation(async () => {
    onCall();
    if (ending.kind === 'resolved') return ending.value;
    if (ending.kind === 'rejected') throw ending.reason;
    return new Promise(() => {});
  });
  jest.spyOn(watchModule, 'watchRequests').mockReturnValue({
    seen: () => seen,
    run: (makeRequests) => makeRequests(),
    broken: new Promise(() => {}),
    hangUp: () => {},
    unwatch: () => {},
  });
}

/** The error of a call with this end. Default: of a stop. */
export async function failure(
  ending: RawEnd,
  seen: RequestsSeen = NOTHING_SEEN,
  call: typeof stopFineTuningTask | typeof describeFineTuningTask = stopFineTuningTask,
): Promise<AnyQianfanError> {
  const controller = new AbortController();
  endCallsWith(ending, seen, () => {
    if (ending.kind === 'aborted') controller.abort(ending.reason);
  });
  const timeoutMs = ending.kind === 'timed_out' ? ending.timeoutMs : undefined;
  return errorOf(call(TASK, { signal: controller.signal, timeoutMs }));
}
