// The truth table over real sockets: the real SDK, and a server that sends the bytes of each row.

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type AnyQianfanError, type CallOptions, describeFineTuningTask, stopFineTuningTask } from '../../src';
import { answersAsked, asBytes, DESCRIBE_ROWS, type Row, STOP_ROWS, TASK_ID } from '../support/answers';
import { errorFields } from '../support/contract';
import { errorOf, printed } from '../support/errors';
import { type Answer, type RawServer, response, startRawServer } from '../support/raw-server';

jest.setTimeout(60_000);

const credentials = { accessKey: 'ak-of-a-test', secretKey: 'sk"of\\a/test+0123456789==' };
const servers: RawServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: Answer | readonly Answer[]): Promise<RawServer> {
  const server = await startRawServer(answer);
  servers.push(server);
  return server;
}

const stopAt = ({ baseUrl }: RawServer, options: CallOptions = {}) =>
  stopFineTuningTask({ taskId: TASK_ID }, { credentials, baseUrl, ...options });

describe.each([
  ['stopFineTuningTask', stopFineTuningTask, STOP_ROWS],
  ['describeFineTuningTask', describeFineTuningTask, DESCRIBE_ROWS],
] as const)('%s:', (_, call, table) => {
  describe.each(Object.entries(table))('%s.', (_subject, rows) => {
    test.each(rows)('%s', async (...[, sent, expected]: Row) => {
      const asked = answersAsked(sent);
      const server = await serve(asked.map(asBytes));
      const pending = call({ taskId: TASK_ID }, { credentials, baseUrl: server.baseUrl });
      if ('code' in expected) expect((await errorOf(pending)).toJSON()).toEqual(expected);
      else expect(await pending).toStrictEqual(expected);
      expect(server.requests).toHaveLength(asked.length);
    });
  });
});
