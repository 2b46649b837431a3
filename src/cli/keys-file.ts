// The keys and the base URL in a file of NAME=value lines (dotenv's format). Nothing else in the file is used.

import { readFileSync } from 'node:fs';
import { KEYS } from '../common/credentials';
import { explainNotFound } from '../common/env-file';
import { type CallOptions, ConfigurationError } from '../index';

/** Throws a {@link ConfigurationError} if the file does not hold both keys. A pipe is read to its end. */
export function readKeysFile(path: string): CallOptions {
  const text = decode(path, readBytes(path));
  // Loaded here, as most calls have no keys file.
  const { parse }: typeof import('dotenv') = require('dotenv');
  const variables = parse(text);
  const [accessKey, secretKey] = KEYS.map((name) => variables[name]);
  if (!accessKey || !secretKey) throw fault(path, explainMissing(variables, text));
  return { credentials: { accessKey, secretKey }, baseUrl: variables['QIANFAN_CONSOLE_API_BASE_URL'] || undefined };
}

function readBytes(path: string): Buffer {
  try {
    // A parent process in Node gives a socket for standard input, which can be read but not opened.
    return readFileSync(path === '/dev/stdin' ? 0 : path);
  } catch (error) {
    const { code, message }: { readonly code?: unknown; readonly message?: unknown } = Object(error);
    if (code === 'ENOENT') throw fault(path, 'there is no such file');
    throw fault(path, code === 'EISDIR' ? 'it is a folder' : `it cannot be read (${code ?? message})`);
  }
}

function decode(path: string, bytes: Buffer): string {
  // Text in UTF-8 has no zero byte, and every ASCII character of UTF-16 has one.
  if (bytes.includes(0)) throw fault(path, 'it is UTF-16, as Windows PowerShell saves, or no text; save it as UTF-8');
  return bytes.toString('utf8');
}

function explainMissing(variables: Readonly<Record<string, string | undefined>>, text: string): string {
  const missing = KEYS.filter((name) => !variables[name]);
  const problem = explainNotFound(text, missing);
  return problem === undefined ? `it must hold both keys, and it has no ${missing.join(' and no ')}` : `it ${problem}`;
}

function fault(path: string, problem: string): ConfigurationError {
  return new ConfigurationError(`Nothing was sent: --keys-file ${path} cannot be used: ${problem}.`, {
    code: 'INVALID_CONFIGURATION',
  });
}
