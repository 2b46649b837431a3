// Type-checks examples as a user's strict project would, without writing them to a file.

import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../root';
import type { Block } from './markdown';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  paths: {
    'qianfan-finetuning': [join(ROOT, 'src/index.ts')],
    'qianfan-finetuning/local-console': [join(ROOT, 'src/local-console/index.ts')],
  },
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
};

/** What TypeScript reports for each example, by its place. */
export function typeCheck(examples: readonly Block[]): ReadonlyMap<string, readonly string[]> {
  const files = new Map(examples.map((example, index) => [join(ROOT, `example-${index}.mts`), example]));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, getSourceFile } = host;
  host.getCurrentDirectory = () => ROOT;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.getSourceFile = (file, version) => {
    const code = files.get(file)?.code;
    return code === undefined ? getSourceFile(file, version) : ts.createSourceFile(file, code, version);
  };
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  return new Map(
    [...files].map(([file, { place }]) => {
      const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
      return [place, problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}
