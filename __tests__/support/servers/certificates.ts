// Certificates that no client trusts, for servers with TLS.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';

function certificate(name: string): TlsOptions & { readonly cert: Buffer } {
  const pem = readFileSync(join(__dirname, `${name}.pem`));
  return { key: pem, cert: pem };
}

/** For 127.0.0.1 and localhost. */
export const SELF_SIGNED = certificate('self-signed');
/** The same, but it was valid on one day of 2020. */
export const EXPIRED = certificate('expired');
export const UNKNOWN_ISSUER = certificate('unknown-issuer');
