// The examples of the READMEs and of the doc comments work: every one is type-checked as in a strict project, and run with
// the built package and the libraries it names, against a local console. `npm run build` comes before.

import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { type LocalConsole, type LocalConsoleAnswer, startLocalConsole } from '../../src/local-console/index';
import { codeIn, examplesInDocComments, readDocument } from '../support/documents/markdown';
import { typeCheck } from '../support/documents/type-check';
import { type ChildEnd, startChild } from '../support/processes/child';
import { variablesOf } from '../support/processes/command';
import { type ChildProject, makeChildProject } from '../support/processes/project';
import { ROOT } from '../support/root';
import { TASK_ID } from '../support/task';

const READMES = [readDocument('README.md'), readDocument('README.zh-CN.md')];
const PROGRAMS = READMES.map(({ blocks }) => blocks.filter(({ language }) => /^[jt]s$/.test(language)));
const DOC_COMMENTS = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap(examplesInDocComments);

const OTHER_ID = 'task-wbha7so2t89b';

let local: LocalConsole;
let project: ChildProject;

beforeAll(() => {
  project = makeChildProject();
  for (const name of ['p-map', 'vitest']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(project.directory, 'node_modules', name));
  }
});
afterAll(() => project.remove());
beforeEach(async () => {
  local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running', [OTHER_ID]: 'Waiting' } });
});
afterEach(() => local.close());

describe('each example type-checks', () => {
  const examples = [...PROGRAMS.flat(), ...DOC_COMMENTS];
  const slip = { place: 'slip', language: 'ts', code: examples[0]?.code.replace('taskId:', 'taskID:') ?? '' };
  let problems: ReadonlyMap<string, readonly string[]>;

  beforeAll(() => {
    problems = typeCheck([...examples, slip]);
  }, 60_000);

  test.each(examples)('$place', ({ place }) => expect(problems.get(place)).toEqual([]));

  test('but not with a slip in it', () => expect(problems.get('slip')?.join()).toContain('taskID'));

  test.each(['stopFineTuningTask', 'stopFineTuningTaskAndWait', 'describeFineTuningTask', 'startLocalConsole'])(
    'and the doc comments have one for %s',
    (name) => expect(DOC_COMMENTS.map(({ code }) => code).join()).toContain(`await ${name}(`),
  );
});

/** How an example is run, and how it ends. */
interface Scenario {
  readonly title: string;
  /** The first response of the console. */
  readonly answer?: LocalConsoleAnswer;
  readonly end: { readonly [Field in keyof ChildEnd]?: unknown };
  readonly stopped?: readonly string[];
}

const printed = (pattern: RegExp) => expect.stringMatching(pattern);
const WELL = { status: 0, stderr: '' };
const REFUSAL = { status: 403, body: { requestId: 'r-1', code: 'AccessDenied', message: 'no' } };

// In the order of the examples in both READMEs.
const SCENARIOS: readonly (readonly Scenario[] | 'jest' | 'vitest')[] = [
  [
    { title: 'waits', end: { ...WELL, stdout: printed(/: Stopped\n$|：Stopped\n$/) }, stopped: [TASK_ID] },
    {
      title: 'shows code and outcome',
      answer: REFUSAL,
      end: { status: 1, stderr: printed(/^PERMISSION_DENIED \(refused\): /) },
    },
  ],
  [{ title: 'waits for both', end: { ...WELL, stdout: printed(/accepted Stopped\n/) }, stopped: [TASK_ID, OTHER_ID] }],
  [
    { title: 'stops', end: { ...WELL, stdout: printed(/ [-\da-f]{36}\n$/) }, stopped: [TASK_ID] },
    { title: 'shows a refusal', answer: REFUSAL, end: { status: 0, stderr: printed(/server refused the request/) } },
    { title: 'warns', answer: { fault: 'reset' }, end: { status: 0, stderr: printed(/may still be|可能还在/) } },
  ],
  [{ title: 'prints the state', end: { ...WELL, stdout: 'Running 0%\n' } }],
  [{ title: 'prints what its comment says', end: { ...WELL, stdout: 'Stopped 5\n' } }],
  'jest',
  'vitest',
];

describe('each example runs', () => {
  test('there is a scenario for each', () => {
    expect(PROGRAMS.map((programs) => programs.length)).toEqual([SCENARIOS.length, SCENARIOS.length]);
  });

  const cases = PROGRAMS.flatMap((programs) =>
    programs.flatMap(({ place, code }, index) => {
      const scenarios = SCENARIOS[index] ?? [];
      return typeof scenarios === 'string' ? [] : scenarios.map((scenario) => ({ place, code, ...scenario }));
    }),
  );
  test.each(cases)('$place: $title', async ({ code, answer, end, stopped = [] }) => {
    if (answer) local.answerNext(answer);
    expect(await runExample(code)).toMatchObject(end);
    for (const taskId of stopped) expect(local.tasks.get(taskId)).toBe('Stopped');
  });

  test.each(DOC_COMMENTS)('$place', async ({ code }) => {
    expect(await runExample(code)).toMatchObject(WELL);
  });

  test('in jest', async () => {
    const folder = writeTests('jest');
    const tsJest = [require.resolve('ts-jest'), { diagnostics: false, tsconfig: { module: 'commonjs' } }];
    const config = JSON.stringify({ rootDir: folder, transform: { '\\.ts$': tsJest } });
    const { status, stderr } = await runNode(inPackage('jest', 'bin/jest.js'), '--runInBand', '--config', config);
    expect(stderr).toContain(`${READMES.length} passed`);
    expect(status).toBe(0);
    expect(local.requests).toEqual([]);
  }, 60_000);

  test('in vitest, with the line of configuration above it', async () => {
    const folder = writeTests('vitest');
    const lines = READMES.map(({ prose }) => codeIn(prose).find((code) => code.startsWith('export default {')));
    expect(lines[1]).toBe(lines[0]);
    writeFileSync(join(folder, 'vitest.config.ts'), `${lines[0]}`);
    const { status, stdout } = await runNode(inPackage('vitest', 'vitest.mjs'), 'run', '--root', folder);
    expect(stdout).toContain(`${READMES.length} passed`);
    expect(status).toBe(0);
    expect(local.requests).toEqual([]);
  }, 60_000);
});

/** Runs an example as the ES module that it is, with the console's keys in the environment. */
function runExample(code: string): Promise<ChildEnd> {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  writeFileSync(join(project.directory, 'example.mjs'), ts.transpileModule(code, { compilerOptions }).outputText);
  return runNode('example.mjs');
}

function runNode(...args: string[]): Promise<ChildEnd> {
  return startChild(process.execPath, args, { cwd: project.directory, env: variablesOf(local) }).end;
}

/** Writes the test of each README into a folder of its own, and returns the folder. */
function writeTests(runner: 'jest' | 'vitest'): string {
  const folder = join(project.directory, runner);
  mkdirSync(folder);
  for (const [index, programs] of PROGRAMS.entries()) {
    writeFileSync(join(folder, `${index}.test.ts`), programs[SCENARIOS.indexOf(runner)]?.code ?? '');
  }
  return folder;
}

function inPackage(name: string, path: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), path);
}
