// A port to which no TCP connection completes: somebody listens there, never accepts, and has a full queue.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

// Blocks for ever as soon as it listens. Linux then completes `backlog + 1` connections by itself, and
// leaves every further one without an answer.
const LISTENER = `
  require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

export interface ClosedDoor {
  readonly port: number;
  close(): void;
}

/** Opens such a port. Its queue is full before this resolves, however slow the machine is. */
export async function openClosedDoor(): Promise<ClosedDoor> {
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
