// The examples of the documents and of the doc comments work: every one is type-checked as in a strict project, and run with
// the built package, against a local console. Those for many tasks, for a server and for test runners are run by the files
// beside this one. `npm run build` comes before.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalConsole, type LocalConsoleAnswer, startLocalConsole } from '../../src/local-console/index';
import {
  type ExampleName,
  examplesOf,
  GUIDES,
  NAMES_IN_GUIDE,
  NAMES_IN_README,
  programsIn,
  READMES,
} from '../support/documents/examples';
import { examplesInDocComments } from '../support/documents/markdown';
import { writeProgram } from '../support/documents/run-example';
import { typeCheck } from '../support/documents/type-check';
import { type ChildEnd, startChild } from '../support/processes/child';
import { variablesOf } from '../support/processes/command';
import { type ChildProject, makeChildProject } from '../support/processes/project';
import { ROOT } from '../support/root';
import { TASK_ID } from '../support/task';

const DOC_COMMENTS = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap(examplesInDocComments);

let local: LocalConsole;
let project: ChildProject;

beforeAll(() => {
  project = makeChildProject();
});
afterAll(() => project.remove());
beforeEach(async () => {
  local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running' } });
});
afterEach(() => local.close());

test('every program of the documents has a name, by which a test runs it', () => {
  const counts = (documents: typeof READMES | typeof GUIDES) => documents.map((one) => programsIn(one).length);
  expect(counts(READMES)).toEqual([NAMES_IN_README.length, NAMES_IN_README.length]);
  expect(counts(GUIDES)).toEqual([NAMES_IN_GUIDE.length, NAMES_IN_GUIDE.length]);
});

describe('each example type-checks', () => {
  const examples = [...[...READMES, ...GUIDES].flatMap(programsIn), ...DOC_COMMENTS];
  const slip = { place: 'slip', language: 'ts', code: examples[0]?.code.replace('taskId:', 'taskID:') ?? '' };
  let problems: ReadonlyMap<string, readonly string[]>;

  beforeAll(() => {
    problems = typeCheck([...examples, slip]);
  });

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
  readonly isStopped?: boolean;
}

const printed = (pattern: RegExp) => expect.stringMatching(pattern);
const WELL = { status: 0, stderr: '' };
const REFUSAL = { status: 403, body: { requestId: 'r-1', code: 'AccessDenied', message: 'no' } };

type RunElsewhere = 'server' | 'many' | Exclude<(typeof NAMES_IN_GUIDE)[number], 'localConsole'>;

const SCENARIOS: Readonly<Record<Exclude<ExampleName, RunElsewhere>, readonly Scenario[]>> = {
  wait: [
    { title: 'waits', end: { ...WELL, stdout: printed(/: Stopped\n$|：Stopped\n$/) }, isStopped: true },
    {
      title: 'shows code and outcome',
      answer: REFUSAL,
      end: { status: 1, stderr: printed(/^\S.*PERMISSION_DENIED \(refused\): /) },
    },
  ],
  stop: [
    { title: 'stops', end: { ...WELL, stdout: printed(/ [-\da-f]{36}\n$/) }, isStopped: true },
    { title: 'shows a refusal', answer: REFUSAL, end: { status: 0, stderr: printed(/server refused the request/) } },
    { title: 'warns', answer: { fault: 'reset' }, end: { status: 0, stderr: printed(/may still be|可能还在/) } },
  ],
  state: [{ title: 'prints the state', end: { ...WELL, stdout: 'Running 0%\n' } }],
  localConsole: [{ title: 'prints what its comment says', end: { ...WELL, stdout: 'Stopped 5\n' } }],
};

describe('each example runs', () => {
  const cases = Object.entries(SCENARIOS).flatMap(([name, scenarios]) =>
    examplesOf(name as keyof typeof SCENARIOS).flatMap(({ place, code }) =>
      scenarios.map((scenario) => ({ place, code, ...scenario })),
    ),
  );
  test.each(cases)('$place: $title', async ({ code, answer, end, isStopped }) => {
    if (answer) local.answerNext(answer);
    expect(await runExample(code)).toMatchObject(end);
    if (isStopped) expect(local.tasks.get(TASK_ID)).toBe('Stopped');
  });

  test.each(DOC_COMMENTS)('$place', async ({ code }) => {
    expect(await runExample(code)).toMatchObject(WELL);
  });
});

/** Runs an example with the console's keys in the environment. */
function runExample(code: string): Promise<ChildEnd> {
  const file = writeProgram(project, code);
  return startChild(process.execPath, [file], { cwd: project.directory, env: variablesOf(local) }).end;
}
