// The documents of users, and every program in them by a name of ours, in both languages.

import { type Block, type Document, readDocument } from './markdown';

/** The README and the guide, English first. */
export const READMES = [readDocument('README.md'), readDocument('README.zh-CN.md')] as const;
export const GUIDES = [readDocument('GUIDE.md'), readDocument('GUIDE.zh-CN.md')] as const;

// In the order in which they stand there.
export const NAMES_IN_README = ['wait', 'server', 'many', 'stop', 'state'] as const;
export const NAMES_IN_GUIDE = [
  'jestConfig',
  'jestTests',
  'vitestConfig',
  'mockOfOurs',
  'localConsole',
  'consoleProcess',
] as const;

export type ExampleName = (typeof NAMES_IN_README)[number] | (typeof NAMES_IN_GUIDE)[number];

/** The programs of a document. */
export function programsIn({ blocks }: Document): readonly Block[] {
  return blocks.filter(({ language }) => /^[jt]s$/.test(language));
}

/** An example in both languages. */
export function examplesOf(name: ExampleName): readonly Block[] {
  const inReadme: readonly string[] = NAMES_IN_README;
  const [documents, names] = inReadme.includes(name) ? [READMES, inReadme] : [GUIDES, NAMES_IN_GUIDE];
  return documents.flatMap((document) => programsIn(document)[names.indexOf(name)] ?? []);
}
