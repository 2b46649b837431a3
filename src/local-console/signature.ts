// Baidu Cloud's request signature, bce-auth-v1: computed from a request, and checked as a server does.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a signature covers, as it came over the wire, header names in lower case. The body is not part of it. */
export interface SignableRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Iterable<readonly [string, string]>;
  readonly headers: Readonly<Record<string, string>>;
}

export type Credentials = { readonly accessKey: string; readonly secretKey: string };

/** `accessKey` is the one that the request names, whoever signed it. */
export type SignatureCheck =
  | { readonly verdict: 'missing' | 'malformed'; readonly accessKey?: undefined }
  | { readonly verdict: 'unknown-key' | 'expired' | 'mismatch' | 'valid'; readonly accessKey: string };

const AUTHORIZATION =
  /^(bce-auth-v1\/([^/\s]+)\/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\/(\d+))\/((?:[^/;\sA-Z]+(?:;[^/;\sA-Z]+)*)?)\/([\da-f]{64})$/;
const SIGNED_BY_DEFAULT = /^(host|content-(length|type|md5)|x-bce-.*)$/;

/** The signature in hex. `prefix` is `bce-auth-v1/{accessKey}/{date}/{seconds}`; no names mean the defaults. */
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

/** Checks the `authorization` header. A date in the future is let pass: no limit to clock skew is documented. */
export function checkSignature(request: SignableRequest, credentials: Credentials, nowMs: number): SignatureCheck {
  const { authorization } = request.headers;
  if (authorization === undefined) return { verdict: 'missing' };
  const [, prefix = '', accessKey = '', date = '', seconds, names = '', signature = ''] =
    AUTHORIZATION.exec(authorization) ?? [];
  const expiresAtMs = Date.parse(date) + Number(seconds) * 1000;
  if (Number.isNaN(expiresAtMs)) return { verdict: 'malformed' };
  if (accessKey !== credentials.accessKey) return { verdict: 'unknown-key', accessKey };
  if (nowMs > expiresAtMs) return { verdict: 'expired', accessKey };
  const expected = computeSignature(request, prefix, names === '' ? [] : names.split(';'), credentials.secretKey);
  const isEqual = timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
  return { verdict: isEqual ? 'valid' : 'mismatch', accessKey };
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
    return text; // A stray % stands for itself; no request may crash the server.
  }
}
