// What a caller gets if the keys or the base URL are missing or wrong: the real SDK, and a server that no request reaches.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stopFineTuningTask } from '../../../src';
import { restoreProcessAfterEach } from '../../support/process-state';
import { errorFields } from '../../support/responses/contract';
import { errorOf, printed } from '../../support/responses/errors';
import { json } from '../../support/servers/raw-responses';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { TASK } from '../../support/task';

jest.setTimeout(60_000);

const KEYS = { QIANFAN_ACCESS_KEY: 'ak-of-a-test', QIANFAN_SECRET_KEY: 'sk-of-a-test' };
const MISSING = errorFields('MISSING_CREDENTIALS', 'not_sent');
const INVALID = errorFields('INVALID_CONFIGURATION', 'not_sent');
let server: RawServer;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'configuration-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

restoreProcessAfterEach();

beforeEach(async () => {
  server = await startServer(json(200, { requestId: 'r-1', result: true }));
  process.env['QIANFAN_CONSOLE_API_BASE_URL'] = server.baseUrl;
});

const stop = () => stopFineTuningTask(TASK);

async function expectNothingSent(fields: object, words: RegExp): Promise<void> {
  const error = await errorOf(stop());
  expect(error.toJSON()).toEqual(fields);
  expect(error.message).toMatch(words);
  expect(printed(error)).not.toMatch(/[\da-f]{64}|sk-of-a-test/i);
  expect(server.connections).toHaveLength(0);
}

describe('Nothing is sent with', () => {
  test.each<[string, Record<string, string>, object, RegExp]>([
    ['no keys', {}, MISSING, /^QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY .* QIANFAN_AK, QIANFAN_SK and bearer tokens/],
    ['no secret key', { QIANFAN_ACCESS_KEY: 'ak' }, MISSING, /^QIANFAN_SECRET_KEY /],
    ['no access key', { QIANFAN_SECRET_KEY: 'sk-of-a-test' }, MISSING, /^QIANFAN_ACCESS_KEY /],
    ['the keys of an application', { QIANFAN_AK: 'ak', QIANFAN_SK: 'sk' }, MISSING, /QIANFAN_AK/],
    ['an empty key', { ...KEYS, QIANFAN_SECRET_KEY: '' }, MISSING, /QIANFAN_SECRET_KEY is set but empty/],
    ['a key with a line break', { ...KEYS, QIANFAN_ACCESS_KEY: 'ak\r\n' }, INVALID, /^QIANFAN_ACCESS_KEY/],
    ['a key in another script', { ...KEYS, QIANFAN_ACCESS_KEY: '密钥' }, INVALID, /^QIANFAN_ACCESS_KEY/],
    ...['nonsense', '127.0.0.1:1', 'http://127.0.0.1:99999', 'ftp://127.0.0.1', 'localhost:8080'].map(
      (url): [string, Record<string, string>, object, RegExp] => [
        `the base URL ${url}`,
        { ...KEYS, QIANFAN_CONSOLE_API_BASE_URL: url },
        INVALID,
        /^QIANFAN_CONSOLE_API_BASE_URL is not an http or https URL/,
      ],
    ),
  ])('%s.', async (_, variables, fields, words) => {
    Object.assign(process.env, variables);
    await expectNothingSent(fields, words);
  });

  test('a line break in a key that the SDK reads from .env; no signature is shown.', async () => {
    writeFileSync(join(folder, '.env'), 'QIANFAN_ACCESS_KEY="ak\nof-a-test"\nQIANFAN_SECRET_KEY=sk-of-a-test\n');
    process.chdir(folder);
    await expectNothingSent(INVALID, /^QIANFAN_ACCESS_KEY has a character/);
  });

  test('a global window, in which the SDK ignores the environment.', async () => {
    Object.assign(process.env, KEYS);
    Object.assign(globalThis, { window: {} });
    await expectNothingSent(MISSING, /global `window`.*ignores the environment/);
  });
});

test('A call is sent with both keys and a base URL.', async () => {
  Object.assign(process.env, KEYS);
  expect(await stop()).toStrictEqual({ requestId: 'r-1', result: true });
  expect(server.requests).toHaveLength(1);
});
