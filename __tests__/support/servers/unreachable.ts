// Addresses to which no connection is made: nothing listens there, or a process listens that never accepts.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

/** The port of tcpmux, on which nothing listens. */
export const NOTHING_LISTENS = 'http://127.0.0.1:1';

// It listens, then blocks for ever. Linux completes `backlog + 1` connections by itself, and does not respond to any further
// one.
const LISTENER = `
  require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

export interface SilentPort {
  readonly port: number;
  close(): void;
}

/** Opens a port to which no TCP connection completes: its queue is full before this resolves, however slow the machine is. */
export async function openSilentPort(): Promise<SilentPort> {
  const listener = spawn(process.execPath, ['--eval', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(listener.stdout, 'data');
  const fillers = Array.from({ length: 8 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  await Promise.any(fillers.map((filler) => once(filler, 'connect')));
  return {
    port: Number(port),
    close() {
      for (const filler of fillers) filler.destroy();
      listener.kill('SIGKILL');
    },
  };
}
