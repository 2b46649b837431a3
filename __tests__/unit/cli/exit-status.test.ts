// Which exit status says what.

import { expect, test } from '@jest/globals';
import type { SuccessOrFailure } from '../../../src/cli/commands';
import { statusOf, statusOfSignal } from '../../../src/cli/exit-status';
import {
  type AnyQianfanError,
  ApiError,
  ConfigurationError,
  InvalidInputError,
  UnexpectedError,
} from '../../../src/index';

const success = (isGood: boolean): SuccessOrFailure => ({
  ...{ taskId: 'task-a', requestId: '', result: isGood, words: '', mark: '', isGood },
});
const failure = (error: AnyQianfanError): SuccessOrFailure => ({ taskId: 'task-a', error, words: '' });

const DONE = success(true);
const REFUSED = failure(new ApiError('x', { code: 'NOT_FOUND', outcome: 'refused', retryable: false }));
const WRONG_INPUT = failure(new InvalidInputError('x', { issues: [] }));
const NO_KEYS = failure(new ConfigurationError('x', { code: 'MISSING_CREDENTIALS' }));
const NO_SDK = failure(new ConfigurationError('x', { code: 'INVALID_CONFIGURATION' }));

test.each<readonly [what: string, ends: readonly SuccessOrFailure[], status: number]>([
  ['everything is as wanted', [DONE, DONE], 0],
  ['one stop stopped nothing', [DONE, success(false)], 1],
  ['one was refused', [DONE, REFUSED], 1],
  ['one failed in an unforeseen way', [failure(new UnexpectedError('x', {}))], 1],
  ['nothing was sent for any task', [WRONG_INPUT, NO_KEYS, NO_SDK], 2],
  ['nothing was sent for one task', [NO_KEYS, REFUSED], 1],
  ['nothing was sent for one task, and the other is as wanted', [DONE, NO_KEYS], 1],
])('%s', (_, ends, status) => {
  expect(statusOf(ends)).toBe(status);
});

test('a signal has the status that a shell reports', () => {
  expect([1, 2, 15].map(statusOfSignal)).toEqual([129, 130, 143]);
});
