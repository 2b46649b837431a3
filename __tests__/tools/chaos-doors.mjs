// The doors of the chaos test: where a request can go, what the client is told of certificates there, and what must become
// of it. Data only: the client, the server and the judge read the same table.

/** No request gets through, and trying again does not help. The system's code must be this one. */
const lasting = (systemCode, more) => ({ isTls: true, isShut: true, systemCode, ...more });

/** No request gets through, but a later one may. */
const shut = { isTls: true, isShut: true };

/**
 * `port`: the port of the server behind it, where that is named otherwise. `trust`: how the client's agent checks the
 * certificate, see chaos-agents.mjs. `weight`: how often it is taken.
 */
export const DOORS = {
  http: { weight: 60 },
  closed: { weight: 2, isShut: true },
  slammed: { weight: 2 },
  cut: { weight: 2 },
  tls: { weight: 10, isTls: true },
  // The host checks the certificate itself and throws. It survives, and Node sends the request.
  'throwing-check': { weight: 5, isTls: true, port: 'tls', trust: 'throwing-check' },
  'throwing-listener': { weight: 3, isTls: true, port: 'tls', trust: 'throwing-listener' },
  'cut-tls': { weight: 4, isTls: true },
  'self-signed': lasting('DEPTH_ZERO_SELF_SIGNED_CERT', { weight: 3, port: 'tls', trust: 'nobody' }),
  'unknown-issuer': lasting('UNABLE_TO_VERIFY_LEAF_SIGNATURE', { weight: 3 }),
  expired: lasting('CERT_HAS_EXPIRED', { weight: 3 }),
  'wrong-name': lasting('ERR_TLS_CERT_ALTNAME_INVALID', { weight: 3, port: 'tls', trust: 'other-name' }),
  'plain-http': lasting('EPROTO', { weight: 2, port: 'http' }),
  'plain-true': lasting('EPROTO', { weight: 1 }),
  banner: lasting('EPROTO', { weight: 1 }),
  'reset-at-hello': { ...shut, weight: 2 },
  'end-at-hello': { ...shut, weight: 1 },
  'reset-in-hello': { ...shut, weight: 2 },
  // With TLS 1.3 the client has finished its handshake by then, so nothing is proved.
  'reset-at-finish': { weight: 2, isTls: true },
  'silent-tls': { weight: 3, isTls: true, isShut: true, isSilent: true },
};

export const TLS_DOORS = Object.keys(DOORS).filter((door) => DOORS[door].isTls);

/** TLS doors at which a request ends at once, however much time it has. */
export const QUICK_DOORS = TLS_DOORS.filter((door) => DOORS[door].isShut && !DOORS[door].isSilent);

/** Those that end a wait at its first request, too. */
export const LASTING_DOORS = QUICK_DOORS.filter((door) => DOORS[door].systemCode !== undefined);

/** Names a connection the same at both of its ends. */
export const connectionName = (clientPort, serverPort) => `${clientPort}>${serverPort}`;
