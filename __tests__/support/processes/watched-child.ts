// Runs a script in a Node process of its own, in which `call` makes one watched call of the real SDK. For tests of a whole
// process, and of libraries that change node:http for good.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildSync } from 'esbuild';
import { ROOT } from '../root';

const HEAD = `
  const { watchRequests } = require('./watch-requests.cjs');
  const requireHere = require('node:module').createRequire(${JSON.stringify(join(ROOT, 'package.json'))});
  const { consoleAction } = requireHere(process.env.SDK_DIR ?? '@baiducloud/qianfan');
  const sleep = (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs));
  function call(baseUrl) {
    process.env.QIANFAN_ACCESS_KEY = 'access-key';
    process.env.QIANFAN_SECRET_KEY = 'secret-key';
    process.env.QIANFAN_CONSOLE_API_BASE_URL = baseUrl;
    const watch = watchRequests('/v2/finetuning?Action=StopFineTuningTask', () => {});
    const request = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId: 'task-1' } };
    const settled = watch.run(() => consoleAction(request)).then(() => 'resolved', () => 'rejected');
    return { watch, settled };
  }
  function show(label, { requests, nothingSent, status, failure }) {
    const facts = { requests, nothingSent, status, code: failure?.error.code };
    console.log(label, JSON.stringify(facts));
  }
`;

export interface WireChild {
  /** Runs the body of an asynchronous function, until its process ends by itself. `before` is a shell command. */
  run(body: string, before?: string): Promise<{ readonly status: number | null; readonly stdout: string }>;
  remove(): void;
}

/** Bundles the watching of requests for child processes. */
export function makeWireChild(): WireChild {
  const directory = mkdtempSync(join(tmpdir(), 'qianfan-finetuning-wire-'));
  buildSync({
    entryPoints: [join(ROOT, 'src', 'sdk', 'watch-requests.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: join(directory, 'watch-requests.cjs'),
    logLevel: 'warning',
  });
  return {
    async run(body, before = ':') {
      const script = join(directory, 'script.cjs');
      writeFileSync(script, `${HEAD}\n(async () => {${body}})();`);
      // Through a shell, as only a shell can set limits.
      const child = spawn('/bin/sh', ['-c', `${before}; exec "$0" "$1"`, process.execPath, script], {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
      return { status, stdout };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
