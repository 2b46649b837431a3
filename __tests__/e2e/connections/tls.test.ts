// Connections with TLS that fail for good, and those after which Node sends the request all the same.

import https from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AnyQianfanError,
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
  /** Starts a server with the fault, and gives the base URL to use. */
  start(): Promise<{ readonly baseUrl: string; readonly server: RawServer }>;
}

/** A server whose certificate the agent does not accept. */
function certificateFault(
  what: string,
  systemCode: string,
  tls: typeof EXPIRED,
  agent: https.AgentOptions = {},
): Fault {
  return {
    what,
    systemCode,
    async start() {
      https.globalAgent = new https.Agent(agent);
      const server = await startServer(ACCEPTED, tls);
      return { server, baseUrl: server.baseUrl };
    },
  };
}

const FAULTS: readonly Fault[] = [
  certificateFault('a self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT', SELF_SIGNED),
  certificateFault('a certificate of an unknown issuer', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNKNOWN_ISSUER),
  certificateFault('a certificate that has expired', 'CERT_HAS_EXPIRED', EXPIRED, { ca: EXPIRED.cert }),
  certificateFault('a certificate for another name', 'ERR_TLS_CERT_ALTNAME_INVALID', SELF_SIGNED, {
    ca: SELF_SIGNED.cert,
    servername: 'elsewhere.test',
  }),
  {
    what: 'plain HTTP behind an https URL',
    systemCode: 'EPROTO',
    async start() {
      const server = await startServer('');
      server.spoken().then(({ socket }) => socket.end(json(400, { code: 'InvalidHTTPRequest' })));
      return { server, baseUrl: server.baseUrl.replace('http', 'https') };
    },
  },
];

describe.each(FAULTS)('$what', ({ systemCode, start }) => {
  test('is certainly not sent, and trying again does not help', async () => {
    const { baseUrl, server } = await start();
    const error = await errorOf(stopFineTuningTask(TASK, { credentials, baseUrl }));
    expect(error.toJSON()).toEqual(errorFields('CONNECTION_FAILED', 'not_sent', { systemCode, retryable: false }));
    expect(error.message).toMatch(/Trying again will not help: .* certificate .*Nothing was sent\.$/);
    expect(server.requests).toEqual([]);
  });

  test('ends a Describe the same way', async () => {
    const { baseUrl } = await start();
    const error = await errorOf(describeFineTuningTask(TASK, { credentials, baseUrl }));
    expect(error).toMatchObject({ outcome: 'not_sent', retryable: false, systemCode });
  });

  test('ends a wait at its first request, with the reason', async () => {
    const { baseUrl } = await start();
    const told: WaitProgress[] = [];
    const onProgress = (progress: WaitProgress) => void told.push(progress);
    const error = await errorOf(stopFineTuningTaskAndWait(TASK, { credentials, baseUrl, onProgress }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'not_sent', retryable: false, systemCode });
    expect(error.message).toMatch(/Trying again will not help: .*Nothing was sent\.$/);
    expect(told).toMatchObject([{ stop: 'not_sent', stopRequests: 1, describeRequests: 0, lastError: { systemCode } }]);
  });
});

describe.each(FAULTS.filter(({ systemCode }) => systemCode !== 'ERR_TLS_CERT_ALTNAME_INVALID'))(
  '$what, after a response of Qianfan',
  ({ systemCode, start }) => {
    test('may be a captive portal: the wait goes on', async () => {
      const described = json(200, { requestId: 'r-2', result: { runStatus: 'Stopped' } });
      const { baseUrl: faulty } = await start();
      https.globalAgent = new https.Agent({
        ca: [SELF_SIGNED.cert, ...(systemCode === 'CERT_HAS_EXPIRED' ? [EXPIRED.cert] : [])],
      });
      const good = await startServer([ACCEPTED, described], SELF_SIGNED);
      const { port, forwardTo } = await startForwarder(good.port);
      const told: WaitProgress[] = [];
      const onProgress = (progress: WaitProgress): void => {
        told.push(progress);
        if (told.length === 1) forwardTo(Number(new URL(faulty).port));
        if (told.length === 2) forwardTo(good.port);
        if (told.length === 1 && systemCode === 'DEPTH_ZERO_SELF_SIGNED_CERT') https.globalAgent = new https.Agent();
        if (told.length === 2) https.globalAgent = new https.Agent({ ca: SELF_SIGNED.cert });
      };
      const baseUrl = `https://127.0.0.1:${port}`;
      const options = { credentials, baseUrl, onProgress, pollIntervalMs: 100 };
      const { result } = await stopFineTuningTaskAndWait(TASK, options);
      expect(result.runStatus).toBe('Stopped');
      expect(told.map(({ lastError }) => lastError && { ...lastError.toJSON() })).toEqual([
        undefined,
        expect.objectContaining({ systemCode, retryable: false, outcome: 'not_sent' }),
        undefined,
      ]);
      expect(good.requests).toHaveLength(2);
    });
  },
);

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
