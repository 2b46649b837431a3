// What holds here is checked by the compiler: `npm run typecheck` fails where a code loses its literal type.

import { expect, test } from '@jest/globals';
import {
  type AnyQianfanError,
  isQianfanError,
  type QianfanErrorCode,
  type StopFineTuningTaskResponse,
  stopFineTuningTask,
  TimeoutError,
} from '../../src';

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
  // every option may be given as undefined
  const none = { timeoutMs: undefined, signal: undefined, credentials: undefined, baseUrl: undefined };
  await stopFineTuningTask({ taskId: 'task-1' }, none).catch((error: unknown) => {
    // @ts-expect-error an unknown value has no code
    if (error.code === 'TIMEOUT') return;
    // @ts-expect-error not every error has a status
    if (isQianfanError(error)) void error.status;
  });
}

test('the codes are the contract’s and literal, and so are the names', () => {
  const codesAreClosed: Same<AnyQianfanError['code'], Codes> = true;
  const codesAreExported: Same<QianfanErrorCode, Codes> = true;
  const isNameAnyString: string extends AnyQianfanError['name'] ? true : false = false;
  const isResultTyped: Same<Awaited<ReturnType<typeof stopFineTuningTask>>, StopFineTuningTaskResponse> = true;
  expect([codesAreClosed, codesAreExported, isNameAnyString, isResultTyped]).toEqual([true, true, false, true]);
  expect(slips).toBeInstanceOf(Function);
});

test('narrowing by code reaches the fields of the case', () => {
  expect(detail(new TimeoutError('m', { code: 'TIMEOUT', outcome: 'unknown', timeoutMs: 7 }))).toBe(7);
});
