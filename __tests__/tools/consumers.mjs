// Packs the package and uses it as its users do, in temporary projects: npm run test:consumers

import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { nodeOf } from './node-versions.mjs';
import * as programs from './programs.mjs';
import { check, demand, finish, install, manifest, NAME, pack, project, ROOT, run, sdk } from './projects.mjs';
import { checkRunners } from './runners.mjs';

const ENTRIES = ['dist/index', 'dist/local-console/index'];
const CODE = [...ENTRIES.flatMap((entry) => [`${entry}.js`, `${entry}.mjs`]), 'dist/cli/index.js'];
const { refuses, stops } = programs;
const version = (name) => `${name}@${manifest.devDependencies[name]}`;
const read = (...path) => readFileSync(join(ROOT, ...path), 'utf8');
const own = (command, ...args) => run(ROOT, join(ROOT, 'node_modules', '.bin', command), ...args);
const { files, size, tarball } = pack();

// The package itself

check('the tarball holds what is meant, and no more', () => {
  const languages = 'GUIDE.md GUIDE.zh-CN.md README.md README.zh-CN.md'.split(' ');
  const documents = [...languages, 'CHANGELOG.md', 'LICENSE', 'THIRD-PARTY-NOTICES.md', 'package.json'];
  const types = typesReachedFrom(ENTRIES.map((entry) => `${entry}.d.mts`));
  const expected = [...documents, ...CODE, ...types].sort();
  const found = files.map(({ path }) => path).sort();
  demand(`${found}` === `${expected}`, `${found}\nis not\n${expected}`);
  console.log(`        packed: ${size} bytes`);
});
check('its code loads nothing but Node and the SDK, and its types name neither zod nor the SDK', () => {
  const siblings = ['../index', '../local-console/index'];
  for (const file of CODE) {
    const code = read(file);
    for (const [, name] of code.matchAll(/\b(?:require\(|import\(|from |import )"([\w@./:-]+)"/g)) {
      const isSdk = name === '@baiducloud/qianfan' && /^dist\/index\.m?js$/.test(file);
      const isSibling = siblings.includes(name) && file === 'dist/cli/index.js';
      const isKnown = isBuiltin(name) || isSdk || isSibling;
      demand(isKnown, `${file} loads ${name}`);
    }
    // Minified, it would save 17 kB, and nobody could read a stack; esbuild's --line-limit breaks texts, which rollup then
    // indents.
    demand(code.split('\n').length > 100 && !code.includes('sourceMappingURL'), `${file} is minified or has a map`);
    const otherWay = file.endsWith('.mjs') ? 'require(' : 'import(';
    demand(!code.includes(`${otherWay}"@baiducloud/qianfan")`), `${file} loads the SDK by ${otherWay})`);
  }
  for (const { path } of files.filter((file) => /\.d\.m?ts$/.test(file.path))) {
    demand(!/from ['"](zod|@baiducloud)/.test(read(path)), `${path} imports its types`);
  }
});
check('the notices name the versions that are compiled in', () => {
  const notices = read('THIRD-PARTY-NOTICES.md');
  for (const name of ['zod', 'dotenv']) {
    const { version } = JSON.parse(read('node_modules', name, 'package.json'));
    demand(notices.includes(`${name} ${version} `) || notices.includes(`${name} ${version},`), `${name} ${version}`);
  }
});
check('the main entry is small in a bundle', () => {
  // 300 bytes of the other are what makes a bundle CommonJS.
  for (const [entry, format, most] of [
    ['dist/index.mjs', 'esm', 20_000],
    ['dist/index.js', 'cjs', 20_500],
  ]) {
    const flags = ['--bundle', '--minify', '--platform=node', `--format=${format}`, '--external:@baiducloud/qianfan'];
    const bytes = gzipSync(own('esbuild', entry, ...flags), { level: 9 }).length;
    console.log(`        ${entry}: ${bytes} bytes, minified and compressed`);
    demand(bytes <= most, `${entry} has ${bytes} bytes`);
  }
});
check('publint finds nothing', () => own('publint', tarball, '--strict'));
check('attw finds nothing', () => own('attw', tarball, '--quiet'));

function typesReachedFrom(declarations, seen = new Set()) {
  for (const file of declarations.filter((one) => !seen.has(one))) {
    seen.add(file);
    const paths = [...read(file).matchAll(/from '(\.[^']+)'/g)].map(([, path]) => path.replace(/\.js$/, ''));
    const found = paths.map((path) => `${join(dirname(file), path)}.d.ts`);
    typesReachedFrom(found, seen);
  }
  return [...seen];
}

// Node

const ZOD = `const { z } = require('zod');
if (z.object({ a: z.string() }).safeParse({ a: 1 }).success) throw new Error('zod is broken');\n`;
const programFiles = {
  'a.cjs': programs.COMMON_JS,
  'a.mjs': programs.ES_MODULE,
  'a.ts': programs.TYPES,
  'a.mts': programs.TYPES,
  'both.mjs': programs.BOTH_BUILDS,
  'compiled.cjs': programs.COMPILED,
  'errors.ts': programs.ERROR_TYPES,
  'errors.mts': programs.ERROR_TYPES,
  'names.mjs': programs.NAMES,
  'zod.cjs': ZOD + programs.COMMON_JS,
};
const host = project('host', programFiles, sdk());
const tool = (command, ...args) => run(host, join(host, 'node_modules', '.bin', command), ...args);

const before = packagesIn(host);
install(host, tarball);
const added = packagesIn(host).filter((name) => !before.includes(name));
check('installing it adds one package and nothing else', () => demand(`${added}` === NAME, `added: ${added}`));
check('both builds export the same, and each recognises the errors of the other', () => run(host, 'node', 'both.mjs'));
for (const major of [20, 24]) {
  check(`Node ${major} finds every name of the CommonJS builds by import`, () => run(host, nodeOf(major), 'names.mjs'));
}
check('the installed command', () => {
  demand(tool(NAME, '--version').trim() === manifest.version, 'another version');
  demand(tool(NAME, 'demo').includes('Stopped'), 'demo stopped nothing');
});
for (const release of ['0.1.9', '0.2.3', '0.2.4']) {
  check(`the SDK ${release}, by require and by import`, () => {
    install(host, sdk(release));
    stops(run(host, 'node', 'a.cjs'));
    stops(run(host, 'node', 'a.mjs'));
  });
}
for (const major of [3, 4]) {
  check(`a host with zod ${major}`, () => {
    install(host, `zod@${major}`);
    stops(run(host, 'node', 'zod.cjs'));
  });
}
check('no SDK at all: the message names the file that looks for it', () => {
  const bare = project('no-sdk', programFiles, tarball);
  for (const [program, file] of Object.entries({ 'a.cjs': 'index.js', 'a.mjs': 'index.mjs' })) {
    const said = run(bare, 'node', program);
    demand(said.startsWith('INVALID_CONFIGURATION') && said.includes('npm install @baiducloud/qianfan'), said);
    demand(said.includes(join('node_modules', NAME, 'dist', file)), said);
  }
});

function packagesIn(directory) {
  const modules = join(directory, 'node_modules');
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => (name.startsWith('@') ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : name));
}

install(host, ...['typescript', 'esbuild'].map(version), '@types/node@20', 'webpack@5');

// TypeScript

for (const [title, ...flags] of [
  ['nodenext', '--module', 'nodenext'],
  ['bundler', '--module', 'esnext', '--moduleResolution', 'bundler'],
  ['commonjs', '--module', 'commonjs', '--moduleResolution', 'bundler'],
  ['node10', '--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'],
]) {
  const all = ['--strict', '--noEmit', '--types', 'node', '--target', 'es2022', '--lib', 'es2021', ...flags];
  check(`TypeScript ${manifest.devDependencies.typescript}, ${title}, without skipLibCheck`, () =>
    tool('tsc', ...all, 'a.ts', 'a.mts', 'errors.ts', 'errors.mts'),
  );
}
for (const interop of [true, false]) {
  check(`the ES module as TypeScript compiles it to CommonJS, esModuleInterop: ${interop}`, () =>
    stops(run(host, 'node', 'compiled.cjs', `${interop}`)),
  );
}

// Bundlers

// Without it, an ES module cannot run what the SDK requires.
const REQUIRE = `import { createRequire as cr } from 'node:module'; const require = cr(import.meta.url);`;

for (const [format, entry] of [
  ['esm', 'a.mjs'],
  ['cjs', 'a.mjs'],
  ['cjs', 'a.cjs'],
]) {
  const out = `out/${entry}.${format === 'esm' ? 'mjs' : 'cjs'}`;
  const bundle = (...flags) => {
    tool('esbuild', entry, '--bundle', '--platform=node', `--format=${format}`, `--outfile=${out}`, ...flags);
    return run(host, 'node', out);
  };
  const title = `esbuild --format=${format} of ${entry}`;
  check(`${title}, the SDK external`, () => stops(bundle('--external:@baiducloud/qianfan')));
  check(`${title}, the SDK inside`, () => (format === 'esm' ? refuses(bundle()) : stops(bundle())));
  check(`${title}, the SDK inside, minified`, () => {
    if (format === 'cjs') stops(bundle('--minify'));
    else stops(bundle('--minify', `--banner:js=${REQUIRE}`));
  });
  check(`${title}, the SDK's build for browsers inside`, () =>
    refuses(bundle('--main-fields=module,main', '--minify')),
  );
}
for (const entry of ['a.mjs', 'a.cjs']) {
  const bundle = (externals) => {
    const output = `{ filename: '${entry}.cjs' }`;
    const config = `{ entry: './${entry}', target: 'node', mode: 'production', externals: ${externals}, output: ${output} }`;
    const script = `require('webpack')(${config}, (error, stats) => { if (error || stats.hasErrors()) throw error ?? stats; })`;
    run(host, 'node', '--eval', script);
    return run(host, 'node', `dist/${entry}.cjs`);
  };
  check(`webpack of ${entry}, the SDK external`, () =>
    stops(bundle(`{ '@baiducloud/qianfan': 'commonjs @baiducloud/qianfan' }`)),
  );
  check(`webpack of ${entry}, the SDK's build for browsers inside`, () => refuses(bundle('{}')));
}

checkRunners(tarball);

finish();
