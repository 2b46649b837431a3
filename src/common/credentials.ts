// The names of the variables that hold the keys, and what can be a key. It never shows a key.

import { nameOf } from './characters';

export const ACCESS_KEY = 'QIANFAN_ACCESS_KEY';
export const SECRET_KEY = 'QIANFAN_SECRET_KEY';
export const KEYS = [ACCESS_KEY, SECRET_KEY] as const;
export const BASE_URL = 'QIANFAN_CONSOLE_API_BASE_URL';

/** The keys of an application, which the SDK's own README names. They do not work here. */
export const APPLICATION_KEYS = ['QIANFAN_AK', 'QIANFAN_SK'] as const;

/** Baidu's keys have 32 characters. */
export const MAX_KEY_LENGTH = 1_024;

export type KeyKind = 'access' | 'secret';

/** Why this cannot be a key. */
export function keyProblem(kind: KeyKind, key: string): string | undefined {
  if (key === '') return 'is empty';
  if (key.length > MAX_KEY_LENGTH) return `has ${key.length} characters; a key has at most ${MAX_KEY_LENGTH}`;
  if (/^(["'`]).*\1$/s.test(key)) return 'has quotes around it, which are not part of a key: remove them';
  if (/\s/.test(key)) return 'has white space or a line break in it, which no key has: remove it';
  const odd = /[^!-~]/u.exec(key)?.[0];
  if (odd !== undefined)
    return `has a character that no key has, ${nameOf(odd)}: keys are visible ASCII characters only`;
  if (kind === 'access' && /^bce-v3\//i.test(key)) {
    return 'starts with bce-v3/: it is an API key; use an IAM access key and its secret key';
  }
  return undefined;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** What is wrong with the keys among these variables, the first fault. An empty key is left to the SDK. */
export function variablesProblem(variables: Variables, place: string): string | undefined {
  const { [ACCESS_KEY]: accessKey = '', [SECRET_KEY]: secretKey = '' } = variables;
  const ofAccessKey = accessKey === '' ? undefined : keyProblem('access', accessKey);
  if (ofAccessKey !== undefined) return `${ACCESS_KEY} in ${place} ${ofAccessKey}`;
  const ofSecretKey = secretKey === '' ? undefined : keyProblem('secret', secretKey);
  return ofSecretKey === undefined ? undefined : `${SECRET_KEY} in ${place} ${ofSecretKey}`;
}
