// Takes secrets out of text that came from outside, and makes a safe copy of what was thrown. Pure, and linear in the
// length of the text: what a server sends may be long and hostile.

import { inspect, types } from 'node:util';

const REDACTED = '[redacted]';
const UNREADABLE = '[unreadable]';
const MAX_CAUSE_DEPTH = 3;
const MAX_FRAMES = 20;

/** The most characters of foreign text that an error carries. */
export const MAX_TEXT_LENGTH = 2_000;

// Of a longer text only so much is looked at, less the end of it, which may be a part of a secret.
const MAX_READ_LENGTH = 100_000;
const MAX_SECRET_LENGTH = 600;

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
const BARE = String.raw`(?:[\\"'\s\]]|&[#\w;]{1,12};|%[0-9a-f]{2}|${TAG}){0,8}?(?:=>|[:=]|(?<=["'\]]),|(?<=<[\w-]{1,40})>|%3[ad]|${TAG})\s{0,40}`;
const NAMED_SECRET = new RegExp(String.raw`(${NAME})(?:(${QUOTED})${VALUE}|(${BARE})[^\r\n]*)`, 'gi');

// A name and a password in a URL.
const USER_INFO = /\/\/[^\s/@?#,]{1,200}@/g;

export type Redactor = (text: string) => string;

/**
 * Takes out of a text the secrets of this call, and what can be told to be secret by its form; and cuts it, saying so.
 * No pattern is made of cookies: a server chooses what they are, and how many.
 */
export function createRedactor(secrets: readonly string[], cookies: readonly string[] = []): Redactor {
  const known = [...new Set(secrets.map((secret) => secret.trim()))].filter((secret) => secret !== '');
  const plain = new RegExp(known.filter(isPlain).map(wrapped).join('|') || '(?!)', 'gi');
  // Longest first: one spelling may stand in another.
  const others = [...new Set([...known.filter((secret) => !isPlain(secret)), ...cookies].flatMap(spellings))];
  others.sort((one, other) => other.length - one.length);
  const redact = (text: string) =>
    others
      .reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text.replace(plain, REDACTED))
      .replace(NAMED_SECRET, `$1$2$3${REDACTED}`)
      .replace(AUTHORIZATION_VALUE, REDACTED)
      .replace(SIGNATURE, REDACTED)
      .replace(USER_INFO, `//${REDACTED}@`);
  return (text) => {
    if (text.length <= MAX_READ_LENGTH) return cut(redact(text));
    return cut(redact(text.slice(0, MAX_READ_LENGTH)).slice(0, -MAX_SECRET_LENGTH), text.length);
  };
}

// As real keys and signatures are. Only of these a pattern is made.
function isPlain(secret: string): boolean {
  return /^[0-9A-Za-z]{1,256}$/.test(secret);
}

// A long one may be wrapped, in text or in JSON; no such gap can be read in two ways. A short one is replaced only where
// it stands alone: "sk" is no secret within "task".
function wrapped(secret: string): string {
  if (secret.length < 8) return `(?<![0-9A-Za-z])${secret}(?![0-9A-Za-z])`;
  return [...secret].join(String.raw`(?:\s|\\{1,8}[nrt])*`);
}

function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
  const html = secret.replace(/[&<>"']/g, (odd) => `&${entities[odd]};`);
  const url = encodeURIComponent(secret);
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    ascii,
    html,
    url,
    url.replace(/%../g, (hex) => hex.toLowerCase()),
  ];
}

/** Cuts a text, and says so. */
export function cut(text: string, length = text.length): string {
  if (length <= MAX_TEXT_LENGTH) return text;
  const note = `… [cut, ${length} characters]`;
  return text.slice(0, MAX_TEXT_LENGTH - note.length) + note;
}

/** A copy of what was thrown that is safe to print: an error stays one, an object becomes text. */
export function redactThrown(thrown: unknown, redact: Redactor, depth = 0): unknown {
  try {
    if (thrown instanceof Error || types.isNativeError(thrown)) return redactError(thrown, redact, depth);
    if (thrown === null || ['undefined', 'boolean', 'number', 'bigint'].includes(typeof thrown)) return thrown;
    return redact(describe(thrown));
  } catch {
    return UNREADABLE;
  }
}

function redactError(error: Error, redact: Redactor, depth: number): Error {
  const text = (value: unknown) => (typeof value === 'string' ? redact(value) : '');
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
