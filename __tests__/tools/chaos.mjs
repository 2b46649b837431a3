// Calls the built package some thousand times, with the real SDK, against a server and a network that do all they can to
// confuse it, and then holds what each call said against the server's own record of what was stopped.
//
//   npm run test:chaos -- --calls 2000 --seed 7     the same plans again
//   npm run test:chaos -- --seed 7 --only 123       one call of them
//   npm run test:chaos -- --node 24                 on another version of Node

import { AsyncLocalStorage } from 'node:async_hooks';
import { fork, spawnSync } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esm from '../../dist/index.mjs';
import { PINNED, portOf, spreadOverAgents } from './chaos-agents.mjs';
import { rejectedEnd, resolvedEnd, violations } from './chaos-check.mjs';
import { DOORS } from './chaos-doors.mjs';
import { KEYS, planOf, WRONG_KEYS } from './chaos-plan.mjs';
import { printTables, printViolations } from './chaos-report.mjs';
import { nodeOf } from './node-versions.mjs';

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
let pinnings = 0;

function readArguments() {
  const text = { type: 'string' };
  const { values } = parseArgs({ options: { seed: text, calls: text, only: text, node: text } });
  if (values.node !== undefined) runOn(values);
  const { calls = '2000', only, seed = `${Math.floor(Math.random() * 1_000_000)}` } = values;
  const numbers = [seed, calls, only ?? '0'].map(Number);
  if (!numbers.every(Number.isSafeInteger)) {
    console.error('--seed, --calls and --only take whole numbers.');
    process.exit(2);
  }
  if (only === undefined) return { seed: numbers[0], first: 0, end: numbers[1] };
  return { seed: numbers[0], first: numbers[2], end: numbers[2] + 1 };
}

function runOn({ node, ...others }) {
  const args = Object.entries(others).flatMap(([name, value]) => [`--${name}`, value]);
  const program = ['--expose-gc', fileURLToPath(import.meta.url), ...args];
  const { status } = spawnSync(nodeOf(node), program, { stdio: 'inherit' });
  process.exit(status ?? 1);
}

async function runCall(plan, ports) {
  const { kind, build, taskId, timeoutMs, pollIntervalMs, keys, abort, route } = plan;
  const { stopFineTuningTask, describeFineTuningTask, stopFineTuningTaskAndWait, isQianfanError } = builds[build];
  const call = { stop: stopFineTuningTask, describe: describeFineTuningTask, wait: stopFineTuningTaskAndWait }[kind];
  const { signal, timer } = startAbort(abort);
  const events = [];
  const requests = [];
  const baseUrl = `${DOORS[route[0]].isTls ? 'https' : 'http'}://127.0.0.1:${portOf(route[0], ports)}`;
  const options = { timeoutMs, signal, baseUrl };
  if (keys !== 'environment') options.credentials = keys === 'wrong' ? WRONG_KEYS : KEYS;
  if (kind === 'wait') Object.assign(options, { pollIntervalMs, onProgress });
  let ended = 0;
  function onProgress(progress) {
    events.push({ progress, requests: requests.slice(ended) });
    ended = requests.length;
  }
  const isListening = () => signal !== undefined && getEventListeners(signal, 'abort').length > 0;
  const startedAt = performance.now();
  const hung = setTimeout(giveUpOn, timeoutMs + NEVER_SETTLED_MS, plan);
  try {
    const response = await scope.run({ plan, requests }, () => call({ taskId }, options));
    return { ...resolvedEnd(response, { plan, isListening: isListening() }), requests };
  } catch (error) {
    const context = { plan, reason: signal?.reason, events, requests, isListening: isListening() };
    return { ...rejectedEnd(error, isQianfanError, context), requests };
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
async function runAll(from, to, ports) {
  let next = from;
  const worker = async () => {
    while (next < to) {
      const plan = planOf(seed, next++);
      ends.set(plan.index, await runCall(plan, ports));
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
    process.on(alarm, (error) => {
      if (alarm === 'uncaughtException' && error?.message === PINNED) pinnings += 1;
      else if (error?.code !== 'DEP0040') alarms.push(`${alarm}: ${error?.stack ?? error}`);
    });
  }
  process.env.QIANFAN_ACCESS_KEY = KEYS.accessKey;
  process.env.QIANFAN_SECRET_KEY = KEYS.secretKey;
  const path = fileURLToPath(new URL('chaos-server.mjs', import.meta.url));
  const server = fork(path, [seed, first, end].map(String), { execArgv: [] });
  server.once('exit', (status) => {
    if (status === 0) return;
    console.error('The server of the test failed.');
    process.exit(1);
  });
  const [{ ports }] = await once(server, 'message');
  spreadOverAgents(scope, ports);

  const heaps = [];
  for (let wave = 0; wave < WAVES; wave++) {
    const at = (part) => first + Math.floor(((end - first) * part) / WAVES);
    await runAll(at(wave), at(wave + 1), ports);
    heaps.push(await heapMb());
  }
  server.send('report');
  const [{ records, strays, unread }] = await once(server, 'message');
  server.disconnect();
  await once(server, 'exit');
  await new Promise((done) => setTimeout(done, 50)); // its pipes are closed a little later
  report(new Map(records), new Set(unread), strays, heaps, performance.now() - startedAt);
}

function report(records, unread, strays, heaps, tookMs) {
  const calls = [...ends].map(([index, end]) => {
    const plan = planOf(seed, index);
    const record = records.get(plan.taskId);
    const broken = violations(plan, end, record, (connection) => unread.has(connection));
    return { plan, end, record, broken };
  });
  const found = calls.filter(({ broken }) => broken.length > 0);
  printTables(calls);
  for (const call of found) printViolations(call, seed);
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
  console.log(`The host's own check of a certificate threw ${pinnings} times.`);
  console.log(`Left: ${process.getActiveResourcesInfo().join(', ') || 'nothing'}`);
  console.log(
    `${calls.length - found.length} passed, ${found.length} failed${alarms.length > 0 ? `, ${alarms.length} alarms` : ''}`,
  );
  if (found.length + alarms.length > 0) process.exitCode = 1;
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
