// A port behind which a test can change the server, as when a captive portal steps in between. Closed after each test.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach } from '@jest/globals';

export interface Forwarder {
  readonly port: number;
  /** From now on connections go to this port of 127.0.0.1. */
  forwardTo(port: number): void;
}

const started: Server[] = [];

afterEach(() => {
  for (const server of started.splice(0)) server.close();
});

export async function startForwarder(firstPort: number): Promise<Forwarder> {
  let port = firstPort;
  const server = createServer((inner) => {
    const outer = connect(port, '127.0.0.1');
    inner.on('error', () => {}).on('close', () => outer.destroy());
    outer.on('error', () => {}).on('close', () => inner.destroy());
    inner.pipe(outer).pipe(inner);
  });
  started.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo(next) {
      port = next;
    },
  };
}
