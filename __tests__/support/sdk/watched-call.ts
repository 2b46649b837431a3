// Watched calls of the real SDK, with nothing else of ours around them. Each one is ended after the test that made it.

import type { Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { type Watch, type Wire, watchRequests } from '../../../src/sdk/watch-requests';
import { restoreAgentsAfterEach } from '../servers/global-agents';
import { keptAlive } from '../servers/raw-responses';
import { TASK } from '../task';

export const TARGET = '/v2/finetuning?Action=StopFineTuningTask';

export interface WatchedCall extends Watch {
  /** How the SDK's own promise ended: with its value, or the error's message. */
  readonly settled: Promise<unknown>;
  /** Resolves when `onBreak` is called. */
  readonly broken: Promise<unknown>;
  /** What was seen once the SDK had settled, or the response had broken off. */
  seen(): Promise<Wire>;
}

export const SUCCESS = { requestId: 'request-1', result: true };

/** Responds with SUCCESS, and leaves the connection open for the next request. */
export const succeed = (socket: Socket): void => {
  socket.write(keptAlive(200, SUCCESS));
};

const begun: WatchedCall[] = [];

restoreAgentsAfterEach();
afterEach(endCalls);

/** Makes a call. */
export function startCall(baseUrl: string): WatchedCall {
  const { consoleAction }: typeof import('@baiducloud/qianfan') = require('@baiducloud/qianfan');
  let onBreak = (_: unknown): void => {};
  const broken = new Promise<unknown>((resolve) => {
    onBreak = resolve;
  });
  const watch = watchRequests(TARGET, (reason) => onBreak(reason));
  Object.assign(process.env, {
    QIANFAN_ACCESS_KEY: 'access-key',
    QIANFAN_SECRET_KEY: 'secret-key-of-the-wire',
    QIANFAN_CONSOLE_API_BASE_URL: baseUrl,
  });
  const settled = watch
    .run(() => consoleAction({ base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: TASK }))
    .catch((reason: unknown) => (reason instanceof Error ? reason.message : reason));
  const seen = async (): Promise<Wire> => {
    await Promise.race([settled, broken]);
    return watch.wire();
  };
  const call = { ...watch, settled, broken, seen };
  begun.push(call);
  return call;
}

/** Ends the calls that a test has made. */
export async function endCalls(): Promise<void> {
  for (const { close } of begun) close();
  for (const { settled, stop } of begun.splice(0)) {
    await settled;
    stop();
  }
}
