// What can be a key, by one rule for `credentials`, the environment and a keys file. No message shows the key.

import { describe, expect, test } from '@jest/globals';
import { keyProblem, variablesProblem } from '../../../src/common/credentials';

const ASCII = ': keys are visible ASCII characters only';
const API_KEY = 'starts with bce-v3/: it is an API key; use an IAM access key and its secret key';

describe('a key', () => {
  test.each<[string, string, string]>([
    ['nothing', '', 'is empty'],
    ['double quotes around it', '"geheim"', 'has quotes around it, which are not part of a key: remove them'],
    ['a line feed', 'geheim\n', 'has white space or a line break in it, which no key has: remove it'],
    ['an ideographic space', 'geh\u3000eim', 'has white space or a line break in it, which no key has: remove it'],
    ['Chinese quotes', '“geheim”', `has a character that no key has, “ (U+201C)${ASCII}`],
    ['a full-width colon', 'ge：heim', `has a character that no key has, ： (U+FF1A)${ASCII}`],
    ['an invisible space', 'geheim\u200b', `has a character that no key has, U+200B${ASCII}`],
    ['a control character', 'ge\u0007heim', `has a character that no key has, U+0007${ASCII}`],
    ['a character of two units', 'ge😀heim', `has a character that no key has, 😀 (U+1F600)${ASCII}`],
    ['1 025 characters', 'k'.repeat(1_025), 'has 1025 characters; a key has at most 1024'],
    ['a megabyte', '"\n“'.repeat(350_000), 'has 1050000 characters; a key has at most 1024'],
  ])('is none with %s', (_, key, problem) => {
    expect([keyProblem('access', key), keyProblem('secret', key)]).toEqual([problem, problem]);
    expect(problem).not.toContain('geheim');
  });

  test('may have every visible ASCII character, and up to 1 024 of them', () => {
    for (const key of ['!~"#', "a'b\\=", '"', 'a"b"', '"a"b', 'my-bce-v3/x', 'k'.repeat(1_024)]) {
      expect([keyProblem('access', key), keyProblem('secret', key)]).toEqual([undefined, undefined]);
    }
  });

  test.each(['bce-v3/ALTAK-1/2', 'BCE-V3/ALTAK'])('that starts with %s is an API key, and no access key', (key) => {
    expect([keyProblem('access', key), keyProblem('secret', key)]).toEqual([API_KEY, undefined]);
  });
});

describe('the keys among variables', () => {
  const variables = (accessKey?: string, secretKey?: string) => ({
    ...{ QIANFAN_ACCESS_KEY: accessKey, QIANFAN_SECRET_KEY: secretKey },
  });

  test.each([variables(), variables('', ''), variables('access-key', 'secret-key')])(
    'have no fault in %p: an empty or missing one is for the SDK to find',
    (given) => {
      expect(variablesProblem(given, 'the environment')).toBeUndefined();
    },
  );

  test('are named with their place, the access key first', () => {
    expect(variablesProblem(variables('bce-v3/x', ' '), '.env')).toBe(`QIANFAN_ACCESS_KEY in .env ${API_KEY}`);
    expect(variablesProblem(variables(undefined, 'ä'), 'the environment')).toBe(
      `QIANFAN_SECRET_KEY in the environment has a character that no key has, ä (U+00E4)${ASCII}`,
    );
  });
});
