// The keys and the base URL in a file of NAME=value lines (dotenv's format). Nothing else in the file is used.

import { readFileSync } from 'node:fs';
import { BASE_URL, KEYS, type Variables } from '../common/credentials';
import { explainNotFound } from '../common/env-file';
import { messageOf, ownField } from '../common/fields';
import { type CallOptions, ConfigurationError } from '../index';

/** Throws a {@link ConfigurationError} if the file does not hold both keys. A pipe is read to its end. */
export function readKeysFile(path: string): CallOptions {
  const text = readText(path);
  // Loaded here, as most calls have no keys file.
  const { parse }: typeof import('dotenv') = require('dotenv');
  const variables: Variables = parse(text);
  const [accessKey, secretKey] = KEYS.map((name) => variables[name]);
  if (!accessKey || !secretKey) throw unusable(path, `it ${explainMissing(variables, text)}`);
  return { credentials: { accessKey, secretKey }, baseUrl: variables[BASE_URL] || undefined };
}

function readText(path: string): string {
  try {
    // A parent process in Node gives a socket for standard input, which can be read but not opened.
    return readFileSync(path === '/dev/stdin' ? 0 : path, 'utf8');
  } catch (error) {
    const code = ownField(error, 'code');
    if (code === 'ENOENT') throw unusable(path, 'there is no such file');
    throw unusable(path, code === 'EISDIR' ? 'it is a folder' : `it cannot be read (${code ?? messageOf(error)})`);
  }
}

function explainMissing(variables: Variables, text: string): string {
  const missing = KEYS.filter((name) => !variables[name]);
  const found = missing.map((name) => (variables[name] === '' ? `an empty ${name}` : `no ${name}`));
  return explainNotFound(text, missing) ?? `has ${found.join(' and ')}; it must hold both keys`;
}

function unusable(path: string, problem: string): ConfigurationError {
  return new ConfigurationError(`Nothing was sent: --keys-file ${path} cannot be used: ${problem}.`, {
    code: 'INVALID_CONFIGURATION',
  });
}
