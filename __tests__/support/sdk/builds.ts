// The SDK's build for browsers as Node can run it, and the ways in which bundlers hand out a module.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Exports = Readonly<Record<string, unknown>>;

/** What the SDK's build for browsers exports. Node cannot load it: it is an ES module that calls `require`. */
export function browserBuild(): Exports {
  const text = readFileSync(join(dirname(require.resolve('@baiducloud/qianfan')), 'bundle.esm.js'), 'utf8');
  const [list = '', names = ''] = /export\{([^}]*)\};\s*$/.exec(text) ?? [];
  const body = `${text.slice(0, -list.length)};return{${names.replace(/(\w+) as (\w+)/g, '$2:$1')}};`;
  return new Function('require', body)(require);
}

/** As webpack, esbuild and rollup hand out an ES module; Bun's getters can be configured. */
export function withGetters(exported: Exports): object {
  const getters = Object.entries(exported).map(([name, value]) => {
    return [name, { enumerable: true, configurable: true, get: () => value }];
  });
  return Object.defineProperties({}, { ...Object.fromEntries(getters), __esModule: { value: true } });
}

/** As Node hands out a namespace. */
export function sealed(exported: Exports): object {
  return Object.seal(Object.assign(Object.create(null), exported));
}
