// Responses that are scripted with `answerNext`: which request gets which, what is sent, and every fault.
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { LocalConsole } from '../../../src/local-console';
import {
  closeConsoles,
  DESCRIBE,
  fakeTimeouts,
  type RequestParts,
  ROUTE,
  rawSend,
  recorded,
  responseTo,
  STOP,
  send,
  startConsole,
  startRequest,
  stop,
  TASK_ID,
} from '../../support/servers/console-client';

let local: LocalConsole;
beforeEach(async () => {
  local = await startConsole();
});
afterEach(closeConsoles);

describe('a scripted response', () => {
  test('is sent as it is, with nothing added', async () => {
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
    const response = await send(local);
    expect([response.status, response.text, response.headers['content-type']]).toEqual([200, text, contentType]);
  });

  test('keeps its own content-type, in any case', async () => {
    local.answerNext({ headers: { 'Content-Type': 'text/x' }, body: {} });
    expect((await send(local)).headers['content-type']).toBe('text/x');
  });

  test.each<[string, RequestParts]>([
    ['a valid request', {}],
    ['an unsigned request', { authorization: null }],
    ['another path', { target: '/' }],
    ['a body that is too large', { body: 'x'.repeat(1_048_577) }],
  ])('goes to %s, which is recorded and changes no task', async (_, parts) => {
    local.answerNext({ body: 'scripted' });
    expect((await send(local, parts)).text).toBe('scripted');
    expect(local.requests).toHaveLength(1);
    expect([...local.tasks]).toEqual([[TASK_ID, 'Running']]);
  });

  test('does not change after it was queued', async () => {
    const body = { a: 1 };
    local.answerNext({ body });
    body.a = 2;
    expect((await send(local)).text).toBe('{"a":1}');
  });

  test('is sent after its delay, and not before', async () => {
    fakeTimeouts();
    local.answerNext({ body: 'late', delayMs: 60_000 });
    const request = startRequest(local);
    const onResponse = jest.fn();
    request.once('response', onResponse);
    await recorded(local, 1);
    jest.advanceTimersByTime(59_999);
    await send(local);
    expect(onResponse).not.toHaveBeenCalled();
    const response = responseTo(request);
    jest.advanceTimersByTime(1);
    expect((await response).text).toBe('late');
  });

  const KNOWN = 'action, status, headers, body, delayMs, fault';
  const NO_OBJECT = `answer must be an object with some of ${KNOWN}.`;
  const badAction = (action: string) =>
    `answer.action must be StopFineTuningTask or DescribeFineTuningTask, not ${action}.`;
  const BAD_STATUS = 'answer.status must be an integer from 200 to 599.';
  const BAD_HEADERS = 'answer.headers must be an object with a value for each header name.';
  const BAD_BODY = 'answer.body must be text, bytes, or a value that JSON can hold.';
  const BAD_DELAY = 'answer.delayMs must be an integer from 0 to 2147483647.';
  test.each<[string, unknown, string]>([
    ['a number in its place', 503, NO_OBJECT],
    ['null in its place', null, NO_OBJECT],
    ['a list in its place', [{ status: 503 }], NO_OBJECT],
    ['an unknown field', { state: 500 }, `answer.state is not a known field; known: ${KNOWN}.`],
    ['an unknown action', { action: 'DeleteTask' }, badAction('DeleteTask')],
    ['an inherited name as an action', { action: 'toString' }, badAction('toString')],
    ['an action that is no string', { action: null }, badAction('null')],
    ['a status of 100', { status: 100 }, BAD_STATUS],
    ['a status of 600', { status: 600 }, BAD_STATUS],
    ['a status that is no integer', { status: 200.5 }, BAD_STATUS],
    ['a status that is a string', { status: '200' }, BAD_STATUS],
    ['a negative delay', { delayMs: -1 }, BAD_DELAY],
    ['an infinite delay', { delayMs: Infinity }, BAD_DELAY],
    ['a delay too long for setTimeout', { delayMs: 2 ** 31 }, BAD_DELAY],
    ['an unknown fault', { fault: 'explode' }, 'answer.fault must be one of no-answer, reset, break-body, stall-body.'],
    ['headers that are a string', { headers: 'retry-after: 7' }, BAD_HEADERS],
    ['a list of headers', { headers: ['retry-after: 7'] }, BAD_HEADERS],
    ['a header name with a space', { headers: { 'a b': 'c' } }, 'Header name must be a valid HTTP token ["a b"]'],
    ['a header value with a line break', { headers: { a: 'b\nc' } }, 'Invalid character in header content ["a"]'],
    ['a line break in a second value', { headers: { a: ['b', 'c\nd'] } }, 'Invalid character in header content ["a"]'],
    ['a trailer', { headers: { Trailer: 'x' } }, 'answer.headers must not have a trailer.'],
    ['a header without a value', { headers: { a: undefined } }, 'Invalid value "undefined" for header "a"'],
    ['a function as the body', { body: () => '' }, BAD_BODY],
    ['a body that JSON cannot hold', { body: 1n }, BAD_BODY],
  ])('is refused and not queued: %s', async (_, answer, message) => {
    expect(() => Reflect.apply(local.answerNext, local, [answer])).toThrow(message);
    expect(await stop(local)).toBe(true);
  });
});

describe('each scripted response goes to one request, and a request gets the first in the queue that fits:', () => {
  // S and D: a stop, a Describe. The body of each response is its place in the queue; `-` is the console's own response.
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

  test.each<[string, RequestParts, string]>([
    ['an unsigned request for it', { authorization: null }, 'scripted'],
    ['a request for it on another path', { target: STOP.replace('v2', 'v1') }, 'scripted'],
    ['a request without an action', { target: ROUTE }, 'InvalidURI'],
  ])('a response for StopFineTuningTask, and %s', async (_, parts, expected) => {
    local.answerNext({ action: 'StopFineTuningTask', body: 'scripted' });
    expect((await send(local, parts)).text).toContain(expected);
  });
});

describe('a fault', () => {
  test('no-answer: nothing is sent', async () => {
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
  ])('break-body: the headers and half of %j are sent, then the connection breaks', async (body, length, half) => {
    local.answerNext({ fault: 'break-body', status: 201, body });
    // Only `text` is checked: the client's system may report TCP's reset as an error or as an end.
    const [head = '', received] = (await rawSend(local)).text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(head.toLowerCase()).toContain(`\r\ncontent-length: ${length}\r\n`);
    expect(received).toBe(half);
  });

  test.each([204, 304])('break-body: a %i has no body, and its headers are sent', async (status) => {
    local.answerNext({ fault: 'break-body', status, body: 'none' });
    expect((await rawSend(local)).text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test('break-body: an HTTP client gets an error', async () => {
    local.answerNext({ fault: 'break-body', body: '0123456789' });
    await expect(send(local)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('stall-body: the headers and half of the body are sent, then nothing', async () => {
    local.answerNext({ fault: 'stall-body', body: '0123456789' });
    const [response] = await once(startRequest(local), 'response');
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

  test('can be delayed', async () => {
    fakeTimeouts();
    local.answerNext({ fault: 'reset', delayMs: 1_000 });
    const raw = rawSend(local);
    await recorded(local, 1);
    jest.advanceTimersByTime(1_000);
    expect((await raw).end).toBe('ECONNRESET');
  });

  test('does not affect the next request', async () => {
    local.answerNext({ fault: 'break-body', body: '01' });
    await rawSend(local);
    expect(await stop(local)).toBe(true);
  });
});
