// What an editor shows on hovering over the published types: an outcome, what each code asks one to do, and what an abort does
// not undo. `npm run build` comes before.

import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';
import { CONTRACT } from '../support/responses/contract';
import { ROOT } from '../support/root';

const FILE = join(ROOT, 'hover.mts');
const CODE = `import { isQianfanError, stopFineTuningTaskAndWait, type WaitOptions } from 'qianfan-finetuning';
const options: WaitOptions = { signal: AbortSignal.timeout(1), timeoutMs: 1 };
await stopFineTuningTaskAndWait({ taskId: 'task-1' }, options).catch((error: unknown) => {
  if (!isQianfanError(error)) return;
  if (error.outcome === 'unknown') console.log(error.progress?.stop);
  if (error.code === 'INVALID_INPUT') console.log(error.issues);
});`;
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  paths: { 'qianfan-finetuning': [join(ROOT, 'dist/index.d.mts')] },
  strict: true,
  types: ['node'],
};

let service: ts.LanguageService;

beforeAll(() => {
  service = ts.createLanguageService({
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const text = name === FILE ? CODE : ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  });
});

test.each<[place: string, words: readonly string[]]>([
  ['outcome ===', ['`not_sent`', '`refused`', '`unknown`', 'the task may be running']],
  ['code ===', Object.keys(CONTRACT).map((code) => `\`${code}\``)],
  ['stop)', ['`refused`', '`result: false`']],
  ['signal:', ['does not undo a stop']],
  ['stopFineTuningTaskAndWait(', ['An abort, a timeout or the end of the process ends the wait, not a stop']],
  ['issues)', ['`taskId`']],
])('on hovering over `%s` one reads %j', (place, words) => {
  const shown = service.getQuickInfoAtPosition(FILE, CODE.lastIndexOf(place));
  const text = ts.displayPartsToString([
    ...(shown?.documentation ?? []),
    ...(shown?.tags ?? []).flatMap(({ text: parts = [] }) => parts),
  ]);
  for (const word of words) expect(text.replace(/\s+/g, ' ')).toContain(word);
});
