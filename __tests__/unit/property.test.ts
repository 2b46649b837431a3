// For anything thrown and anything resolved there is a documented result or one of our errors, and nothing else.

import { beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { isQianfanError, stopFineTuningTask } from '../../src';
import { CONTRACT } from '../support/contract';

jest.mock('@baiducloud/qianfan');
const { consoleAction } = jest.requireMock<{ consoleAction: jest.Mock<() => Promise<unknown>> }>('@baiducloud/qianfan');

beforeEach(() => {
  consoleAction.mockReset();
});

async function expectDocumentedEnd(): Promise<void> {
  const end: unknown = await stopFineTuningTask({ taskId: 'task-1' }).catch((error: unknown) => error);
  if (!isQianfanError(end)) {
    expect(end).toEqual({ requestId: expect.any(String), result: expect.any(Boolean) });
    return;
  }
  const { name, outcomes, retryable } = CONTRACT[end.code];
  expect(end).toMatchObject({ name, retryable });
  // Nothing was seen on the wire, which proves nothing.
  const isByEvidence = outcomes.includes('not_sent') && outcomes.includes('unknown');
  expect(isByEvidence ? ['unknown'] : outcomes).toContain(end.outcome);
  expect(end.message).toMatch(/\S/);
  expect(JSON.parse(JSON.stringify(end))).toMatchObject({ name, code: end.code, outcome: end.outcome, retryable });
  expect(['string', 'undefined']).toContain(typeof end.requestId);
  if (end.name === 'ApiError') {
    expect(['number', 'undefined']).toContain(typeof end.status);
    expect(['string', 'undefined']).toContain(typeof end.apiCode);
    expect(['string', 'undefined']).toContain(typeof end.apiMessage);
  }
  if (end.name === 'UnexpectedResponseError') expect(end.response.length).toBeLessThanOrEqual(2_000);
}

const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
const body = fc.record(
  {
    requestId: anything,
    request_id: anything,
    log_id: fc.oneof(fc.integer(), fc.string()),
    code: fc.oneof(anything, fc.constantFrom('AccessDenied', '0', '', 'InternalError')),
    error_code: fc.oneof(anything, fc.constantFrom(0, 18, 6, null)),
    message: anything,
    result: fc.oneof(anything, fc.boolean()),
    headers: anything,
  },
  { requiredKeys: [] },
);
const text = fc.oneof(fc.string({ unit: 'binary' }), body.map(jsonOf), fc.json());
const message = fc.oneof(
  fc
    .tuple(fc.integer({ min: 100, max: 599 }), text, text)
    .map(
      ([status, headers, said]) =>
        `Request timed out.\n        HTTP error, status = ${status}\n\n        Response Header ${headers}\n    \nResponse Body ${said}`,
    ),
  text.map((said) => `Request timed out.${said}`),
  text.map((said) => `Request timed out.request to ${said} failed, reason: ${said}`),
  text,
);

function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one)) ?? '';
}

test('for anything that the SDK resolves', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        anything,
        body,
        fc.string().map((said) => ({ ...[...said] })),
      ),
      async (value) => {
        consoleAction.mockImplementation(async () => value);
        await expectDocumentedEnd();
      },
    ),
    { numRuns: 1_000 },
  );
});

test('for anything that the SDK throws', async () => {
  const thrown = fc.oneof(
    anything,
    message,
    message.map((said) => new Error(said)),
    fc.tuple(message, anything).map(([said, more]) => Object.assign(new TypeError(said), { code: more, cause: more })),
  );
  await fc.assert(
    fc.asyncProperty(thrown, async (value) => {
      consoleAction.mockImplementation(() => {
        throw value;
      });
      await expectDocumentedEnd();
    }),
    { numRuns: 1_000 },
  );
});
