// Which failures of a connection will not pass: those of a certificate, and plain HTTP behind https.

import { expect, test } from '@jest/globals';
import { isLasting } from '../../../src/action/outcome';

const PLAIN_HTTP = 'write EPROTO 00C0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:';

test.each<[string, string?]>(
  [
    // All that Node has for what OpenSSL finds wrong with a certificate or with a list of revoked ones.
    ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_CRL', 'UNABLE_TO_DECRYPT_CERT_SIGNATURE'],
    ...['UNABLE_TO_DECRYPT_CRL_SIGNATURE', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_SIGNATURE_FAILURE', 'CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'],
    ...['CERT_CHAIN_TOO_LONG', 'CERT_REVOKED', 'CERT_UNTRUSTED', 'CERT_REJECTED', 'CRL_SIGNATURE_FAILURE'],
    ...['CRL_NOT_YET_VALID', 'CRL_HAS_EXPIRED', 'ERROR_IN_CERT_NOT_BEFORE_FIELD', 'ERROR_IN_CERT_NOT_AFTER_FIELD'],
    ...['ERROR_IN_CRL_LAST_UPDATE_FIELD', 'ERROR_IN_CRL_NEXT_UPDATE_FIELD', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ...['SELF_SIGNED_CERT_IN_CHAIN', 'INVALID_CA', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED', 'HOSTNAME_MISMATCH'],
    ...['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_CERT_ALTNAME_FORMAT'],
  ].map((code): [string] => [code]),
)('%s will not pass', (systemCode) => {
  expect(isLasting(systemCode, 'any reason')).toBe(true);
});

test('plain HTTP behind https will not pass', () => {
  expect(isLasting('EPROTO', PLAIN_HTTP)).toBe(true);
});

test.each<[string | undefined, string]>([
  [undefined, PLAIN_HTTP],
  ['ECONNRESET', PLAIN_HTTP],
  ['EPROTO', 'write EPROTO'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout'],
  ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'],
  ['ANOTHER_CERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED'],
])('%s may pass, with the reason “%s”', (systemCode, reason) => {
  expect(isLasting(systemCode, reason)).toBe(false);
});
