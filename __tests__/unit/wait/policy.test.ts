// What follows each attempt: the rows that must hold, with a number for a clock.

import { describe, expect, test } from '@jest/globals';
import { AbortError, type AnyQianfanError, ConnectionError, UnexpectedError } from '../../../src/errors';
import {
  type Attempt,
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
  BAD_CERTIFICATE,
  BROKEN,
  EXPIRED,
  failed,
  follow,
  odd,
  RATE_LIMITED,
  REFUSED,
  STOPPED_NOTHING,
  state,
  TIMING,
  UNKNOWN_HOST,
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
  test.each<[string, readonly Attempt[], Known['stop']]>([
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

  test.each<[string, AnyQianfanError]>([
    ['a bare 403', bare],
    ['a page', odd('gateway')],
  ])('%s is a gateway’s, once any response was in form', (_, error) => {
    const described = failed('describe', error);
    expect(follow([ACCEPTED, described]).step).toMatchObject({ next: 'describe' });
    expect(follow([failed('stop', RATE_LIMITED), failed('stop', bare), described]).step).toMatchObject({
      next: 'stop',
    });
    expect(follow([failed('stop', odd('qianfan')), described]).step).toMatchObject({ next: 'stop' });
    expect(follow([failed('stop', BROKEN), described]).step).toEqual({ next: 'reject', error });
    expect(follow([failed('stop', bare), described]).step).toEqual({ next: 'reject', error });
  });

  test('is not one with a result that cannot be read', () => {
    const error = odd('qianfan');
    expect(follow([ACCEPTED, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });

  test('is not a failure without any response', () => {
    const error = new UnexpectedError('Oops.', {});
    expect(follow([ACCEPTED, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });
});

describe('a Describe that is refused', () => {
  const error = api('PERMISSION_DENIED');

  test.each<[string, readonly Attempt[]]>([
    ['the stop was accepted', [ACCEPTED]],
    ['the last stop got a response', [failed('stop', BROKEN), state('Running'), STOPPED_NOTHING]],
    ['no stop is due any more', [failed('stop', BROKEN), state('Running'), failed('stop', api('INVALID_REQUEST'))]],
  ])('ends the wait if %s', (_, before) => {
    expect(follow([...before, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });

  test('ends the wait if it is no refusal, but another task’s state', () => {
    const other = odd('qianfan');
    expect(follow([failed('stop', BROKEN), failed('describe', other)]).step).toEqual({ next: 'reject', error: other });
  });

  test('does not end the wait if the outcome of the stop is unknown', () => {
    const { step } = follow([failed('stop', BROKEN), failed('describe', error)]);
    expect(step).toMatchObject({ next: 'stop', pauseMs: 4_000 });
  });
});

describe('a stop that is refused after one that may have worked', () => {
  test.each<[string, AnyQianfanError, boolean]>([
    ['may be about the state with a code that nobody documents', api('INVALID_REQUEST'), true],
    ['is for good with a documented code', api('INVALID_REQUEST', { apiCode: 'MalformedJSON' }), false],
    ['is for good with any other refusal', api('PERMISSION_DENIED'), false],
  ])('%s', (_, error, isAboutState) => {
    const { known, step } = follow([failed('stop', BROKEN), state('Running'), failed('stop', error)]);
    expect(step).toEqual({ next: 'describe', pauseMs: isAboutState ? 8_000 : 0 });
    expect(known).toMatchObject({ isTooLateToStop: isAboutState, stop: 'unknown' });
    expect(known.refusal).toBe(isAboutState ? undefined : error);
  });

  test('is for good if that one was only rate-limited', () => {
    const limited = failed('stop', api('RATE_LIMITED', { outcome: 'unknown', retryable: true }));
    const error = api('INVALID_REQUEST');
    expect(follow([limited, failed('stop', error)]).known).toMatchObject({ isTooLateToStop: false, refusal: error });
  });
});

describe('a stop that is refused with 510302', () => {
  const error = api('INVALID_REQUEST', { apiCode: '510302' });

  test.each<[string, readonly Attempt[]]>([
    ['first', []],
    ['after one that may have worked', [failed('stop', BROKEN), state('Running')]],
    ['after a refusal that may pass', [failed('stop', RATE_LIMITED)]],
  ])('counts as false %s', (_, before) => {
    const { known, step } = follow([...before, failed('stop', error)]);
    expect(step).toEqual({ next: 'describe', pauseMs: 0 });
    expect([known.isTooLateToStop, known.refusal]).toEqual([false, undefined]);
  });

  test('is followed by another stop', () => {
    expect(follow([failed('stop', error), state('Running')]).step).toMatchObject({ next: 'stop' });
  });

  test('does not if an earlier request of the same call may have worked', () => {
    const unknown = api('INVALID_REQUEST', { apiCode: '510302', outcome: 'unknown' });
    expect(follow([failed('stop', unknown)]).step).toMatchObject({ next: 'describe', pauseMs: 2_000 });
  });
});

describe('a stop that is rate-limited', () => {
  const unknown = api('RATE_LIMITED', { outcome: 'unknown', retryable: true });

  test.each([RATE_LIMITED, unknown])('is followed by a stop, whatever its outcome (%#)', (error) => {
    expect(follow([failed('stop', error)]).step).toMatchObject({ next: 'stop' });
  });

  test('is followed by a Describe after every fifth in a row', () => {
    const stops = Array.from({ length: 11 }, () => failed('stop', unknown));
    const next = stops.map((_, index) => follow(stops.slice(0, index + 1)).step.next);
    expect(next.flatMap((step, index) => (step === 'describe' ? index + 1 : []))).toEqual([5, 10]);
    const afterDescribe = follow([...stops.slice(0, 5), state('Running')]);
    expect(afterDescribe.step).toMatchObject({ next: 'stop' });
  });
});

describe('a certificate that is not trusted', () => {
  const REJECT = { next: 'reject', error: BAD_CERTIFICATE };

  test.each<[string, readonly Attempt[], 'stop' | 'describe']>([
    ['at the first request', [], 'stop'],
    ['after a connection that was refused', [failed('stop', REFUSED)], 'stop'],
    ['after a gateway’s page', [failed('stop', odd('gateway'))], 'describe'],
    ['after a request that had expired', [failed('stop', BROKEN), failed('describe', EXPIRED)], 'stop'],
  ])('ends the wait %s', (_, before, to) => {
    expect(follow([...before, failed(to, BAD_CERTIFICATE)]).step).toEqual(REJECT);
  });

  test.each<[string, readonly Attempt[], 'stop' | 'describe']>([
    ['an accepted stop', [ACCEPTED], 'describe'],
    ['a state', [STOPPED_NOTHING, state('Running')], 'stop'],
    ['an error in Qianfan’s form', [failed('stop', RATE_LIMITED)], 'stop'],
  ])('may be a captive portal’s after %s', (_, before, to) => {
    const { step } = follow([...before, failed(to, BAD_CERTIFICATE)]);
    expect(step).toMatchObject({ next: to, pauseMs: expect.any(Number) });
  });

  test('does not hide a refusal of the stop', () => {
    const refusal = api('PERMISSION_DENIED');
    const { step } = follow([failed('stop', refusal), failed('describe', BAD_CERTIFICATE)]);
    expect(step).toEqual({ next: 'reject', error: refusal });
  });
});

describe('a request that has expired', () => {
  test.each<[string, readonly Attempt[], 'stop' | 'describe']>([
    ['an accepted stop', [ACCEPTED], 'describe'],
    ['a state', [failed('stop', BROKEN), state('Running')], 'stop'],
  ])('may be due to a clock that is being set, after %s', (_, before, to) => {
    expect(follow([...before, failed(to, EXPIRED)]).step).toMatchObject({ next: to, pauseMs: expect.any(Number) });
  });

  test('ends the wait if nothing else was ever answered', () => {
    expect(follow([failed('stop', EXPIRED)]).step).toEqual({ next: 'reject', error: EXPIRED });
    expect(follow([failed('stop', REFUSED), failed('stop', EXPIRED)]).step).toEqual({ next: 'reject', error: EXPIRED });
  });

  test('does not hide a refusal of the stop', () => {
    const refusal = api('PERMISSION_DENIED');
    const { step } = follow([failed('stop', refusal), failed('describe', EXPIRED)]);
    expect(step).toEqual({ next: 'reject', error: refusal });
  });
});

describe('a host whose name is unknown', () => {
  const unknownHost = failed('stop', UNKNOWN_HOST);

  test('ends the wait at the third request', () => {
    expect(follow([unknownHost, unknownHost]).step).toMatchObject({ next: 'stop' });
    expect(follow([unknownHost, unknownHost, unknownHost]).step).toEqual({ next: 'reject', error: UNKNOWN_HOST });
  });

  test.each<[string, readonly Attempt[]]>([
    ['before', [failed('stop', REFUSED), unknownHost, unknownHost, unknownHost]],
    ['between', [unknownHost, failed('stop', REFUSED), unknownHost, unknownHost]],
    [
      'and a Describe did not',
      [
        failed('stop', REFUSED),
        failed('stop', BROKEN),
        failed('describe', UNKNOWN_HOST),
        ...[unknownHost, unknownHost],
      ],
    ],
  ])('may come back where a request failed otherwise %s', (_, attempts) => {
    expect(follow(attempts).step).toMatchObject({ next: 'stop' });
  });
});
