// One request as it came over the wire: read whole, its signature checked, and kept without it.
import type { IncomingMessage } from 'node:http';
import { type Credentials, checkSignature, type SignatureCheck } from './signature';
import type { LocalConsoleRequest } from './types';

export type Verdict = SignatureCheck['verdict'] | 'too-large';

const MAX_BODY_BYTES = 1024 * 1024;

/** Calls back when the request is there, and never for one that breaks off. */
export function receive(
  incoming: IncomingMessage,
  credentials: Credentials,
  onRequest: (request: LocalConsoleRequest, verdict: Verdict) => void,
): void {
  const chunks: Buffer[] = [];
  let bodyBytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    if (bodyBytes < MAX_BODY_BYTES) chunks.push(chunk);
    bodyBytes += chunk.length;
  });
  incoming.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES);
    const { request, verdict } = read(incoming, body, credentials);
    onRequest(request, bodyBytes > MAX_BODY_BYTES ? 'too-large' : verdict);
  });
}

function read(incoming: IncomingMessage, body: string, credentials: Credentials) {
  const { method = '', url = '' } = incoming;
  const [path = '', ...rest] = url.split('?');
  const query = [...new URLSearchParams(rest.join('?'))];
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const signed = { method, path, query, headers: Object.fromEntries(headers) };
  const { verdict, accessKey } = checkSignature(signed, credentials, Date.now());
  const isPublic = ([name]: [string, string]) => name.toLowerCase() !== 'authorization';
  const request: LocalConsoleRequest = {
    method,
    path,
    query: Object.fromEntries(query.filter(isPublic)),
    headers: Object.fromEntries(headers.filter(isPublic)),
    body,
    accessKey,
    signatureValid: verdict === 'valid',
  };
  return { request, verdict };
}
