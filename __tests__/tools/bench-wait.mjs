// What a wait costs: the requests it makes, and how long after its end a task is told to be over, in simulated time,
// beside a flat poll of 30 s as Baidu's Python SDK does it. Runs by itself, too: node __tests__/tools/bench-wait.mjs

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ENTRY = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
const ENDS_S = [0, 10, 30, 60, 300];
const RUNS = 500;
const FLAT_POLL_S = 30;

/** Timers and a clock that jump from one timer to the next. */
function simulateTime() {
  const timers = new Map();
  let nowMs = 0;
  let lastId = 0;
  return {
    performance: { now: () => nowMs },
    setTimeout(callback, delayMs, ...values) {
      lastId += 1;
      timers.set(lastId, { atMs: nowMs + delayMs, run: () => callback(...values) });
      return lastId;
    },
    clearTimeout: (id) => timers.delete(id),
    /** Runs until no timer is left. */
    async run() {
      for (;;) {
        await new Promise((done) => setImmediate(done)); // lets all promises settle
        if (timers.size === 0) return;
        const atMs = Math.min(...[...timers.values()].map((timer) => timer.atMs));
        nowMs = atMs;
        for (const [id, timer] of timers) if (timer.atMs === atMs && timers.delete(id)) timer.run();
      }
    },
  };
}

/** The package, with these timers for the global ones and this SDK for Baidu's. */
function loadPackage(time, sdk) {
  const [{ text }] = buildSync({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    external: ['@baiducloud/qianfan'],
  }).outputFiles;
  const require = createRequire(ENTRY);
  const loaded = { exports: {} };
  const names = ['module', 'exports', 'require', '__filename', 'setTimeout', 'clearTimeout', 'performance'];
  new Function(...names, text)(
    loaded,
    loaded.exports,
    Object.assign((name) => (name === '@baiducloud/qianfan' ? sdk : require(name)), require),
    ENTRY,
    time.setTimeout,
    time.clearTimeout,
    time.performance,
  );
  return loaded.exports;
}

/** One wait after the other, for a task that ends so long after the stop. */
async function measure(endS) {
  const time = simulateTime();
  const totals = { requests: 0, delayS: 0 };
  let endAtMs = 0;
  const consoleAction = async ({ action }) => {
    totals.requests += 1;
    const nowMs = time.performance.now();
    if (action === 'StopFineTuningTask') {
      endAtMs = nowMs + endS * 1_000;
      return { requestId: 'r', result: true };
    }
    return { requestId: 'r', result: { runStatus: nowMs >= endAtMs ? 'Stopped' : 'Running' } };
  };
  const { stopFineTuningTaskAndWait } = loadPackage(time, { consoleAction });
  for (let run = 0; run < RUNS; run += 1) {
    const wait = stopFineTuningTaskAndWait({ taskId: 'task-5kjifvzerc5n' });
    await time.run();
    await wait;
    totals.delayS += (time.performance.now() - endAtMs) / 1_000;
  }
  return { requests: totals.requests / RUNS, delayS: totals.delayS / RUNS };
}

// It asks at once and then every 30 s, and the task ends at any moment between two of these.
function measureFlatPoll(endS) {
  if (endS === 0) return { requests: 2, delayS: 0 };
  return { requests: 2 + endS / FLAT_POLL_S + 0.5, delayS: FLAT_POLL_S / 2 };
}

/** Prints what a wait costs. Returns whether it is as cheap and as quick as it should be. */
export async function benchWait(say) {
  say(`stopFineTuningTaskAndWait in simulated time, ${RUNS} waits each, beside a flat poll of ${FLAT_POLL_S} s:`);
  say('the task ends after | requests      | told after its end (mean)');
  let isGood = true;
  for (const endS of ENDS_S) {
    const ours = await measure(endS);
    const flat = measureFlatPoll(endS);
    const requests = `${ours.requests.toFixed(1)} (${flat.requests.toFixed(1)})`;
    say(
      `${`${endS} s`.padEnd(19)} | ${requests.padEnd(13)} | ${ours.delayS.toFixed(1)} s (${flat.delayS.toFixed(1)} s)`,
    );
    isGood &&= ours.delayS <= 6.5 && (endS !== 60 || ours.requests < 10.5);
  }
  say(
    `${isGood ? 'met' : 'MISSED'}: told within 6.5 s on average, with about 10 requests for a task that ends after a minute`,
  );
  return isGood;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await benchWait((text) => process.stdout.write(`${text}\n`))) ? 0 : 1;
}
