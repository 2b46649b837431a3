// Runs the built command against a local console, as a user would: `npm run build` comes before.

import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { LocalConsole } from '../../../src/local-console/index';
import { ROOT } from '../root';
import { type Child, type ChildEnd, type ChildOptions, startChild } from './child';

export const COMMAND = join(ROOT, 'dist', 'cli', 'index.js');
export const KEYS = { accessKey: 'AK-of-the-command', secretKey: 'SK-of-the-command' };

/** The variables that point at this console. */
export function variablesOf({ url, credentials }: LocalConsole): Record<string, string> {
  return {
    QIANFAN_ACCESS_KEY: credentials.accessKey,
    QIANFAN_SECRET_KEY: credentials.secretKey,
    QIANFAN_CONSOLE_API_BASE_URL: url,
  };
}

export function startCommand(
  args: readonly string[],
  options: ChildOptions & { readonly flags?: string[] } = {},
): Child {
  return startChild(process.execPath, [...(options.flags ?? []), COMMAND, ...args], options);
}

/** Runs it to its end. It must never print a secret. */
export async function runCommand(...args: Parameters<typeof startCommand>): Promise<ChildEnd> {
  const end = await startCommand(...args).end;
  for (const secret of [KEYS.secretKey, 'bce-auth-v1/', 'signature='])
    expect(end.stdout + end.stderr).not.toContain(secret);
  return end;
}

/** What --json prints: one object a line, and nothing else. */
export function objectsIn(stdout: string): unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
