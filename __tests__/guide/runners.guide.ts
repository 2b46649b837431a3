// The tests in the guide run under jest and vitest, with the configurations beside them, and the safety line in these holds.
// `npm run build` comes before.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type LocalConsole, startLocalConsole } from '../../src/local-console/index';
import { type ExampleName, examplesOf } from '../support/documents/examples';
import { link } from '../support/documents/run-example';
import { type ChildEnd, startChild } from '../support/processes/child';
import { variablesOf } from '../support/processes/command';
import { type ChildProject, makeChildProject } from '../support/processes/project';

// A test whose mock is not reached: it has none. The keys and the base URL of a console are in the environment.
const UNSAFE = `import { expect, test } from '@jest/globals';
import { stopFineTuningTask } from 'qianfan-finetuning';

test('nothing is sent', async () => {
  const stop = stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' });
  await expect(stop).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION', outcome: 'not_sent' });
});`;
const TESTS_IN_GUIDE = 5;

let local: LocalConsole;
let project: ChildProject;

beforeAll(() => {
  project = makeChildProject();
  link(project, '@jest', 'jest', 'ts-jest', 'typescript', 'vitest');
});
afterAll(() => project.remove());
beforeEach(async () => {
  local = await startLocalConsole({ tasks: { 'task-5kjifvzerc5n': 'Running' } });
});
afterEach(() => local.close());

const LANGUAGES = [0, 1] as const;
type Language = (typeof LANGUAGES)[number];

const codeOf = (name: ExampleName, language: Language): string => examplesOf(name)[language]?.code ?? '';

/** The tests of both guides, as files. */
function testsOf(name: ExampleName, change = (code: string): string => code): Record<string, string> {
  return Object.fromEntries(
    LANGUAGES.map((language) => [`${name}-${language}.test.ts`, change(codeOf(name, language))]),
  );
}

// A project of TypeScript that is compiled to ES modules, with one guide's configuration; and one without any setting, with
// that of the other.
test.each<[string, Language, object]>([
  ['nodenext', 0, { module: 'nodenext', verbatimModuleSyntax: true, strict: true, skipLibCheck: true }],
  ['default', 1, {}],
])(
  'jest runs the tests of the guides, %s',
  async (name, language, compilerOptions) => {
    const folder = write(`jest-${name}`, {
      'package.json': JSON.stringify({ type: name === 'nodenext' ? 'module' : 'commonjs' }),
      'tsconfig.json': JSON.stringify({ compilerOptions: { target: 'es2022', types: [], ...compilerOptions } }),
      'jest.config.mjs': codeOf('jestConfig', language),
      ...testsOf('jestTests'),
      ...testsOf('mockOfOurs'),
      'unsafe.test.ts': UNSAFE,
    });
    const { status, stderr } = await run(folder, inPackage('jest', 'bin/jest.js'));
    const tests = 2 * (TESTS_IN_GUIDE + 1) + 1;
    expect(stderr).toContain(`Tests:       ${tests} passed, ${tests} total`);
    expect(status).toBe(0);
    expect(local.requests).toEqual([]);
  },
  60_000,
);

test('vitest runs the tests of the guides, with `vi` in place of `jest`', async () => {
  const forVitest = (code: string) => code.replaceAll('@jest/globals', 'vitest').replace(/\bjest\b/g, 'vi');
  expect(codeOf('vitestConfig', 1)).toBe(codeOf('vitestConfig', 0));
  const folder = write('vitest', {
    'vitest.config.mjs': codeOf('vitestConfig', 0),
    ...testsOf('jestTests', forVitest),
    'unsafe.test.ts': forVitest(UNSAFE),
  });
  const { status, stdout } = await run(folder, inPackage('vitest', 'vitest.mjs'), 'run');
  expect(stdout).toContain(`${2 * TESTS_IN_GUIDE + 1} passed`);
  expect(status).toBe(0);
  expect(local.requests).toEqual([]);
});

function write(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(project.directory, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

function run(cwd: string, ...args: string[]): Promise<ChildEnd> {
  return startChild(process.execPath, args, { cwd, env: { ...variablesOf(local), NO_COLOR: '1' } }).end;
}

function inPackage(name: string, path: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), path);
}
