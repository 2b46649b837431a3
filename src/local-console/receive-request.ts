// Reads one request to its end, checks its signature, and keeps it without the signature.
import type { IncomingMessage } from 'node:http';
import { checkSignature, type KeyPair, type SignatureDefect } from './signature';
import type { LocalConsoleRequest } from './types';

/** Why a request is refused before its action is looked at. */
export type RequestDefect = SignatureDefect | 'too-large';

const MAX_BODY_BYTES = 1024 * 1024;

/** Calls `onRequest` once the whole request has arrived, and never if it breaks off. */
export function receiveRequest(
  incoming: IncomingMessage,
  keys: KeyPair,
  onRequest: (request: LocalConsoleRequest, defect: RequestDefect | undefined) => void,
): void {
  const chunks: Buffer[] = [];
  let bodyBytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    if (bodyBytes < MAX_BODY_BYTES) chunks.push(chunk);
    bodyBytes += chunk.length;
  });
  incoming.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES);
    const { request, defect } = readRequest(incoming, body, keys);
    onRequest(request, bodyBytes > MAX_BODY_BYTES ? 'too-large' : defect);
  });
}

function readRequest(incoming: IncomingMessage, body: string, keys: KeyPair) {
  const { method = '', url = '' } = incoming;
  const [path = '', ...rest] = url.split('?');
  const query = [...new URLSearchParams(rest.join('?'))];
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const signed = { method, path, query, headers: Object.fromEntries(headers) };
  const { defect, accessKey } = checkSignature(signed, keys, Date.now());
  const isPublic = ([name]: [string, string]) => name.toLowerCase() !== 'authorization';
  const request: LocalConsoleRequest = {
    method,
    path,
    query: Object.fromEntries(query.filter(isPublic)),
    headers: Object.fromEntries(headers.filter(isPublic)),
    body,
    accessKey,
    signatureValid: defect === undefined,
  };
  return { request, defect };
}
