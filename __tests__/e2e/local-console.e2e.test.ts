// The local console as a client meets it: over the wire, and with the real SDK, which signs for itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { computeSignature } from '../src/bce-signature';
import { type LocalConsole, type LocalConsoleOptions, startLocalConsole } from '../src/local-console';

const TASK_ID = 'task-5kjifvzerc5n';
const TARGET = '/v2/finetuning?Action=StopFineTuningTask';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let local: LocalConsole;
beforeEach(async () => {
  local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running' } });
});
afterEach(async () => {
  jest.useRealTimers();
  await local.close();
});

interface Call {
  readonly method?: string;
  readonly target?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null`: not signed. */
  readonly authorization?: string | null;
  readonly accessKey?: string;
  readonly secretKey?: string;
  readonly date?: string;
}

/** A request, signed unless the call says otherwise, whose answer nobody has waited for yet. */
function open(call: Call = {}): http.ClientRequest {
  const { method = 'POST', target = TARGET, body = JSON.stringify({ taskId: TASK_ID }) } = call;
  const { accessKey, secretKey } = { ...local.credentials, ...call };
  const { host, hostname, port } = new URL(local.url);
  const date = call.date ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const { pathname: path, searchParams: query } = new URL(`http://a${target}`);
  const prefix = `bce-auth-v1/${accessKey}/${date}/1800`;
  const signable = { method, path, query, headers: { host } };
  const signature = computeSignature(signable, prefix, ['host'], secretKey);
  const authorization = call.authorization === undefined ? `${prefix}/host/${signature}` : call.authorization;
  const headers = { ...(authorization !== null && { authorization }), ...call.headers };
  const request = http.request({ hostname, port, method, path: target, headers, agent: false });
  request.end(body);
  return request;
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

async function answerTo(request: http.ClientRequest): Promise<Answered> {
  const [response] = await once(request, 'response');
  response.setEncoding('utf8');
  request.on('error', () => {}); // newer Nodes say twice that a body broke off
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, headers: response.headers, text };
}

const call = (how?: Call) => answerTo(open(how));

/** Resolves once the console has read so many requests. */
async function recorded(count: number): Promise<void> {
  while (local.requests.length < count) await setImmediate();
}

/** What a plain TCP client gets for a request, and how the connection ended. */
async function rawCall(): Promise<{ text: string; end: string }> {
  const socket = connect(Number(new URL(local.url).port), '127.0.0.1').setEncoding('utf8');
  socket.write(`POST ${TARGET} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`);
  let text = '';
  socket.on('data', (part: string) => {
    text += part;
  });
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve({ text, end: String(error.code) }));
    socket.once('end', () => resolve({ text, end: 'closed in order' }));
  });
}

describe('a task', () => {
  test.each([
    ['Waiting', true, 'Stopped'],
    ['Running', true, 'Stopped'],
    ['Done', false, 'Done'],
    ['Failed', false, 'Failed'],
    ['Stopped', false, 'Stopped'],
  ] as const)('that is %s answers %s and is %s afterwards', async (before, result, after) => {
    local.tasks.set(TASK_ID, before);
    const { status, headers, text } = await call();
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(text)).toEqual({ requestId: expect.stringMatching(UUID), result });
    expect(headers['x-bce-request-id']).toBe(JSON.parse(text).requestId);
    expect([...local.tasks]).toEqual([[TASK_ID, after]]);
  });

  test.each(['task-000000000000', '', '__proto__', 'constructor'])(
    'that is unknown answers false: %j',
    async (taskId) => {
      const { status, text } = await call({ body: JSON.stringify({ taskId }) });
      expect([status, JSON.parse(text).result]).toEqual([200, false]);
      expect([...local.tasks]).toEqual([[TASK_ID, 'Running']]);
    },
  );

  test('stopped twice was stopped once, under two request IDs', async () => {
    const first = JSON.parse((await call()).text);
    const second = JSON.parse((await call()).text);
    expect([first.result, second.result]).toEqual([true, false]);
    expect(second.requestId).not.toBe(first.requestId);
  });
});

describe('it refuses', () => {
  test.each<[string, Call, number, string, string]>([
    [
      'no signature',
      { authorization: null },
      400,
      'InvalidHTTPAuthHeader',
      'The request has no Authorization header; sign it.',
    ],
    [
      'another scheme',
      { authorization: 'Bearer abc' },
      400,
      'InvalidHTTPAuthHeader',
      'The Authorization header is not in the form of bce-auth-v1.',
    ],
    [
      'an unknown access key',
      { accessKey: 'nobody' },
      403,
      'InvalidAccessKeyId',
      'The access key is not known here; use the credentials of this local console.',
    ],
    [
      'a wrong secret key',
      { secretKey: 'wrong' },
      400,
      'SignatureDoesNotMatch',
      'The signature is wrong; use the secret key of this local console.',
    ],
    [
      'an old signature',
      { date: '2020-01-01T00:00:00Z' },
      400,
      'RequestExpired',
      'The signature has expired; look at the clock that dated it.',
    ],
    [
      'another path',
      { target: '/v1/finetuning?Action=StopFineTuningTask' },
      400,
      'InvalidURI',
      'Only /v2/finetuning is served here, not /v1/finetuning; look at the base URL.',
    ],
    [
      'a slash too many',
      { target: `/${TARGET}` },
      400,
      'InvalidURI',
      'Only /v2/finetuning is served here, not //v2/finetuning; look at the base URL.',
    ],
    [
      'a prefix',
      { target: `/prefix${TARGET}` },
      400,
      'InvalidURI',
      'Only /v2/finetuning is served here, not /prefix/v2/finetuning; look at the base URL.',
    ],
    ['another method', { method: 'PUT' }, 400, 'InvalidHTTPRequest', 'Only POST is served, not PUT.'],
    [
      'another action',
      { target: '/v2/finetuning?Action=DescribeFineTuningTask' },
      400,
      'InvalidURI',
      'Only Action=StopFineTuningTask is served here, not DescribeFineTuningTask.',
    ],
    [
      'no action',
      { target: '/v2/finetuning' },
      400,
      'InvalidURI',
      'Only Action=StopFineTuningTask is served here, not a request without one.',
    ],
    ['no body', { body: '' }, 400, 'MalformedJSON', 'The body is not JSON.'],
    ['broken JSON', { body: '{"taskId":' }, 400, 'MalformedJSON', 'The body is not JSON.'],
    ['a list', { body: `["${TASK_ID}"]` }, 400, 'MalformedJSON', 'The body is not a JSON object.'],
    ['null', { body: 'null' }, 400, 'MalformedJSON', 'The body is not a JSON object.'],
    ['a text', { body: `"${TASK_ID}"` }, 400, 'MalformedJSON', 'The body is not a JSON object.'],
    [
      'no task ID',
      { body: `{"taskID":"${TASK_ID}"}` },
      400,
      'InappropriateJSON',
      'taskId is missing from the body, or not a string.',
    ],
    [
      'a number as task ID',
      { body: '{"taskId":5}' },
      400,
      'InappropriateJSON',
      'taskId is missing from the body, or not a string.',
    ],
    [
      'a body over 1 MiB',
      { body: `{"taskId":"${TASK_ID}"}`.padEnd(1_048_577) },
      413,
      'InvalidHTTPRequest',
      'The body is larger than 1 MiB.',
    ],
  ])('%s', async (_, how, status, code, message) => {
    const answer = await call(how);
    const requestId = answer.headers['x-bce-request-id'];
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ requestId, code, message });
    expect(requestId).toMatch(UUID);
    expect(local.requests).toHaveLength(1);
    expect([...local.tasks]).toEqual([[TASK_ID, 'Running']]);
  });

  test('nothing of a body of exactly 1 MiB', async () => {
    const { text } = await call({ body: `{"taskId":"${TASK_ID}"}`.padEnd(1_048_576) });
    expect(JSON.parse(text).result).toBe(true);
  });
});

describe('requests', () => {
  test('are kept as they arrived', async () => {
    const body = ' {"taskId":"千帆"}';
    await call({ target: `${TARGET}&a=?&b=%E5%8D%83&b=2`, body, headers: { 'X-Two-Words': 'Yes ' } });
    expect(local.requests).toEqual([
      {
        method: 'POST',
        path: '/v2/finetuning',
        query: { Action: 'StopFineTuningTask', a: '?', b: '2' },
        headers: expect.objectContaining({ host: new URL(local.url).host, 'x-two-words': 'Yes' }),
        body,
        accessKey: 'local-access-key',
        signatureValid: true,
      },
    ]);
  });

  test('are kept in order of arrival, refused ones too', async () => {
    await call({ target: '/one' });
    await call();
    await call({ target: '/three' });
    expect(local.requests.map(({ path }) => path)).toEqual(['/one', '/v2/finetuning', '/three']);
  });

  test.each<[string, Call, string | undefined, boolean]>([
    ['signed well', {}, 'local-access-key', true],
    ['signed well, for another path', { target: '/a%20b/%zz?x=a+b?c' }, 'local-access-key', true],
    ['signed with another secret key', { secretKey: 'wrong' }, 'local-access-key', false],
    ['expired', { date: '2020-01-01T00:00:00Z' }, 'local-access-key', false],
    ['signed with an unknown key', { accessKey: 'nobody' }, 'nobody', false],
    ['not signed', { authorization: null }, undefined, false],
    ['signed in another way', { authorization: 'Bearer abc' }, undefined, false],
  ])('say by whom they were signed: %s', async (_, how, accessKey, signatureValid) => {
    await call(how);
    expect(local.requests[0]).toMatchObject({ accessKey, signatureValid });
  });

  test('and answers hold no signature and no secret key', async () => {
    const secret = 'ab'.repeat(32);
    const authorization = `bce-auth-v1/local-access-key/2020-01-01T00:00:00Z/1800/host/${secret}`;
    const answers = [
      await call({ authorization, target: `${TARGET}&Authorization=${authorization}` }),
      await call({ authorization: authorization.replace('2020', '2999') }),
      await call({ authorization: `${authorization}/` }),
    ];
    const kept = JSON.stringify([answers, local.requests]);
    expect(kept).not.toContain(secret);
    expect(kept).not.toMatch(/bce-auth-v1\//);
    expect(kept).not.toContain(local.credentials.secretKey);
  });

  test('keep no more than 1 MiB of a body', async () => {
    await call({ body: 'x'.repeat(3_000_000) });
    expect(local.requests[0]?.body).toBe('x'.repeat(1_048_576));
  });
});

describe('a scripted answer', () => {
  test('is given as it is, with nothing added', async () => {
    local.answerNext({
      status: 503,
      headers: { 'Retry-After': '7', 'set-cookie': ['a=1', 'b=2'] },
      body: { a: ['千'] },
    });
    const { status, headers, text } = await call();
    expect([status, text]).toEqual([503, '{"a":["千"]}']);
    expect(headers).toMatchObject({ 'retry-after': '7', 'set-cookie': ['a=1', 'b=2'], 'content-length': '13' });
    expect(headers['x-bce-request-id']).toBeUndefined();
  });

  test.each<[string, unknown, string, string | undefined]>([
    ['nothing', undefined, '', undefined],
    ['text', '<html>', '<html>', undefined],
    ['a Buffer', Buffer.from('千'), '千', undefined],
    ['bytes', new Uint8Array([104, 105]), 'hi', undefined],
    ['null', null, 'null', 'application/json'],
    ['false', false, 'false', 'application/json'],
    ['a number', 0, '0', 'application/json'],
    ['a list', [1], '[1]', 'application/json'],
  ])('has a body of %s', async (_, body, text, contentType) => {
    local.answerNext({ body });
    const answer = await call();
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([200, text, contentType]);
  });

  test('keeps its own content-type, however it is written', async () => {
    local.answerNext({ headers: { 'Content-Type': 'text/x' }, body: {} });
    expect((await call()).headers['content-type']).toBe('text/x');
  });

  test('is for one request each, first come, first served', async () => {
    local.answerNext({ body: 'first' });
    local.answerNext({ body: 'second' });
    expect([(await call()).text, (await call()).text]).toEqual(['first', 'second']);
    expect(JSON.parse((await call()).text).result).toBe(true);
  });

  test.each<[string, Call]>([
    ['a good request', {}],
    ['an unsigned request', { authorization: null }],
    ['another path', { target: '/' }],
    ['a body that is too large', { body: 'x'.repeat(1_048_577) }],
  ])('answers %s, which is kept, and changes no task', async (_, how) => {
    local.answerNext({ body: 'scripted' });
    expect((await call(how)).text).toBe('scripted');
    expect(local.requests).toHaveLength(1);
    expect([...local.tasks]).toEqual([[TASK_ID, 'Running']]);
  });

  test('is what it was when it was queued', async () => {
    const body = { a: 1 };
    local.answerNext({ body });
    body.a = 2;
    expect((await call()).text).toBe('{"a":1}');
  });

  test('comes after its delay and not before', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'Date', 'queueMicrotask'] });
    local.answerNext({ body: 'late', delayMs: 60_000 });
    const request = open();
    const onResponse = jest.fn();
    request.once('response', onResponse);
    await recorded(1);
    jest.advanceTimersByTime(59_999);
    await call();
    expect(onResponse).not.toHaveBeenCalled();
    const answer = answerTo(request);
    jest.advanceTimersByTime(1);
    expect((await answer).text).toBe('late');
  });

  test.each<[string, object, string]>([
    ['a status of HTTP/1.1 100', { status: 100 }, 'status must be an integer from 200 to 599.'],
    ['a status of 600', { status: 600 }, 'status must be an integer from 200 to 599.'],
    ['half a status', { status: 200.5 }, 'status must be an integer from 200 to 599.'],
    ['a status in text', { status: '200' }, 'status must be an integer from 200 to 599.'],
    ['a delay before now', { delayMs: -1 }, 'delayMs must be an integer, 0 to 2147483647.'],
    ['a delay for ever', { delayMs: Infinity }, 'delayMs must be an integer, 0 to 2147483647.'],
    ['a delay that setTimeout cuts', { delayMs: 2 ** 31 }, 'delayMs must be an integer, 0 to 2147483647.'],
    ['an unknown fault', { fault: 'explode' }, 'fault must be one of no-answer, reset, break-body, stall-body.'],
    ['a header name with a space', { headers: { 'a b': 'c' } }, 'Header name must be a valid HTTP token ["a b"]'],
    ['a header value with a line break', { headers: { a: 'b\nc' } }, 'Invalid character in header content ["a"]'],
    ['a list of such', { headers: { a: ['b', 'c\nd'] } }, 'Invalid character in header content ["a"]'],
    ['a trailer', { headers: { Trailer: 'x' } }, 'headers must not have a trailer.'],
    ['a header of nothing', { headers: { a: undefined } }, 'Invalid value "undefined" for header "a"'],
    ['a function for a body', { body: () => '' }, 'body must be text, bytes, or what JSON can hold.'],
    ['a body that JSON cannot hold', { body: 1n }, 'Do not know how to serialize a BigInt'],
  ])('with %s is thrown back, and queues nothing', async (_, answer, message) => {
    expect(() => local.answerNext(answer)).toThrow(message);
    expect(JSON.parse((await call()).text).result).toBe(true);
  });
});

describe('a fault', () => {
  test('no-answer: the headers never come', async () => {
    local.answerNext({ fault: 'no-answer', body: 'unseen' });
    const raw = rawCall();
    await recorded(1);
    await call();
    await local.close();
    expect((await raw).text).toBe('');
  });

  test('reset: the connection is reset before the headers', async () => {
    local.answerNext({ fault: 'reset', body: 'unseen' });
    expect(await rawCall()).toEqual({ text: '', end: 'ECONNRESET' });
  });

  test.each([
    ['0123456789', '10', '01234'],
    ['012', '3', '0'],
    ['0', '1', ''],
    [undefined, '1', ''],
  ])('break-body: headers and half of %j come, then the connection breaks', async (body, length, half) => {
    local.answerNext({ fault: 'break-body', status: 201, body });
    // Whether TCP's reset reaches a client as such, or as an early end, is up to the client's system.
    const [head = '', received] = (await rawCall()).text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(head.toLowerCase()).toContain(`\r\ncontent-length: ${length}\r\n`);
    expect(received).toBe(half);
  });

  test.each([204, 304])('break-body: the headers of a %i, which has no body, come', async (status) => {
    local.answerNext({ fault: 'break-body', status, body: 'none' });
    expect((await rawCall()).text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test('break-body: an HTTP client notices', async () => {
    local.answerNext({ fault: 'break-body', body: '0123456789' });
    await expect(call()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('stall-body: headers and half of the body come, then nothing', async () => {
    local.answerNext({ fault: 'stall-body', body: '0123456789' });
    const [response] = await once(open(), 'response');
    const [half] = await once(response, 'data');
    expect([response.headers['content-length'], String(half)]).toEqual(['10', '01234']);
    const onMore = jest.fn();
    response.on('data', onMore).on('end', onMore);
    const broken = once(response, 'error');
    await call();
    expect(onMore).not.toHaveBeenCalled();
    expect(response.destroyed).toBe(false);
    await local.close();
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  test('can come after a delay', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'Date', 'queueMicrotask'] });
    local.answerNext({ fault: 'reset', delayMs: 1_000 });
    const raw = rawCall();
    await recorded(1);
    jest.advanceTimersByTime(1_000);
    expect((await raw).end).toBe('ECONNRESET');
  });

  test('leaves the next request alone', async () => {
    local.answerNext({ fault: 'break-body', body: '01' });
    await rawCall();
    expect(JSON.parse((await call()).text).result).toBe(true);
  });
});

describe('a client that breaks off', () => {
  const head = `POST ${TARGET} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{`;

  test.each([
    ['in the headers', head.slice(0, 40)],
    ['in the body', head],
    ['before anything', ''],
    ['with what is not HTTP', '\u0000\u0001\r\n\r\n'],
  ])('%s is not recorded, and hurts nobody', async (_, bytes) => {
    local.answerNext({ body: 'still there' });
    const socket = connect(Number(new URL(local.url).port), '127.0.0.1');
    await once(socket, 'connect');
    await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await call()).text).toBe('still there');
    expect(local.requests).toHaveLength(1);
  });

  test('while its answer is late is forgotten', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'Date', 'queueMicrotask'] });
    const faults = [undefined, 'reset', 'break-body', 'stall-body'] as const;
    for (const fault of faults) local.answerNext({ delayMs: 1_000, body: '01', fault });
    const requests = faults.map(() => open().on('error', () => {}));
    await recorded(4);
    for (const request of requests) request.destroy();
    await call();
    jest.advanceTimersByTime(1_000);
    expect((await call()).status).toBe(200);
  });
});

describe('starting', () => {
  test('gives a URL on 127.0.0.1, and keys that nobody has to choose', () => {
    expect(local.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(local.credentials).toEqual({ accessKey: 'local-access-key', secretKey: 'local-secret-key' });
  });

  test('listens nowhere else', async () => {
    const socket = connect(Number(new URL(local.url).port), '127.0.0.2');
    await expect(once(socket, 'connect')).rejects.toThrow();
  });

  test('knows no task unless it is told', async () => {
    const other = await startLocalConsole();
    await other.close();
    expect(other.tasks.size).toBe(0);
  });

  test('takes every option as undefined', async () => {
    const undefinedOptions = { port: undefined, accessKey: undefined, secretKey: undefined, tasks: undefined };
    const other = await startLocalConsole(undefinedOptions);
    await other.close();
    expect(other.credentials).toEqual(local.credentials);
  });

  test('takes the keys and the port that it is given', async () => {
    const port = Number(new URL(local.url).port);
    await local.close();
    local = await startLocalConsole({ port, accessKey: 'mine', secretKey: 'a/b+c=', tasks: { [TASK_ID]: 'Waiting' } });
    expect(local.url).toBe(`http://127.0.0.1:${port}`);
    expect(JSON.parse((await call()).text).result).toBe(true);
    expect(local.requests[0]?.accessKey).toBe('mine');
  });

  test('leaves the tasks object that it was given as it is', async () => {
    const tasks = { [TASK_ID]: 'Running' } as const;
    await local.close();
    local = await startLocalConsole({ tasks });
    await call();
    expect([tasks[TASK_ID], local.tasks.get(TASK_ID)]).toEqual(['Running', 'Stopped']);
  });

  test('rejects with the error of Node where the port is taken', async () => {
    const port = Number(new URL(local.url).port);
    await expect(startLocalConsole({ port })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  });

  test('takes the tasks of another console as they are', async () => {
    const other = await startLocalConsole({ tasks: local.tasks });
    expect([...other.tasks]).toEqual([[TASK_ID, 'Running']]);
    expect(other.tasks).not.toBe(local.tasks);
    await other.close();
  });

  test.each<[string, object, string]>([
    ['a port too high', { port: 65_536 }, 'port must be an integer from 0 to 65535.'],
    ['a port below 0', { port: -1 }, 'port must be an integer from 0 to 65535.'],
    ['the path of a pipe', { port: 'pipe' }, 'port must be an integer from 0 to 65535.'],
    ['half a port', { port: 80.5 }, 'port must be an integer from 0 to 65535.'],
    ['an empty access key', { accessKey: '' }, 'accessKey must be visible ASCII without a slash.'],
    ['an access key with a slash', { accessKey: 'a/b' }, 'accessKey must be visible ASCII without a slash.'],
    ['an access key with a space', { accessKey: 'a b' }, 'accessKey must be visible ASCII without a slash.'],
    ['an access key with a line break', { accessKey: 'ab\n' }, 'accessKey must be visible ASCII without a slash.'],
    ['an access key that is no text', { accessKey: 5 }, 'accessKey must be visible ASCII without a slash.'],
    ['an empty secret key', { secretKey: '' }, 'secretKey must be visible ASCII.'],
    ['a secret key of other characters', { secretKey: '密' }, 'secretKey must be visible ASCII.'],
    ['a secret key that is no text', { secretKey: null }, 'secretKey must be visible ASCII.'],
    [
      'an unknown state',
      { tasks: { [TASK_ID]: 'running' } },
      `The state of ${TASK_ID} must be one of Waiting, Running, Done, Failed, Stopped.`,
    ],
    [
      'a state that is none',
      { tasks: { [TASK_ID]: undefined } },
      `The state of ${TASK_ID} must be one of Waiting, Running, Done, Failed, Stopped.`,
    ],
  ])('refuses %s', async (_, options: LocalConsoleOptions, message) => {
    const name = 'RangeError';
    await expect(startLocalConsole(options)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });
});

describe('closing', () => {
  test('frees the port, and a second time changes nothing', async () => {
    await Promise.all([local.close(), local.close()]);
    await local.close();
    await expect(answerTo(open())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('breaks connections that are idle, waiting or stalled', async () => {
    const port = Number(new URL(local.url).port);
    local.answerNext({ fault: 'no-answer' });
    local.answerNext({ fault: 'stall-body', body: '01' });
    const ends = [rawCall(), rawCall()];
    const idle = connect(port, '127.0.0.1').on('error', () => {});
    idle.resume();
    await Promise.all([recorded(2), once(idle, 'connect')]);
    await call();
    const idleEnd = once(idle, 'close');
    await local.close();
    await Promise.all([...ends, idleEnd]);
  });

  test('cancels answers that are still to come', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'Date', 'queueMicrotask'] });
    local.answerNext({ delayMs: 60_000 });
    const raw = rawCall();
    await recorded(1);
    const timersBefore = jest.getTimerCount();
    await local.close();
    expect([timersBefore, jest.getTimerCount(), (await raw).text]).toEqual([1, 0, '']);
  });

  test('leaves nothing behind that keeps the process alive', async () => {
    const script = `
      const { once } = require('node:events');
      const http = require('node:http');
      const { startLocalConsole } = require('./src/local-console.ts');
      (async () => {
        const local = await startLocalConsole();
        const answers = [{ delayMs: 2_000_000_000 }, { fault: 'no-answer' }, { fault: 'stall-body' }, { fault: 'break-body' }, {}];
        answers.forEach(local.answerNext);
        for (const _ of answers) http.request(local.url, { method: 'POST' }, (it) => it.on('error', () => {})).on('error', () => {}).end('{}');
        while (local.requests.length < answers.length) await new Promise(setImmediate);
        await local.close();
        process.stdout.write('closed');
      })();
    `;
    const child = spawn(process.execPath, ['--require', 'esbuild-register', '--eval', script], {
      cwd: join(__dirname, '..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [[text], [status]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')]);
      expect([String(text), status]).toEqual(['closed', 0]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('with the real SDK', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  function stop(taskId: string, secretKey: string): Promise<unknown> {
    // All that it reads is set here, so that no `.env` that lies around has a say.
    jest.replaceProperty(process, 'env', {
      ...process.env,
      QIANFAN_CONSOLE_API_BASE_URL: local.url,
      QIANFAN_ACCESS_KEY: local.credentials.accessKey,
      QIANFAN_SECRET_KEY: secretKey,
    });
    const { consoleAction } = require('@baiducloud/qianfan');
    return consoleAction({ base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId } });
  }

  test('its own signature verifies, and the task is stopped', async () => {
    const answer = await stop(TASK_ID, local.credentials.secretKey);
    expect(answer).toMatchObject({ requestId: expect.stringMatching(UUID), result: true });
    expect(local.tasks.get(TASK_ID)).toBe('Stopped');
    expect(local.requests).toEqual([
      expect.objectContaining({
        method: 'POST',
        path: '/v2/finetuning',
        query: { Action: 'StopFineTuningTask' },
        headers: expect.objectContaining({ 'content-type': 'application/json' }),
        body: `{"taskId":"${TASK_ID}"}`,
        accessKey: 'local-access-key',
        signatureValid: true,
      }),
    ]);
  });

  test('a task that is unknown is a result, not an error', async () => {
    await expect(stop('task-000000000000', local.credentials.secretKey)).resolves.toMatchObject({ result: false });
  });

  test('its signature with a wrong secret key does not verify, and nothing is stopped', async () => {
    await expect(stop(TASK_ID, 'wrong')).rejects.toThrow('SignatureDoesNotMatch');
    expect(local.tasks.get(TASK_ID)).toBe('Running');
    expect(local.requests).toEqual([expect.objectContaining({ accessKey: 'local-access-key', signatureValid: false })]);
  });
});
