// The options of a wait: which are accepted, and what is said about the others.

import { describe, expect, test } from '@jest/globals';
import {
  DEFAULT_POLL_INTERVAL_MS,
  DEFAULT_WAIT_TIMEOUT_MS,
  stopFineTuningTaskAndWait,
  type WaitOptions,
} from '../../../src';
import { errorOf } from '../../support/responses/errors';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';
import { respondBy } from '../../support/waits/mocked-wait';
import { script } from '../../support/waits/script';

describe('the options', () => {
  test('have these defaults', () => {
    expect([DEFAULT_WAIT_TIMEOUT_MS, DEFAULT_POLL_INTERVAL_MS]).toEqual([600_000, 15_000]);
  });

  test.each<[object, string, string]>([
    [{ timeoutMs: 0 }, 'timeoutMs', 'must be an integer from 1 to 86400000 (milliseconds)'],
    [{ timeoutMs: 86_400_001 }, 'timeoutMs', 'must be an integer from 1 to 86400000 (milliseconds)'],
    [{ timeoutMs: 1.5 }, 'timeoutMs', 'must be an integer from 1 to 86400000 (milliseconds)'],
    [{ pollIntervalMs: 99 }, 'pollIntervalMs', 'must be an integer from 100 to 600000 (milliseconds)'],
    [{ pollIntervalMs: 600_001 }, 'pollIntervalMs', 'must be an integer from 100 to 600000 (milliseconds)'],
    [{ onProgress: 'log' }, 'onProgress', 'must be a function'],
    [{ signal: {} }, 'signal', 'must be an AbortSignal'],
    [{ pollInterval: 1 }, 'pollInterval', 'is not a known field; did you mean pollIntervalMs?'],
    [{ interval: 1 }, 'interval', 'is not a known field; did you mean pollIntervalMs?'],
    [{ timeout: 1 }, 'timeout', 'is not a known field; did you mean timeoutMs?'],
  ])('%j are refused, as %s', async (options, path, message) => {
    const error = await errorOf(stopFineTuningTaskAndWait(TASK, options));
    expect(error).toMatchObject({ name: 'InvalidInputError', outcome: 'not_sent', issues: [{ path, message }] });
    expect(error).not.toHaveProperty('progress');
    expect(consoleAction).not.toHaveBeenCalled();
  });

  test.each<WaitOptions>([
    { timeoutMs: 1_000, pollIntervalMs: 100 },
    { timeoutMs: 86_400_000, pollIntervalMs: 600_000 },
    { timeoutMs: undefined, pollIntervalMs: undefined, onProgress: undefined, signal: undefined },
    { credentials: undefined, baseUrl: undefined },
    { onProgress: () => {} },
  ])('may be %j', async (options) => {
    respondBy(script('S+ DS'));
    const { result } = await stopFineTuningTaskAndWait(TASK, options);
    expect(result.runStatus).toBe('Stopped');
  });

  test('that are wrong are named together with a wrong input', async () => {
    const error = await errorOf(stopFineTuningTaskAndWait({ taskId: 'job-1' }, { timeoutMs: -1 }));
    expect(error).toMatchObject({ issues: [{ path: 'taskId' }, { path: 'timeoutMs' }] });
  });
});
