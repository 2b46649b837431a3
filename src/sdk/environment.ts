// The keys and the base URL of one call. The SDK takes neither: it reads the environment, synchronously, before its first
// await. So `process.env` holds the values of this call for exactly that long. It must not know what is called.

import { ACCESS_KEY, BASE_URL, KEYS, SECRET_KEY } from '../common/credentials';

export interface CallEnvironment {
  readonly credentials?: { readonly accessKey: string; readonly secretKey: string } | undefined;
  readonly baseUrl?: string | undefined;
}

const NAMES = [...KEYS, BASE_URL] as const;

export type CallVariables = Readonly<Record<(typeof NAMES)[number], string | undefined>>;

/** The secret key of a call, if it is known: the SDK may have read it from `.env` into the environment. */
export function secretKeyOf({ credentials }: CallEnvironment): string | undefined {
  return credentials?.secretKey ?? process.env[SECRET_KEY];
}

/** The variables of a call as they are when it is made: by the time the SDK is loaded, the environment may have changed. */
export function variablesOf({ credentials, baseUrl }: CallEnvironment): CallVariables {
  return {
    [ACCESS_KEY]: credentials?.accessKey ?? process.env[ACCESS_KEY],
    [SECRET_KEY]: secretKeyOf({ credentials }),
    // The SDK puts a slash of its own behind it.
    [BASE_URL]: baseUrl?.replace(/\/+$/, '') ?? process.env[BASE_URL],
  };
}

/** Runs the synchronous part of a call in its own environment, and keeps the secret key that the SDK found there. */
export function withEnvironment<T>(
  variables: CallVariables,
  found: { secretKey: string | undefined },
  run: () => T,
): T {
  const changed: { readonly name: string; readonly before: string | undefined }[] = [];
  try {
    for (const name of NAMES) {
      const [value, before] = [variables[name], process.env[name]];
      if (value === undefined || value === before) continue; // each write costs as much as the rest of this
      changed.push({ name, before });
      process.env[name] = value;
    }
    return run();
  } finally {
    // Read now, as the SDK may just have read it from `.env`.
    found.secretKey = process.env[SECRET_KEY];
    for (const { name, before } of changed) {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  }
}
