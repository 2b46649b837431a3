// The truth table, read from how the SDK ends the call: with its requests seen, and with a mock of the SDK alone.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { describeFineTuningTask, isQianfanError, stopFineTuningTask } from '../../../src';
import { asMockedCall, canBeMocked } from '../../support/responses/notation';
import { DESCRIBE_ROWS, STOP_ROWS } from '../../support/responses/truth-table';
import { endCallsWith } from '../../support/sdk/mocked-call';
import { TASK } from '../../support/task';

const STOP = { call: stopFineTuningTask, rows: STOP_ROWS, adviceIfUnknown: /stop it again/ };
const DESCRIBE = { call: describeFineTuningTask, rows: DESCRIBE_ROWS, adviceIfUnknown: /could not be read: ask again/ };

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-24T10:00:00Z') });
});

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** The response, or the error's fields. */
async function endOf({ call, adviceIfUnknown }: typeof STOP | typeof DESCRIBE): Promise<unknown> {
  const end: unknown = await call(TASK).catch((error: unknown) => error);
  if (!isQianfanError(end)) return end;
  // Only an unknown outcome advises to check the task, and a Describe says nothing about stopping.
  expect(adviceIfUnknown.test(end.message)).toBe(end.outcome === 'unknown');
  if (call === describeFineTuningTask) expect(end.message).not.toMatch(/stop/i);
  // A server's response is never a cause.
  expect(end.cause).toBeUndefined();
  return end.toJSON();
}

describe.each([
  ['stopFineTuningTask', STOP],
  ['describeFineTuningTask', DESCRIBE],
])('%s:', (_, action) => {
  describe.each(Object.entries(action.rows))('%s.', (_subject, rows) => {
    test.each(rows)('%s', async (_title, sent, expected) => {
      const { ending, wire } = asMockedCall(sent);
      endCallsWith(ending, wire);
      expect(await endOf(action)).toEqual(expected);
    });
  });

  const mockable = Object.values(action.rows).flatMap((rows) => rows.filter(([, sent]) => canBeMocked(sent)));
  test.each(mockable)('With nothing seen but a mock of the SDK: %s', async (_title, sent, expected) => {
    const { ending, wire } = asMockedCall(sent);
    endCallsWith(ending);
    // The SDK gives the status of a failure only.
    const isStatusGiven = !('status' in expected) || Number(wire.status) > 299;
    expect(await endOf(action)).toEqual(isStatusGiven ? expected : { ...expected, status: undefined });
  });
});
