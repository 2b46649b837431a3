// Watched calls of the real SDK, without anything of ours around them, and the servers that they are sent to.

import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { type Watch, type Wire, watchRequests } from '../../../src/sdk/watch-requests';
import { type RawServer, response, startRawServer } from './raw-server';

export const TARGET = '/v2/finetuning?Action=StopFineTuningTask';

/** From Node 22.12 on a request is announced when it is created, before it has a socket. */
export const ANNOUNCES_CREATED = process.versions.node.localeCompare('22.12', undefined, { numeric: true }) >= 0;

export interface WatchedCall extends Watch {
  /** How the SDK's own promise ended: with its value, or the error's message. */
  readonly settled: Promise<unknown>;
  /** Resolves when `onBreak` is called. */
  readonly broken: Promise<unknown>;
  /** What was seen when the SDK settled, or could not be expected to. */
  seen(): Promise<Wire>;
}

export const SUCCESS = { requestId: 'request-1', result: true };

/** Answers with SUCCESS, and leaves the connection open for the next request. */
export const succeed = (socket: Socket): void => {
  const text = JSON.stringify(SUCCESS);
  const head = { 'content-type': 'application/json', 'content-length': String(text.length) };
  socket.write(response(200, head, text));
};

const agents = { http: http.globalAgent, https: https.globalAgent };
const servers: RawServer[] = [];
const begun: WatchedCall[] = [];

/** Starts a server that ends with the test. */
export async function start(...settings: Parameters<typeof startRawServer>): Promise<RawServer> {
  const server = await startRawServer(...settings);
  servers.push(server);
  return server;
}

/** Makes a call, for a key that no test needs. */
export function startCall(baseUrl: string): WatchedCall {
  const { consoleAction }: typeof import('@baiducloud/qianfan') = require('@baiducloud/qianfan');
  let onBreak = (_: unknown): void => {};
  const broken = new Promise<unknown>((resolve) => {
    onBreak = resolve;
  });
  const watch = watchRequests(TARGET, (reason) => onBreak(reason));
  Object.assign(process.env, {
    QIANFAN_ACCESS_KEY: 'access-key',
    QIANFAN_SECRET_KEY: 'secret-key-of-the-wire',
    QIANFAN_CONSOLE_API_BASE_URL: baseUrl,
  });
  const data = { taskId: 'task-5kjifvzerc5n' };
  const settled = watch
    .run(() => consoleAction({ base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data }))
    .catch((reason: unknown) => (reason instanceof Error ? reason.message : reason));
  const seen = async (): Promise<Wire> => {
    await Promise.race([settled, broken]);
    return watch.wire();
  };
  const call = { ...watch, settled, broken, seen };
  begun.push(call);
  return call;
}

/** Ends the calls that a test has made. */
export async function endCalls(): Promise<void> {
  for (const { close } of begun) close();
  for (const { settled, stop } of begun.splice(0)) {
    await settled;
    stop();
  }
}

/** Ends the calls and servers of a test, and puts Node's own agents back. */
export async function endTest(): Promise<void> {
  await endCalls();
  http.globalAgent.destroy();
  http.globalAgent = agents.http;
  https.globalAgent = agents.https;
  await Promise.all(servers.splice(0).map((server) => server.close()));
}
