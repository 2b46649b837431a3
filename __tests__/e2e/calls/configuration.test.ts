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
    await expectNothingSent(INVALID, /^QIANFAN_ACCESS_KEY in \.env has white space or a line break/);
  });

  test('a global window, in which the SDK ignores the environment.', async () => {
    Object.assign(process.env, KEYS);
    Object.assign(globalThis, { window: {} });
    await expectNothingSent(MISSING, /global `window`.*ignores the environment/);
  });
});

describe('A key that the SDK finds in .env in this very call is sent, and its fault is named, if it', () => {
  const refuse = (code: string) => json(code === 'InvalidAccessKeyId' ? 403 : 400, { code, message: 'No.' });

  test.each<[string, string, string, string, RegExp]>([
    [
      'has Chinese quotes',
      'ak-of-a-test',
      '“sk-of-a-test”',
      'SignatureDoesNotMatch',
      /QIANFAN_SECRET_KEY in \.env .*, “ \(U\+201C\)/,
    ],
    [
      'has a blank',
      'ak-of-a-test',
      '"sk-of-a-test "',
      'SignatureDoesNotMatch',
      /QIANFAN_SECRET_KEY in \.env has white space/,
    ],
    [
      'is an API key',
      'bce-v3/ALTAK-1',
      'sk-of-a-test',
      'InvalidAccessKeyId',
      /QIANFAN_ACCESS_KEY in \.env starts with bce-v3\//,
    ],
    [
      'is too long',
      'ak-of-a-test',
      'sk-of-a-test'.repeat(100),
      'SignatureDoesNotMatch',
      /QIANFAN_SECRET_KEY in \.env has 1200 characters/,
    ],
  ])('%s.', async (_, accessKey, secretKey, code, words) => {
    server = await startServer(refuse(code));
    process.env['QIANFAN_CONSOLE_API_BASE_URL'] = server.baseUrl;
    writeFileSync(join(folder, '.env'), `QIANFAN_ACCESS_KEY=${accessKey}\nQIANFAN_SECRET_KEY=${secretKey}\n`);
    process.chdir(folder);
    const first = await errorOf(stop());
    expect(first).toMatchObject({ code: 'AUTHENTICATION_FAILED', outcome: 'refused', apiCode: code });
    expect(first.message).toMatch(words);
    expect(first.message).not.toMatch(/check that no blank|does not know the access key/);
    const second = await errorOf(stop());
    expect(second).toMatchObject({ code: 'INVALID_CONFIGURATION', outcome: 'not_sent' });
    expect(printed([first, second])).not.toContain('sk-of-a-test');
    expect(server.requests).toHaveLength(1);
  });
});

test('A call is sent with both keys and a base URL.', async () => {
  Object.assign(process.env, KEYS);
  expect(await stop()).toStrictEqual({ requestId: 'r-1', result: true });
  expect(server.requests).toHaveLength(1);
});
