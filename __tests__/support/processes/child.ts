// Runs a process and collects what it prints. It gets no QIANFAN_ variables but those that a test gives it.

import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll } from '@jest/globals';

export interface ChildEnd {
  /** The exit status; `null` if a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Child {
  readonly process: ChildProcess;
  readonly end: Promise<ChildEnd>;
  /** Resolves as soon as its output, both streams together, matches; rejects if it ends before. */
  printed(pattern: RegExp): Promise<void>;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input. Default: nothing. */
  readonly input?: string;
}

// These would change how a child behaves: the machine's keys, and what test runners and npm set.
const LEFT_OUT = /^(?:QIANFAN_|NODE_|JEST_|CI$|NO_COLOR|FORCE_COLOR|DOTENV_|npm_config_)/;

const running = new Set<ChildProcess>();

// A test that failed may have left one behind.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

export function startChild(
  command: string,
  args: readonly string[],
  { cwd, env, input = '' }: ChildOptions = {},
): Child {
  const inherited = Object.entries(process.env).filter(([name]) => !LEFT_OUT.test(name));
  const child = spawn(command, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // It may end without reading its input.
  child.stdin.on('error', () => {}).end(input);
  running.add(child);
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const watch of watchers) watch();
    });
  }
  const end = new Promise<ChildEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      running.delete(child);
      resolve({ status, ...output });
    });
  });
  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const watch = (): void => {
        if (pattern.test(output.stdout + output.stderr)) resolve();
      };
      watchers.add(watch);
      watch();
      end.then(() => reject(new Error(`It ended without ${pattern}: ${output.stdout}${output.stderr}`)), reject);
    });
  return { process: child, end, printed };
}
