// What an error says where the SDK found a key in `.env` in this very call that cannot be one: it has been sent.

import { expect, test } from '@jest/globals';
import { NO_ADVICE } from '../../../src/action/advice';
import { resultOrError } from '../../../src/action/result-or-error';
import { isQianfanError } from '../../../src/errors';
import type { EndedCall } from '../../../src/sdk/call';
import { readCallEnd } from '../../../src/sdk/messages';
import { httpError, rejected } from '../../support/sdk/messages';
import { SEEN } from '../../support/sdk/mocked-call';

const PROBLEM = 'QIANFAN_SECRET_KEY in .env is odd';
const ACTION = {
  ...{ name: 'A', route: '/a', policies: ['APolicy'], documentedResult: 'true', advice: NO_ADVICE },
  ...{ check: () => ({ issues: [] }), readResult: () => undefined, effectOf: () => 'none' as const },
};

function messageFor(end: EndedCall['end'], nothingSent = false): string {
  const call = { end, nothingSent, secretKey: undefined, keyProblem: () => PROBLEM };
  try {
    resultOrError(call, ACTION, { taskId: 'task-1' });
  } catch (error) {
    if (isQianfanError(error)) return error.message;
  }
  throw new Error('It did not throw an error of ours.');
}

const refusal = (code: string) => readCallEnd(rejected(httpError(403, { code, message: 'No.' })), SEEN);

test.each([
  ['takes the place of the advice about keys', 'SignatureDoesNotMatch', `No. ${PROBLEM}.`],
  ['takes the place of any advice about keys', 'InvalidAccessKeyId', `No. ${PROBLEM}.`],
  [
    'stands behind other advice',
    'AccessDenied',
    `No. The user of the key needs one of these policies: APolicy. ${PROBLEM}.`,
  ],
])('it %s', (_, code, said) => {
  expect(messageFor(refusal(code))).toBe(`The server refused the request (HTTP 403, ${code}): ${said}`);
});

test('it is named with any other end, but not where nothing was sent', () => {
  const timedOut = { kind: 'timed_out', timeoutMs: 5, bySdk: false, headers: undefined } as const;
  expect(messageFor(timedOut)).toBe(`There was no complete response within 5 ms. ${PROBLEM}.`);
  expect(messageFor(timedOut, true)).toBe('There was no complete response within 5 ms.');
});
