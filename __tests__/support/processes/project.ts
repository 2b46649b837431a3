// A project of its own in a temporary directory, with the built package and an SDK installed, whose
// scripts run in Node processes of their own. It copies `dist`: run `npm run build` before.

import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../root';
import { type ChildEnd, startChild } from './child';

export interface ChildProject {
  readonly directory: string;
  /** Runs an ES module to its end, in the project's directory and with no QIANFAN_ variables but those of `env`. */
  run(
    script: string,
    options?: { readonly env?: Readonly<Record<string, string>>; readonly flags?: readonly string[] },
  ): Promise<ChildEnd>;
  /** Removes the directory. */
  remove(): void;
}

/** Makes a project; `fakeSdk` is the source of a CommonJS module in place of the SDK. */
export function makeChildProject(fakeSdk?: string): ChildProject {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'qianfan-finetuning-')));
  const packages = join(directory, 'node_modules');
  const sdk = join(packages, '@baiducloud', 'qianfan');
  cpSync(join(ROOT, 'dist'), join(packages, 'qianfan-finetuning', 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(packages, 'qianfan-finetuning', 'package.json'));
  mkdirSync(dirname(sdk), { recursive: true });
  if (fakeSdk === undefined) {
    symlinkSync(process.env['SDK_DIR'] ?? dirname(require.resolve('@baiducloud/qianfan/package.json')), sdk);
  } else {
    mkdirSync(sdk);
    writeFileSync(join(sdk, 'index.js'), fakeSdk);
  }
  return {
    directory,
    run: (script, { env = {}, flags = [] } = {}) =>
      startChild(process.execPath, [...flags, '--input-type=module', '--eval', script], { cwd: directory, env }).end,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
