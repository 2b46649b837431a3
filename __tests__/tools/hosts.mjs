// Uses the packed package in rarer and heavier hosts, by hand: npm run test:hosts, or npm run test:hosts -- next deno

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as programs from './programs.mjs';
import { check, demand, finish, install, NAME, pack, project, run, runWith, sdk, write } from './projects.mjs';
import { SAFE } from './runner-tests.mjs';
import { BUN } from './runner-tests-others.mjs';

const { refuses, stops } = programs;
const SDK = '@baiducloud/qianfan';
const { tarball } = pack();
const files = {
  'a.cjs': programs.COMMON_JS,
  'a.mjs': programs.ES_MODULE,
  'a.ts': programs.TYPES,
  'a.mts': programs.TYPES,
  'errors.ts': programs.ERROR_TYPES,
  'errors.mts': programs.ERROR_TYPES,
};
const inModules = (directory, command, ...args) =>
  run(directory, join(directory, 'node_modules', '.bin', command), ...args);

// Bundlers: with the line of the README the SDK stays outside; without it, its build for browsers is inside.

const ROLLUP = `import resolve from '@rollup/plugin-node-resolve';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';\n`;
function rollup(version, entries, more) {
  const host = project(`rollup-${version}`, files, sdk(), tarball, `rollup@${version}`);
  install(host, '@rollup/plugin-node-resolve@16', '@rollup/plugin-commonjs@29', '@rollup/plugin-json@6');
  for (const [external, demanded] of [
    [`['${SDK}']`, stops],
    ['[]', refuses],
  ]) {
    for (const [format, entry] of entries) {
      const name = format === 'es' ? 'o.mjs' : 'o.cjs';
      const output = `{ dir: 'out', format: '${format}', entryFileNames: '${name}', chunkFileNames: 'c-${name}', ${more} }`;
      const plugins = `[resolve({ preferBuiltins: true }), commonjs(), json()]`;
      const config = `{ input: '${entry}', external: ${external}, plugins: ${plugins}, output: ${output} }`;
      write(host, { 'rollup.config.mjs': `${ROLLUP}export default ${config};` });
      inModules(host, 'rollup', '--config', '--silent');
      demanded(run(host, 'node', `out/${name}`));
    }
  }
}
check('rollup 4', () => {
  const entries = [
    ['es', 'a.mjs'],
    ['cjs', 'a.cjs'],
    ['cjs', 'a.mjs'],
  ];
  rollup(4, entries, '');
});
check('rollup 3, with a bare require for our import()', () =>
  rollup(
    3,
    [['cjs', 'a.mjs']],
    `dynamicImportInCjs: false, interop: (id) => (id === '${SDK}' ? 'esModule' : 'default')`,
  ),
);

check('vite SSR', () => {
  const host = project('vite', files, sdk(), tarball, 'vite@8');
  for (const [ssr, demanded] of [
    ['{}', stops],
    [`{ noExternal: true, external: ['${SDK}'] }`, stops],
    ['{ noExternal: true }', refuses],
  ]) {
    write(host, { 'vite.config.mjs': `export default { ssr: ${ssr}, build: { target: 'node20' } };` });
    inModules(host, 'vite', 'build', '--ssr', 'a.mjs', '--logLevel', 'error');
    demanded(run(host, 'node', 'dist/a.mjs'));
  }
});

check('tsup', () => {
  const host = project('tsup', files, sdk(), tarball, 'tsup@9', 'typescript@5.9');
  const { name, dependencies } = JSON.parse(readFileSync(join(host, 'package.json'), 'utf8'));
  for (const [more, demanded, isDependency] of [
    ['', stops, true],
    ['', refuses, false],
    [`external: ['${SDK}']`, stops, false],
    [`noExternal: [/^(?!@baiducloud\\/)/]`, stops, true],
    ['noExternal: [/.*/]', refuses, true],
  ]) {
    write(host, { 'package.json': JSON.stringify({ name, ...(isDependency && { dependencies }) }) });
    write(host, { 'tsup.config.mjs': `export default { entry: ['a.mjs'], format: ['esm', 'cjs'], ${more} };` });
    inModules(host, 'tsup', '--silent');
    demanded(run(host, 'node', 'dist/a.mjs'));
    demanded(run(host, 'node', 'dist/a.js'));
  }
});

const NEXT = {
  'app/layout.js': `export default ({ children }) => <html><body>{children}</body></html>;`,
  'app/page.js': `export default () => <p>Hello</p>;`,
  'app/stop/route.js': `import { stopFineTuningTask } from '${NAME}';
import { startLocalConsole } from '${NAME}/local-console';
export const dynamic = 'force-dynamic';
export async function GET() {
  const local = await startLocalConsole({ tasks: { 'task-1': 'Running' } });
  const call = stopFineTuningTask({ taskId: 'task-1' }, { baseUrl: local.url, credentials: local.credentials });
  const text = await call.then(
    ({ result }) => result + ' ' + local.tasks.get('task-1') + '\\n',
    (error) => error.code + ' ' + error.message,
  );
  await local.close();
  return new Response(text);
}`,
  // Prints what the route answers.
  'ask.mjs': `import { spawn } from 'node:child_process';
const next = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', '0']);
const lines = next.stdout.setEncoding('utf8').map(String);
let printed = '';
for await (const line of lines) {
  printed += line;
  const url = /http:\\/\\/127\\.0\\.0\\.1:\\d+/.exec(printed)?.[0];
  if (!url || !printed.includes('Ready')) continue;
  process.stdout.write(await (await fetch(url + '/stop')).text());
  break;
}
next.kill();`,
};
check('Next.js', () => {
  const host = project('next', NEXT, sdk(), tarball, 'next@16', 'react@19', 'react-dom@19');
  for (const bundler of ['--turbopack', '--webpack']) {
    for (const [config, demanded] of [
      [`{ serverExternalPackages: ['${SDK}'] }`, stops],
      ['{}', refuses],
    ]) {
      write(host, { 'next.config.mjs': `export default ${config};` });
      inModules(host, 'next', 'build', bundler);
      demanded(run(host, 'node', 'ask.mjs'));
    }
  }
});

// Package managers

check('pnpm', () => {
  const host = project('pnpm', files);
  const tools = project('pnpm-tool', {}, 'pnpm@12');
  run(host, join(tools, 'node_modules/.bin/pnpm'), 'add', sdk(), `file:${tarball}`);
  stops(run(host, 'node', 'a.cjs'));
  stops(run(host, 'node', 'a.mjs'));
});

check('yarn, Plug’n’Play', () => {
  const host = project('yarn', { ...files, 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: pnp\n' });
  const tools = project('yarn-tool', {}, '@yarnpkg/cli-dist@4');
  const yarn = (...args) => run(host, join(tools, 'node_modules/.bin/yarn'), ...args);
  yarn('add', sdk(), `${NAME}@file:${tarball}`);
  stops(yarn('node', 'a.cjs'));
  stops(yarn('node', 'a.mjs'));
  yarn('remove', SDK);
  const said = yarn('node', 'a.cjs');
  demand(said.startsWith('INVALID_CONFIGURATION') && said.includes(`npm install ${SDK}`), said);
});

// Runtimes

check('Bun', () => {
  const host = project('bun', { ...files, ...BUN }, sdk(), tarball, 'bun@1');
  stops(inModules(host, 'bun', 'a.cjs'));
  stops(inModules(host, 'bun', 'a.mjs'));
  for (const file of Object.keys(BUN).filter((name) => name.includes('.test.'))) {
    runWith(SAFE, host, join(host, 'node_modules/.bin/bun'), 'test', file);
  }
});

check('Deno', () => {
  const host = project('deno', files, sdk(), tarball, 'deno@2', '@types/node@20');
  const deno = (...args) => inModules(host, 'deno', ...args);
  stops(deno('run', '--allow-all', '--node-modules-dir=manual', 'a.cjs'));
  stops(deno('run', '--allow-all', '--node-modules-dir=manual', 'a.mjs'));
  deno('check', '--node-modules-dir=manual', 'a.mts');
});

// TypeScript

const MODES = {
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  node10: ['--module', 'commonjs', '--moduleResolution', 'node10'],
};
for (const [version, modes] of [
  ['5.0', ['nodenext', 'bundler', 'node10']],
  ['5.9', ['nodenext', 'bundler', 'node10']],
  ['7', ['nodenext', 'bundler']],
]) {
  check(`TypeScript ${version}: ${modes.join(', ')}`, () => {
    const host = project(`typescript-${version}`, files, sdk(), tarball, `typescript@${version}`, '@types/node@20');
    const flags = ['--strict', '--noEmit', '--types', 'node', '--target', 'es2021', '--lib', 'es2021'];
    const sources = ['a.ts', 'a.mts', 'errors.ts', 'errors.mts'];
    for (const mode of modes) inModules(host, 'tsc', ...flags, ...MODES[mode], ...sources);
  });
}

finish();
