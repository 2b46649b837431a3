// A certificate that no client trusts, for servers with TLS.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';

const PEM = readFileSync(join(__dirname, 'self-signed.pem'));

export const SELF_SIGNED: TlsOptions = { key: PEM, cert: PEM };
