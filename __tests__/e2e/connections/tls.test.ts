// Connections with TLS that fail for good, and those after which Node sends the request all the same.

import https from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AnyQianfanError,
  type CallOptions,
  describeFineTuningTask,
  stopFineTuningTask,
  stopFineTuningTaskAndWait,
  type WaitProgress,
} from '../../../src';
import { makeWireChild, type WireChild } from '../../support/processes/watched-child';
import { errorFields } from '../../support/responses/contract';
import { errorOf } from '../../support/responses/errors';
import { EXPIRED, SELF_SIGNED, UNKNOWN_ISSUER } from '../../support/servers/certificates';
import { startForwarder } from '../../support/servers/forwarder';
import { restoreAgentsAfterEach } from '../../support/servers/global-agents';
import { json } from '../../support/servers/raw-responses';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { TASK } from '../../support/task';

const credentials = { accessKey: 'access-key', secretKey: 'secret-key-of-a-test' };
const ACCEPTED = json(200, { requestId: 'r-1', result: true });

restoreAgentsAfterEach();

interface Fault {
  readonly what: string;
  readonly systemCode: string;
  /** Of the agent that meets the fault. */
  readonly agent: https.AgentOptions;
  /** Starts a server with the fault. */
  start(): Promise<RawServer>;
}

const trusting = (...certificates: readonly Buffer[]): https.AgentOptions => ({ ca: [...certificates] });
const serve = (tls: typeof EXPIRED) => () => startServer(ACCEPTED, tls);

const FAULTS: readonly Fault[] = [
  {
    what: 'a self-signed certificate',
    systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    agent: {},
    start: serve(SELF_SIGNED),
  },
  {
    what: 'a certificate of an unknown issuer',
    systemCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    agent: {},
    start: serve(UNKNOWN_ISSUER),
  },
  {
    what: 'a certificate that has expired',
    systemCode: 'CERT_HAS_EXPIRED',
    agent: trusting(EXPIRED.cert),
    start: serve(EXPIRED),
  },
  {
    what: 'a certificate for another name',
    systemCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
    agent: { ...trusting(SELF_SIGNED.cert), servername: 'elsewhere.test' },
    start: serve(SELF_SIGNED),
  },
  {
    what: 'plain HTTP behind an https URL',
    systemCode: 'EPROTO',
    agent: {},
    async start() {
      const server = await startServer('');
      server.spoken().then(({ socket }) => socket.end(json(400, { code: 'InvalidHTTPRequest' })));
      return server;
    },
  },
];

describe.each(FAULTS)('$what', ({ systemCode, agent, start }) => {
  async function startFault(): Promise<RawServer & { readonly options: CallOptions }> {
    https.globalAgent = new https.Agent(agent);
    const server = await start();
    return { ...server, options: { credentials, baseUrl: `https://127.0.0.1:${server.port}` } };
  }

  test('is certainly not sent, and trying again does not help', async () => {
    const { options, requests } = await startFault();
    const error = await errorOf(stopFineTuningTask(TASK, options));
    expect(error.toJSON()).toEqual(errorFields('CONNECTION_FAILED', 'not_sent', { systemCode, retryable: false }));
    expect(error.message).toMatch(/Trying again will not help: .* certificate .*Nothing was sent\.$/);
    expect(requests).toEqual([]);
  });

  test('ends a Describe the same way', async () => {
    const { options } = await startFault();
    const error = await errorOf(describeFineTuningTask(TASK, options));
    expect(error).toMatchObject({ outcome: 'not_sent', retryable: false, systemCode });
  });

  test('ends a wait at its first request, with the reason', async () => {
    const { options } = await startFault();
    const progress: WaitProgress[] = [];
    const onProgress = (one: WaitProgress) => void progress.push(one);
    const error = await errorOf(stopFineTuningTaskAndWait(TASK, { ...options, onProgress }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'not_sent', retryable: false, systemCode });
    expect(error.message).toMatch(/Trying again will not help: .*Nothing was sent\.$/);
    expect(progress).toMatchObject([
      { stop: 'not_sent', stopRequests: 1, describeRequests: 0, lastError: { systemCode } },
    ]);
  });

  test('may be a captive portal after a response of Qianfan: a wait goes on', async () => {
    const described = json(200, { requestId: 'r-2', result: { runStatus: 'Stopped' } });
    const good = await startServer([ACCEPTED, described], SELF_SIGNED);
    const goodAgent = new https.Agent(trusting(SELF_SIGNED.cert));
    const faulty = await startFault();
    https.globalAgent = goodAgent;
    const { port, forwardTo } = await startForwarder(good.port);
    const systemCodes: unknown[] = [];
    const onProgress = ({ lastError }: WaitProgress): void => {
      const isFirst = systemCodes.length === 0;
      forwardTo(isFirst ? faulty.port : good.port);
      https.globalAgent = isFirst ? new https.Agent(agent) : goodAgent;
      systemCodes.push(lastError?.code === 'CONNECTION_FAILED' ? lastError.systemCode : lastError);
    };
    const options = { credentials, baseUrl: `https://127.0.0.1:${port}`, onProgress, pollIntervalMs: 100 };
    expect((await stopFineTuningTaskAndWait(TASK, options)).result.runStatus).toBe('Stopped');
    expect(systemCodes).toEqual([undefined, systemCode, undefined]);
    expect(good.requests).toHaveLength(2);
  });
});

test('a handshake that is never finished may pass', async () => {
  const server = await startServer('');
  const baseUrl = server.baseUrl.replace('http', 'https');
  const error: AnyQianfanError = await errorOf(stopFineTuningTask(TASK, { credentials, baseUrl, timeoutMs: 200 }));
  expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'not_sent', retryable: true });
});

// The host's own check throws out of Node's listener, the host survives, and Node sends the request: it was `not_sent`.
describe('a host that checks the certificate itself, by', () => {
  let child: WireChild;

  beforeAll(() => {
    child = makeWireChild();
  });

  afterAll(() => child.remove());

  const agent = (body: string, version: string) => `
    process.on('uncaughtException', () => {});
    const https = require('node:https');
    https.globalAgent = new https.Agent({ ca: ${JSON.stringify(SELF_SIGNED.cert.toString())}, minVersion: '${version}', maxVersion: '${version}', ${body} });`;
  const THROWING_CHECK = "checkServerIdentity() { throw new Error('Pinned to another key.'); }";
  const THROWING_LISTENER = '';

  test.each(
    ['TLSv1.2', 'TLSv1.3'].flatMap((version) => [
      ['checkServerIdentity that throws', version, THROWING_CHECK],
      ['a secureConnect listener that throws', version, THROWING_LISTENER],
    ]),
  )('%s (%s), has the request sent', async (what, version, body) => {
    const server = await startServer(ACCEPTED, SELF_SIGNED);
    const listener = what.includes('listener')
      ? `const { createConnection } = https.globalAgent;
         https.globalAgent.createConnection = function (...args) {
           const socket = Reflect.apply(createConnection, this, args);
           socket.prependListener('secureConnect', () => { throw new Error('Pinned.'); });
           return socket;
         };`
      : '';
    const { stdout } = await child.run(`${agent(body, version)} ${listener}
      const { watch, settled } = call('${server.baseUrl}');
      await Promise.race([settled, sleep(2_000)]);
      console.log(watch.seen().nothingSent);
      process.exit();`);
    expect(stdout).toBe('false\n');
    expect(server.requests).toHaveLength(1);
  });

  test.each(['TLSv1.2', 'TLSv1.3'])(
    'checkServerIdentity that returns an error (%s), has nothing sent',
    async (version) => {
      const server = await startServer(ACCEPTED, SELF_SIGNED);
      const { stdout } = await child.run(`${agent("checkServerIdentity() { return new Error('No.'); }", version)}
      const { watch, settled } = call('${server.baseUrl}');
      console.log(await settled, watch.seen().nothingSent);
      process.exit();`);
      expect(stdout).toBe('rejected true\n');
      expect(server.requests).toEqual([]);
    },
  );
});
