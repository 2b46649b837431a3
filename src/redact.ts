// Takes secrets out of text that came from outside, and makes a safe copy of what was thrown. Pure, and linear in the
// length of the text: what a server sends may be long and hostile.

import { inspect, types } from 'node:util';

const REDACTED = '[redacted]';
const UNREADABLE = '[unreadable]';
const MAX_CAUSE_DEPTH = 3;
const MAX_FRAMES = 20;

/** The most characters of foreign text that an error carries. */
export const MAX_TEXT_LENGTH = 2_000;

// An Authorization value of Baidu's scheme, wherever it stands.
const AUTHORIZATION_VALUE = /bce-auth-v\d(?:\\{0,8}\/|%2f)[^\s"'<>,]*/gi;

// An HMAC-SHA256 in hex, as a signature is. The look-behind keeps a long run from being tried twice.
const SIGNATURE = /(?<![0-9a-f])[0-9a-f]{64,}/gi;

// A named secret. Behind a quoted name stands a quoted value or a list of them, as in JSON; behind a bare one, or one
// escaped or in a tag, all the rest of the line, as in a header. Each repetition has a bound, to stay linear.
const NAME = String.raw`(?:authorization|cookie[\w-]{0,12}|security-token|secret[_-]?(?:access[_-]?)?key)`;
const QUOTED = String.raw`["']\s{0,8}(?:,\s{0,8}["']value["']\s{0,8}:|=>|[:=,])\s{0,8}`;
const STRING = String.raw`"(?:[^"\\\r\n]|\\.)*"`;
const VALUE = String.raw`(?:${STRING}|'[^'\r\n]*'|\[(?:[\s,]{0,40}${STRING}){0,50}[\s,]{0,40}\]|[[{][\s\S]*)`;
const TAG = '<[^<>]{0,40}>';
const BARE = String.raw`(?:[\\"'\s\]]|&[#\w;]{1,12};|%[0-9a-f]{2}|${TAG}){0,8}?(?:=>|[:=,>]|%3[ad]|${TAG})\s{0,40}`;
const NAMED_SECRET = new RegExp(String.raw`(${NAME})(?:(${QUOTED})${VALUE}|(${BARE})[^\r\n]*)`, 'gi');

// A name and a password in a URL.
const USER_INFO = /\/\/[^\s/@]{1,200}@/g;

export type Redactor = (text: string) => string;

/** Takes out of a text the secrets of this call, and what can be told to be secret by its form. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const known = new RegExp(secrets.filter(Boolean).map(pattern).join('|') || '(?!)', 'gi');
  return (text) =>
    text
      .replace(known, REDACTED)
      .replace(NAMED_SECRET, `$1$2$3${REDACTED}`)
      .replace(AUTHORIZATION_VALUE, REDACTED)
      .replace(SIGNATURE, REDACTED)
      .replace(USER_INFO, `//${REDACTED}@`);
}

// Each character as it is, or as JSON, a URL or a page spells it; a long secret may be wrapped. A short one is replaced
// only where it stands alone: "sk" is no secret within "task".
function pattern(secret: string): string {
  const characters = [...secret].map((character) => {
    if (/[0-9A-Za-z]/.test(character)) return character;
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
    return String.raw`(?:\\{0,8}${`\\${character}`}|%${hex}|\\{1,8}u00${hex}|&#?\w{1,6};)`;
  });
  return secret.length < 8 ? `(?<![0-9A-Za-z])${characters.join('')}(?![0-9A-Za-z])` : characters.join(String.raw`\s*`);
}

/** Cuts a text, and says so. */
export function cut(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  const note = `… [cut, ${text.length} characters]`;
  return text.slice(0, MAX_TEXT_LENGTH - note.length) + note;
}

/** A copy of what was thrown that is safe to print: an error stays one, an object becomes text. */
export function redactThrown(thrown: unknown, redact: Redactor, depth = 0): unknown {
  try {
    if (thrown instanceof Error || types.isNativeError(thrown)) return redactError(thrown, redact, depth);
    if (thrown === null || ['undefined', 'boolean', 'number', 'bigint'].includes(typeof thrown)) return thrown;
    return cut(redact(describe(thrown)));
  } catch {
    return UNREADABLE;
  }
}

function redactError(error: Error, redact: Redactor, depth: number): Error {
  const text = (value: unknown) => (typeof value === 'string' ? cut(redact(value)) : '');
  const copy = new Error(text(error.message));
  const frames = `${error.stack ?? ''}`.split('\n    at ').slice(1).slice(-MAX_FRAMES);
  copy.name = text(error.name);
  copy.stack = [`${copy.name}: ${copy.message}`, ...frames.map(text)].join('\n    at ');
  if ('code' in error && typeof error.code === 'string') Object.assign(copy, { code: text(error.code) });
  if (error.cause !== undefined && depth < MAX_CAUSE_DEPTH) copy.cause = redactThrown(error.cause, redact, depth + 1);
  return copy;
}

/** Anything as text: a string as it is, all else as JSON where it can be, but for one field, or as Node prints it. */
export function describe(value: unknown, without?: string): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value, (name, one: unknown) => (name === without ? undefined : one)) ?? typeof value;
  } catch {
    // A cycle, a bigint, a throwing getter.
  }
  try {
    return inspect(value, { maxStringLength: Number.POSITIVE_INFINITY });
  } catch {
    return UNREADABLE;
  }
}
