// Runs a process, with no QIANFAN_ variables but those it is given, and collects what it prints.

import { type ChildProcess, spawn } from 'node:child_process';

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
}

// What would change how a child behaves: the machine's keys, and what a runner of tests or scripts sets for itself.
const LEFT_OUT = /^(?:QIANFAN_|NODE_|JEST_|NO_COLOR|FORCE_COLOR|DOTENV_|npm_config_)/;

export function startChild(command: string, args: readonly string[], { cwd, env }: ChildOptions = {}): Child {
  const inherited = Object.entries(process.env).filter(([name]) => !LEFT_OUT.test(name));
  const child = spawn(command, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
    child.once('close', (status) => resolve({ status, ...output }));
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
