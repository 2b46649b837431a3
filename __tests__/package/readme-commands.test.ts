// The first screen and the command lines of the READMEs: what they promise happens. `npm run build` comes before.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isQianfanError, stopFineTuningTask } from '../../src/index';
import { type LocalConsole, type LocalConsoleAnswer, startLocalConsole } from '../../src/local-console/index';
import { READMES } from '../support/documents/examples';
import { codeIn } from '../support/documents/markdown';
import { objectsIn, runCommand, variablesOf } from '../support/processes/command';
import { type ChildProject, makeChildProject } from '../support/processes/project';
import { TASK, TASK_ID } from '../support/task';

const [ENGLISH] = READMES;
const TASK_IDS = [TASK_ID, 'task-wbha7so2t89b'];
const PAGE = { headers: { 'content-type': 'text/html' }, body: '<html>Forbidden</html>' };

let local: LocalConsole;
let project: ChildProject;

beforeAll(() => {
  project = makeChildProject();
});
afterAll(() => project.remove());
beforeEach(async () => {
  local = await startLocalConsole({ tasks: Object.fromEntries(TASK_IDS.map((taskId) => [taskId, 'Running'])) });
});
afterEach(() => local.close());

describe('the table of the first screen', () => {
  // The responses for its rows, without the last row.
  const rows: readonly (readonly [what: string, answer: LocalConsoleAnswer, times?: number])[] = [
    ['a missing permission', { status: 403, body: { code: 'AccessDenied', message: 'no' } }],
    ["a proxy's 403", { status: 403, ...PAGE }],
    ['an error with HTTP 200', { body: { code: 'AccessDenied', message: 'no' } }],
    ['a login page', PAGE],
    ['a stalled response', { body: { requestId: 'r-1', result: true }, fault: 'stall-body' }],
    ['too many requests', { body: { error_code: 18, error_msg: 'no' } }, 4],
  ];

  test.each(rows)('%s ends as its row says', async (what, answer, times = 1) => {
    const row = rows.findIndex(([one]) => one === what) + 1;
    for (let count = 0; count < times; count += 1) local.answerNext(answer);
    const options = { baseUrl: local.url, credentials: local.credentials, timeoutMs: 2_000 };
    const error = await stopFineTuningTask(TASK, options).catch((reason: unknown) => reason);
    if (!isQianfanError(error)) throw error;
    expect(codeIn(ENGLISH.tables[0]?.[row]?.[2] ?? '')).toEqual([error.code, error.outcome]);
    expect(local.requests).toHaveLength(times);
  });

  test('has a row for each of these, and one for a task that runs on', () => {
    for (const { tables } of READMES) expect(tables[0]).toHaveLength(1 + rows.length + 1);
  });
});

test('the picture of the demo is what it prints', async () => {
  const { stdout } = await runCommand(['demo']);
  const [picture] = ENGLISH.blocks.filter(({ code }) => code.startsWith('$ npx qianfan-finetuning demo\n')) ?? [];
  const steady = (text = '') => text.replace(/\d+\.\d s|127\.0\.0\.1:\d+|[-\da-f]{36}/g, '…').trim();
  expect(steady(stdout)).toBe(steady(picture?.code.replace(/^.*\n/, '')));
});

describe('the command lines', () => {
  const lines = ENGLISH.blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => [...code.matchAll(/^npx qianfan-finetuning (.*)$/gm)].map(([, args = '']) => args));

  test.each(lines ?? [])('%s', async (args) => {
    const variables = Object.entries(variablesOf(local)).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(project.directory, 'team-a.env'), variables.join(''));
    const env = args.includes('--keys-file') ? {} : variablesOf(local);
    const { status, stdout, stderr } = await runCommand(args.split(' '), { cwd: project.directory, env });
    expect({ status, failed: stderr.includes('✖') }).toEqual({ status: 0, failed: false });
    const taskIds = args.match(/task-\w+/g) ?? [];
    const state = args.startsWith('stop') ? 'Stopped' : 'Running';
    expect(taskIds.map((taskId) => local.tasks.get(taskId))).toEqual(taskIds.map(() => state));
    const shown = taskIds.map((taskId) => ({ taskId, requestId: expect.any(String), result: true }));
    if (args.includes('--json')) expect(objectsIn(stdout)).toEqual(shown);
  });

  test('are at least three', () => expect(lines?.length).toBeGreaterThan(2));
});
