// Node's global agents: a test may put others in their place.

import http from 'node:http';
import https from 'node:https';
import { afterEach } from '@jest/globals';

/** Ends the idle connections after each test, and puts Node's own agents back. */
export function restoreAgentsAfterEach(): void {
  const agents = { http: http.globalAgent, https: https.globalAgent };
  afterEach(() => {
    http.globalAgent.destroy();
    http.globalAgent = agents.http;
    https.globalAgent = agents.https;
  });
}
