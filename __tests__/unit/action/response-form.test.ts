// Which responses are in Qianfan's form. A wait goes on after one that is not, such as a gateway's page.

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { formOf } from '../../../src/action/response-form';
import type { RawEnd } from '../../../src/sdk/messages';
import { httpError, rejected, resolved, resolvedBody } from '../../support/sdk/messages';
import { ANSWERED, failure } from '../../support/sdk/mocked-call';

afterEach(() => {
  jest.restoreAllMocks();
});

const json = (body: unknown, status = 404): RawEnd => rejected(httpError(status, body));
const page = (text: string): RawEnd => resolved({ headers: {}, ...Object(text) });

describe('a response is in form with', () => {
  test.each<[string, RawEnd]>([
    ['a result that is not documented', resolved(resolvedBody({ result: { taskId: 'task-another' } }))],
    ['a result of null', resolved(resolvedBody({ requestId: 'r', result: null }))],
    ['a result behind other fields', json({ log_id: 1.5e3, error_code: null, result: 1 })],
    ['a result that is longer than what an error keeps', json({ result: 'x'.repeat(5_000) })],
    ['a code', json({ code: 'AnyCode' })],
    ['a code that nobody documents, with a status that no error has', json({ code: 'Odd' }, 300)],
    ['a code in the headers', rejected(httpError(403, '', { 'x-bce-error-code': 'AccessDenied' }))],
  ])('%s', async (_, end) => {
    expect(formOf(await failure(end)).isInForm).toBe(true);
  });
});

test.each<[string, RawEnd]>([
  ['a result of false behind an earlier request', resolved(resolvedBody({ result: false }))],
  ['a result that is not documented', resolved(resolvedBody({ result: 7 }))],
])('%s is in form, without a documented code', async (_, end) => {
  expect(formOf(await failure(end, { ...ANSWERED, requests: 2 }))).toEqual({ isInForm: true, isDocumented: false });
});

describe('a response is not in form that is', () => {
  test.each<[string, RawEnd]>([
    ['a bare status', json('')],
    ['a page', page('<html>')],
    ['an empty body', page('')],
    ['an array', json([{ result: true }])],
    ['an object with neither a result nor a code', json({ message: 'Not here.' })],
    ['a page that talks of results', page('<p>{"result": 1}</p>')],
    ['an error in the form of another server', json({ success: false, error: { code: 'upstream', result: null } })],
    ['a result within something else', json({ data: { result: { runStatus: 'Running' } } })],
  ])('%s', async (_, end) => {
    expect(formOf(await failure(end)).isInForm).toBe(false);
  });

  test('a redirect, whatever its body says', async () => {
    const seen = { ...ANSWERED, status: 302, redirect: 'https://login.example/' };
    const end = json({ code: 302, message: 'Log in.', result: true }, 302);
    expect(formOf(await failure(end, seen))).toEqual({ isInForm: false, isDocumented: false });
  });

  test('one that nobody read', async () => {
    const end: RawEnd = { kind: 'timed_out', timeoutMs: 5 };
    expect(formOf(await failure(end))).toEqual({ isInForm: false, isDocumented: false });
  });
});

test.each([
  ['MalformedJSON', true],
  ['510302', true],
  ['NobodyDocumentsThis', false],
  ['constructor', false],
])('the code %s is documented: %p', async (code, isDocumented) => {
  expect(formOf(await failure(json({ code }, 400)))).toEqual({ isInForm: true, isDocumented });
});
