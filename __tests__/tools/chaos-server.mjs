// The server of the chaos test, in a process of its own: two local consoles, which alone know what was stopped, behind a
// proxy that spoils the responses as planned, and a record of what arrived for each task.

import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { startLocalConsole } from '../../dist/local-console/index.mjs';
import { hasRead, openDoors, reset, unreadConnections } from './chaos-network.mjs';
import { HONEST, KEYS, planOf } from './chaos-plan.mjs';
import { contentOf, deliver, pause } from './chaos-responses.mjs';

const SLOW_MS = 60;
const FINAL = /"runStatus":"(?:Done|Failed|Stopped)"/;
const [seed, first, end] = process.argv.slice(2).map(Number);

const records = new Map();
let strays = 0;

async function main() {
  const consoles = [await openConsole(0), await openConsole(SLOW_MS)];
  const actor = { ...(await openConsole(0)), turn: Promise.resolve() };
  for (let index = first; index < end; index++) {
    const plan = planOf(seed, index);
    const local = consoles[plan.isSlow ? 1 : 0];
    if (plan.state !== undefined) local.tasks.set(plan.taskId, plan.state);
    records.set(plan.taskId, { plan, local, stops: 0, describes: 0, finals: 0 });
  }
  const ports = await openDoors((request, response) => serve(request, response, actor).catch(fail));
  process.on('message', () => report());
  process.on('disconnect', () => process.exit());
  process.send({ ports });
}

async function openConsole(ms) {
  const local = await startLocalConsole({ ...KEYS, stopTakes: { ms } });
  return { ...local, port: Number(new URL(local.url).port) };
}

async function serve(incoming, response, actor) {
  const { socket } = incoming;
  response.on('error', () => {});
  const chunks = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    return; // broke off before it was all there
  }
  hasRead(socket);
  const body = Buffer.concat(chunks);
  const record = records.get(taskIdIn(body));
  if (!record || incoming.method !== 'POST' || incoming.url.startsWith('/trap')) {
    strays += 1;
    return void socket.end('HTTP/1.1 410 Stray\r\ncontent-length: 0\r\n\r\n');
  }
  const isStop = incoming.url.includes('Action=StopFineTuningTask');
  const { plan } = record;
  const handling = isStop ? (plan.stops[record.stops++] ?? HONEST) : (plan.describes[record.describes++] ?? HONEST);
  await pause(handling.delayMs);
  if (handling.response.kind === 'console') return scripted(handling.response.script, incoming, body, actor);
  const honest = await forward(handling.reach, incoming, body, record.local.port);
  await pause(handling.lateMs);
  const { headers } = incoming;
  const context = { honest, request: { headers, taskId: plan.taskId }, secretKey: KEYS.secretKey, trap: '/trap' };
  const content = contentOf(handling.response, context);
  if (content === honest && FINAL.test(content.body)) record.finals += 1;
  await deliver(socket, handling.delivery, content);
}

/** Hands a request on to the console, once or twice; the first response counts. */
async function forward(times, incoming, body, port) {
  const responses = [];
  for (let i = 0; i < times; i++) responses.push(await request(incoming, body, port));
  return responses[0];
}

async function request({ method, url, headers }, body, port) {
  const sent = http.request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }).end(body);
  const [response] = await once(sent, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const { 'content-type': type, 'x-bce-request-id': id } = response.headers;
  const kept = { 'content-type': type, 'x-bce-request-id': id };
  return { status: response.statusCode, headers: kept, body: Buffer.concat(chunks) };
}

/** Lets a console itself give a scripted response with its fault, through the proxy as it comes. One request at a time. */
async function scripted(script, { method, url, rawHeaders, socket }, body, actor) {
  const before = actor.turn;
  let release;
  actor.turn = new Promise((done) => {
    release = done;
  });
  await before;
  const upstream = net.connect(actor.port, '127.0.0.1');
  upstream.on('error', () => reset(socket));
  const lines = rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  const { length } = actor.requests;
  actor.answerNext(script);
  upstream.write(`${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
  upstream.write(body);
  upstream.pipe(socket);
  while (actor.requests.length === length) await pause(1);
  release();
  if (socket.destroyed) upstream.destroy();
  else socket.once('close', () => upstream.destroy());
}

function taskIdIn(body) {
  try {
    return JSON.parse(body).taskId;
  } catch {
    return undefined;
  }
}

function report() {
  const rows = [...records].map(([taskId, { local, stops, describes, finals }]) => {
    return [taskId, { state: local.tasks.get(taskId), stops, describes, finals }];
  });
  process.send({ records: rows, strays, unread: unreadConnections() });
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

await main();
