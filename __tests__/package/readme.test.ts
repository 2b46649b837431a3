// The documents agree with the code, in both languages: their tables, the usage of the command, their links.

import { existsSync, readdirSync } from 'node:fs';
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
import { GUIDES, READMES } from '../support/documents/examples';
import { type Block, codeIn, type Document, read, readDocument, slugOf, tokensOf } from '../support/documents/markdown';
import { CONTRACT } from '../support/responses/contract';
import { ROOT } from '../support/root';

const DOCUMENTS = [...READMES, ...GUIDES, readDocument('CONTRIBUTING.md'), readDocument('CHANGELOG.md')];
const MAX_LINES = 300;
// The only table of one language: messages are in English.
const MESSAGES = '常见提示';
const OPTIONS = {
  timeoutMs: [DEFAULT_TIMEOUT_MS, DEFAULT_WAIT_TIMEOUT_MS],
  signal: [],
  credentials: [],
  baseUrl: [],
  pollIntervalMs: [DEFAULT_POLL_INTERVAL_MS],
  onProgress: [],
} satisfies Record<keyof WaitOptions, number[]>;

describe.each([READMES, GUIDES])('$0.name and $1.name', (english, chinese) => {
  const tablesOf = ({ tables }: Document) => tables.filter(([heading]) => heading?.[0] !== MESSAGES);

  test('have the same sections and the same tables', () => {
    const shape = (document: Document) => [
      document.headings.map(({ level }) => level),
      tablesOf(document).map((rows) => rows.map((cells) => cells.length)),
    ];
    expect(shape(chinese)).toEqual(shape(english));
  });

  test('have the same code blocks, but for comments and texts in Chinese', () => {
    const tokens = (document: Document) => document.blocks.map((block) => [block.language, ...tokensOf(block)]);
    const inChinese = tokens(chinese);
    const isTranslated = (token = '') => /\p{Script=Han}/u.test(token);
    const same = tokens(english).map((block, number) =>
      block.map((token, index) => (isTranslated(inChinese[number]?.[index]) ? inChinese[number]?.[index] : token)),
    );
    expect(inChinese).toEqual(same);
  });

  test('have the same code in their tables', () => {
    const code = (document: Document) => tablesOf(document).flat(2).flatMap(codeIn);
    expect(code(chinese)).toEqual(code(english));
  });

  test('link each other at the top', () => {
    expect([english.links[0], chinese.links[0]]).toEqual([chinese.name, english.name]);
  });

  test(`have at most ${MAX_LINES} lines`, () => {
    for (const { name } of [english, chinese]) expect(read(name).split('\n').length - 1).toBeLessThanOrEqual(MAX_LINES);
  });

  test('are in the tarball, with whatever they link', () => {
    const always = ['README.md', 'LICENSE'];
    const files = [english, chinese].flatMap(({ name, links }) => [
      name,
      ...links.filter((link) => !isElsewhere(link)),
    ]);
    const paths = files.map((link) => link.split('#')[0] ?? '').filter((path) => path !== '' && !always.includes(path));
    expect(manifest.files).toEqual(expect.arrayContaining(paths));
  });
});

describe.each(DOCUMENTS)('$name', (document) => {
  test('has links that lead somewhere', () => {
    expect(document.links.filter((link) => !isElsewhere(link) && !leadsSomewhere(link, document))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const text = [document.prose, ...document.blocks.map(({ code }) => code)].join('\n');
    const named = [...text.matchAll(/\bnpm (?:run )?(start|test\b(?!:)|(?<=run )[\w:]+)/g)].map(([, name]) => name);
    expect(named.filter((name) => !(`${name}` in manifest.scripts))).toEqual([]);
  });
});

test('the Chinese README explains messages that this package has', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const code = files.map((path) => read('src', path)).join('\n');
  const [, ...rows] = READMES[1].tables.find(([heading]) => heading?.[0] === MESSAGES) ?? [];
  expect(rows.length).toBeGreaterThan(7);
  for (const [message = ''] of rows) for (const part of codeIn(message)) expect(code).toContain(part);
});

describe.each(READMES)('$name', ({ name, tables, blocks, prose }) => {
  const isEnglish = name === 'README.md';
  const tableWith = (cell: string) => tables.find((rows) => rows.some(([first]) => first === cell))?.slice(1) ?? [];

  test('has every error code with its class, its outcomes and whether to try again', () => {
    const rows = tableWith('`INVALID_INPUT`').map(([code = '', className = '', outcomes = '', retryable, advice]) => [
      ...[code, className, outcomes].map(codeIn),
      retryable?.split(/[;；]/)[0],
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

function isElsewhere(link: string): boolean {
  return link.startsWith('https:');
}

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
