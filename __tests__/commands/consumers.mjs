// Packs the package and uses it as its users do, in temporary projects of many kinds: npm run test:consumers

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..', '..');
const WORK = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-consumers-'));
const NAME = 'qianfan-finetuning';
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
let passed = 0;
let failed = 0;

function check(title, run) {
  try {
    run();
    passed += 1;
    console.log(`ok      ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${title}\n${error instanceof Error ? error.message : error}`);
  }
}

function demand(condition, message) {
  if (!condition) throw new Error(message);
}

function run(cwd, command, ...args) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(QIANFAN_|NODE_OPTIONS|npm_)/.test(name));
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1' },
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

function project(name, files, ...packages) {
  const directory = join(WORK, name);
  for (const [path, text] of Object.entries({ 'package.json': '{"private":true}', ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  install(directory, ...packages);
  return directory;
}

function install(directory, ...packages) {
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--silent', '--legacy-peer-deps'];
  if (packages.length > 0) run(directory, 'npm', 'install', ...flags, ...packages);
}

function packagesIn(directory) {
  const modules = join(directory, 'node_modules');
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => (name.startsWith('@') ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : name));
}

const [packed] = JSON.parse(run(ROOT, 'npm', 'pack', '--json', '--silent', '--pack-destination', WORK));
const tarball = join(WORK, packed.filename);
const sdk = (version) => `@baiducloud/qianfan@${version}`;

check('the tarball holds what is meant, and no more', () => {
  const types = ['errors', 'index', 'local-console', 'schemas', 'stop-fine-tuning-task'].map(
    (name) => `dist/${name}.d.ts`,
  );
  const documents = [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'README.zh-CN.md',
    'THIRD-PARTY-NOTICES.md',
    'package.json',
  ];
  const expected = [...documents, 'dist/cli.js', 'dist/index.js', 'dist/local-console.js', ...types].sort();
  const found = packed.files.map(({ path }) => path).sort();
  demand(`${found}` === `${expected}`, `${found}\nis not\n${expected}`);
});
check('its code requires nothing but Node and the SDK, and its types name neither zod nor the SDK', () => {
  for (const file of ['index.js', 'cli.js', 'local-console.js']) {
    const code = readFileSync(join(ROOT, 'dist', file), 'utf8');
    for (const [, required] of code.matchAll(/\brequire\("([^"]+)"\)/g)) {
      const isKnown = isBuiltin(required) || /^(\.\/|@baiducloud\/qianfan$)/.test(required);
      demand(isKnown, `${file} requires ${required}`);
    }
    demand(code.split('\n').length > 100 && !code.includes('sourceMappingURL'), `${file} is minified or has a map`);
  }
  for (const { path } of packed.files.filter((file) => file.path.endsWith('.d.ts'))) {
    demand(!/from ['"](zod|@baiducloud)/.test(readFileSync(join(ROOT, path), 'utf8')), `${path} imports its types`);
  }
});
check('the notices name the versions that are compiled in', () => {
  const notices = readFileSync(join(ROOT, 'THIRD-PARTY-NOTICES.md'), 'utf8');
  for (const name of ['zod', 'dotenv']) {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
    demand(notices.includes(`${name} ${version} `) || notices.includes(`${name} ${version},`), `${name} ${version}`);
  }
});
check('publint finds nothing', () => run(ROOT, 'npx', '--no-install', 'publint', tarball, '--strict'));
check('attw finds nothing', () => run(ROOT, 'npx', '--no-install', 'attw', tarball));

const STOP = `
const main = async () => {
  const local = await startLocalConsole({ tasks: { 'task-1': 'Running' } });
  const answer = await stopFineTuningTask({ taskId: 'task-1' }, { baseUrl: local.url, credentials: local.credentials });
  if (!answer.result || local.tasks.get('task-1') !== 'Stopped') throw new Error(JSON.stringify(answer));
  await local.close();
};
main();`;
const CJS = `const { stopFineTuningTask } = require('${NAME}');
const { startLocalConsole } = require('${NAME}/local-console');${STOP}`;
const ESM = `import { createRequire } from 'node:module';
import { stopFineTuningTask } from '${NAME}';
import * as all from '${NAME}';
import { startLocalConsole } from '${NAME}/local-console';
if (createRequire(import.meta.url)('${NAME}').stopFineTuningTask !== all.stopFineTuningTask) throw new Error('two copies');
${STOP}`;
const TYPES = `import { type AnyQianfanError, isQianfanError, stopFineTuningTask } from '${NAME}';
import { startLocalConsole, type LocalConsole } from '${NAME}/local-console';
type IsAny<T> = 0 extends 1 & T ? true : false;
const answer: IsAny<Awaited<ReturnType<typeof stopFineTuningTask>>> = false;
const error: IsAny<AnyQianfanError> = false;
const local: IsAny<LocalConsole> = false;
export { answer, error, isQianfanError, local, startLocalConsole };
export const call = stopFineTuningTask({ taskId: 'task-1' }, { timeoutMs: 1, signal: new AbortController().signal });
// @ts-expect-error a slip
export const slip = stopFineTuningTask({ taskID: 'task-1' });`;

const node = project('node', { 'a.cjs': CJS, 'b.mjs': ESM, 'src/c.ts': TYPES }, sdk('0.2.4'));
check('installing it adds one package and nothing else', () => {
  const before = packagesIn(node);
  install(node, tarball);
  const added = packagesIn(node).filter((name) => !before.includes(name));
  demand(`${added}` === NAME, `added: ${added}`);
});
check('Node, CommonJS', () => run(node, 'node', 'a.cjs'));
check('Node, ES module', () => run(node, 'node', 'b.mjs'));
check('the installed command', () => {
  demand(run(node, 'npx', '--no-install', NAME, '--version').trim() === manifest.version, 'another version');
  demand(run(node, 'npx', '--no-install', NAME, 'demo').includes('Stopped'), 'demo stopped nothing');
});
for (const version of ['0.1.9', '0.2.3', '0.2.4']) {
  check(`the SDK ${version}`, () => {
    install(node, sdk(version));
    run(node, 'node', 'a.cjs');
    run(node, 'node', 'b.mjs');
  });
}
install(node, '@types/node@20');
const { typescript } = manifest.devDependencies;
const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
for (const [title, ...flags] of [
  ['nodenext', '--module', 'nodenext'],
  ['bundler', '--module', 'esnext', '--moduleResolution', 'bundler'],
  ['commonjs', '--module', 'commonjs', '--moduleResolution', 'bundler'],
  ['node10', '--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'],
]) {
  const types = ['--strict', '--noEmit', '--types', 'node', '--target', 'es2022'];
  check(`TypeScript ${typescript}, ${title}, without skipLibCheck`, () =>
    run(node, 'node', tsc, ...types, ...flags, 'src/c.ts'),
  );
}

const MOCKED = `
const CALL = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId: 'task-1' } };
const ANSWER = { requestId: 'r-1', result: true };
test('reaches the SDK', async () => {
  mocked().mockResolvedValue(ANSWER);
  expect(await stopFineTuningTask({ taskId: 'task-1' })).toEqual(ANSWER);
  expect(mocked().mock.calls).toEqual([[CALL]]);
});`;
const IMPORTS = `import { stopFineTuningTask } from '${NAME}';\nimport * as sdk from '@baiducloud/qianfan';\n`;
const jest = project(
  'jest',
  {
    'package.json': JSON.stringify({
      private: true,
      jest: { transform: { '\\.ts$': ['ts-jest', { diagnostics: false }] } },
    }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'commonjs',
        target: 'es2022',
        esModuleInterop: true,
        ignoreDeprecations: '6.0',
        types: ['node', 'jest'],
        isolatedModules: true,
      },
    }),
    'automock.test.ts': `${IMPORTS}jest.mock('@baiducloud/qianfan');\nconst mocked = () => jest.mocked(sdk.consoleAction);${MOCKED}`,
    'factory.test.ts': `${IMPORTS}jest.mock('@baiducloud/qianfan', () => ({ consoleAction: jest.fn() }));\nconst mocked = () => jest.mocked(sdk.consoleAction);${MOCKED}`,
    'spy.test.ts': `${IMPORTS.replace('* as sdk', 'sdk')}const spy = jest.spyOn(sdk, 'consoleAction');\nconst mocked = () => spy;${MOCKED}`,
  },
  sdk('0.2.4'),
  tarball,
  `jest@${manifest.devDependencies.jest}`,
  `ts-jest@${manifest.devDependencies['ts-jest']}`,
  `typescript@${typescript}`,
  '@types/jest@30',
);
for (const kind of ['automock', 'factory', 'spy']) {
  check(`jest with ts-jest, the SDK mocked: ${kind}`, () => run(jest, 'npx', '--no-install', 'jest', kind));
}

const ZOD = (object) => `const { z } = require('zod');
if (z.${object}({ a: z.string() }).safeParse({ a: 1 }).success) throw new Error('zod is broken');
${CJS}`;
for (const major of [3, 4]) {
  check(`a host with zod ${major}`, () => {
    const host = project(`zod${major}`, { 'a.cjs': ZOD('object') }, sdk('0.2.4'), `zod@${major}`, tarball);
    run(host, 'node', 'a.cjs');
  });
}

check('vitest against the local console', () => {
  const test = `import { expect, test } from 'vitest';
import { stopFineTuningTask } from '${NAME}';
import { startLocalConsole } from '${NAME}/local-console';
test('stops', async () => {
  const local = await startLocalConsole({ tasks: { 'task-1': 'Running' } });
  await stopFineTuningTask({ taskId: 'task-1' }, { baseUrl: local.url, credentials: local.credentials });
  expect(local.tasks.get('task-1')).toBe('Stopped');
  await local.close();
});`;
  const host = project('vitest', { 'a.test.mjs': test }, sdk('0.2.4'), 'vitest@4', tarball);
  run(host, 'npx', '--no-install', 'vitest', 'run');
});

check('no SDK at all is said clearly', () => {
  const call = `require('${NAME}').stopFineTuningTask({ taskId: 'task-1' }).catch((error) => console.log(error.code, error.message));`;
  const said = run(project('no-sdk', { 'a.cjs': call }, tarball), 'node', 'a.cjs');
  demand(said.startsWith('INVALID_CONFIGURATION') && said.includes('npm install @baiducloud/qianfan'), said);
});

rmSync(WORK, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
