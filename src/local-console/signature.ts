// Baidu Cloud's request signature, bce-auth-v1: how it is computed, and how a server checks it.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a signature covers of a request, as it arrived; header names in lower case. It does not cover the body. */
export interface SignableRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Iterable<readonly [string, string]>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface KeyPair {
  readonly accessKey: string;
  readonly secretKey: string;
}

export type SignatureDefect = 'missing' | 'malformed' | 'unknown-key' | 'expired' | 'mismatch';

interface SignatureCheck {
  /** `undefined` for a valid signature. */
  readonly defect: SignatureDefect | undefined;
  /** The access key in the Authorization header, known or not; `undefined` if the header cannot be read. */
  readonly accessKey: string | undefined;
}

const AUTHORIZATION =
  /^(bce-auth-v1\/([^/\s]+)\/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\/(\d+))\/((?:[^/;\sA-Z]+(?:;[^/;\sA-Z]+)*)?)\/([\da-f]{64})$/;
const SIGNED_BY_DEFAULT = /^(host|content-(length|type|md5)|x-bce-.*)$/;

/**
 * The signature in hex. `prefix` is `bce-auth-v1/{accessKey}/{date}/{seconds}`. With no `signedNames`, Baidu's default
 * headers are signed.
 */
export function computeSignature(
  { method, path, query, headers }: SignableRequest,
  prefix: string,
  signedNames: readonly string[],
  secretKey: string,
): string {
  const isSigned = (name: string) =>
    signedNames.length > 0 ? signedNames.includes(name) : SIGNED_BY_DEFAULT.test(name);
  const parameters = [...query]
    .filter(([name]) => name.toLowerCase() !== 'authorization')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const headerLines = Object.entries(headers)
    .filter(([name, value]) => isSigned(name) && value.trim() !== '')
    .map(([name, value]) => `${encode(name)}:${encode(value.trim())}`);
  const uri = path.replace(/[^/]+/g, (part) => encode(decode(part))) || '/';
  const canonical = [method, uri, parameters.sort().join('&'), headerLines.sort().join('\n')];
  return hmacHex(hmacHex(secretKey, prefix), canonical.join('\n'));
}

/** Checks the `authorization` header. A date in the future is valid: Baidu documents no limit for a fast clock. */
export function checkSignature(request: SignableRequest, keys: KeyPair, nowMs: number): SignatureCheck {
  const { authorization } = request.headers;
  if (authorization === undefined) return { defect: 'missing', accessKey: undefined };
  const [, prefix = '', accessKey = '', date = '', seconds, names = '', signature = ''] =
    AUTHORIZATION.exec(authorization) ?? [];
  const expiresAtMs = Date.parse(date) + Number(seconds) * 1000;
  if (Number.isNaN(expiresAtMs)) return { defect: 'malformed', accessKey: undefined };
  if (accessKey !== keys.accessKey) return { defect: 'unknown-key', accessKey };
  if (nowMs > expiresAtMs) return { defect: 'expired', accessKey };
  const expected = computeSignature(request, prefix, names === '' ? [] : names.split(';'), keys.secretKey);
  const isEqual = timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
  return { defect: isEqual ? undefined : 'mismatch', accessKey };
}

function hmacHex(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function encode(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray % is kept: no request may crash the server.
  }
}
