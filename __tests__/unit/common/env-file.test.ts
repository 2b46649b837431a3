// Why a variable that a person sees in a file of NAME=value lines is not found there.

import { describe, expect, test } from '@jest/globals';
import { explainNotFound } from '../../../src/common/env-file';

const NAMES = ['QIANFAN_ACCESS_KEY', 'QIANFAN_SECRET_KEY'];
const UTF_16 = 'is UTF-16, as Windows PowerShell saves, or no text; save it as UTF-8';
const odd = (character: string, name = 'QIANFAN_ACCESS_KEY') =>
  `has an odd character, ${character}; write ${name}=value`;
const commands = (command: string) => `has commands of a Windows shell (${command}); write lines such as NAME=value`;

describe('a file is explained that', () => {
  test.each<[string, string, string]>([
    ['is UTF-16', Buffer.from('\ufeffQIANFAN_ACCESS_KEY=a', 'utf16le').toString(), UTF_16],
    ['is UTF-16 without a mark', Buffer.from('QIANFAN_ACCESS_KEY=a', 'utf16le').swap16().toString(), UTF_16],
    ['has commands of cmd.exe', 'rem keys\r\nset QIANFAN_ACCESS_KEY=a\r\n', commands('set QIANFAN_ACCESS_KEY')],
    ['has commands with two blanks', 'set  QIANFAN_ACCESS_KEY=a', commands('set  QIANFAN_ACCESS_KEY')],
    ['has quoted commands of cmd.exe', '  SETX "QIANFAN_SECRET_KEY=b"', commands('SETX "QIANFAN_SECRET_KEY')],
    ['has commands of PowerShell', '$env:QIANFAN_ACCESS_KEY = "a"', commands('$env:QIANFAN_ACCESS_KEY')],
    ['has a full-width colon', 'QIANFAN_ACCESS_KEY：a', odd('： (U+FF1A)')],
    ['has a full-width equals sign', 'A=1\nQIANFAN_SECRET_KEY＝b', odd('＝ (U+FF1D)', 'QIANFAN_SECRET_KEY')],
    ['has such a colon behind an odd comment', '# 密钥\nQIANFAN_ACCESS_KEY：a', odd('： (U+FF1A)')],
    ['has full-width letters', 'ＱIANFAN_ACCESS_KEY=a', odd('Ｑ (U+FF31)')],
    ['has an invisible space', '\u200bQIANFAN_ACCESS_KEY=a', odd('U+200B')],
    ['has Chinese quotes around the name', '“QIANFAN_ACCESS_KEY”=a', odd('“ (U+201C)')],
    ['has an odd sign behind `export`', 'export QIANFAN_ACCESS_KEY：a', odd('： (U+FF1A)')],
    [
      'has the keys of an application',
      'QIANFAN_AK=a\nQIANFAN_SK=b',
      'has QIANFAN_AK and QIANFAN_SK in place of QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY; keys of an application do not work here',
    ],
  ])('%s', (_, text, problem) => {
    expect(explainNotFound(text, NAMES)).toBe(problem);
  });
});

test.each<[string, string]>([
  ['nothing', ''],
  ['a comment', '# QIANFAN_ACCESS_KEY：a\n#QIANFAN_AK=a'],
  ['other names', 'MY_QIANFAN_ACCESS_KEY：a\nreset QIANFAN_ACCESS_KEY=a\nMY_QIANFAN_AK=1\n$env:MY_QIANFAN_AK=1'],
  ['text about a key', '密钥 QIANFAN_ACCESS_KEY：a'],
])('a file with %s has no explanation', (_, text) => {
  expect(explainNotFound(text, NAMES)).toBeUndefined();
});
