// The client's side of the doors: sends each request of a call to the door that the call's plan names, through an agent of
// the plan's kind, and notes which way it went. The SDK takes no agent, so these stand behind the global ones.

import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { connectionName, DOORS } from './chaos-doors.mjs';

/** What the host's own check of a certificate throws. */
export const PINNED = 'Pinned to another key.';

const pem = (name) => readFileSync(new URL(`../support/servers/${name}.pem`, import.meta.url));
const ca = [pem('self-signed'), pem('expired')];
const throwPinned = () => {
  throw new Error(PINNED);
};

const TRUST = {
  known: { ca },
  nobody: {},
  'other-name': { ca, servername: 'elsewhere.test' },
  'throwing-check': { ca, checkServerIdentity: throwPinned },
  'throwing-listener': { ca },
};

// As Node's own global agents are.
const KEPT = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 };

/** Puts dispatchers in place of Node's global agents. `scope` holds the call that a request belongs to. */
export function spreadOverAgents(scope, ports) {
  for (const module of [http, https]) {
    const agents = new Map();
    const dispatcher = new module.Agent();
    dispatcher.addRequest = (request, options, ...rest) => {
      const { plan, requests } = scope.getStore();
      const door = plan.route[Math.min(requests.length, plan.route.length - 1)];
      note(request, door, requests);
      agentFor(module, plan, DOORS[door], agents).addRequest(
        request,
        { ...options, port: portOf(door, ports) },
        ...rest,
      );
    };
    module.globalAgent = dispatcher;
  }
}

/** The port of a door; nothing listens on that of tcpmux. */
export function portOf(door, ports) {
  return door === 'closed' ? 1 : ports[DOORS[door].port ?? door];
}

function note(request, door, requests) {
  const noted = { door, isStop: request.path.includes('Action=Stop'), connection: undefined };
  requests.push(noted);
  request.once('socket', (socket) => {
    const onConnect = () => {
      noted.connection = connectionName(socket.localPort, socket.remotePort);
    };
    if (socket.connecting) socket.once('connect', onConnect);
    else onConnect();
  });
}

function agentFor(module, { agent, tlsVersion }, { trust = 'known' }, agents) {
  const tls = module === https ? { ...TRUST[trust], minVersion: tlsVersion, maxVersion: tlsVersion } : {};
  if (agent === 'fresh') return withListener(new module.Agent(tls), trust);
  const name = `${agent} ${trust} ${tlsVersion}`;
  if (!agents.has(name)) {
    const kept = agent.startsWith('narrow') ? { keepAlive: true, maxSockets: 1 } : KEPT;
    agents.set(name, withListener(new module.Agent({ ...kept, ...tls }), trust));
  }
  return agents.get(name);
}

function withListener(agent, trust) {
  if (trust !== 'throwing-listener') return agent;
  const { createConnection } = agent;
  agent.createConnection = function (...args) {
    return Reflect.apply(createConnection, this, args).prependListener('secureConnect', throwPinned);
  };
  return agent;
}
