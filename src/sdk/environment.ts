// The keys and the base URL of one call. The SDK takes neither: it reads the environment, synchronously, before its first
// await. So the values of this call stand there for exactly that long. It must not know what is called.

import { resolve } from 'node:path';
import { requireBuiltin } from '../common/builtins';
import { shellCommandIn } from '../common/env-file';

export interface CallEnvironment {
  readonly credentials?: { readonly accessKey: string; readonly secretKey: string } | undefined;
  readonly baseUrl?: string | undefined;
}

const KEYS = ['QIANFAN_ACCESS_KEY', 'QIANFAN_SECRET_KEY'] as const;
const BASE_URL = 'QIANFAN_CONSOLE_API_BASE_URL';
const NAMES = [...KEYS, BASE_URL] as const;

/** Why this cannot be a key. It never shows the key. */
export function keyProblem(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (/^(["'`]).*\1$/s.test(key)) return 'has quotes around it, which are not part of a key: remove them';
  if (/\s/.test(key)) return 'has white space or a line break in it, which no key has: remove it';
  return /^[\x21-\x7e]+$/.test(key) ? undefined : 'must be visible ASCII characters only';
}

/** The secret key of a call, if it is known: the SDK may have read it from `.env` into the environment. */
export function secretKeyOf({ credentials }: CallEnvironment): string | undefined {
  return credentials?.secretKey ?? process.env['QIANFAN_SECRET_KEY'];
}

export type Variables = Readonly<Record<(typeof NAMES)[number], string | undefined>>;

/** The variables of a call as they are when it is made: by the time the SDK is loaded, the environment may have changed. */
export function variablesOf({ credentials, baseUrl }: CallEnvironment): Variables {
  return {
    QIANFAN_ACCESS_KEY: credentials?.accessKey ?? process.env['QIANFAN_ACCESS_KEY'],
    QIANFAN_SECRET_KEY: secretKeyOf({ credentials }),
    // The SDK puts a slash of its own behind it.
    QIANFAN_CONSOLE_API_BASE_URL: baseUrl?.replace(/\/+$/, '') ?? process.env[BASE_URL],
  };
}

/** Why the keys of a call, which can only be those of the environment, cannot be meant. An empty one is left to the SDK. */
export function environmentProblem(variables: Variables): string | undefined {
  for (const name of KEYS) {
    const value = variables[name];
    const problem = value && keyProblem(value);
    if (problem) return `${name} in the environment ${problem}.`;
  }
  return undefined;
}

/** Runs the synchronous part of a call in its own environment, and keeps the secret key that the SDK found there. */
export function withEnvironment<T>(variables: Variables, found: { secretKey?: string | undefined }, run: () => T): T {
  const changed: { readonly name: string; readonly before: string | undefined }[] = [];
  try {
    for (const name of NAMES) {
      const [value, before] = [variables[name], process.env[name]];
      if (value === undefined || value === before) continue; // each write costs as much as the rest of this
      changed.push({ name, before });
      process.env[name] = value;
    }
    return run();
  } finally {
    // Read now, as the SDK may just have read the key from `.env`.
    found.secretKey = process.env['QIANFAN_SECRET_KEY'];
    for (const { name, before } of changed) {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  }
}

/** Which keys the SDK did not find, and where it looked. */
export function describeMissingKeys(): string {
  const missing = KEYS.filter((name) => !process.env[name]);
  if (missing.length === 0) return 'The SDK found no keys, although the environment has both.';
  const file = readEnvFile();
  const isEmptyInFile = (name: string) => valueIn(file.text, name) === '';
  const found = missing.map((name) => {
    if (valueIn(file.text, name) === undefined) return `no ${name}`;
    return isEmptyInFile(name) ? `an empty ${name}` : name;
  });
  // What is empty in .env is empty in the environment, too: the SDK puts it there.
  const hiding = missing.filter((name) => process.env[name] === '' && !isEmptyInFile(name));
  const hint = hiding.length > 0 ? ` ${be(hiding)} set but empty in the environment, which hides what .env has.` : '';
  return `${be(missing)} missing in the environment, and ${file.problem ?? `${file.path} has ${found.join(' and ')}`}.${hint}`;
}

function be(names: readonly string[]): string {
  return `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'}`;
}

function readEnvFile(): { readonly path: string; readonly text: string; readonly problem?: string } {
  const { readFileSync } = requireBuiltin('node:fs');
  const path = resolve('.env');
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('\0')) return { path, text, problem: `${path} is not saved as UTF-8` };
    const command = shellCommandIn(text);
    return command ? { path, text, problem: `${path} has commands of a Windows shell (${command})` } : { path, text };
  } catch (error) {
    const { code }: { readonly code?: unknown } = Object(error);
    if (code === 'ENOENT') return { path, text: '', problem: `there is no ${path}` };
    const problem = code === 'EISDIR' ? `${path} is a folder` : `${path} cannot be read (${code})`;
    return { path, text: '', problem };
  }
}

/** The start of a variable's value in a `.env` file; `undefined` without the variable. */
function valueIn(text: string, name: string): string | undefined {
  const line = new RegExp(`^\\s*(?:export\\s+)?${name}[^\\S\\n]*[=:][^\\S\\n]*(\\S*)`, 'm').exec(text);
  return line?.[1]?.replace(/^(?:""|''|``)?(?:#.*)?$/, '');
}
