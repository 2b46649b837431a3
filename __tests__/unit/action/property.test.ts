// With any value that the SDK resolves with or throws, a call ends with a documented response or one of our errors.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeFineTuningTask, isQianfanError, stopFineTuningTask } from '../../../src';
import { CONTRACT } from '../../support/responses/contract';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';

const ACTIONS = [
  [stopFineTuningTask, { requestId: expect.any(String), result: expect.any(Boolean) }],
  [
    describeFineTuningTask,
    { requestId: expect.any(String), result: expect.objectContaining({ runStatus: expect.any(String) }) },
  ],
] as const;
const COMMON = ['name', 'code', 'outcome', 'retryable', 'requestId', 'message'];

async function expectDocumentedEnds(): Promise<void> {
  for (const [call, response] of ACTIONS) {
    const end: unknown = await call(TASK).catch((error: unknown) => error);
    if (!isQianfanError(end)) {
      expect(end).toEqual(response);
      continue;
    }
    const { name, outcomes, retryable, fields } = CONTRACT[end.code];
    expect(end).toMatchObject({ name, retryable });
    // No request was seen, which proves nothing. Only a code of the server is a refusal.
    const isByEvidence = outcomes.includes('not_sent') && outcomes.includes('unknown');
    expect(isByEvidence ? ['unknown'] : outcomes).toContain(end.outcome);
    if (end.outcome === 'refused') expect(end).toHaveProperty('apiCode', expect.stringMatching(/\S/));
    expect(end.message).toMatch(/\S/);
    expect(end.message).not.toContain('This package failed');
    const json: Record<string, unknown> = JSON.parse(JSON.stringify(end));
    expect(json).toMatchObject({ name, code: end.code, outcome: end.outcome, retryable });
    expect([...COMMON, ...fields]).toEqual(expect.arrayContaining(Object.keys(json)));
    for (const field of ['requestId', 'apiCode', 'apiMessage', 'response', 'systemCode']) {
      const text = json[field] ?? '';
      expect(typeof text).toBe('string');
      expect(String(text).length).toBeLessThanOrEqual(2_000);
    }
  }
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  maxDepth: 1,
  maxKeys: 3,
});
const body = fc.record(
  {
    requestId: anything,
    request_id: anything,
    log_id: fc.oneof(fc.integer(), fc.string()),
    code: fc.oneof(anything, fc.constantFrom('AccessDenied', '0', '', 'InternalError')),
    error_code: fc.oneof(anything, fc.constantFrom(0, 18, 6, null)),
    message: anything,
    result: fc.oneof(
      anything,
      fc.boolean(),
      fc.record({ taskId: anything, runStatus: fc.oneof(anything, fc.string()) }),
    ),
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

test('Anything that the SDK resolves with ends in a documented way.', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        anything,
        body,
        fc.string().map((said) => ({ ...[...said] })),
      ),
      async (value) => {
        consoleAction.mockImplementation(async () => value);
        await expectDocumentedEnds();
      },
    ),
    { numRuns: 500 },
  );
});

test('Anything that the SDK throws ends in a documented way.', async () => {
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
      await expectDocumentedEnds();
    }),
    { numRuns: 500 },
  );
});
