// Lets a call of the mocked SDK end as a test wants, with what is seen on the wire.

import { jest } from '@jest/globals';
import { type AnyQianfanError, type describeFineTuningTask, stopFineTuningTask } from '../../../src';
import type { Ending } from '../../../src/sdk/messages';
import * as wireModule from '../../../src/sdk/watch-requests';
import { errorOf } from '../responses/errors';
import { TASK } from '../task';
import { NOTHING_SEEN } from './messages';
import { consoleAction } from './mocked-sdk';

type Wire = wireModule.Wire;

export const SEEN: Wire = { requests: 1, nothingSent: false };
export const UNSENT: Wire = { requests: 1, nothingSent: true };
export const ANSWERED: Wire = { ...SEEN, status: 200 };

/** From now on every call of the SDK ends like this, and this is seen of its requests. `onCall` runs when the SDK is called. */
export function endCallsWith(ending: Ending, wire: Wire = NOTHING_SEEN, onCall = (): void => {}): void {
  consoleAction.mockReset().mockImplementation(async () => {
    onCall();
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

/** The error of a call with this end. Default: of a stop. */
export async function failure(
  ending: Ending,
  wire: Wire = NOTHING_SEEN,
  call: typeof stopFineTuningTask | typeof describeFineTuningTask = stopFineTuningTask,
): Promise<AnyQianfanError> {
  const controller = new AbortController();
  endCallsWith(ending, wire, () => {
    if (ending.kind === 'aborted') controller.abort(ending.reason);
  });
  const timeoutMs = ending.kind === 'timed_out' ? ending.timeoutMs : undefined;
  return errorOf(call(TASK, { signal: controller.signal, timeoutMs }));
}
