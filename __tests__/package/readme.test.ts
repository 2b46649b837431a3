// The documents agree with the code, in both languages: their tables, the usage of the command, their links.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import manifest from '../../package.json';
import { HELP } from '../../src/cli/help';
import {
  DEFAULT_POLL_INTERVAL_MS,
  DEFAULT_TIMEOUT_MS,
  DEFAULT_WAIT_TIMEOUT_MS,
  type WaitOptions,
} from '../../src/index';
import { type Block, codeIn, type Document, read, readDocument, slugOf, tokensOf } from '../support/documents/markdown';
import { CONTRACT } from '../support/responses/contract';
import { ROOT } from '../support/root';

const ENGLISH = readDocument('README.md');
const CHINESE = readDocument('README.zh-CN.md');
const READMES = [ENGLISH, CHINESE];
const DOCUMENTS = [...READMES, readDocument('CONTRIBUTING.md'), readDocument('CHANGELOG.md')];
const OPTIONS = {
  timeoutMs: [DEFAULT_TIMEOUT_MS, DEFAULT_WAIT_TIMEOUT_MS],
  signal: [],
  credentials: [],
  baseUrl: [],
  pollIntervalMs: [DEFAULT_POLL_INTERVAL_MS],
  onProgress: [],
} satisfies Record<keyof WaitOptions, number[]>;

describe('the two READMEs', () => {
  test('have the same sections and the same tables', () => {
    const shape = ({ headings, tables }: Document) => [
      headings.map(({ level }) => level),
      tables.map((rows) => rows.map((cells) => cells.length)),
    ];
    expect(shape(CHINESE)).toEqual(shape(ENGLISH));
  });

  test('have the same code blocks, but for comments and texts in Chinese', () => {
    const english = ENGLISH.blocks.map((block) => [block.language, ...tokensOf(block)]);
    const chinese = CHINESE.blocks.map((block) => [block.language, ...tokensOf(block)]);
    const isTranslated = (token = '') => /\p{Script=Han}/u.test(token);
    const same = english.map((tokens, block) =>
      tokens.map((token, index) => (isTranslated(chinese[block]?.[index]) ? chinese[block]?.[index] : token)),
    );
    expect(chinese).toEqual(same);
  });

  test('have the same code in their tables', () => {
    const code = ({ tables }: Document) => tables.flat(2).flatMap(codeIn);
    expect(code(CHINESE)).toEqual(code(ENGLISH));
  });

  test('link each other at the top', () => {
    expect([ENGLISH.links[0], CHINESE.links[0]]).toEqual(['README.zh-CN.md', 'README.md']);
  });
});

describe.each(DOCUMENTS)('$name', (document) => {
  test('has links that lead somewhere', () => {
    expect(document.links.filter((link) => !/^https:/.test(link) && !leadsSomewhere(link, document))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const text = [document.prose, ...document.blocks.map(({ code }) => code)].join('\n');
    const named = [...text.matchAll(/\bnpm (?:run )?(start|test\b(?!:)|(?<=run )[\w:]+)/g)].map(([, name]) => name);
    expect(named.filter((name) => !(`${name}` in manifest.scripts))).toEqual([]);
  });
});

describe.each(READMES)('$name', ({ name, tables, blocks, prose }) => {
  const isEnglish = name === 'README.md';
  const tableWith = (cell: string) => tables.find((rows) => rows.some(([first]) => first === cell))?.slice(1) ?? [];

  test('has every error code with its class, its outcomes and whether to try again', () => {
    const rows = tableWith('`INVALID_INPUT`').map(([code = '', className = '', outcomes = '', retryable, advice]) => [
      ...[code, className, outcomes].map(codeIn),
      retryable,
      Boolean(advice),
    ]);
    const [yes, no] = isEnglish ? ['yes', 'no'] : ['是', '否'];
    expect(rows).toEqual(
      Object.entries(CONTRACT).map(([code, { name: className, outcomes, retryable }]) => [
        [code],
        [className],
        outcomes,
        retryable ? yes : no,
        true,
      ]),
    );
  });

  test('has every option with its defaults', () => {
    const rows = tableWith('`timeoutMs`').map(([option, defaults = '']) => [
      option,
      [...defaults.replaceAll(' ', '').matchAll(/\d+/g)].map(Number),
    ]);
    expect(rows).toEqual(Object.entries(OPTIONS).map(([option, defaults]) => [`\`${option}\``, defaults]));
  });

  test('has the usage and the exit statuses that --help prints', () => {
    const part = (title: string) => HELP.split(`\n${title}\n`)[1]?.split('\n\n')[0]?.split('\n') ?? [];
    const usage = part('Usage').map((line) => line.trim());
    expect(blocks.filter(isUsage).map(({ code }) => code.split('\n'))).toEqual([usage]);
    const statuses = part('Exit status').flatMap((line) => /^ {2}([\d, ]*\d)/.exec(line)?.[1] ?? []);
    expect(statuses.length).toBeGreaterThan(2);
    expect(tableWith('0').map(([status]) => status?.replaceAll('、', ', '))).toEqual(statuses);
  });

  test('names the versions that package.json asks for', () => {
    expect(prose).toContain(`Node.js ${/\d+/.exec(manifest.engines.node)}`);
    expect(manifest.peerDependencies['@baiducloud/qianfan']).toBe('>=0.1.9 <0.3.0');
    expect(prose).toMatch(/`@baiducloud\/qianfan` 0\.1\.9 \S+ 0\.2\.x/);
  });

  test('has commands that a shell can take, and the variables of .env.example', () => {
    const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.split(/\n| && /));
    const install = `npm install ${[manifest.name, ...Object.keys(manifest.peerDependencies)].join(' ')}`;
    for (const line of lines) {
      const variable = /^(QIANFAN_\w+=)/.exec(line)?.[1];
      if (variable) expect(read('.env.example')).toContain(`\n${variable}\n`);
      else if (line !== install) expect(line).toMatch(/^npm (ci|start|test)$|^npx qianfan-finetuning /);
    }
  });
});

test('the notices name the versions that are compiled in', () => {
  for (const name of ['zod', 'dotenv']) {
    const { version } = JSON.parse(read('node_modules', name, 'package.json'));
    expect(read('THIRD-PARTY-NOTICES.md')).toContain(`${name} ${version}`);
  }
});

test('the changelog has an entry for this version', () => {
  expect(read('CHANGELOG.md')).toContain(`\n## [${manifest.version}] - `);
});

function isUsage({ language, code }: Block): boolean {
  return language === 'text' && code.startsWith('qianfan-finetuning ');
}

function leadsSomewhere(link: string, document: Document): boolean {
  const [path = '', anchor] = link.split('#');
  if (path !== '' && !existsSync(join(ROOT, path))) return false;
  if (anchor === undefined) return true;
  const { headings } = path === '' ? document : readDocument(path);
  return headings.some(({ text }) => slugOf(text) === anchor);
}
