// A project of its own in a temporary directory, with the built package and an SDK installed, whose
// scripts run in Node processes of their own. It uses a copy of `dist`: run `npm run build` before.

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

export interface ChildEnd {
  /** The exit status; `null` where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildProject {
  readonly directory: string;
  /** Runs an ES module to its end, in the project's directory and with no QIANFAN_ variables but those of `env`. */
  run(
    script: string,
    options?: { readonly env?: Readonly<Record<string, string>>; readonly flags?: readonly string[] },
  ): Promise<ChildEnd>;
  /** Ends what still runs, and takes the directory away. */
  remove(): void;
}

/** Makes a project; `fakeSdk` is the source of a CommonJS module to stand for the SDK. */
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
  const running = new Set<ReturnType<typeof spawn>>();
  return {
    directory,
    run: (script, { env = {}, flags = [] } = {}) =>
      new Promise((resolve, reject) => {
        const inherited = Object.entries(process.env).filter(([name]) => !/^(QIANFAN|NODE|JEST)_/.test(name));
        const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', script], {
          cwd: directory,
          env: { ...Object.fromEntries(inherited), ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        running.add(child);
        let stdout = '';
        let stderr = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          stdout += text;
        });
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        child.once('error', reject);
        child.once('close', (status) => {
          running.delete(child);
          resolve({ status, stdout, stderr });
        });
      }),
    remove() {
      for (const child of running) child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
