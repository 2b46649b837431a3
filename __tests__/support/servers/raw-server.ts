// A server that says on a raw socket exactly what a test wants said, and sees what a server sees.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** One connection, as the server sees it. */
export interface Connection {
  readonly socket: Socket;
  /** All that came, as text; with TLS what was in it, not the handshake. */
  received: string;
  /** Resolves when the connection is closed, from whichever side. */
  readonly closed: Promise<unknown>;
}

export interface RawServer {
  readonly baseUrl: string;
  readonly port: number;
  readonly connections: readonly Connection[];
  /** The complete requests in the order they came, each with its body, as text. */
  readonly requests: readonly string[];
  /** Resolves with the connection of this index as soon as its first bytes are there. */
  spoken(index?: number): Promise<Connection>;
  /** From now on connections are refused; those that are there stay. */
  stopListening(): void;
  close(): Promise<void>;
}

/** What to do when a request is there: text to send (the connection then ends), or a function. */
export type Answer = string | Buffer | ((socket: Socket, requestIndex: number, request: string) => void);

/** Starts a server that gives `answer` to every request; of several answers one each, the last one to all the rest. */
export async function startRawServer(answer: Answer | readonly Answer[], tls?: TlsOptions): Promise<RawServer> {
  const answers = [answer].flat();
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
        const one = answers[Math.min(index, answers.length - 1)] ?? '';
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
    async close() {
      for (const { socket } of connections) socket.destroy();
      stopListening();
      await closed;
    },
  };
}

/** Sends the beginning of an answer, and resets the connection as soon as the client, in this process, has its head. */
export function thenReset(beginning: string | Buffer): Answer {
  return (socket) => {
    const onHead = (): void => {
      unsubscribe('http.client.response.finish', onHead);
      socket.resetAndDestroy();
    };
    subscribe('http.client.response.finish', onHead);
    socket.write(beginning);
  };
}

/** How long the request is that stands at the beginning; 0 while it is not all there. */
function requestLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = end + 4 + Number(/^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
  return length <= text.length ? length : 0;
}

/** An HTTP/1.1 response as text. Without a length or a coding among the headers, its end is the connection's. */
export function response(
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body = '',
): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}\r\n`),
  );
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n${body}`;
}

/** A JSON response that says how long it is and closes its connection. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  return response(
    status,
    { 'content-type': 'application/json', 'content-length': length, connection: 'close', ...headers },
    text,
  );
}
