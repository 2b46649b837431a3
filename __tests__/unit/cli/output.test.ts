// What is said while tasks are under way and when they end.

import { describe, expect, test } from '@jest/globals';
import { describeProgress, state, summarize } from '../../../src/cli/live-progress';
import { cut, type Output, printable } from '../../../src/cli/output';
import { explain, showLine, showObject } from '../../../src/cli/report';
import { ApiError, ConnectionError, InvalidInputError, UnexpectedError, type WaitProgress } from '../../../src/index';

/** Keeps what is written, each line with its stream. */
function collect(): { readonly lines: string[]; readonly output: Output } {
  const lines: string[] = [];
  const output: Output = {
    result: (text, mark = '') => void lines.push(`out ${mark}${text}`),
    note: (text, mark = '') => void lines.push(`err ${mark}${text}`),
    page: (text) => void lines.push(`page ${text}`),
    live: (text) => void lines.push(`live ${text}`),
    isTerminal: false,
    flush: async () => {},
  };
  return { lines, output };
}

const progressOf = (taskId: string, more: Partial<WaitProgress> = {}): WaitProgress => ({
  taskId,
  stop: 'accepted',
  stopRequests: 1,
  describeRequests: 1,
  ...more,
});

describe('one line sums up all tasks', () => {
  const standing = (progress: readonly WaitProgress[], ended: readonly string[], elapsedMs: number) => ({
    total: 3,
    wait: true,
    progress: new Map(progress.map((one) => [one.taskId, one])),
    ended: new Set(ended),
    elapsedMs,
  });

  test('with the progress of those that have not ended, all stops accepted, and the time', () => {
    const progress = [
      progressOf('task-a', { runProgress: '20%' }),
      progressOf('task-b', { runProgress: '60 %' }),
      progressOf('task-c', { runProgress: '90%' }),
    ];
    expect(summarize(standing(progress, ['task-c'], 12_999))).toBe(
      '2 of 3 tasks still running (20 %, 60 %) · stops accepted: 3 · 12 s',
    );
  });

  test('without what nobody said, or what is no progress', () => {
    const progress = [progressOf('task-a', { stop: 'unknown', runProgress: '\u001b[2J%' })];
    expect(summarize(standing(progress, [], 125_000))).toBe(
      '3 of 3 tasks still running · stops accepted: 0 · 2 min 5 s',
    );
  });

  test('for one task, in the singular, and only as an answer that is missing if nothing is waited for', () => {
    const { progress, ended } = standing([], [], 0);
    expect(summarize({ total: 1, wait: false, progress, ended, elapsedMs: 3_000 })).toBe(
      '1 of 1 task not answered yet · 3 s',
    );
  });
});

test.each<readonly [Partial<WaitProgress>, string]>([
  [{ stop: 'accepted' }, 'stop accepted'],
  [{ stop: 'accepted', runStatus: 'Running', runProgress: '45%' }, 'stop accepted, Running, 45 %'],
  [{ stop: 'accepted', runStatus: 'Running', runProgress: '' }, 'stop accepted, Running'],
  [{ stop: 'refused', runStatus: '' }, 'the stop request stopped nothing, no state'],
  [{ stop: 'unknown' }, 'it is not known whether the stop was accepted'],
  [
    { stop: 'not_sent', lastError: new ConnectionError('x', { outcome: 'not_sent' }) },
    'no stop was sent yet, the last request failed with CONNECTION_FAILED',
  ],
])('what is known of a task is said in words: %j', (progress, words) => {
  expect(describeProgress(progressOf('task-a', progress))).toBe(words);
});

test('a progress that is not a percentage is shown as it is', () => {
  expect(state('Running', 'step 3')).toBe('Running, step 3');
  expect(state('Running', 7)).toBe('Running');
});

test('characters that drive a terminal, break a line or turn its direction are shown as their codes', () => {
  expect(printable('a\u001b[2J\n\u0085\u202e\u2028é任')).toBe('a\\u001b[2J\\u000a\\u0085\\u202e\\u2028é任');
});

test('a line leaves the last column free, and shows where it was cut', () => {
  expect(cut('12345', 6)).toBe('12345');
  expect(cut('123456', 6)).toBe('1234…');
});

describe('the end of a task is shown', () => {
  const words = ' may still be running';
  const api = (message: string, response: string) =>
    new ApiError(message, {
      code: 'PERMISSION_DENIED',
      outcome: 'unknown',
      retryable: false,
      requestId: 'r-1',
      response,
    });

  test('on standard output if it was answered', () => {
    const { lines, output } = collect();
    const answer = { requestId: 'r-1', result: true, words: ': stop accepted', mark: '✔', isGood: true } as const;
    showLine({ taskId: 'task-a', ...answer }, output);
    showLine({ taskId: 'task-a', ...answer, requestId: '' }, output);
    showObject({ taskId: 'task-a', ...answer }, output);
    expect(lines).toEqual([
      'out ✔task-a: stop accepted (request r-1).',
      'out ✔task-a: stop accepted.',
      'out {"taskId":"task-a","requestId":"r-1","result":true}',
    ]);
  });

  test('on standard error if it failed, with code, request and what to do', () => {
    const { lines, output } = collect();
    showLine({ taskId: 'task-a', error: api('Denied. Ask.', ''), words }, output);
    expect(lines).toEqual(['err ✖task-a may still be running: PERMISSION_DENIED (request r-1). Denied. Ask.']);
  });

  test('without the token that a description holds', () => {
    const { lines, output } = collect();
    const result = { runStatus: 'Done', vdlLink: 'https://x/?token=t', checkpointList: [{ vdlLink: 'y', step: 1 }] };
    showObject({ taskId: 'task-a', requestId: 'r-1', result, words: '', mark: '', isGood: true }, output);
    expect(lines).toEqual([
      'out {"taskId":"task-a","requestId":"r-1","result":{"runStatus":"Done","checkpointList":[{"step":1}]}}',
    ]);
  });

  test('without that token in a response that an error quotes', () => {
    const { lines, output } = collect();
    const response = '{"vdlLink": "https://x/?a=b\\u0026token=t", "runStatus": 1}';
    showObject({ taskId: 'task-a', error: api('Odd.', response), words }, output);
    expect(JSON.parse(`${lines[0]}`.slice(4)).error.response).toBe('{"vdlLink": "", "runStatus": 1}');
    expect(explain(api('Odd.', response))).toBe('Odd. The response: {"vdlLink": "", "runStatus": 1}');
    expect(explain(api('Odd.', `{"vdlLink":"${'t'.repeat(300)}`))).toBe('Odd. The response: {"vdlLink":"');
  });

  test('with the text of an answer that is not in Qianfan’s form, once, on one line, and not too long', () => {
    const page = `<html>\n  <h1>Forbidden</h1>${'x'.repeat(300)}`;
    const start = '<html> <h1>Forbidden</h1>';
    expect(explain(api('A proxy answered.', page))).toMatch(
      new RegExp(`^A proxy answered\\. The response: ${start}x+…$`),
    );
    expect(explain(api('A proxy answered.', page)).length).toBeLessThan(240);
    expect(explain(api(`A proxy answered: ${page}`, page))).not.toContain('The response');
  });

  test('with the words of the cause if nobody foresaw it', () => {
    const { lines, output } = collect();
    const error = new UnexpectedError('It failed.', { cause: new TypeError('x is not a function') });
    expect(explain(error)).toBe('It failed. Cause: TypeError: x is not a function');
    showObject({ taskId: 'task-a', error, words }, output);
    expect(JSON.parse(`${lines[0]}`.slice(4))).toMatchObject({
      taskId: 'task-a',
      error: { code: 'UNEXPECTED_ERROR', outcome: 'unknown', cause: 'TypeError: x is not a function' },
    });
  });

  test('with advice for the command line in place of advice for a program', () => {
    const message = 'Check `credentials`. Ask with describeFineTuningTask, or let stopFineTuningTaskAndWait do it.';
    expect(explain(api(message, ''))).toBe(
      'Check --keys-file. Ask with qianfan-finetuning status, or let qianfan-finetuning stop --wait do it.',
    );
  });

  test('with the name that an option has on the command line', () => {
    const issues = [{ path: 'credentials.secretKey', message: 'has quotes around it' }];
    expect(explain(new InvalidInputError('x', { issues }))).toBe(
      'Nothing was sent: QIANFAN_SECRET_KEY in the --keys-file has quotes around it.',
    );
  });
});
