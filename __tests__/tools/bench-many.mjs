// When the last of many stops is requested: `stop --wait` of the built command against a server that limits its rate, and
// against one whose tasks take a while to stop. `npm run build` comes before; another checkout's command may be named.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const OWN_COMMAND = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'cli', 'index.js');
const [command = OWN_COMMAND] = process.argv.slice(2);

const CASES = [
  { tasks: 200, requestsPerSecond: 20, taskTakesMs: 0, goalMs: 25_000 },
  { tasks: 40, requestsPerSecond: Infinity, taskTakesMs: 5_000, goalMs: 2_000 },
];

/** A server that lets so many requests through in each second, and keeps a record. */
async function startServer({ requestsPerSecond, taskTakesMs }) {
  const stoppedAtMs = new Map();
  const record = { requests: 0, refused: 0, firstMs: undefined, acceptedMs: [] };
  let second = { startMs: 0, requests: 0 };
  const respond = (action, taskId, nowMs) => {
    record.requests += 1;
    record.firstMs ??= nowMs;
    if (nowMs - second.startMs >= 1_000) second = { startMs: nowMs, requests: 0 };
    second.requests += 1;
    if (second.requests > requestsPerSecond) {
      record.refused += 1;
      return { error_code: 18, error_msg: 'Open api qps request limit reached' };
    }
    if (action === 'StopFineTuningTask') {
      const isFirst = !stoppedAtMs.has(taskId);
      if (isFirst) stoppedAtMs.set(taskId, nowMs);
      if (isFirst) record.acceptedMs.push(nowMs - record.firstMs);
      return { requestId: 'r', result: isFirst };
    }
    const isStopped = nowMs - (stoppedAtMs.get(taskId) ?? nowMs) >= taskTakesMs && stoppedAtMs.has(taskId);
    return { requestId: 'r', result: { taskId, runStatus: isStopped ? 'Stopped' : 'Running' } };
  };
  const server = createServer(async (request, response) => {
    const { taskId } = JSON.parse(await text(request));
    const action = new URL(request.url, 'http://localhost').searchParams.get('Action');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(respond(action, taskId, performance.now())));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, record, close: () => server.close() };
}

async function measure(one) {
  const { url, record, close } = await startServer(one);
  const ids = Array.from({ length: one.tasks }, (_, index) => `task-${index}`);
  const env = { ...process.env, QIANFAN_ACCESS_KEY: 'a', QIANFAN_SECRET_KEY: 's', QIANFAN_CONSOLE_API_BASE_URL: url };
  const startMs = performance.now();
  const child = spawn(process.execPath, [command, 'stop', '--wait', '--json', ...ids], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  close();
  const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;
  const stopped = stdout.split('\n').filter((line) => line.includes('"runStatus":"Stopped"')).length;
  const lastMs = Math.max(...record.acceptedMs);
  console.log(
    `${one.tasks} tasks of ${seconds(one.taskTakesMs)}, ${one.requestsPerSecond} requests a second: last stop accepted after ` +
      `${seconds(lastMs)} (goal ${seconds(one.goalMs)}), ${stopped} stopped after ${seconds(performance.now() - startMs)}, ` +
      `exit status ${status}, ${record.refused} of ${record.requests} requests refused`,
  );
  return lastMs <= one.goalMs && stopped === one.tasks && status === 0;
}

let isGood = true;
for (const one of CASES) isGood = (await measure(one)) && isGood;
process.exit(isGood ? 0 : 1);
