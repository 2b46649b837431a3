// Reads the parts of a Markdown document, and the examples in doc comments.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../root';

export interface Block {
  /** The document and its number in it, for the name of its test. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

export interface Document {
  readonly name: string;
  readonly headings: readonly { readonly level: number; readonly text: string }[];
  readonly blocks: readonly Block[];
  /** The cells of each table's rows, the heading's row first. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** The targets of its links. */
  readonly links: readonly string[];
  /** The document without its blocks. */
  readonly prose: string;
}

export function readDocument(name: string): Document {
  const blocks: Block[] = [];
  const prose = read(name).replace(/^```(\w*)\n([\s\S]*?)^```$/gm, (_, language: string, code: string) => {
    blocks.push({ place: `${name}, block ${blocks.length + 1}`, language, code: code.trimEnd() });
    return '';
  });
  const tables = prose.match(/^\|.*\|\n\|[-|]+\|\n(?:\|.*\|\n?)*/gm) ?? [];
  return {
    name,
    headings: [...prose.matchAll(/^(#+) (.*)$/gm)].map(([, marks = '', text = '']) => ({ level: marks.length, text })),
    blocks,
    tables: tables.map((table) => table.trimEnd().split('\n').filter(isNoRule).map(cellsOf)),
    links: [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target),
    prose,
  };
}

export function read(...path: string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}

/** The texts between backticks. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The examples in the doc comments of a source file. */
export function examplesInDocComments(file: string): Block[] {
  const examples = read('src', file).matchAll(/^ *\* @example\n *\* ```ts\n([\s\S]*?)\n *\* ```$/gm);
  return [...examples].map(([, code = ''], index) => ({
    place: `src/${file}, example ${index + 1}`,
    language: 'ts',
    code: code.replace(/^ *\* ?/gm, ''),
  }));
}

/** The names, numbers and texts of a program, in order; of another language its lines. */
export function tokensOf({ language, code }: Block): string[] {
  if (!/^[jt]s$/.test(language)) return code.split('\n');
  const tokens: string[] = [];
  const visit = (node: ts.Node): void => {
    const isText = 'text' in node && typeof node.text === 'string' && !ts.isSourceFile(node);
    tokens.push(isText ? `${node.text}` : ts.SyntaxKind[node.kind]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2023));
  return tokens;
}

/** A heading's anchor, as GitHub makes it. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

function isNoRule(row: string): boolean {
  return !/^\|[-|]+\|$/.test(row);
}

function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
