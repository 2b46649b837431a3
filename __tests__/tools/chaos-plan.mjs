// What happens in one call of the chaos test. All of it derives from the seed and the call's number, so that the server,
// which runs in a process of its own, plans the same as the client, and a call can be repeated.

import { createHash } from 'node:crypto';
import { DOORS, LASTING_DOORS, QUICK_DOORS, TLS_DOORS } from './chaos-doors.mjs';

export const KEYS = { accessKey: 'chaos-access-key', secretKey: 'ChaosSecretKey7c1e0d9a4b' };
export const WRONG_KEYS = { accessKey: KEYS.accessKey, secretKey: 'WrongChaosKey5f3b8e2d6a' };

/** The server responds as Baidu does. */
export const HONEST = { reach: 1, response: { kind: 'honest' }, delivery: 'plain', delayMs: 0, lateMs: 0 };

const PATIENT_MS = 30_000;
const REPEATED_CODES = [18, 336100, 336502, 500000]; // the SDK repeats its request on these
const UNCLEAR_CODES = ['InternalError', 1, 2, 336000, 999999, 'NobodyKnows'];
const REFUSALS = [
  [400, 'InappropriateJSON'],
  [401, 'InvalidAccessKeyId'],
  [403, 'AccessDenied'],
  [404, 'NoSuchKey'],
  [409, 'NobodyKnows'],
  [429, 336501],
  [500, 'SignatureDoesNotMatch'],
  [200, 510302],
];
const WHOLE = ['plain', 'plain', 'chunked', 'gzip', 'gzip-chunked', 'deflate', 'until-end', 'pieces', 'early-hints'];
const BROKEN = [
  'half-reset',
  'half-end',
  'head-end',
  'reset',
  'end',
  'twice',
  'garbage-behind',
  'garbage',
  'too-short',
];
const SILENT = ['half-stall', 'never'];
const CONSOLE_FAULTS = [undefined, 'reset', 'break-body', 'no-answer', 'stall-body'];
const PAGES = ['html', 'json', 'text', 'empty'];
const ODD = ['null', '[]', '"true"', '1', '{}', '{"result":"true"}', '{"result":1}', '\ufeff{"result":true', ''];
const STATES = ['Running', 'Running', 'Running', 'Waiting', 'Done', 'Failed', 'Stopped', undefined];

/** The plan of a call. */
export function planOf(seed, index) {
  const random = startRandom(`${seed}/${index}`);
  const kind = random.weighted({ stop: 68, describe: 8, wait: 24 });
  const isCalm = random.chance(0.25);
  const plan = {
    index,
    taskId: `task-${seed}-${index}`,
    kind,
    build: random.pick(['cjs', 'esm']),
    agent: random.weighted({ default: 6, fresh: 2, narrow0: 1, narrow1: 1, narrow2: 1, narrow3: 1 }),
    tlsVersion: random.pick(['TLSv1.2', 'TLSv1.3']),
    keys: random.weighted({ option: 6, environment: 3, ...(isCalm && { wrong: 1 }) }),
    state: random.pick(STATES),
    isSlow: random.chance(0.5),
    pollIntervalMs: random.integer(100, 160),
    timeoutMs: PATIENT_MS,
    stops: [],
    describes: [],
  };
  return isCalm ? withoutFaults(plan, random) : withFaults(plan, random);
}

/** Nothing goes wrong but at the door. Says how such a call must end: this keeps an "unknown" for everything from passing. */
function withoutFaults(plan, random) {
  const { kind, keys, state } = plan;
  const isWait = kind === 'wait';
  const way = random.weighted({ http: 50, tls: 20, shut: 20, ...(isWait && { portal: 40 }) });
  const shut = random.pick(way === 'shut' && isWait ? LASTING_DOORS : QUICK_DOORS); // a wait tries other doors again
  if (way === 'shut') return { ...plan, route: [shut], expected: 'not_sent' };
  const expected = keys === 'wrong' ? 'refused' : expectedOf(kind, state);
  // After a response, what is wrong with a certificate may pass.
  return { ...plan, route: way === 'portal' ? ['tls', shut, 'tls'] : [way], expected };
}

function expectedOf(kind, state) {
  const isActive = state === 'Running' || state === 'Waiting';
  if (kind === 'stop') return String(isActive);
  return kind === 'wait' && isActive ? 'Stopped' : (state ?? 'refused');
}

function withFaults(plan, random) {
  const { kind, agent } = plan;
  const isWait = kind === 'wait';
  const stops = kind === 'describe' ? [] : random.chance(0.2) ? repeats(random, false) : [fault(random, isWait, false)];
  const describes = kind === 'stop' ? [] : random.list(isWait ? 3 : 1, () => fault(random, isWait, true));
  const route = routeOf(random, kind);
  const isSilent = [...stops, ...describes].some(isSilentHandling) || route.some((door) => DOORS[door].isSilent);
  const shortMs = random.integer(1, 60);
  const middleMs = random.integer(100, 400);
  const longMs = isSilent || agent.startsWith('narrow') ? random.integer(300, 700) : random.integer(1_500, 4_000);
  const timeoutMs = random.weighted({ [shortMs]: 2, [middleMs]: 2, [isWait ? 1_200 : longMs]: 6 });
  return { ...plan, route, stops, describes, timeoutMs: Number(timeoutMs), abort: abortion(random) };
}

/** The doors of a call's requests, one after the other, the last one for all the rest: a captive portal comes and goes. */
function routeOf(random, kind) {
  const first = random.weighted(weightsOf(Object.keys(DOORS)));
  if (!DOORS[first].isTls || (kind !== 'wait' && random.chance(0.7))) return [first];
  if (random.chance(0.3)) return [first];
  const later = random.list(3, () => random.weighted(weightsOf(TLS_DOORS)));
  return [random.chance(0.5) ? 'tls' : first, ...later, ...(random.chance(0.8) ? ['tls'] : [])];
}

function weightsOf(doors) {
  return Object.fromEntries(doors.map((door) => [door, DOORS[door].weight]));
}

function abortion(random) {
  const at = random.weighted({ never: 70, before: 4, soon: 13, later: 13 });
  const afterMs = { soon: random.integer(0, 12), later: random.integer(12, 150) }[at];
  return at === 'never' ? undefined : { at, afterMs, reason: random.pick(['default', 'error', 'text', 'null']) };
}

/** The SDK's hidden repeats: a code that it repeats on comes first, whether or not the request did the stop. */
function repeats(random, isDescribe) {
  const code = random.pick(REPEATED_CODES);
  const repeated = Array.from({ length: random.integer(1, 4) }, () => ({
    ...HONEST,
    reach: random.integer(0, 1),
    response: { kind: 'code', status: 200, code },
    delayMs: random.integer(0, 10),
  }));
  return [...repeated, random.chance(0.5) ? HONEST : fault(random, false, isDescribe)];
}

/** How one request is handled wrongly. No response lies, except that a gateway may speak after the stop was done. */
function fault(random, isWait, isDescribe) {
  if (random.chance(0.12)) return consoleFault(random);
  const response = responseOf(random, isDescribe);
  const isWhole = random.chance(['refusal', 'foreign'].includes(response.kind) ? 0.75 : 0.45);
  const delivery = isWhole ? random.pick(WHOLE) : random.pick(isWait ? BROKEN : [...BROKEN, ...SILENT]);
  return {
    // Only a refusal says that nothing was done. A gateway may have sent the request twice.
    reach: response.kind === 'refusal' ? 0 : response.kind === 'honest' ? random.integer(1, 2) : random.integer(0, 2),
    response,
    delivery,
    delayMs: random.chance(0.5) ? 0 : random.integer(1, 60),
    lateMs: random.chance(0.5) ? 0 : random.integer(1, 60),
  };
}

/** What the local console's own scripted responses can do. They change no task, so none of them says that they did. */
function consoleFault(random) {
  const fault = random.pick(CONSOLE_FAULTS);
  const [status, code] = random.pick(REFUSALS);
  const script = random.chance(0.5) ? { status, body: { code } } : { status: 200, body: { result: false } };
  return {
    ...HONEST,
    reach: 0,
    response: { kind: 'console', script: { ...script, fault, delayMs: random.integer(0, 30) } },
  };
}

function responseOf(random, isDescribe) {
  const kind = random.weighted({
    honest: 20,
    page: 30,
    echo: 8,
    redirect: 8,
    large: 2,
    code: 8,
    refusal: 12,
    contradiction: 5,
    odd: 7,
    ...(isDescribe && { foreign: 40 }),
  });
  const [refusedStatus, refusedCode] = random.pick(REFUSALS);
  return {
    honest: { kind },
    page: {
      kind,
      status: random.pick([200, 201, 400, 401, 403, 404, 407, 408, 413, 429, 500, 502, 503, 504, 304, 300, 204, 600]),
      page: random.pick(PAGES),
    },
    echo: { kind, status: random.pick([200, 400, 403, 502]), isJson: random.chance(0.5) },
    redirect: { kind, status: random.pick([301, 302, 303, 307, 308]), page: random.pick(PAGES) },
    large: { kind, status: random.pick([200, 200, 403, 502]), isJson: random.chance(0.7) },
    // Not with 500: two of the codes that the SDK repeats on are refusals, and it repeats on none of them there.
    code: random.chance(0.3)
      ? { kind, status: 200, code: random.pick(REPEATED_CODES) }
      : { kind, status: random.pick([200, 500]), code: random.pick(UNCLEAR_CODES) },
    refusal: { kind, status: refusedStatus, code: refusedCode, isHeader: refusedStatus >= 400 && random.chance(0.3) },
    contradiction: { kind, status: random.pick([200, 403, 500]), code: refusedCode },
    odd: { kind, status: random.pick([200, 206]), text: random.pick(ODD) },
    foreign: {
      kind,
      way: random.pick(['other task', 'other task', 'with a code', 'bare 500', 'no state', 'Paused', 'empty']),
    },
  }[kind];
}

function isSilentHandling({ delivery, response }) {
  return SILENT.includes(delivery) || /no-answer|stall/.test(response.script?.fault ?? '');
}

function startRandom(text) {
  const hash = createHash('sha256').update(text).digest();
  let state = hash.readUInt32LE(0);
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const random = {
    chance: (share) => next() < share,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (values) => values[Math.floor(next() * values.length)],
    list: (most, make) => Array.from({ length: random.integer(1, most) }, make),
    weighted(weights) {
      const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
      let left = next() * sum;
      return Object.keys(weights).find((name) => {
        left -= weights[name];
        return left < 0;
      });
    },
  };
  return random;
}
