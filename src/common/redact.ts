// What an error may carry of text that came from outside: cut first, then without the secret key and without signatures.
// Pure. It must not know where a text came from.

import { MAX_KEY_LENGTH } from './credentials';
import { requireBuiltin } from './require-builtin';

const REDACTED = '[redacted]';
const MAX_LENGTH = 2_000;
const MARGIN = 256; // What follows the cut may be the rest of a secret, so the last characters before it go, too.
const MAX_FRAMES = 20;
// Also with its characters in JSON's escapes, such as `\u0061`.
const SIGNATURE = /(?:[\da-f]|\\u00(?:3\d|[46][1-6])){64,}/gi;

export type Redactor = (text: string) => string;

/** Cuts a text, and replaces the secret key and every run of 64 hex digits or more, as a signature is one. */
export function createRedactor(secretKey: string | undefined): Redactor {
  const margin = Math.max(MARGIN, 6 * Math.min(secretKey?.length ?? 0, MAX_KEY_LENGTH)); // escaped, it may be as long
  return (text) => {
    const start = text.slice(0, MAX_LENGTH + margin);
    const withoutKey = secretKey ? start.replace(patternOf(secretKey), REDACTED) : start;
    const redacted = withoutKey.replace(SIGNATURE, REDACTED);
    if (start.length === text.length) return redacted.slice(0, MAX_LENGTH);
    // Where the text was cut, its last characters may be half a secret, unless a whole one stood there.
    const lastMark = redacted.lastIndexOf(REDACTED);
    const safeLength = Math.max(redacted.length - margin, lastMark < 0 ? 0 : lastMark + REDACTED.length);
    return redacted.slice(0, Math.min(safeLength, MAX_LENGTH));
  };
}

/** The key as it is and in the escapes of JSON, in either case: a redirect's host comes in lower case. */
function patternOf(secretKey: string): RegExp {
  // A longer one cannot be a key. It is found by its start, and takes with it all that follows.
  const [key, rest] =
    secretKey.length > MAX_KEY_LENGTH ? [secretKey.slice(0, MAX_KEY_LENGTH), '[^]*'] : [secretKey, ''];
  const form = (write: (character: string) => string) => Array.from(key, write).join('');
  const literal = `(?:${form(escapeForJson)}|${form(escapeForPattern)})${rest}`;
  // A short key is replaced only as a whole word: the "sk" in "task" is no secret.
  return new RegExp(key.length >= 8 ? literal : `(?<![0-9A-Za-z])${literal}(?![0-9A-Za-z])`, 'gi');
}

/** All ways in which JSON may have a character: PHP escapes a slash, Go the signs of HTML, others what is not a letter. */
function escapeForJson(character: string): string {
  const code = `\\\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const literal = escapeForPattern(character);
  if (/["\\]/.test(character)) return `(?:\\\\${literal}|${code})`;
  return character === '/' ? `(?:\\\\?/|${code})` : `(?:${literal}|${code})`;
}

function escapeForPattern(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`);
}

/** A copy of what was thrown that is safe to carry: name, message, code and stack frames. */
export function safeError(thrown: unknown, redact: Redactor): Error {
  try {
    const { types } = requireBuiltin('node:util');
    if (!types.isNativeError(thrown) && !(thrown instanceof Error)) return new Error(redact(textOf(thrown)));
    const copy = new Error(redact(`${thrown.message}`));
    copy.name = redact(`${thrown.name}`);
    const frames = `${thrown.stack}`.split('\n    at ').slice(1, MAX_FRAMES + 1);
    copy.stack = [`${copy.name}: ${copy.message}`, ...frames.map(redact)].join('\n    at ');
    if ('code' in thrown && typeof thrown.code === 'string') Object.assign(copy, { code: redact(thrown.code) });
    return copy;
  } catch {
    return new Error('It cannot be read.');
  }
}

/** Any value as text: strings as they are, otherwise JSON, or `util.inspect` if JSON fails. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? `${value}`;
  } catch {
    return requireBuiltin('node:util').inspect(value, { depth: 2 });
  }
}
