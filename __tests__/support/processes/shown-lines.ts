// An output of the command that keeps what is shown, for unit tests.

import type { Output } from '../../../src/cli/output';

export interface ShownLines {
  /** Each line behind the name of what showed it. */
  readonly lines: string[];
  readonly output: Output;
}

export function keepLines(canShowLive = false): ShownLines {
  const lines: string[] = [];
  const output: Output = {
    result: (text, mark = '') => void lines.push(`result ${mark}${text}`),
    note: (text, mark = '') => void lines.push(`note ${mark}${text}`),
    page: (text) => void lines.push(`page ${text}`),
    live: (text) => void lines.push(`live ${text}`),
    canShowLive,
    flush: async () => {},
  };
  return { lines, output };
}
