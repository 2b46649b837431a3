// Checked by the compiler: `npm run typecheck` fails if a code loses its literal type, a closed union opens or an open one closes.

import { expect, test } from '@jest/globals';
import {
  type AnyQianfanError,
  type CallOptions,
  type DescribeFineTuningTaskResponse,
  describeFineTuningTask,
  type FinalRunStatus,
  type FineTuningTask,
  isQianfanError,
  type Outcome,
  type QianfanErrorCode,
  type RunStatus,
  type StopFineTuningTaskAndWaitResponse,
  type StopFineTuningTaskResponse,
  stopFineTuningTask,
  stopFineTuningTaskAndWait,
  TimeoutError,
  type WaitOptions,
  type WaitProgress,
} from '../../../src';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Codes =
  | 'INVALID_INPUT'
  | 'MISSING_CREDENTIALS'
  | 'INVALID_CONFIGURATION'
  | 'AUTHENTICATION_FAILED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'INVALID_REQUEST'
  | 'RATE_LIMITED'
  | 'SERVER_ERROR'
  | 'API_ERROR'
  | 'CONNECTION_FAILED'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'UNEXPECTED_RESPONSE'
  | 'UNEXPECTED_ERROR';

function detail(error: AnyQianfanError): string | number | undefined {
  switch (error.code) {
    case 'INVALID_INPUT':
      return error.issues.length;
    case 'MISSING_CREDENTIALS':
    case 'INVALID_CONFIGURATION':
      return error.outcome satisfies 'not_sent';
    case 'AUTHENTICATION_FAILED':
    case 'PERMISSION_DENIED':
    case 'NOT_FOUND':
    case 'INVALID_REQUEST':
    case 'SERVER_ERROR':
    case 'API_ERROR':
      return error.apiCode ?? error.status;
    case 'RATE_LIMITED':
      return error.retryAfterMs;
    case 'CONNECTION_FAILED':
      return error.systemCode;
    case 'TIMEOUT':
      return error.timeoutMs;
    case 'ABORTED':
      return error.name satisfies 'AbortError';
    case 'UNEXPECTED_RESPONSE':
      return error.response;
    case 'UNEXPECTED_ERROR':
      return error.outcome satisfies 'unknown';
    default:
      return error satisfies never;
  }
}

async function slips(): Promise<void> {
  // @ts-expect-error the field is taskId
  await stopFineTuningTask({ taskID: 'task-1' });
  // @ts-expect-error an ID is a string
  await stopFineTuningTask({ taskId: 1 });
  // @ts-expect-error the option is timeoutMs
  await stopFineTuningTask({ taskId: 'task-1' }, { timeout: 1 });
  // @ts-expect-error both keys or none
  await stopFineTuningTask({ taskId: 'task-1' }, { credentials: { accessKey: 'a' } });
  // @ts-expect-error only a wait has progress
  await describeFineTuningTask({ taskId: 'task-1' }, { onProgress() {} });
  // Every option may be given as undefined.
  const none = { timeoutMs: undefined, signal: undefined, credentials: undefined, baseUrl: undefined };
  const { result } = await stopFineTuningTaskAndWait(
    { taskId: 'task-1' },
    { ...none, pollIntervalMs: undefined, onProgress: undefined },
  );
  // @ts-expect-error a task that was waited for is not running
  if (result.runStatus === 'Running') return;
  await stopFineTuningTask({ taskId: 'task-1' }, none).catch((error: unknown) => {
    // @ts-expect-error an unknown value has no code
    if (error.code === 'TIMEOUT') return;
    // @ts-expect-error not every error has a status
    if (isQianfanError(error)) void error.status;
    // @ts-expect-error what is known of the stop never changes
    if (isQianfanError(error) && error.progress) error.progress.stop = 'accepted';
  });
}

test("the codes are exactly the contract's, and the names are literal", () => {
  const codesAreClosed: Same<AnyQianfanError['code'], Codes> = true;
  const codesAreExported: Same<QianfanErrorCode, Codes> = true;
  const outcomesAreClosed: Same<AnyQianfanError['outcome'], Outcome> = true;
  const isNameAnyString: string extends AnyQianfanError['name'] ? true : false = false;
  expect([codesAreClosed, codesAreExported, outcomesAreClosed, isNameAnyString]).toEqual([true, true, true, false]);
  expect(slips).toBeInstanceOf(Function);
});

test('the three functions resolve with the responses that are exported', () => {
  const stop: Same<Awaited<ReturnType<typeof stopFineTuningTask>>, StopFineTuningTaskResponse> = true;
  const describe: Same<Awaited<ReturnType<typeof describeFineTuningTask>>, DescribeFineTuningTaskResponse> = true;
  const wait: Same<Awaited<ReturnType<typeof stopFineTuningTaskAndWait>>, StopFineTuningTaskAndWaitResponse> = true;
  const finalState: Same<StopFineTuningTaskAndWaitResponse['result']['runStatus'], FinalRunStatus> = true;
  expect([stop, describe, wait, finalState]).toEqual([true, true, true, true]);
});

test('a run status is open, and a final one and the state of a stop are closed', () => {
  const isOpen: string extends RunStatus ? true : false = true;
  const isClosed: Same<FinalRunStatus, 'Done' | 'Failed' | 'Stopped'> = true;
  const states: Same<WaitProgress['stop'], 'not_sent' | 'refused' | 'unknown' | 'accepted'> = true;
  const otherFields: Same<FineTuningTask['vdlLink'], unknown> = true;
  const isWider: WaitOptions extends CallOptions ? true : false = true;
  expect([isOpen, isClosed, states, otherFields, isWider]).toEqual([true, true, true, true, true]);
});

test('narrowing by code reaches the fields of the case', () => {
  expect(detail(new TimeoutError('m', { outcome: 'unknown', timeoutMs: 7 }))).toBe(7);
});
