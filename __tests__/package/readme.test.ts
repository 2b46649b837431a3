// What the documents say, in both languages, is true: every code block is type-checked, and what can run is run, as a
// reader would run it, against a local console. It uses a copy of `dist`: run `npm run build` before.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import manifest from '../package.json';
import { DEFAULT_TIMEOUT_MS } from '../../src';
import { type LocalConsole, startLocalConsole } from '../../src/local-console';
import { type ChildProject, makeChildProject } from '../support/child-project';
import { CONTRACT } from '../support/contract';

const ROOT = join(__dirname, '..');
const TASK_ID = 'task-5kjifvzerc5n';
const CHINESE = /\p{Script=Han}/u;

interface Block {
  /** Where it stands, for the name of its test. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

interface Document {
  readonly headings: readonly { readonly level: number; readonly text: string }[];
  readonly blocks: readonly Block[];
  /** The cells of each table's rows, the heading's row first. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** The targets of its links. */
  readonly links: readonly string[];
  readonly text: string;
}

const ENGLISH_README = readDocument('README.md');
const CHINESE_README = readDocument('README.zh-CN.md');
const READMES = [
  ['README.md', ENGLISH_README],
  ['README.zh-CN.md', CHINESE_README],
] as const;
const DOC_COMMENT_EXAMPLES = readdirSync(join(ROOT, 'src')).flatMap(examplesInDocComments);
const CODE_BLOCKS = READMES.map(([, { blocks }]) => blocks.filter(({ language }) => /^[jt]s$/.test(language)));

// What the examples import and this project has not installed.
const AMBIENT = `
declare module 'p-retry' {
  interface RetryContext { readonly error: Error; readonly attemptNumber: number; readonly retriesLeft: number }
  interface Options { retries?: number; shouldRetry?: (context: RetryContext) => boolean | Promise<boolean> }
  export default function pRetry<T>(input: (attempt: number) => PromiseLike<T> | T, options?: Options): Promise<T>;
}
declare module 'vitest' {
  type Mocked<F extends (...args: never[]) => unknown> = F & { mockResolvedValue(value: Awaited<ReturnType<F>>): unknown };
  export const vi: {
    mock(path: string, options: { spy: boolean }): void;
    mocked<F extends (...args: never[]) => unknown>(item: F): Mocked<F>;
  };
}
`;

// As p-retry does it, but for the growing wait between two tries.
const P_RETRY = `
export default async function pRetry(input, { retries = 10, shouldRetry = () => true }) {
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    try {
      return await input(attemptNumber);
    } catch (error) {
      const retriesLeft = retries - attemptNumber + 1;
      if (retriesLeft <= 0 || !(await shouldRetry({ error, attemptNumber, retriesLeft }))) throw error;
    }
  }
}
`;

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is done with a code block of both READMEs, in the order in which they stand there. */
interface Scenario {
  readonly title: string;
  readonly prepare?: (local: LocalConsole) => void;
  /** Put behind the example. */
  readonly append?: string;
  readonly check: (run: Run, local: LocalConsole) => void;
}

const stopped = ({ status }: Run, { tasks }: LocalConsole): void => {
  expect(status).toBe(0);
  expect(tasks.get(TASK_ID)).toBe('Stopped');
};
const actions = ({ requests }: LocalConsole) => requests.map(({ query }) => query['Action']);
const refusal = { status: 403, body: { requestId: 'r-1', code: 'AccessDenied', message: 'no' } };
const STOP = 'StopFineTuningTask';
const DESCRIBE = 'DescribeFineTuningTask';

const retriesOnlyWhatIsRetryable: readonly Scenario[] = [
  {
    title: 'tries again when that may help',
    prepare: (local) => local.answerNext({ status: 429, headers: { 'retry-after': '1' } }),
    check: (run, local) => {
      stopped(run, local);
      expect(local.requests).toHaveLength(2);
    },
  },
  {
    title: 'does not try again when that cannot help',
    prepare: (local) => local.answerNext(refusal),
    check: ({ status, stderr }, { requests }) => {
      expect(status).toBe(1);
      expect(stderr).toContain('PERMISSION_DENIED');
      expect(requests).toHaveLength(1);
    },
  },
];

const SCENARIOS: readonly (readonly Scenario[] | 'jest' | 'only type-checked')[] = [
  // Use: on a local console of its own
  [
    {
      title: 'prints what its comment says',
      check: ({ status, stdout, stderr }, { requests }) => {
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(stdout).toMatch(/^{ requestId: '[-\da-f]{36}', result: true } Stopped\n$/);
        expect(requests).toHaveLength(0);
      },
    },
  ],
  // Use: with the keys of the environment
  [
    {
      title: 'stops the task',
      check: (run, local) => {
        stopped(run, local);
        expect(run.stdout).toMatch(/ [-\da-f]{36}\n$/);
      },
    },
    {
      title: 'says what went wrong',
      prepare: (local) => local.answerNext(refusal),
      check: ({ stderr }) => expect(stderr).toMatch(/^PERMISSION_DENIED \(refused\): /),
    },
  ],
  // The outcome is unknown
  [
    {
      title: 'finds the task running and stops it with the second try',
      prepare: (local) => {
        local.answerNext({ status: 503 });
        local.answerNext({ body: { requestId: 'r-2', result: { runStatus: 'Running' } } });
        local.answerNext({ body: { requestId: 'r-3', result: true } });
        local.answerNext({ body: { requestId: 'r-4', result: { runStatus: 'Stopped' } } });
      },
      check: ({ stdout }, local) => {
        expect(stdout.split('\n')).toEqual([
          expect.stringMatching(/SERVER_ERROR.* Running$/),
          expect.not.stringContaining('undefined'),
          'Stopped',
          '',
        ]);
        expect(actions(local)).toEqual([STOP, DESCRIBE, STOP, DESCRIBE]);
      },
    },
    {
      title: 'leaves a task alone that is stopped already',
      prepare: (local) => {
        local.answerNext({ body: { result: true }, fault: 'break-body' });
        local.answerNext({ body: { requestId: 'r-2', result: { runStatus: 'Stopped' } } });
        local.answerNext({ body: { requestId: 'r-3', result: { runStatus: 'Stopped' } } });
      },
      check: ({ stdout }, local) => {
        expect(stdout).toMatch(/^CONNECTION_FAILED.* Stopped\nStopped\n$/);
        expect(actions(local)).toEqual([STOP, DESCRIBE, DESCRIBE]);
      },
    },
    {
      title: 'ends with an error where the look says nothing',
      prepare: (local) => {
        local.answerNext({ status: 503 });
        local.answerNext({ body: { requestId: 'r-2', code: 'AccessDenied', message: 'no' } });
      },
      check: ({ status, stdout, stderr }, local) => {
        expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
        expect(stderr).toMatch(/^The server answered with an error \(HTTP 503\)\./);
        expect(stderr).toContain(`Error: `);
        expect(actions(local)).toEqual([STOP, DESCRIBE]);
      },
    },
    {
      title: 'does not look where the server refused',
      prepare: (local) => local.answerNext(refusal),
      check: ({ stderr }, local) => {
        expect(stderr).toContain('PERMISSION_DENIED');
        expect(actions(local)).toEqual([STOP]);
      },
    },
  ],
  // Retrying, with a library and without
  retriesOnlyWhatIsRetryable,
  retriesOnlyWhatIsRetryable,
  // Timeouts and aborting
  [
    { title: 'stops the task', check: stopped },
    {
      title: 'is aborted by SIGTERM',
      prepare: (local) => local.answerNext({ fault: 'no-answer' }),
      append: "process.kill(process.pid, 'SIGTERM');",
      check: ({ status, stderr }) => {
        expect(status).toBe(1);
        expect(stderr).toContain('ABORTED');
      },
    },
  ],
  // Testing your own code
  'jest',
  'only type-checked',
  // Moving from consoleAction
  [
    {
      title: 'prints what both ways give',
      check: (run, local) => {
        stopped(run, local);
        expect(run.stdout).toBe('true false\n');
        expect(new Set(local.requests.map(({ path, body }) => `${path} ${body}`)).size).toBe(1);
      },
    },
  ],
];

describe('the two READMEs', () => {
  test('have the same sections', () => {
    expect(CHINESE_README.headings.map(({ level }) => level)).toEqual(
      ENGLISH_README.headings.map(({ level }) => level),
    );
  });

  test('have the same tables', () => {
    const shape = ({ tables }: Document) => tables.map((rows) => rows.map((cells) => cells.length));
    expect(shape(CHINESE_README)).toEqual(shape(ENGLISH_README));
  });

  test('have the same code blocks, but for comments and texts in Chinese', () => {
    const shape = ({ blocks }: Document) => blocks.map(({ language, code }) => [language, ...tokensOf(language, code)]);
    const english = shape(ENGLISH_README);
    const chinese = shape(CHINESE_README);
    const isTranslated = (token: string | undefined) => token !== undefined && CHINESE.test(token);
    const adapted = english.map((tokens, block) =>
      tokens.map((token, index) => (isTranslated(chinese[block]?.[index]) ? chinese[block]?.[index] : token)),
    );
    expect(chinese).toEqual(adapted);
  });

  test('link each other at the top', () => {
    expect(ENGLISH_README.links[0]).toBe('README.zh-CN.md');
    expect(CHINESE_README.links[0]).toBe('README.md');
  });

  test('have blocks of known languages only', () => {
    const languages = new Set(READMES.flatMap(([, { blocks }]) => blocks.map(({ language }) => language)));
    expect([...languages].sort()).toEqual(['js', 'json', 'sh', 'ts']);
  });
});

describe.each([...READMES, ['CONTRIBUTING.md', readDocument('CONTRIBUTING.md')] as const])('%s', (_, document) => {
  test('has links that lead somewhere', () => {
    expect(document.links.filter((link) => !/^https:/.test(link) && !leadsSomewhere(link, document))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const named = [...document.text.matchAll(/\bnpm (?:run (?:-s )?([\w:]+)|(start|test)\b)/g)];
    expect(named.length).toBeGreaterThan(1);
    expect(named.map(([, run, short]) => run ?? short).filter((name) => !(`${name}` in manifest.scripts))).toEqual([]);
  });
});

describe.each(READMES)('%s', (name, { tables, text, blocks }) => {
  test('has every error code with its class, its outcome and whether to try again', () => {
    const [yes, no] = name === 'README.md' ? ['yes', 'no'] : ['是', '否'];
    const table = tables.find(([head]) => head?.[0] === '`code`') ?? [];
    const rows = table.slice(1).map(([code = '', className, outcome = '', retryable, advice]) => ({
      code: code.replaceAll('`', ''),
      className,
      outcomes: [...outcome.matchAll(/`(\w+)`/g)].map(([, word]) => word),
      retryable,
      hasAdvice: Boolean(advice),
    }));
    expect(rows).toEqual(
      Object.entries(CONTRACT).map(([code, { name: className, outcomes, retryable }]) => ({
        code,
        className: `\`${className}\``,
        // That the SDK's repeats make `refused` unknown is said below the table.
        outcomes: outcomes[0] === 'refused' ? ['refused'] : outcomes,
        retryable: retryable ? yes : no,
        hasAdvice: true,
      })),
    );
  });

  test('has the figures that hold', () => {
    const ours = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(text.replace(/(?<=\d) (?=\d)/g, '')).toContain(`${DEFAULT_TIMEOUT_MS}`);
    expect(text).toContain(`zod ${versionOf('zod')}`);
    expect(text).toContain(`dotenv ${versionOf('dotenv')}`);
    expect(text).toContain(`Node.js ${/\d+/.exec(ours.engines.node)}`);
    expect(ours.peerDependencies).toEqual({ '@baiducloud/qianfan': '>=0.1.9 <0.3.0' });
    expect(text).toMatch(/`@baiducloud\/qianfan` 0\.1\.9 \S+ 0\.2\.x/);
  });

  test('has commands that a shell can take', () => {
    const commands = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => code.split(/\n|&&/).map((command) => command.trim()));
    const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
    for (const command of commands) {
      const [program, verb, ...words] = command.split(' ');
      if (program === 'export') expect(example).toContain(`\n${verb?.split('=')[0]}=`);
      else if (verb === 'install') expect(words).toEqual([manifest.name, ...Object.keys(manifest.peerDependencies)]);
      else expect(command).toMatch(/^npm (ci|start|test)$|^npx qianfan-finetuning /);
    }
  });

  test('has JSON that is JSON', () => {
    for (const { code } of blocks.filter(({ language }) => language === 'json')) JSON.parse(code);
  });
});

describe('the code', () => {
  const examples = [...CODE_BLOCKS.flat(), ...DOC_COMMENT_EXAMPLES];
  let problems: ReturnType<typeof typeCheck>;

  beforeAll(() => {
    problems = typeCheck([...examples, { place: 'wrong', language: 'ts', code: wrong(examples[0]?.code ?? '') }]);
  }, 60_000);

  test.each(examples)('$place type-checks', ({ place }) => {
    expect(problems.get(place) ?? []).toEqual([]);
  });

  test('would not type-check with a slip in it', () => {
    expect(problems.get('wrong')?.join()).toContain('taskID');
  });

  test('stands in the doc comment of every function', () => {
    expect(DOC_COMMENT_EXAMPLES.map(({ place }) => place.split(', ')[1])).toEqual(
      expect.arrayContaining(['isQianfanError', 'startLocalConsole', 'stopFineTuningTask']),
    );
  });
});

describe('run as a reader would', () => {
  let project: ChildProject;
  let local: LocalConsole;

  beforeAll(() => {
    project = makeChildProject();
    const pRetry = join(project.directory, 'node_modules', 'p-retry');
    mkdirSync(pRetry);
    writeFileSync(join(pRetry, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
    writeFileSync(join(pRetry, 'index.js'), P_RETRY);
  });
  afterAll(() => project.remove());
  beforeEach(async () => {
    local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running', 'task-wbha7so2t89b': 'Waiting' } });
  });
  afterEach(() => local.close());

  /** Runs Node in the project, with the local console and its keys in the environment. */
  function node(args: readonly string[], env = environment()): Promise<Run> {
    return new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: project.directory, env, timeout: 20_000 }, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  function environment() {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(QIANFAN|NODE|JEST)_/.test(name));
    return { ...Object.fromEntries(inherited), ...variables() };
  }

  function variables() {
    return {
      QIANFAN_ACCESS_KEY: local.credentials.accessKey,
      QIANFAN_SECRET_KEY: local.credentials.secretKey,
      QIANFAN_CONSOLE_API_BASE_URL: local.url,
    };
  }

  /** Runs an example as the ES module that it is. */
  function runExample(code: string): Promise<Run> {
    const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
    writeFileSync(join(project.directory, 'stop.mjs'), ts.transpileModule(code, { compilerOptions }).outputText);
    return node(['stop.mjs']);
  }

  test('there is a scenario for every code block', () => {
    expect(CODE_BLOCKS.map((blocks) => blocks.length)).toEqual([SCENARIOS.length, SCENARIOS.length]);
  });

  const cases = CODE_BLOCKS.flatMap((blocks) =>
    blocks.flatMap(({ place, code }, index) => {
      const scenarios = SCENARIOS[index] ?? [];
      return typeof scenarios === 'string' ? [] : scenarios.map((scenario) => ({ place, code, ...scenario }));
    }),
  );
  test.each(cases)('$place $title', async ({ code, prepare, append = '', check }) => {
    prepare?.(local);
    // What is appended runs once the example waits, as SIGTERM would come then.
    const timer = append === '' ? '' : `setTimeout(() => { ${append} }, 300);\n`;
    check(await runExample(timer + code), local);
  });

  test.each(DOC_COMMENT_EXAMPLES)('$place', async ({ code }) => {
    const { status, stderr } = await runExample(code);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('the SDK is mocked in a jest test', async () => {
    const blocks = CODE_BLOCKS.map((ones) => ones[SCENARIOS.indexOf('jest')]);
    for (const [index, block] of blocks.entries()) {
      const use = `import { stopFineTuningTask } from 'qianfan-finetuning';
        test('is mocked', async () => {
          expect(await stopFineTuningTask({ taskId: '${TASK_ID}' })).toEqual({ requestId: 'r-1', result: true });
          expect(consoleAction).toHaveBeenCalledTimes(1);
        });`;
      writeFileSync(join(project.directory, `example-${index}.test.ts`), `${block?.code}\n${use}`);
    }
    const config = {
      rootDir: project.directory,
      transform: { '\\.ts$': [require.resolve('ts-jest'), { diagnostics: false, tsconfig: { module: 'commonjs' } }] },
    };
    const jest = join(dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
    const { status, stderr } = await node([jest, '--runInBand', '--config', JSON.stringify(config)]);
    expect(stderr).toContain(`${blocks.length} passed`);
    expect(status).toBe(0);
    expect(local.requests).toHaveLength(0);
  }, 60_000);

  const commandLines = READMES.flatMap(([name, { blocks }]) =>
    blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) =>
        [...code.matchAll(/^npx qianfan-finetuning (.*)$/gm)].map(([line, args = '']) => ({ name, line, args })),
      ),
  );
  test.each(commandLines)('$name: $line', async ({ name, args }) => {
    const lines = Object.entries(variables()).map(([variable, value]) => `${variable}=${value}\n`);
    writeFileSync(join(project.directory, 'team-a.env'), lines.join(''));
    const cli = join(project.directory, 'node_modules', manifest.name, Object.values(manifest.bin).join());
    const { status, stdout, stderr } = await node([cli, ...args.split(' ')]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const taskIds = args.match(/task-\w+/g) ?? [];
    expect(taskIds.map((taskId) => local.tasks.get(taskId))).toEqual(taskIds.map(() => 'Stopped'));
    if (!args.includes('--json')) return;
    const { blocks } = name === 'README.md' ? ENGLISH_README : CHINESE_README;
    const shown = blocks.filter(({ language }) => language === 'json').map(({ code }) => JSON.parse(code));
    expect(shown).toEqual([{ ...JSON.parse(stdout), requestId: expect.any(String) }]);
  });
});

function readDocument(name: string): Document {
  const text = readFileSync(join(ROOT, name), 'utf8');
  const blocks: Block[] = [];
  const prose = text.replace(/^```(\w*)\n([\s\S]*?)^```$/gm, (_, language: string, code: string) => {
    blocks.push({ place: `${name}, block ${blocks.length + 1}`, language, code: code.trimEnd() });
    return '';
  });
  const tables = prose.match(/^\|.*\|\n\|[-|]+\|\n(?:\|.*\|\n?)*/gm) ?? [];
  return {
    headings: [...prose.matchAll(/^(#+) (.*)$/gm)].map(([, marks = '', title = '']) => ({
      level: marks.length,
      text: title,
    })),
    blocks,
    tables: tables.map((table) =>
      table
        .trimEnd()
        .split('\n')
        .filter((_, index) => index !== 1)
        .map((row) =>
          row
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ),
    ),
    links: [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target),
    text,
  };
}

/** The examples in the doc comments of a file, with the imports that an editor's reader sees there. */
function examplesInDocComments(file: string): Block[] {
  const source = readFileSync(join(ROOT, 'src', file), 'utf8');
  return [...source.matchAll(/^\/\*\*\n((?: \*.*\n)*?) \*\/\nexport (?:async )?\w+ (\w+)/gm)].flatMap(
    ([, comment = '', name]) => {
      const lines = comment.replace(/^ \* ?/gm, '').split(/^@(?=\w)/m);
      const example = lines
        .find((tag) => tag.startsWith('example'))
        ?.replace(/^example/, '')
        .replace(/^```.*$/gm, '');
      if (example === undefined) return [];
      return [{ place: `src/${file}, ${name}`, language: 'ts', code: example.trim() }];
    },
  );
}

/** The names, numbers and texts of a program, in order; of another language its lines. */
function tokensOf(language: string, code: string): string[] {
  if (!/^[jt]s$/.test(language)) return code.split('\n');
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2023);
  const tokens: string[] = [];
  const visit = (node: ts.Node): void => {
    tokens.push(
      'text' in node && typeof node.text === 'string' && node !== source ? node.text : ts.SyntaxKind[node.kind],
    );
    ts.forEachChild(node, visit);
  };
  visit(source);
  return tokens;
}

/** What TypeScript has to say about each example, checked as a user's strict project would. */
function typeCheck(examples: readonly Block[]): Map<string, string[]> {
  const files = new Map(examples.map(({ code }, index) => [join(ROOT, `example-${index}.mts`), code]));
  const ambient = join(ROOT, 'example-ambient.d.ts');
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    paths: {
      'qianfan-finetuning': [join(ROOT, 'src/index.ts')],
      'qianfan-finetuning/local-console': [join(ROOT, 'src/local-console.ts')],
    },
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  const textOf = (file: string) => (file === ambient ? AMBIENT : files.get(file));
  host.getCurrentDirectory = () => ROOT;
  host.fileExists = (file) => textOf(file) !== undefined || fileExists(file);
  host.getSourceFile = (file, languageVersion) => {
    const text = textOf(file);
    return text === undefined ? getSourceFile(file, languageVersion) : ts.createSourceFile(file, text, languageVersion);
  };
  const program = ts.createProgram([ambient, ...files.keys()], options, host);
  return new Map(
    [...files.keys()].map((file, index) => {
      const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
      const messages = problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
      return [examples[index]?.place ?? file, messages];
    }),
  );
}

/** The example with a slip in it. */
function wrong(code: string): string {
  return code.replace('{ taskId }', '{ taskID: taskId }');
}

function leadsSomewhere(link: string, document: Document): boolean {
  const [path = '', anchor] = link.split('#');
  if (path !== '' && !existsSync(join(ROOT, path))) return false;
  if (anchor === undefined) return true;
  const { headings } = path === '' ? document : readDocument(path);
  return headings.some(({ text }) => slugOf(text) === anchor);
}

/** A heading's anchor, as GitHub makes it. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
}
