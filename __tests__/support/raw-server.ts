// A server that says on a raw socket exactly what a test wants said, and sees what a server sees.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** One connection, as the server sees it. */
export interface Connection {
  readonly socket: Socket;
  /** All that came, as text. */
  received: string;
  /** Resolves when the connection is closed, from whichever side. */
  readonly closed: Promise<unknown>;
}

export interface RawServer {
  readonly baseUrl: string;
  readonly port: number;
  readonly connections: readonly Connection[];
  /** Resolves with the connection of this index as soon as its first bytes are there. */
  spoken(index?: number): Promise<Connection>;
  close(): Promise<void>;
}

/** What to do when a request is there: text to send (the connection then ends), or a function. */
export type Answer = string | Buffer | ((socket: Socket, requestIndex: number) => void);

/** Starts a server that gives `answer` to every request, told apart by connection and by `\r\n\r\n`. */
export async function startRawServer(answer: Answer): Promise<RawServer> {
  const connections: Connection[] = [];
  const waiting: (() => void)[] = [];
  let requests = 0;
  const server = createServer((socket) => {
    const connection: Connection = { socket, received: '', closed: new Promise((done) => socket.once('close', done)) };
    connections.push(connection);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const heads = count(connection.received);
      connection.received += chunk.toString('latin1');
      for (const wake of waiting.splice(0)) wake();
      for (let head = heads; head < count(connection.received); head += 1) {
        const index = requests++;
        if (typeof answer === 'function') answer(socket, index);
        else socket.end(answer);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    port,
    connections,
    async spoken(index = 0) {
      for (;;) {
        const connection = connections[index];
        if (connection && connection.received !== '') return connection;
        await new Promise<void>((wake) => waiting.push(wake));
      }
    },
    async close() {
      for (const { socket } of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function count(text: string): number {
  return text.split('\r\n\r\n').length - 1;
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
