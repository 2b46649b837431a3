// The published types of the local console need neither `@types/node`, nor a library newer than es2021, nor
// `skipLibCheck`. `npm run test:hosts -- typescript` tries the package's types with other versions of TypeScript.

import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { ROOT } from '../support/root';

const PROGRAM = join(ROOT, 'program.mts');
const TEXT = `
import * as console from './dist/local-console/index.mjs';
const task: console.TaskProgress = { runStatus: 'Running' satisfies console.TaskState, runProgress: '60%' };
const tasks: Record<string, console.LocalConsoleTask> = { a: 'Waiting', b: task };
const stopTakes: console.StopTakes = { describes: 1 };
const given: console.LocalConsoleOptions = { port: 0, accessKey: 'a', secretKey: 's', tasks, stopTakes };
const local: console.LocalConsole = await console.startLocalConsole(given);
const keys: { accessKey: string; secretKey: string } = local.credentials;
const action: console.LocalConsoleAction = 'StopFineTuningTask';
const headers = { 'set-cookie': ['a=1'] };
local.answerNext({ action, status: 503, headers, body: keys, delayMs: 1, fault: 'reset' } satisfies console.LocalConsoleAnswer);
const set: Map<string, console.LocalConsoleTask> = local.tasks.set(local.url, 'Done');
const requests: readonly console.LocalConsoleRequest[] = local.requests;
await local.close() satisfies void;
// @ts-expect-error A number is no state; if a type were \`any\`, nothing would be wrong here.
set.set('a', 5);
// @ts-expect-error A misspelled option.
await console.startLocalConsole({ ports: requests.length });
`;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2021.d.ts'],
  module: ts.ModuleKind.NodeNext,
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};

test('the published types of the local console hold without the types of Node', () => {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile } = host;
  host.getSourceFile = (file, version) =>
    file === PROGRAM ? ts.createSourceFile(file, TEXT, version) : getSourceFile(file, version);
  const program = ts.createProgram([PROGRAM], OPTIONS, host);
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file && basename(file.fileName)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(problems).toEqual([]);
});
