// Answers that a test scripts with `answerNext`: which request gets which, what is sent, and every fault.
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type LocalConsole, startLocalConsole } from '../../../src/local-console';
import {
  answerTo,
  type Call,
  DESCRIBE,
  fakeTimeouts,
  open,
  ROUTE,
  rawSend,
  recorded,
  STOP,
  send,
  stop,
  TASK_ID,
} from '../../support/servers/console-client';

let local: LocalConsole;
beforeEach(async () => {
  local = await startLocalConsole({ tasks: { [TASK_ID]: 'Running' } });
});
afterEach(async () => {
  jest.useRealTimers();
  await local.close();
});

describe('a scripted answer', () => {
  test('is given as it is, with nothing added', async () => {
    local.answerNext({
      status: 503,
      headers: { 'Retry-After': '7', 'set-cookie': ['a=1', 'b=2'] },
      body: { a: ['千'] },
    });
    const { status, headers, text } = await send(local);
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
    const answer = await send(local);
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([200, text, contentType]);
  });

  test('keeps its own content-type, however it is written', async () => {
    local.answerNext({ headers: { 'Content-Type': 'text/x' }, body: {} });
    expect((await send(local)).headers['content-type']).toBe('text/x');
  });

  test.each<[string, Call]>([
    ['a good request', {}],
    ['an unsigned request', { authorization: null }],
    ['another path', { target: '/' }],
    ['a body that is too large', { body: 'x'.repeat(1_048_577) }],
  ])('answers %s, which is kept, and changes no task', async (_, call) => {
    local.answerNext({ body: 'scripted' });
    expect((await send(local, call)).text).toBe('scripted');
    expect(local.requests).toHaveLength(1);
    expect([...local.tasks]).toEqual([[TASK_ID, 'Running']]);
  });

  test('is what it was when it was queued', async () => {
    const body = { a: 1 };
    local.answerNext({ body });
    body.a = 2;
    expect((await send(local)).text).toBe('{"a":1}');
  });

  test('comes after its delay and not before', async () => {
    fakeTimeouts();
    local.answerNext({ body: 'late', delayMs: 60_000 });
    const request = open(local);
    const onResponse = jest.fn();
    request.once('response', onResponse);
    await recorded(local, 1);
    jest.advanceTimersByTime(59_999);
    await send(local);
    expect(onResponse).not.toHaveBeenCalled();
    const answer = answerTo(request);
    jest.advanceTimersByTime(1);
    expect((await answer).text).toBe('late');
  });

  const BAD_STATUS = 'status must be an integer from 200 to 599.';
  const BAD_DELAY = 'delayMs must be an integer, 0 to 2147483647.';
  test.each<[string, object, string]>([
    [
      'an unknown field',
      { state: 500 },
      'state is not a known field; known: action, status, headers, body, delayMs, fault.',
    ],
    ['an unknown action', { action: 'DeleteTask' }, 'action must be one that the console serves, not DeleteTask.'],
    ['an inherited name', { action: 'toString' }, 'action must be one that the console serves, not toString.'],
    ['an action that is no text', { action: null }, 'action must be one that the console serves, not null.'],
    ['a status of HTTP/1.1 100', { status: 100 }, BAD_STATUS],
    ['a status of 600', { status: 600 }, BAD_STATUS],
    ['half a status', { status: 200.5 }, BAD_STATUS],
    ['a status in text', { status: '200' }, BAD_STATUS],
    ['a delay before now', { delayMs: -1 }, BAD_DELAY],
    ['a delay for ever', { delayMs: Infinity }, BAD_DELAY],
    ['a delay that setTimeout cuts', { delayMs: 2 ** 31 }, BAD_DELAY],
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
    expect(await stop(local)).toBe(true);
  });
});

describe('each scripted answer is for one request, and of those that fit it a request gets the first one queued:', () => {
  // S and D: a stop, a Describe. Each answer's body is its place in the queue; `-`: the console's own answer.
  test.each([
    ['S S S', [undefined, undefined], '0 1 -'],
    ['S D S D', ['StopFineTuningTask', 'DescribeFineTuningTask'], '0 1 - -'],
    ['D D S', ['StopFineTuningTask'], '- - 0'],
    ['D S', ['DescribeFineTuningTask', 'StopFineTuningTask'], '0 1'],
    ['S D', ['DescribeFineTuningTask', 'StopFineTuningTask'], '1 0'],
    ['S S', ['StopFineTuningTask', undefined], '0 1'],
    ['S S', [undefined, 'StopFineTuningTask'], '0 1'],
    ['D S D', [undefined, 'StopFineTuningTask', undefined], '0 1 2'],
    ['D D S', ['StopFineTuningTask', undefined, undefined], '1 2 0'],
  ] as const)('%s with the queue %j gets %s', async (requests, actions, expected) => {
    for (const [index, action] of actions.entries()) local.answerNext({ action, body: String(index) });
    const seen: string[] = [];
    for (const letter of requests.split(' ')) {
      const { text } = await send(local, { target: letter === 'S' ? STOP : DESCRIBE });
      seen.push(text.length === 1 ? text : '-');
    }
    expect(seen.join(' ')).toBe(expected);
  });

  test.each<[string, Call, string]>([
    ['an unsigned request of that action', { authorization: null }, 'scripted'],
    ['that action on another path', { target: STOP.replace('v2', 'v1') }, 'scripted'],
    ['a request without an action', { target: ROUTE }, 'InvalidURI'],
  ])('one with an action and %s', async (_, call, expected) => {
    local.answerNext({ action: 'StopFineTuningTask', body: 'scripted' });
    expect((await send(local, call)).text).toContain(expected);
  });
});

describe('a fault', () => {
  test('no-answer: the headers never come', async () => {
    local.answerNext({ fault: 'no-answer', body: 'unseen' });
    const raw = rawSend(local);
    await recorded(local, 1);
    await send(local);
    await local.close();
    expect((await raw).text).toBe('');
  });

  test('reset: the connection is reset before the headers', async () => {
    local.answerNext({ fault: 'reset', body: 'unseen' });
    expect(await rawSend(local)).toEqual({ text: '', end: 'ECONNRESET' });
  });

  test.each([
    ['0123456789', '10', '01234'],
    ['012', '3', '0'],
    ['0', '1', ''],
    [undefined, '1', ''],
  ])('break-body: headers and half of %j come, then the connection breaks', async (body, length, half) => {
    local.answerNext({ fault: 'break-body', status: 201, body });
    // Whether TCP's reset reaches a client as such, or as an early end, is up to the client's system.
    const [head = '', received] = (await rawSend(local)).text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(head.toLowerCase()).toContain(`\r\ncontent-length: ${length}\r\n`);
    expect(received).toBe(half);
  });

  test.each([204, 304])('break-body: the headers of a %i, which has no body, come', async (status) => {
    local.answerNext({ fault: 'break-body', status, body: 'none' });
    expect((await rawSend(local)).text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test('break-body: an HTTP client notices', async () => {
    local.answerNext({ fault: 'break-body', body: '0123456789' });
    await expect(send(local)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('stall-body: headers and half of the body come, then nothing', async () => {
    local.answerNext({ fault: 'stall-body', body: '0123456789' });
    const [response] = await once(open(local), 'response');
    const [half] = await once(response, 'data');
    expect([response.headers['content-length'], String(half)]).toEqual(['10', '01234']);
    const onMore = jest.fn();
    response.on('data', onMore).on('end', onMore);
    const broken = once(response, 'error');
    await send(local);
    expect(onMore).not.toHaveBeenCalled();
    expect(response.destroyed).toBe(false);
    await local.close();
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  test('can come after a delay', async () => {
    fakeTimeouts();
    local.answerNext({ fault: 'reset', delayMs: 1_000 });
    const raw = rawSend(local);
    await recorded(local, 1);
    jest.advanceTimersByTime(1_000);
    expect((await raw).end).toBe('ECONNRESET');
  });

  test('leaves the next request alone', async () => {
    local.answerNext({ fault: 'break-body', body: '01' });
    await rawSend(local);
    expect(await stop(local)).toBe(true);
  });
});
