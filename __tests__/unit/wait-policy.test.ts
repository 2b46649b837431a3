// What follows each answer: the rows that must hold, with a clock that is a number, and the lengths of the pauses.

import { describe, expect, test } from '@jest/globals';
import {
  AbortError,
  type AnyQianfanError,
  ApiError,
  ConnectionError,
  UnexpectedError,
  UnexpectedResponseError,
} from '../../src/errors';
import {
  type Answer,
  advance,
  FIRST_STEP,
  type Known,
  NOTHING_KNOWN,
  type Step,
  type Timing,
  wasCut,
} from '../../src/wait/policy';
import { asAnswer, script } from '../support/wait-answers';
import { ROWS } from '../support/wait-rows';

const TIMING: Timing = { pollIntervalMs: 15_000, remainingMs: 600_000, random: 1 };
const STOPPED_NOTHING: Answer = { to: 'stop', response: { requestId: '', result: false } };
const ACCEPTED: Answer = { to: 'stop', response: { requestId: '', result: true } };
const state = (runStatus: string): Answer => ({ to: 'describe', response: { requestId: '', result: { runStatus } } });
const failed = (to: 'stop' | 'describe', error: AnyQianfanError): Answer => ({ to, error });

const api = (
  code: ApiError['code'],
  more: Partial<Pick<ApiError, 'outcome' | 'retryable' | 'apiCode' | 'retryAfterMs'>> = {},
) => new ApiError('No.', { code, outcome: 'refused', retryable: false, apiCode: 'AnyCode', ...more });
const RATE_LIMITED = api('RATE_LIMITED', { retryable: true });
const BROKEN = new ConnectionError('It broke.', { outcome: 'unknown' });
const odd = (response: string) => new UnexpectedResponseError('Odd.', { outcome: 'unknown', response });

/** Where the answers lead, one after the other. */
function follow(answers: readonly Answer[], timing: Partial<Timing> = {}): { known: Known; step: Step } {
  let known = NOTHING_KNOWN;
  let step: Step = FIRST_STEP;
  for (const answer of answers) ({ known, step } = advance(known, answer, { ...TIMING, ...timing }));
  return { known, step };
}

/** The pauses before the requests that follow these answers. */
function pauses(answers: readonly Answer[], timing: Partial<Timing> = {}): readonly unknown[] {
  return answers.map((_, index) => {
    const { step } = follow(answers.slice(0, index + 1), timing);
    return 'pauseMs' in step ? step.pauseMs : step.next;
  });
}

/** Plays a script to its end, with a clock that is a number. */
function play(answers: string, timeoutMs = 600_000): { end: string; requests: string } {
  const said = script(answers);
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

describe('a script of answers', () => {
  test.each(ROWS)('$answers → $end ($requests)', ({ answers, end, requests }) => {
    const played = play(answers);
    expect(played.end).toBe(end);
    if (end.startsWith('TIMEOUT')) expect(played.requests.slice(0, requests.length)).toBe(requests);
    else expect(played.requests).toBe(requests);
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

  test('goes with the numbers of requests', () => {
    const { known } = follow([
      STOPPED_NOTHING,
      state('Running'),
      ACCEPTED,
      failed('describe', BROKEN),
      state('Running'),
    ]);
    expect(known).toMatchObject({ stopRequests: 2, describeRequests: 3 });
  });

  test('goes with the last state that was answered, and the last error until a request succeeds', () => {
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

  test('is told from one that failed', () => {
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

describe('an answer that is not in form', () => {
  const bare = api('PERMISSION_DENIED', { outcome: 'unknown', apiCode: undefined });
  const NEXT = { next: 'describe' };

  test.each<[string, AnyQianfanError]>([
    ['a bare 403', bare],
    ['a page', odd('<html>')],
    ['an empty body', odd('')],
    ['a JSON array', odd('[{"result":true}]')],
    ['a JSON object with neither a result nor a code', odd('{"message":"Not here."}')],
    ['a page that talks of results', odd('<p>{"result": 1}</p>')],
  ])('%s is a gateway’s, once any answer was in form', (_, error) => {
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
    ['a code', '  {"code":"AccessDenied"}'],
    ['an error code', '{"error_code":0}'],
  ])('is not one with %s', (_, response) => {
    const error = odd(response);
    expect(follow([ACCEPTED, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });

  test('is not a failure without any answer', () => {
    const error = new UnexpectedError('Oops.', {});
    expect(follow([ACCEPTED, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });
});

describe('a Describe that is refused', () => {
  const error = api('PERMISSION_DENIED');

  test.each<[string, readonly Answer[]]>([
    ['the stop was accepted', [ACCEPTED]],
    ['the last stop was answered', [failed('stop', BROKEN), state('Running'), STOPPED_NOTHING]],
    ['no stop is due any more', [failed('stop', BROKEN), state('Running'), failed('stop', api('INVALID_REQUEST'))]],
  ])('ends the wait if %s', (_, before) => {
    expect(follow([...before, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });

  test('ends the wait if it is no refusal, but another task’s state', () => {
    const other = odd('{"result":{"taskId":"task-another"}}');
    expect(follow([failed('stop', BROKEN), failed('describe', other)]).step).toEqual({ next: 'reject', error: other });
  });

  test('does not keep a task alive whose stop is unknown', () => {
    const { step } = follow([failed('stop', BROKEN), failed('describe', error)]);
    expect(step).toMatchObject({ next: 'stop', pauseMs: 4_000 });
  });
});

describe('a stop that is refused after one that may have worked', () => {
  test.each<[string, AnyQianfanError, boolean]>([
    ['is about the state with 510302', api('INVALID_REQUEST', { apiCode: '510302' }), true],
    ['may be about the state with a code that nobody documents', api('INVALID_REQUEST'), true],
    ['is for good with a documented code', api('INVALID_REQUEST', { apiCode: 'MalformedJSON' }), false],
    ['is for good with any other refusal', api('PERMISSION_DENIED'), false],
  ])('%s', (_, error, isAboutState) => {
    const { known, step } = follow([failed('stop', BROKEN), state('Running'), failed('stop', error)]);
    expect(step).toEqual({ next: 'describe', pauseMs: isAboutState ? 8_000 : 0 });
    expect(known).toMatchObject({ isTooLateToStop: isAboutState, stop: 'unknown' });
    expect(known.refusal).toBe(isAboutState ? undefined : error);
  });
});

describe('a pause', () => {
  const DESCRIBED = [ACCEPTED, ...Array.from({ length: 6 }, () => state('Running'))];

  test('is 0, 2, 4, 8, 15, 15 … seconds', () => {
    expect(pauses(DESCRIBED)).toEqual([0, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  test('is half of that at the least', () => {
    expect(pauses(DESCRIBED, { random: 0 })).toEqual([0, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500]);
  });

  test('grows no longer than pollIntervalMs, also after a thousand pauses', () => {
    expect(pauses(DESCRIBED, { pollIntervalMs: 100 })).toEqual([0, 100, 100, 100, 100, 100, 100]);
    const known = { ...NOTHING_KNOWN, stop: 'accepted', pauses: 5_000 } as const;
    expect(advance(known, state('Running'), TIMING).step).toEqual({ next: 'describe', pauseMs: 15_000 });
  });

  test('does not follow true, false or a refusal', () => {
    for (const answer of [ACCEPTED, STOPPED_NOTHING, failed('stop', api('PERMISSION_DENIED'))]) {
      expect(follow([answer]).step).toEqual({ next: 'describe', pauseMs: 0 });
    }
  });

  test('grows up to a minute while the rate is limited', () => {
    const answers = Array.from({ length: 7 }, () => failed('stop', RATE_LIMITED));
    expect(pauses(answers)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(pauses(answers, { pollIntervalMs: 100 })).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    const known = { ...NOTHING_KNOWN, pauses: 20 };
    const { step } = advance(known, failed('stop', RATE_LIMITED), { ...TIMING, pollIntervalMs: 90_000 });
    expect(step).toEqual({ next: 'stop', pauseMs: 90_000 });
  });

  test.each<[string, number, number]>([
    ['is never below Retry-After', 7_000, 7_000],
    ['is as long as without a shorter one', 1_000, 2_000],
    ['may last as long as there is time', 600_000, Number.POSITIVE_INFINITY],
  ])('%s', (_, retryAfterMs, pauseMs) => {
    const { step } = follow([failed('stop', api('RATE_LIMITED', { retryable: true, retryAfterMs }))]);
    expect(step).toEqual({ next: 'stop', pauseMs });
  });

  test('is not begun if Retry-After is longer than the time left', () => {
    const error = api('RATE_LIMITED', { retryable: true, retryAfterMs: 600_001 });
    expect(follow([failed('stop', error)]).step).toEqual({ next: 'reject', error });
    expect(follow([ACCEPTED, failed('describe', error)]).step).toEqual({ next: 'reject', error });
  });

  test.each<[string, number, number, number | undefined]>([
    ['that ends in time is as it is', 15_001, 15_000, undefined],
    ['that would reach the end leaves 2 s for the last requests', 15_000, 13_000, undefined],
    ['may be cut to a half', 9_500, 7_500, undefined],
    ['is not cut to less than a half, but lasts to the end', 9_499, Number.POSITIVE_INFINITY, undefined],
    ['may be cut to Retry-After', 14_000, 12_000, 12_000],
    ['is not cut to less than Retry-After', 13_999, Number.POSITIVE_INFINITY, 12_000],
  ])('%s', (_, remainingMs, pauseMs, retryAfterMs) => {
    const known: Known = { ...NOTHING_KNOWN, stop: 'accepted', pauses: 9 };
    const error = api('SERVER_ERROR', { outcome: 'unknown', retryable: true, retryAfterMs });
    expect(advance(known, failed('describe', error), { ...TIMING, remainingMs }).step).toEqual({
      next: 'describe',
      pauseMs,
    });
  });
});
