// Responses of a raw server, byte for byte.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** What a server does with a request: it sends this and ends the connection, or does what the function does. */
export type RawResponse = string | Buffer | ((socket: Socket, requestIndex: number, request: string) => void);

export type RawHeaders = Readonly<Record<string, string | readonly string[]>>;

const JSON_TYPE = { 'content-type': 'application/json' };

/** An HTTP/1.1 response as text. If no header says how long it is, it ends with its connection. */
export function response(status: number, headers: RawHeaders, body = ''): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}\r\n`),
  );
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n${body}`;
}

/** A JSON response that says how long it is, and leaves its connection open for the next request where a function sends it. */
export function keptAlive(status: number, body: unknown, headers: RawHeaders = {}): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return response(status, { ...JSON_TYPE, 'content-length': String(Buffer.byteLength(text)), ...headers }, text);
}

/** A JSON response that says how long it is and closes its connection. */
export function json(status: number, body: unknown, headers: RawHeaders = {}): string {
  return keptAlive(status, body, { connection: 'close', ...headers });
}

/** A JSON response in chunks of this size. Its connection stays open where a function sends it. */
export function chunked(
  status: number,
  body: string | Buffer,
  { chunkBytes = Number.POSITIVE_INFINITY, headers = {} }: { chunkBytes?: number; headers?: RawHeaders } = {},
): Buffer {
  const bytes = Buffer.from(body);
  const parts = [Buffer.from(response(status, { ...JSON_TYPE, 'transfer-encoding': 'chunked', ...headers }))];
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const chunk = bytes.subarray(start, start + chunkBytes);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Sends the beginning of a response, and resets the connection once the client, which is in this process, has the head. */
export function thenReset(beginning: string | Buffer): RawResponse {
  return (socket) => {
    const onHead = (): void => {
      unsubscribe('http.client.response.finish', onHead);
      socket.resetAndDestroy();
    };
    subscribe('http.client.response.finish', onHead);
    socket.write(beginning);
  };
}
