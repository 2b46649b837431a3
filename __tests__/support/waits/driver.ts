// Drives a wait of a mocked SDK through jest's fake timers, and tells what it did and when.

import type { jest } from '@jest/globals';
import { type AnyQianfanError, isQianfanError, type StopFineTuningTaskAndWaitResponse } from '../../../src';
import { asSdk, type Script, type To } from './script';

export interface Request {
  readonly to: To;
  /** When it came, on the fake clock, since the mock was set. */
  readonly atMs: number;
}

export type ConsoleAction = jest.Mock<(request: { readonly action: string }) => Promise<unknown>>;

/** Has the mocked SDK answer as the script says. Returns the requests that come, in turn. */
export function answerBy(consoleAction: ConsoleAction, { next }: Pick<Script, 'next'>): readonly Request[] {
  const requests: Request[] = [];
  const startedAt = performance.now();
  consoleAction.mockReset().mockImplementation(({ action }) => {
    const to = action === 'StopFineTuningTask' ? 'stop' : 'describe';
    requests.push({ to, atMs: performance.now() - startedAt });
    return asSdk(next(to));
  });
  return requests;
}

/** `SDD` and the like. */
export const letters = (requests: readonly Pick<Request, 'to'>[]): string =>
  requests.map(({ to }) => (to === 'stop' ? 'S' : 'D')).join('');

/** How a wait ended: with a response, or with one of our errors. */
export type End = StopFineTuningTaskAndWaitResponse | AnyQianfanError;

export async function endOf(wait: Promise<StopFineTuningTaskAndWaitResponse>): Promise<End> {
  return wait.catch((error: unknown) => {
    if (!isQianfanError(error)) throw error;
    return error;
  });
}

/** The end in the notation of the rows. */
export function told(end: End): string {
  if (!isQianfanError(end)) return end.result.runStatus;
  const { code, outcome, progress } = end;
  return `${code} ${outcome} ${progress?.stop} ${progress?.runStatus ?? '-'}`;
}

/** Lets all that needs no timer happen. */
export async function flush(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}
