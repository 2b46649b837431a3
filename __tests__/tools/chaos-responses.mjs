// The bytes that the proxy of the chaos test sends: what a response says, and how it is delivered or broken.

import { deflateSync, gzipSync } from 'node:zlib';
import { reset } from './chaos-network.mjs';

const PAGES = {
  html: ['text/html', '<html><head><title>Blocked</title></head><body><h1>Request denied</h1></body></html>'],
  json: ['application/json', '{"message":"The gateway does not let this pass."}'],
  text: ['text/plain', 'upstream connect error or disconnect/reset before headers'],
  empty: ['text/plain', ''],
};
const GARBAGE = '\x00\x16\x03\x01 this is no HTTP\r\n\r\n';

/** What a planned response says. `honest` is the console's own response, if the request got there. */
export function contentOf(response, { honest, request, secretKey, trap }) {
  const { kind, status = 200, code } = response;
  switch (kind) {
    case 'honest':
      return honest;
    case 'page':
      return page(status, response.page);
    case 'redirect':
      return page(status, response.page, { location: `${trap}/v2/finetuning?Action=StopFineTuningTask` });
    case 'echo': {
      const text = `Denied for ${secretKey}: ${JSON.stringify(request.headers)}`;
      const headers = { 'x-bce-error-message': `${request.headers.authorization}`, 'x-bce-request-id': secretKey };
      return response.isJson
        ? json(status, { message: text, requestId: request.headers.authorization }, headers)
        : { status, headers: { ...headers, 'content-type': 'text/plain' }, body: Buffer.from(text) };
    }
    case 'large': {
      const body = Buffer.from(
        JSON.stringify({ message: 'Look:', padding: 'x'.repeat(response.isJson ? 1_200_000 : 150_000) }),
      );
      return { status, headers: { 'content-type': response.isJson ? 'application/json' : 'text/plain' }, body };
    }
    case 'code':
      return json(status, { error_code: code, error_msg: 'Something went wrong here.' });
    case 'refusal':
      return response.isHeader
        ? page(status, 'html', { 'x-bce-error-code': `${code}` })
        : json(status, { requestId: 'chaos', code, message: 'No.' });
    case 'contradiction':
      return json(status, { result: true, error_code: code });
    case 'odd':
      return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(response.text) };
    case 'foreign':
      return foreignTask(response.way, request.taskId);
    default:
      throw new Error(`No such response: ${kind}`);
  }
}

/** Responses to a Describe that are no evidence that the task is not running. */
function foreignTask(way, taskId) {
  const result = { taskId, runStatus: 'Stopped' };
  switch (way) {
    case 'other task':
      return json(200, { result: { ...result, taskId: `${taskId}0` } });
    case 'with a code':
      return json(200, { result, code: 'InternalError' });
    case 'bare 500':
      return json(500, { result });
    case 'no state':
      return json(200, { result: { taskId } });
    default:
      return json(200, { result: { taskId, runStatus: way === 'empty' ? '' : way } });
  }
}

/** Writes a response to a socket, in the way that was planned. */
export async function deliver(socket, delivery, content) {
  const { status, headers } = content;
  const zip = { gzip: gzipSync, 'gzip-chunked': gzipSync, deflate: deflateSync }[delivery];
  const body = zip ? zip(content.body) : content.body;
  const coding = zip && { 'content-encoding': zip === gzipSync ? 'gzip' : 'deflate' };
  const head = (more) => headOf(status, { ...headers, ...coding, ...more });
  const whole = Buffer.concat([head({ 'content-length': body.length }), body]);
  const half = Buffer.concat([head({ 'content-length': body.length + 1 }), body.subarray(0, body.length / 2)]);
  switch (delivery) {
    case 'plain':
    case 'gzip':
    case 'deflate':
      return socket.end(whole);
    case 'chunked':
    case 'gzip-chunked':
      return socket.end(Buffer.concat([head({ 'transfer-encoding': 'chunked' }), ...chunksOf(body)]));
    case 'until-end':
      return socket.end(Buffer.concat([head({}), body]));
    case 'pieces':
      for (const part of partsOf(whole)) {
        socket.write(part);
        await pause(3);
      }
      return socket.end();
    case 'early-hints':
      return socket.end(Buffer.concat([headOf(100, {}), headOf(103, { link: '</a>' }), whole]));
    case 'twice':
      return socket.end(Buffer.concat([whole, whole]));
    case 'garbage-behind':
      return socket.end(Buffer.concat([whole, Buffer.from(GARBAGE)]));
    case 'too-short':
      return socket.end(Buffer.concat([head({ 'content-length': Math.max(0, body.length - 1) }), body]));
    case 'garbage':
      return socket.end(GARBAGE);
    case 'end':
      return socket.end();
    case 'reset':
      return reset(socket);
    case 'never':
      return undefined;
    case 'head-end':
      return socket.end(head({ 'content-length': body.length + 1 }));
    case 'half-end':
      return socket.end(half);
    case 'half-stall':
      return socket.write(half);
    case 'half-reset':
      socket.write(half);
      await pause(2);
      return reset(socket);
    default:
      throw new Error(`No such delivery: ${delivery}`);
  }
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function page(status, name, headers = {}) {
  const [type, text] = status === 204 || status === 304 ? PAGES.empty : PAGES[name];
  return { status, headers: { ...headers, server: 'gateway', 'content-type': type }, body: Buffer.from(text) };
}

function json(status, value, headers = {}) {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body };
}

function headOf(status, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} Chaos\r\n${lines.join('')}\r\n`, 'latin1');
}

function partsOf(bytes) {
  const size = Math.max(1, Math.ceil(bytes.length / 5));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function chunksOf(body) {
  const chunks = partsOf(body).flatMap((part) => [
    Buffer.from(`${part.length.toString(16)}\r\n`),
    part,
    Buffer.from('\r\n'),
  ]);
  return [...chunks, Buffer.from('0\r\n\r\n')];
}
