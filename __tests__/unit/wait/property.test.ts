// With any responses a wait ends in time, never spins, resolves only on a final Describe, and says `unknown` whenever a stop
// may have worked. In simulated time, with the SDK mocked.

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { isQianfanError, stopFineTuningTaskAndWait } from '../../../src';
import { TASK } from '../../support/task';
import { respondBy } from '../../support/waits/mocked-wait';
import { asAnswer, read, type To } from '../../support/waits/script';
import { endOf } from '../../support/waits/wait-ends';

const FAILURES =
  '? ~ 400 401 403 404 429 503 429(7) 503(90) 429(3600) b401 b403 b404 b429 b502 510302 336003 page'.split(' ');
const RESPONSES: Readonly<Record<To, readonly string[]>> = {
  stop: ['+', '-', 'nokeys', ...FAILURES],
  describe: ['R', 'W', 'D', 'F', 'S', '"Stopping"', '""', 'other', 'none', 'nokeys', ...FAILURES],
};
// Most of these do not end a wait, so many waits are long.
const LASTING: Readonly<Record<To, readonly string[]>> = {
  stop: ['+', '-', '?', '503', '429', 'b403'],
  describe: ['R', 'W', '503', '?', 'b403', 'page'],
};
const responseTo = (to: To) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...LASTING[to]) },
    { weight: 1, arbitrary: fc.constantFrom(...RESPONSES[to]) },
  );
const responsesTo = (to: To) => fc.array(responseTo(to), { minLength: 1, maxLength: 8 });

const TIMES = [
  { timeoutMs: 1, pollIntervalMs: 100 },
  { timeoutMs: 3_000, pollIntervalMs: 100 },
  { timeoutMs: 60_000, pollIntervalMs: 15_000 },
  { timeoutMs: 300_000, pollIntervalMs: 15_000 },
  { timeoutMs: 300_000, pollIntervalMs: 600_000 },
];

beforeAll(() => {
  jest.useFakeTimers();
});

afterAll(() => {
  jest.useRealTimers();
});

test('any sequence of responses ends as it should', async () => {
  await fc.assert(
    fc.asyncProperty(
      responsesTo('stop'),
      responsesTo('describe'),
      fc.constantFrom(...TIMES),
      fc.option(fc.integer({ min: 0, max: 120_000 }), { freq: 4 }),
      async (stops, describes, { timeoutMs, pollIntervalMs }, abortAfterMs) => {
        const queues = { stop: [...stops], describe: [...describes] };
        const given: { to: To; word: string }[] = [];
        const requests = respondBy({
          next(to) {
            const word = (queues[to].length > 1 ? queues[to].shift() : queues[to][0]) ?? '';
            given.push({ to, word });
            return read(word);
          },
        });
        const controller = new AbortController();
        if (abortAfterMs !== null) setTimeout(() => controller.abort(), abortAfterMs);
        const startedAt = performance.now();
        let endedAt = Number.NaN;
        const { signal } = controller;
        const ending = endOf(stopFineTuningTaskAndWait(TASK, { timeoutMs, pollIntervalMs, signal }));
        ending.then(() => {
          endedAt = performance.now();
        });
        await jest.advanceTimersByTimeAsync(timeoutMs + 120_000);

        expect(endedAt - startedAt).toBeLessThanOrEqual(Math.min(timeoutMs, abortAfterMs ?? timeoutMs) + 1);
        const end = await ending;
        const instants = new Map<number, number>();
        for (const { atMs } of requests) instants.set(atMs, (instants.get(atMs) ?? 0) + 1);
        expect(Math.max(0, ...instants.values())).toBeLessThanOrEqual(2);

        const answers = given.map(({ to, word }) => asAnswer(to, read(word)));
        const stopsMade = answers.filter(({ to }) => to === 'stop');
        expect(stopsMade.filter((one) => 'response' in one && one.response.result === true).length).toBeLessThanOrEqual(
          1,
        );
        if (!isQianfanError(end)) {
          expect(['Done', 'Failed', 'Stopped']).toContain(end.result.runStatus);
          expect(answers.at(-1)).toEqual({ to: 'describe', response: end });
          return;
        }
        const mayHaveWorked = stopsMade.some((one) =>
          'error' in one ? one.error.outcome === 'unknown' : one.response.result === true,
        );
        if (mayHaveWorked) expect(end.outcome).toBe('unknown');
        else if (end.code !== 'UNEXPECTED_ERROR') expect(end.outcome).not.toBe('unknown');
        expect(end.progress).toMatchObject({
          stopRequests: stopsMade.length,
          describeRequests: answers.length - stopsMade.length,
        });
        JSON.stringify(end);
      },
    ),
    { numRuns: 2_000 },
  );
});
