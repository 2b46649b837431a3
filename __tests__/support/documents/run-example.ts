// Runs examples of the documents as a user would, in a project of their own.

import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { ChildProject } from '../processes/project';
import { ROOT } from '../root';

/** Writes a program, in JavaScript or TypeScript, as the ES module that it is, and returns the name of its file. */
export function writeProgram({ directory }: ChildProject, code: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  writeFileSync(join(directory, 'example.mjs'), ts.transpileModule(code, { compilerOptions }).outputText);
  return 'example.mjs';
}

/** Installs packages of ours in a project. */
export function link({ directory }: ChildProject, ...names: string[]): void {
  for (const name of names) symlinkSync(join(ROOT, 'node_modules', name), join(directory, 'node_modules', name));
}
