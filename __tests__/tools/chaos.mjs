// Calls the built package some thousand times, with the real SDK, against a server and a network that do all they can to
// confuse it, and then holds what each call said against the server's own record of what was stopped.
//
//   npm run test:chaos -- --calls 2000 --seed 7     the same plans again
//   npm run test:chaos -- --seed 7 --only 123       one call of them

import { AsyncLocalStorage } from 'node:async_hooks';
import { fork } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esm from '../../dist/index.mjs';
import { rejectedEnd, resolvedEnd, violations } from './chaos-check.mjs';
import { KEYS, planOf, WRONG_KEYS } from './chaos-plan.mjs';

const AT_ONCE = 40;
const WAVES = 3;
const NEVER_SETTLED_MS = 20_000; // beyond its time limit: only a call that hangs takes so long
const MAX_GROWTH_MB = 8;
const LINGER_MS = 10_000;

const builds = { esm, cjs: createRequire(import.meta.url)('../../dist/index.js') };
const { seed, first, end } = readArguments();
const scope = new AsyncLocalStorage();
const alarms = [];
const ends = new Map();
let latestMs = 0;

function readArguments() {
  const text = { type: 'string' };
  const { values } = parseArgs({ options: { seed: text, calls: text, only: text } });
  const { calls = '2000', only, seed = `${Math.floor(Math.random() * 1_000_000)}` } = values;
  const numbers = [seed, calls, only ?? '0'].map(Number);
  if (!numbers.every(Number.isSafeInteger)) {
    console.error('--seed, --calls and --only take whole numbers.');
    process.exit(2);
  }
  if (only === undefined) return { seed: numbers[0], first: 0, end: numbers[1] };
  return { seed: numbers[0], first: numbers[2], end: numbers[2] + 1 };
}

/** Makes each call's requests go through the agent that its plan names: the SDK takes none but the global one. */
function spreadOverAgents(module, trusted) {
  const narrow = Array.from({ length: 4 }, () => new module.Agent({ keepAlive: true, maxSockets: 1, ...trusted }));
  const normal = new module.Agent({ ...module.globalAgent.options, ...trusted });
  const untrusting = module.globalAgent;
  const dispatcher = new module.Agent();
  dispatcher.addRequest = (request, options, ...rest) => {
    const { agent = 'default', door } = scope.getStore() ?? {};
    const kept = agent.startsWith('narrow') ? narrow[agent.at(-1)] : normal;
    const chosen = agent === 'fresh' ? new module.Agent(trusted) : door === 'untrusted' ? untrusting : kept;
    chosen.addRequest(request, options, ...rest);
  };
  module.globalAgent = dispatcher;
}

function baseUrlOf({ door }, doors) {
  switch (door) {
    case 'tls':
    case 'untrusted':
      return `https://127.0.0.1:${doors.tls}`;
    case 'silent-tls':
      return `https://127.0.0.1:${doors.silent}`;
    case 'closed':
      return 'http://127.0.0.1:1';
    default:
      return `http://127.0.0.1:${doors[door]}`;
  }
}

async function runCall(plan, doors) {
  const { kind, build, taskId, timeoutMs, pollIntervalMs, keys, abort } = plan;
  const { stopFineTuningTask, describeFineTuningTask, stopFineTuningTaskAndWait, isQianfanError } = builds[build];
  const call = { stop: stopFineTuningTask, describe: describeFineTuningTask, wait: stopFineTuningTaskAndWait }[kind];
  const { signal, timer } = startAbort(abort);
  const events = [];
  const options = { timeoutMs, signal, baseUrl: baseUrlOf(plan, doors) };
  if (keys !== 'environment') options.credentials = keys === 'wrong' ? WRONG_KEYS : KEYS;
  if (kind === 'wait') Object.assign(options, { pollIntervalMs, onProgress: (progress) => events.push(progress) });
  const isListening = () => signal !== undefined && getEventListeners(signal, 'abort').length > 0;
  const startedAt = performance.now();
  const hung = setTimeout(giveUpOn, timeoutMs + NEVER_SETTLED_MS, plan);
  try {
    const response = await scope.run(plan, () => call({ taskId }, options));
    return resolvedEnd(response, { kind, taskId, isListening: isListening() });
  } catch (error) {
    return rejectedEnd(error, isQianfanError, { kind, reason: signal?.reason, events, isListening: isListening() });
  } finally {
    latestMs = Math.max(latestMs, performance.now() - startedAt - timeoutMs);
    clearTimeout(hung);
    clearTimeout(timer);
  }
}

function startAbort(abort) {
  if (!abort) return {};
  const controller = new AbortController();
  const reasons = { error: new Error('enough'), text: 'enough', null: null };
  const end = () => controller.abort(reasons[abort.reason]);
  if (abort.at === 'before') end();
  return { signal: controller.signal, timer: abort.at === 'before' ? undefined : setTimeout(end, abort.afterMs) };
}

function giveUpOn(plan) {
  console.error(`This call never settled:\n${JSON.stringify(plan)}\n0 passed, 1 failed`);
  process.exit(1);
}

/** Runs calls, so many at a time. */
async function runAll(from, to, doors) {
  let next = from;
  const worker = async () => {
    while (next < to) {
      const plan = planOf(seed, next++);
      ends.set(plan.index, await runCall(plan, doors));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function heapMb() {
  for (let i = 0; i < 3; i++) {
    await new Promise((done) => setTimeout(done, 100));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed / 1_000_000;
}

async function main() {
  const startedAt = performance.now();
  console.log(`Node ${process.versions.node}, seed ${seed}, calls ${first} to ${end - 1}, ${AT_ONCE} at a time`);
  for (const alarm of ['unhandledRejection', 'uncaughtException', 'warning']) {
    process.on(alarm, (error) => error?.code !== 'DEP0040' && alarms.push(`${alarm}: ${error?.stack ?? error}`));
  }
  process.env.QIANFAN_ACCESS_KEY = KEYS.accessKey;
  process.env.QIANFAN_SECRET_KEY = KEYS.secretKey;
  spreadOverAgents(http, {});
  spreadOverAgents(https, { ca: readFileSync(new URL('../support/servers/self-signed.pem', import.meta.url)) });
  const path = fileURLToPath(new URL('chaos-server.mjs', import.meta.url));
  const server = fork(path, [seed, first, end].map(String), { execArgv: [] });
  server.once('exit', (status) => {
    if (status === 0) return;
    console.error('The server of the test failed.');
    process.exit(1);
  });
  const [{ doors }] = await once(server, 'message');

  const heaps = [];
  for (let wave = 0; wave < WAVES; wave++) {
    const at = (part) => first + Math.floor(((end - first) * part) / WAVES);
    await runAll(at(wave), at(wave + 1), doors);
    heaps.push(await heapMb());
  }
  server.send('report');
  const [{ records, strays }] = await once(server, 'message');
  server.disconnect();
  await once(server, 'exit');
  await new Promise((done) => setTimeout(done, 50)); // its pipes are closed a little later
  report(new Map(records), strays, heaps, performance.now() - startedAt);
}

function report(records, strays, heaps, tookMs) {
  const rows = new Map();
  const found = new Map();
  for (const [index, end] of ends) {
    const plan = planOf(seed, index);
    const record = records.get(plan.taskId);
    const wasSeen = record.stops + record.describes > 0;
    const isStopped = record.state === 'Stopped' && plan.state !== 'Stopped';
    const key = [plan.kind, end.value, end.outcome].join(' ');
    const row = rows.get(key) ?? {
      function: plan.kind,
      end: end.value,
      outcome: end.outcome,
      calls: 0,
      seen: 0,
      stopped: 0,
    };
    rows.set(key, { ...row, calls: row.calls + 1, seen: row.seen + wasSeen, stopped: row.stopped + isStopped });
    const broken = violations(plan, end, record);
    if (broken.length > 0) found.set(index, { broken, plan, end, record });
  }
  console.table(Object.fromEntries([...rows].sort().map(([, row], i) => [i + 1, row])));
  for (const { broken, plan, end, record } of found.values()) {
    console.error(`\n${broken.join('\n')}\nplan   ${JSON.stringify(plan)}\nend    ${JSON.stringify(end)}`);
    console.error(`record ${JSON.stringify(record)}\nagain  npm run test:chaos -- --seed ${seed} --only ${plan.index}`);
  }
  const growth = heaps.at(-1) - heaps[0];
  if (globalThis.gc && growth > MAX_GROWTH_MB) alarms.push(`the heap grew by ${growth.toFixed(1)} MB`);
  if (strays > 0) alarms.push(`${strays} requests that nobody should send, such as one that follows a redirect`);
  if (alarms.length > 0) console.error(`\n${alarms.join('\n')}`);
  console.log(
    `Heap after each third: ${heaps.map((mb) => mb.toFixed(1)).join(', ')} MB${globalThis.gc ? '' : ' (no gc)'}`,
  );
  console.log(
    `Longest beyond its time limit: ${Math.max(0, latestMs).toFixed(0)} ms. Took ${(tookMs / 1_000).toFixed(1)} s.`,
  );
  console.log(`Left: ${process.getActiveResourcesInfo().join(', ') || 'nothing'}`);
  console.log(
    `${ends.size - found.size} passed, ${found.size} failed${alarms.length > 0 ? `, ${alarms.length} alarms` : ''}`,
  );
  if (found.size + alarms.length > 0) process.exitCode = 1;
}

await main();
// Fires only where something else keeps the process alive.
setTimeout(() => {
  console.error(`The process does not end: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}, LINGER_MS).unref();
process.on('exit', (status) => {
  if (alarms.length > 0 && status === 0) process.exitCode = 1;
});
