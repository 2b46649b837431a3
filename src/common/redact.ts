// What an error may carry of text that came from outside: cut first, then without the secret key and without signatures.
// Pure. It must not know where a text came from.

import { requireBuiltin } from './builtins';

const REDACTED = '[redacted]';
const MAX_LENGTH = 2_000;
const MARGIN = 256; // What follows the cut may be the rest of a secret, so the last characters before it go, too.
const MAX_FRAMES = 20;

export type Redactor = (text: string) => string;

/** Cuts a text, and replaces the secret key and every run of 64 hex digits or more, as a signature is one. */
export function createRedactor(secretKey: string | undefined): Redactor {
  const margin = Math.max(MARGIN, 2 * (secretKey?.length ?? 0)); // escaped, it may be twice as long
  return (text) => {
    const redacted = text
      .slice(0, MAX_LENGTH + margin)
      .replaceAll(secretKey ? patternOf(secretKey) : /(?!)/g, REDACTED)
      .replace(/[\da-f]{64,}/gi, REDACTED);
    // Up to its last mark, the text is safe.
    const safeLength = redacted.lastIndexOf(REDACTED) + REDACTED.length;
    const length = text.length > MAX_LENGTH + margin ? Math.max(redacted.length - margin, safeLength) : MAX_LENGTH;
    return redacted.slice(0, Math.min(length, MAX_LENGTH));
  };
}

function patternOf(secretKey: string): RegExp {
  // In JSON, which may echo it, a backslash stands in front of each quote and backslash of it.
  const literal = secretKey.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`).replace(/"|\\\\/g, String.raw`\\?$&`);
  // A short key is a secret only where it stands alone: "sk" is none within "task". A redirect's host comes in lower case.
  return new RegExp(secretKey.length >= 8 ? literal : `(?<![0-9A-Za-z])${literal}(?![0-9A-Za-z])`, 'gi');
}

/** A copy of what was thrown that is safe to carry: name, message, code and stack frames. */
export function safeError(thrown: unknown, redact: Redactor = createRedactor(undefined)): Error {
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
    return new Error('What was thrown cannot be read.');
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
