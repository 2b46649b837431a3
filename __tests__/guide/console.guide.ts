// What the guide says of the local console: how a scripted response ends a call, and the console for trying the command.
// `npm run build` comes before.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isQianfanError, stopFineTuningTask, stopFineTuningTaskAndWait } from '../../src/index';
import { type LocalConsole, startLocalConsole } from '../../src/local-console/index';
import { examplesOf, GUIDES } from '../support/documents/examples';
import { codeIn } from '../support/documents/markdown';
import { writeProgram } from '../support/documents/run-example';
import { startChild } from '../support/processes/child';
import { runCommand } from '../support/processes/command';
import { makeChildProject } from '../support/processes/project';
import { TASK, TASK_ID } from '../support/task';

const [ENGLISH] = GUIDES;
const TABLE = ENGLISH.tables.find(([heading]) => heading?.[1] === '`local.answerNext(…)`') ?? [];

describe('a scripted response', () => {
  let local: LocalConsole;

  beforeEach(async () => {
    local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running' } });
  });
  afterEach(() => local.close());

  const rows = TABLE.slice(1).map(([what = '', answer = '', stop = '', wait = '']) => ({ what, answer, stop, wait }));

  test.each(rows)('$what', async ({ answer, stop, wait }) => {
    // A call that is to end in a timeout need not take long; any other has time on a slow machine, too.
    const optionsFor = (end: string) => ({
      baseUrl: local.url,
      credentials: local.credentials,
      timeoutMs: end.includes('TIMEOUT') ? 1_000 : 30_000,
    });
    const scripted: unknown = new Function('answerNext', `answerNext(${codeIn(answer)[0]})`);
    for (const [call, end] of [
      [() => stopFineTuningTask(TASK, optionsFor(stop)), stop],
      [() => stopFineTuningTaskAndWait(TASK, { ...optionsFor(wait), pollIntervalMs: 100 }), wait],
    ] as const) {
      if (typeof scripted === 'function') scripted(local.answerNext);
      const words = await call().then(({ result }) => [wordOf(result)], failureOf);
      expect(words).toEqual(codeIn(end));
    }
  });

  test('has a row for each of the four', () => expect(rows).toHaveLength(4));
});

function wordOf(result: boolean | { readonly runStatus: string }): string {
  return typeof result === 'boolean' ? `${result}` : result.runStatus;
}

function failureOf(reason: unknown): string[] {
  if (!isQianfanError(reason)) throw reason;
  return [reason.code, reason.outcome];
}

test('the command stops a task on a console in a process of its own', async () => {
  const lines = GUIDES.map(({ blocks }) => blocks.find(({ code }) => code.startsWith('npx qianfan-finetuning '))?.code);
  expect(lines[1]).toBe(lines[0]);
  const args = lines[0]?.split(' ').slice(2) ?? [];
  await Promise.all(
    examplesOf('consoleProcess').map(async ({ code }) => {
      const project = makeChildProject();
      const local = startChild(process.execPath, [writeProgram(project, code)], { cwd: project.directory });
      await local.printed(/http:.*Ctrl\+C/);
      const { status, stdout } = await runCommand(args, { cwd: project.directory });
      local.process.kill();
      await local.end;
      project.remove();
      expect([status, stdout]).toEqual([0, expect.stringContaining('task-1 has ended: Stopped')]);
    }),
  );
});
