// The server's side of the doors: sockets that let a request through, or break as their door's name says. What arrives on a
// connection is noted to the byte.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { connectionName } from './chaos-doors.mjs';

const TLS_HELLO = 0x16; // the first byte of a connection to the wrong door, and of no HTTP request
const HELLO_BYTES = 100; // of the server's some 900
const PLAIN_TRUE = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"requestId":"plain","result":true}';

const certificate = (name) => {
  const pem = readFileSync(new URL(`../support/servers/${name}.pem`, import.meta.url));
  return { key: pem, cert: pem };
};

// A TLS socket cannot be reset, only the socket below it.
const rawSockets = new Map();
const names = new WeakMap(); // a closed socket does not know its ports any more
const unread = new Set();

/** Opens all doors, and resolves with their ports. */
export async function openDoors(onRequest) {
  const trusted = await listen(https.createServer(certificate('self-signed'), onRequest));
  return {
    http: await listen(http.createServer(onRequest)),
    tls: trusted,
    expired: await listen(https.createServer(certificate('expired'), onRequest)),
    'unknown-issuer': await listen(https.createServer(certificate('unknown-issuer'), onRequest)),
    cut: await listen(net.createServer((socket) => socket.once('data', () => reset(socket)))),
    'cut-tls': await listen(
      tls.createServer(certificate('self-signed'), (socket) => socket.once('data', () => reset(socket))),
    ),
    slammed: await onConnection(reset),
    banner: await onConnection((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n').resume()),
    'plain-true': await onConnection((socket) => socket.once('data', () => socket.end(PLAIN_TRUE))),
    'silent-tls': await onConnection((socket) => socket.resume()),
    'reset-at-hello': await onConnection((socket) => socket.once('data', () => reset(socket))),
    'end-at-hello': await onConnection((socket) => socket.once('data', () => socket.end())),
    'reset-in-hello': await onConnection((socket) => {
      const server = pipeTo(trusted, socket);
      server.once('data', (chunk) => socket.write(chunk.subarray(0, HELLO_BYTES), () => reset(socket)));
    }),
    'reset-at-finish': await onConnection((socket) => {
      const server = pipeTo(trusted, socket);
      server.pipe(socket);
      socket.once('data', () => socket.once('data', () => reset(socket)));
    }),
  };
}

/** Connections on which something arrived that has not become a whole request. */
export function unreadConnections() {
  return [...unread];
}

/** To be called when all of a request has been read. */
export function hasRead(socket) {
  unread.delete(names.get(socket));
}

/** Resets a connection at once. */
export function reset(socket) {
  const raw = rawSockets.get(names.get(socket)) ?? socket;
  if (raw.destroyed) socket.destroy();
  else raw.resetAndDestroy();
}

function nameOf({ remotePort, localPort }) {
  return connectionName(remotePort, localPort);
}

/** A server for requests: notes each byte of them that arrives. */
async function listen(server) {
  const isTls = server instanceof tls.Server;
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    const name = nameOf(socket);
    rawSockets.set(name, socket);
    socket.once('close', () => rawSockets.delete(name));
  });
  server.on(isTls ? 'secureConnection' : 'connection', (socket) => {
    const name = nameOf(socket);
    names.set(socket, name);
    socket.on('error', () => {}).on('data', ([byte]) => byte === TLS_HELLO || unread.add(name));
  });
  return portOf(server.on('tlsClientError', () => {}));
}

/** A server that no request gets through. */
function onConnection(receive) {
  return portOf(net.createServer((socket) => void receive(socket.on('error', () => {}))));
}

async function portOf(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** Only the client's first message gets to the server. */
function pipeTo(port, socket) {
  const server = net.connect(port, '127.0.0.1').on('error', () => {});
  socket.once('data', (chunk) => server.write(chunk)).once('close', () => server.destroy());
  return server;
}
