// A wait with the SDK mocked and jest's fake timers.

import { consoleAction } from '../sdk/mocked-sdk';
import { asPromise, type Script, type To } from './script';

export interface TimedRequest {
  readonly to: To;
  /** When it came, on the fake clock, since the mock was set. */
  readonly atMs: number;
}

/** Has the mocked SDK respond as the script says. Returns the requests, to which each new one is added. */
export function respondBy({ next }: Pick<Script, 'next'>): readonly TimedRequest[] {
  const requests: TimedRequest[] = [];
  const startedAt = performance.now();
  consoleAction.mockReset().mockImplementation(({ action }) => {
    const to = action === 'StopFineTuningTask' ? 'stop' : 'describe';
    requests.push({ to, atMs: performance.now() - startedAt });
    return asPromise(next(to));
  });
  return requests;
}

/** Lets everything happen that needs no timer. */
export async function flush(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}
