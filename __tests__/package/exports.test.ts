// What `require` of the built package gives: plain properties that a test may replace, and names that Node's `import` of a
// CommonJS file finds. `npm run build` comes before.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { startChild } from '../support/processes/child';
import { ROOT } from '../support/root';

const FILES = ['dist/index.js', 'dist/local-console/index.js'];

afterEach(() => {
  jest.restoreAllMocks();
});

function exportsOf(file: string): Record<string, unknown> {
  return jest.requireActual(join(ROOT, file));
}

describe.each(FILES)('%s', (file) => {
  test('exports nothing but plain properties, and at least one', () => {
    const { __esModule: _, ...properties } = Object.getOwnPropertyDescriptors(exportsOf(file));
    const notPlain = Object.entries(properties).filter(([, { writable, configurable, enumerable }]) => {
      return !writable || !configurable || !enumerable;
    });
    expect(notPlain.map(([name]) => name)).toEqual([]);
    expect(Object.keys(properties)).not.toEqual([]);
  });

  test('calls itself an ES module, which no list of its names shows', () => {
    expect(Reflect.get(exportsOf(file), '__esModule')).toBe(true);
    expect(Object.keys(exportsOf(file))).not.toContain('__esModule');
  });

  test("shows every name to Node's import, by which it can be imported", async () => {
    const names = Object.keys(exportsOf(file));
    const script = `import { ${names.join(', ')} } from '${pathToFileURL(join(ROOT, file))}'; console.log('imported');`;
    const { stdout, stderr } = await startChild(process.execPath, ['--input-type=module', '--eval', script]).end;
    expect({ stdout, stderr }).toEqual({ stdout: 'imported\n', stderr: '' });
  });
});

describe('a call by way of the exports gets', () => {
  const ours: { stopFineTuningTaskAndWait: (input: unknown) => unknown } = jest.requireActual(
    join(ROOT, 'dist/index.js'),
  );
  const real = ours.stopFineTuningTaskAndWait;
  const host = () => ours.stopFineTuningTaskAndWait({ taskId: 'task-1' });

  test('a spy', () => {
    jest.spyOn(ours, 'stopFineTuningTaskAndWait').mockReturnValue('spied');
    expect(host()).toBe('spied');
  });

  test('what was assigned', () => {
    ours.stopFineTuningTaskAndWait = () => 'assigned';
    expect(host()).toBe('assigned');
    ours.stopFineTuningTaskAndWait = real;
  });
});
