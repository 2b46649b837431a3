// What is written where, and how.

import { expect, test } from '@jest/globals';
import { canUpdateLine, cut } from '../../../src/cli/output';

test('a line leaves the last column free, and shows where it was cut', () => {
  expect(cut('12345', 6)).toBe('12345');
  expect(cut('123456', 6)).toBe('1234…');
});

test.each<readonly [isTerminal: boolean, env: NodeJS.ProcessEnv, can: boolean]>([
  [true, {}, true],
  [true, { TERM: 'xterm', CI: '' }, true],
  [true, { CI: '0' }, true],
  [true, { CI: 'false' }, true],
  [true, { CI: 'true' }, false],
  [true, { CI: '1' }, false],
  [true, { CI: 'woodpecker' }, false],
  [true, { TERM: 'dumb' }, false],
  [false, {}, false],
])('a line can be updated in place (terminal: %j, variables: %j): %j', (isTerminal, env, can) => {
  expect(canUpdateLine(isTerminal, env)).toBe(can);
});
