// The server of bench-many.mjs: lets so many requests through in each second, and keeps a record.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const LIMITED = { error_code: 18, error_msg: 'Open api qps request limit reached' };

/** `taskTakesMs`: how long a task goes on running after its stop was accepted. */
export async function startLimitedServer({ requestsPerSecond, taskTakesMs }) {
  const stoppedAtMs = new Map();
  const record = { requests: 0, refused: 0, lastStopMs: Number.NaN };
  let firstMs;
  let second = { startMs: 0, requests: 0 };
  const respond = (action, taskId, nowMs) => {
    record.requests += 1;
    firstMs ??= nowMs;
    if (nowMs - second.startMs >= 1_000) second = { startMs: nowMs, requests: 0 };
    second.requests += 1;
    if (second.requests > requestsPerSecond) {
      record.refused += 1;
      return LIMITED;
    }
    if (action === 'StopFineTuningTask') {
      const isFirst = !stoppedAtMs.has(taskId);
      if (isFirst) {
        stoppedAtMs.set(taskId, nowMs);
        record.lastStopMs = nowMs - firstMs;
      }
      return { requestId: 'r', result: isFirst };
    }
    const isStopped = nowMs >= (stoppedAtMs.get(taskId) ?? Infinity) + taskTakesMs;
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
