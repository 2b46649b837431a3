// Says where the SDK looked for keys and why it did not find them, or what is wrong with those that it found.

import { resolve } from 'node:path';
import { APPLICATION_KEYS, KEYS, variablesProblem } from '../common/credentials';
import { explainNotFound } from '../common/env-file';
import { ownField } from '../common/fields';
import { requireBuiltin } from '../common/require-builtin';

const HOW = `Set both ${KEYS.join(' and ')}; ${APPLICATION_KEYS.join(', ')} and bearer tokens do not work here.`;

/** What is wrong with the keys that the SDK found in this call. Those that were there before were checked before. */
export function explainFoundKeys(): string | undefined {
  return variablesProblem(process.env, '.env');
}

/** Which keys the SDK did not find, where it looked, and what to do. */
export function explainMissingKeys(): string {
  if (Reflect.get(globalThis, 'window') !== undefined) {
    return 'The SDK found no keys: there is a global `window` here (jsdom?), so the SDK ignores the environment. Run this in plain Node.';
  }
  const missing = KEYS.filter((name) => !process.env[name]);
  if (missing.length === 0) return `The SDK found no keys, although the environment has both. ${HOW}`;
  const file = readEnvFile();
  const isEmptyInFile = (name: string) => valueIn(file.text, name) === '';
  // What is empty in .env is empty in the environment, too: the SDK puts it there.
  const hiding = missing.filter((name) => process.env[name] === '' && !isEmptyInFile(name));
  const hint =
    hiding.length > 0 ? ` ${withVerb(hiding)} set but empty in the environment, which hides any value in .env.` : '';
  return `${withVerb(missing)} missing in the environment, and ${file.problem ?? describeFile(file, missing)}.${hint} ${HOW}`;
}

interface EnvFile {
  readonly path: string;
  readonly text: string;
  readonly problem?: string;
}

function readEnvFile(): EnvFile {
  const { readFileSync } = requireBuiltin('node:fs');
  const path = resolve('.env');
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = ownField(error, 'code');
    if (code === 'ENOENT') return { path, text: '', problem: `there is no ${path}` };
    return { path, text: '', problem: code === 'EISDIR' ? `${path} is a folder` : `${path} cannot be read (${code})` };
  }
}

function describeFile({ path, text }: EnvFile, missing: readonly string[]): string {
  const notThere = missing.filter((name) => valueIn(text, name) === undefined);
  const problem = notThere.length > 0 ? explainNotFound(text, notThere) : undefined;
  if (problem !== undefined) return `${path} ${problem}`;
  const found = missing.map((name) => {
    if (notThere.includes(name)) return `no ${name}`;
    return valueIn(text, name) === '' ? `an empty ${name}` : name;
  });
  return `${path} has ${found.join(' and ')}`;
}

/** The start of a variable's value in a `.env` file; `undefined` without the variable. */
function valueIn(text: string, name: string): string | undefined {
  const line = new RegExp(`^\\s*(?:export\\s+)?${name}[^\\S\\n]*[=:][^\\S\\n]*(\\S*)`, 'm').exec(text);
  return line?.[1]?.replace(/^(?:""|''|``)?(?:#.*)?$/, '');
}

function withVerb(names: readonly string[]): string {
  return `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'}`;
}
