// A server that sends on a raw socket exactly what a test wants sent, and sees what a server sees. Each one is closed after
// the test that started it.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach } from '@jest/globals';
import type { RawResponse } from './raw-responses';

/** One connection, as the server sees it. */
export interface Connection {
  readonly socket: Socket;
  /** All that was received, as text; with TLS the decrypted text. */
  received: string;
  /** Resolves when the connection is closed, by either side. */
  readonly closed: Promise<unknown>;
}

export interface RawServer {
  readonly baseUrl: string;
  readonly port: number;
  readonly connections: readonly Connection[];
  /** The complete requests as text, each with its body, in the order of their arrival. */
  readonly requests: readonly string[];
  /** Resolves with the connection of this index once the client has sent something on it. */
  spoken(index?: number): Promise<Connection>;
  /** Refuses connections from now on; those that are open stay. */
  stopListening(): void;
}

const started: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

/** Starts a server that gives this response to every request; of several responses one each, the last one to all the rest. */
export async function startServer(given: RawResponse | readonly RawResponse[], tls?: TlsOptions): Promise<RawServer> {
  const responses = [given].flat();
  const connections: Connection[] = [];
  const requests: string[] = [];
  const waiting: (() => void)[] = [];
  const onConnection = (socket: Socket): void => {
    const connection: Connection = { socket, received: '', closed: new Promise((done) => socket.once('close', done)) };
    let unread = '';
    connections.push(connection);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      connection.received += text;
      unread += text;
      for (const wake of waiting.splice(0)) wake();
      for (let length = requestLength(unread); length > 0; length = requestLength(unread)) {
        const request = unread.slice(0, length);
        unread = unread.slice(length);
        const index = requests.push(request) - 1;
        const one = responses[Math.min(index, responses.length - 1)] ?? '';
        if (typeof one === 'function') one(socket, index, request);
        else socket.end(one);
      }
    });
  };
  const server = tls ? createTlsServer(tls, onConnection) : createServer(onConnection);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  const stopListening = (): void => {
    if (server.listening) server.close();
  };
  started.push({
    async close() {
      for (const { socket } of connections) socket.destroy();
      stopListening();
      await closed;
    },
  });
  return {
    baseUrl: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    connections,
    requests,
    async spoken(index = 0) {
      for (;;) {
        const connection = connections[index];
        if (connection && connection.received !== '') return connection;
        await new Promise<void>((wake) => waiting.push(wake));
      }
    },
    stopListening,
  };
}

/** The length of the request at the beginning of a text; 0 if it is not complete. */
function requestLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = end + 4 + Number(/^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
  return length <= text.length ? length : 0;
}
