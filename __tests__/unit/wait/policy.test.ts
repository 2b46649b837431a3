// What follows each attempt: the rows that must hold, with a number for a clock.

import { describe, expect, test } from '@jest/globals';
import { AbortError, type AnyQianfanError, ConnectionError, UnexpectedError } from '../../../src/errors';
import {
  type Answer,
  advance,
  FIRST_STEP,
  type Known,
  NOTHING_KNOWN,
  type Step,
  wasCut,
} from '../../../src/wait/policy';
import {
  ACCEPTED,
  api,
  BROKEN,
  failed,
  follow,
  odd,
  RATE_LIMITED,
  STOPPED_NOTHING,
  state,
  TIMING,
} from '../../support/waits/attempts';
import { asAnswer, script } from '../../support/waits/script';
import { asFarAs, ROWS } from '../../support/waits/wait-rows';

/** Plays a script to its end, with a number for a clock. */
function play(responses: string, timeoutMs = 600_000): { end: string; requests: string } {
  const said = script(responses);
  let known = NOTHING_KNOWN;
  let step: Step = FIRST_STEP;
  let nowMs = 0;
  let requests = '';
  const end = (code: string) =>
    [code, known.stop === 'accepted' ? 'unknown' : known.stop, known.stop, known.task?.runStatus ?? '-'].join(' ');
  while (nowMs < timeoutMs) {
    requests += step.next === 'stop' ? 'S' : 'D';
    const answer = asAnswer(step.next, said.next(step.next));
    if ('error' in answer && answer.error.name === 'TimeoutError') nowMs += answer.error.timeoutMs;
    ({ known, step } = advance(known, answer, { ...TIMING, remainingMs: Math.max(0, timeoutMs - nowMs) }));
    if (step.next === 'resolve') return { end: step.response.result.runStatus, requests };
    if (step.next === 'reject') return { end: end(step.error.code), requests };
    nowMs += step.pauseMs;
  }
  return { end: end('TIMEOUT'), requests };
}

describe('a script of responses', () => {
  test.each(ROWS)('$responses → $end ($requests)', (row) => {
    const { end, requests } = play(row.responses);
    expect(end).toBe(row.end);
    expect(asFarAs(row, requests)).toBe(row.requests);
  });
});

describe('what is known of the stop', () => {
  test.each<[string, readonly Answer[], Known['stop']]>([
    ['starts at nothing sent', [], 'not_sent'],
    ['is refused after false', [STOPPED_NOTHING], 'refused'],
    ['is refused after a refusal', [failed('stop', api('PERMISSION_DENIED'))], 'refused'],
    ['is unknown after a broken connection', [failed('stop', BROKEN)], 'unknown'],
    ['is accepted after true', [ACCEPTED], 'accepted'],
    ['rises from refused', [STOPPED_NOTHING, failed('stop', BROKEN)], 'unknown'],
    ['does not fall back to refused', [failed('stop', BROKEN), STOPPED_NOTHING], 'unknown'],
    [
      'does not fall back to not sent',
      [STOPPED_NOTHING, failed('stop', new ConnectionError('Refused.', { outcome: 'not_sent' }))],
      'refused',
    ],
    ['is not touched by a Describe that fails', [STOPPED_NOTHING, failed('describe', BROKEN)], 'refused'],
  ])('%s', (_, answers, stop) => {
    expect(follow(answers).known.stop).toBe(stop);
  });

  test('is kept together with the numbers of requests', () => {
    const { known } = follow([
      STOPPED_NOTHING,
      state('Running'),
      ACCEPTED,
      failed('describe', BROKEN),
      state('Running'),
    ]);
    expect(known).toMatchObject({ stopRequests: 2, describeRequests: 3 });
  });

  test('is kept together with the last state, and with the last error until a request succeeds', () => {
    const running = { runStatus: 'Running' };
    expect(follow([ACCEPTED, state('Running'), failed('describe', BROKEN)]).known).toMatchObject({
      task: running,
      lastError: BROKEN,
    });
    expect(follow([ACCEPTED, failed('describe', BROKEN), state('Running')]).known).toMatchObject({
      task: running,
      lastError: undefined,
    });
  });
});

describe('a request that was cut', () => {
  const cut = new AbortError('Aborted.', { outcome: 'unknown' });

  test('is not taken for one that failed', () => {
    expect([failed('stop', cut), failed('stop', BROKEN), ACCEPTED, state('Running')].map(wasCut)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('counts by its own outcome, and leaves the last error as it was', () => {
    const { known } = follow([failed('stop', RATE_LIMITED), failed('stop', cut)]);
    expect(known).toMatchObject({ stop: 'unknown', stopRequests: 2, lastError: RATE_LIMITED });
  });
});

describe('a response that is not in form', () => {
  const bare = api('PERMISSION_DENIED', { outcome: 'unknown', apiCode: undefined });
  const NEXT = { next: 'describe' };

  test.each<[string, AnyQianfanError]>([
    ['a bare 403', bare],
    ['a page', odd('<html>')],
    ['an empty body', odd('')],
    ['a JSON array', odd('[{"result":true}]')],
    ['a JSON object with neither a result nor a code', odd('{"message":"Not here."}')],
    ['a page that talks of results', odd('<p>{"result": 1}</p>')],
    ['a redirect with a code', odd('{"code":302,"message":"Log in."}')],
    ['an error in the form of another server', odd('{"success":false,"error":{"code":"upstream","result":null}}')],
    ['a result within something else', odd('{"data":{"result":{"runStatus":"Running"}}}')],
  ])('%s counts as the page of a gateway once any response was in form', (_, error) => {
    expect(follow([ACCEPTED, failed('describe', error)]).step).toMatchObject(NEXT);
    expect(follow([failed('stop', RATE_LIMITED), failed('stop', bare), failed('describe', error)]).step).toMatchObject({
      next: 'stop',
    });
    expect(follow([failed('stop', odd('{"result":1}')), failed('describe', error)]).step).toMatchObject({
      next: 'stop',
    });
    expect(follow([failed('stop', BROKEN), failed('describe', error)]).step).toEqual({ next: 'reject', error });
    expect(follow([failed('stop', bare), failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });

  test.each([
    ['a result', '{"requestId":"r","result":{"taskId":"task-another"}}'],
    ['a result in text that was cut', '{"requestId":"r",\n "result" : {"metrics":'],
    [
      'a result behind other fields',
      ' { "log_id": 1.5e3, "ok": true, "requestId": "\\"", "error_code": null, "result": 1 }',
    ],
  ])('does not have %s', (_, response) => {
    const bareStatus = api('NOT_FOUND', { outcome: 'unknown', apiCode: undefined, response });
    for (const error of [odd(response), bareStatus]) {
      expect(follow([ACCEPTED, failed('describe', error)]).step).toEqual({ next: 'reject', error });
    }
  });

  test('is not an error without any response', () => {
    const error = new UnexpectedError('Oops.', {});
    expect(follow([ACCEPTED, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });
});

describe('a Describe that is refused', () => {
  const error = api('PERMISSION_DENIED');

  test.each<[string, readonly Answer[]]>([
    ['the stop was accepted', [ACCEPTED]],
    ['the last stop got a response', [failed('stop', BROKEN), state('Running'), STOPPED_NOTHING]],
    ['no stop is due any more', [failed('stop', BROKEN), state('Running'), failed('stop', api('INVALID_REQUEST'))]],
  ])('ends the wait if %s', (_, before) => {
    expect(follow([...before, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });

  test('ends the wait if it is not a refusal but another task’s state', () => {
    const other = odd('{"result":{"taskId":"task-another"}}');
    expect(follow([failed('stop', BROKEN), failed('describe', other)]).step).toEqual({ next: 'reject', error: other });
  });

  test('does not end the wait if the outcome of the stop is unknown', () => {
    const { step } = follow([failed('stop', BROKEN), failed('describe', error)]);
    expect(step).toMatchObject({ next: 'stop', pauseMs: 4_000 });
  });
});

describe('a stop that is refused after one that may have worked', () => {
  test.each<[string, AnyQianfanError, boolean]>([
    ['is about the state with 510302', api('INVALID_REQUEST', { apiCode: '510302' }), true],
    ['may be about the state with an undocumented code', api('INVALID_REQUEST'), true],
    ['is for good with a documented code', api('INVALID_REQUEST', { apiCode: 'MalformedJSON' }), false],
    ['is for good with any other refusal', api('PERMISSION_DENIED'), false],
  ])('%s', (_, error, isAboutState) => {
    const { known, step } = follow([failed('stop', BROKEN), state('Running'), failed('stop', error)]);
    expect(step).toEqual({ next: 'describe', pauseMs: isAboutState ? 8_000 : 0 });
    expect(known).toMatchObject({ isTooLateToStop: isAboutState, stop: 'unknown' });
    expect(known.refusal).toBe(isAboutState ? undefined : error);
  });
});
