// What a keys file may look like, and what is said of one that cannot be used.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readKeysFile } from '../../../src/cli/keys-file';

const KEYS = 'QIANFAN_ACCESS_KEY=the-access-key\nQIANFAN_SECRET_KEY=the-secret-key\n';
const CREDENTIALS = { accessKey: 'the-access-key', secretKey: 'the-secret-key' };

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-keys-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(content: string | Buffer): string {
  const path = join(directory, 'team.env');
  writeFileSync(path, content);
  return path;
}

test.each<readonly [form: string, content: string]>([
  ['plain lines', KEYS],
  ['a byte order mark', `\ufeff${KEYS}`],
  ['CRLF', KEYS.replaceAll('\n', '\r\n')],
  ['export', KEYS.replaceAll('QIANFAN', 'export QIANFAN')],
  ['quotes', KEYS.replace(/=(.*)/g, '="$1"')],
  ['other variables and comments', `# set QIANFAN_ACCESS_KEY=x\nNODE_OPTIONS=--bad\n${KEYS}`],
])('%s can be in a keys file', (_, content) => {
  expect(readKeysFile(file(content))).toEqual({ credentials: CREDENTIALS, baseUrl: undefined });
});

test('the base URL is taken from a keys file that has one', () => {
  const path = file(`${KEYS}QIANFAN_CONSOLE_API_BASE_URL=http://127.0.0.1:1`);
  expect(readKeysFile(path)).toEqual({ credentials: CREDENTIALS, baseUrl: 'http://127.0.0.1:1' });
});

describe('what is wrong with a keys file is said:', () => {
  test.each<readonly [what: string, content: string | Buffer, problem: string]>([
    ['nothing', '', 'it has no QIANFAN_ACCESS_KEY and no QIANFAN_SECRET_KEY; it must hold both keys'],
    ['one key', 'QIANFAN_ACCESS_KEY=a', 'it has no QIANFAN_SECRET_KEY'],
    ['an empty key', 'QIANFAN_ACCESS_KEY=\nQIANFAN_SECRET_KEY=b', 'it has an empty QIANFAN_ACCESS_KEY'],
    ['an empty key and none', 'QIANFAN_SECRET_KEY=""', 'it has no QIANFAN_ACCESS_KEY and an empty QIANFAN_SECRET_KEY'],
    ['a full-width colon', KEYS.replace('=', '：'), 'it has an odd character, ： (U+FF1A)'],
    ['an invisible character', `\u200b${KEYS}`, 'it has an odd character, U+200B'],
    ['keys of an application', 'QIANFAN_AK=a\nQIANFAN_SK=b', 'it has QIANFAN_AK and QIANFAN_SK in place of'],
    [
      'cmd.exe with quotes',
      KEYS.replace(/^.*$/gm, 'set "$&"'),
      'it has commands of a Windows shell (set "QIANFAN_ACCESS_KEY)',
    ],
    [
      'cmd.exe',
      KEYS.replaceAll('QIANFAN', 'set QIANFAN'),
      'it has commands of a Windows shell (set QIANFAN_ACCESS_KEY)',
    ],
    [
      'PowerShell',
      KEYS.replaceAll('QIANFAN', '$env:QIANFAN'),
      'it has commands of a Windows shell ($env:QIANFAN_ACCESS_KEY)',
    ],
    [
      'UTF-16 with a byte order mark',
      Buffer.from(`\ufeff${KEYS}`, 'utf16le'),
      'it is UTF-16, as Windows PowerShell saves, or no text; save it as UTF-8',
    ],
    [
      'UTF-16, big-endian, without one',
      Buffer.from(KEYS, 'utf16le').swap16(),
      'it is UTF-16, as Windows PowerShell saves, or no text; save it as UTF-8',
    ],
  ])('%s', (_, content, problem) => {
    const path = file(content);
    const error = errorOf(path);
    expect(error).toMatchObject({ code: 'INVALID_CONFIGURATION', outcome: 'not_sent' });
    expect(`${error}`).toContain(`Nothing was sent: --keys-file ${path} cannot be used: ${problem}`);
    expect(`${error}`).not.toContain('the-secret-key');
  });

  test('a path where nothing is, and a folder', () => {
    expect(`${errorOf(join(directory, 'none'))}`).toContain('there is no such file');
    expect(`${errorOf(directory)}`).toContain('it is a folder');
  });
});

function errorOf(path: string): unknown {
  try {
    return readKeysFile(path);
  } catch (error) {
    return error;
  }
}
