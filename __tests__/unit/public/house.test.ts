// Rules for the files of src/ that no lint rule can check. Which folder may import which is in biome.json.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../../support/root';

const MAX_LINES = 250;
const SOURCES = join(ROOT, 'src');

test('no file of src/ is longer than 250 lines', () => {
  const files = readdirSync(SOURCES, { encoding: 'utf8', recursive: true }).filter((path) => /\.m?ts$/.test(path));
  const lengths = files.map(
    (path) => [path, readFileSync(join(SOURCES, path), 'utf8').split('\n').length - 1] as const,
  );
  expect(lengths.length).toBeGreaterThan(40);
  expect(lengths.filter(([, lines]) => lines > MAX_LINES)).toEqual([]);
});
