// Words that cannot be task IDs are refused, with what each one probably is.

import { expect, test } from '@jest/globals';
import { explainTaskId, taskIdError } from '../../../src/cli/task-ids';

test.each(['task-5kjifvzerc5n', 'task-a', 'task-A_1.b-c', `task-${'x'.repeat(251)}`])('%s can be a task ID', (text) => {
  expect(explainTaskId(text)).toBeUndefined();
});

test.each([
  ['', 'is empty'],
  ['undefined', 'is the text of a value that was not set'],
  ['-', 'does not stand for standard input here; xargs -r passes IDs from a pipe'],
  ['--json', 'looks like an option; options stand in front of --'],
  ['5000', 'looks like the value of an option'],
  ['30s', 'looks like the value of an option'],
  ['team.env', 'looks like a file; a file with keys needs --keys-file in front of it'],
  ['./keys', 'looks like a file'],
  ['"task-a"', 'has quotes around it; the ID in it is task-a'],
  ['‘task-a’', 'has quotes around it; it has ‘ (U+2018) in it; the ID in it is task-a'],
  ['task-a,task-b', 'is a list; separate IDs with spaces; the IDs in it are task-a task-b'],
  ['task-a，', 'is a list; separate IDs with spaces; it has ， (U+FF0C) in it; the ID in it is task-a'],
  ['https://console.example/job-1/task-a?x=1', 'is a URL; the ID in it is task-a'],
  ['{"taskId":"task-a"}', 'is JSON; the ID in it is task-a'],
  ['job-abc', 'is a job ID; a task ID starts with task-'],
  ['JOB-abc', 'is a job ID'],
  [' task-a', 'has white space in it; the ID in it is task-a'],
  ['task-a\n', 'has white space in it; the ID in it is task-a'],
  ['task-', 'has nothing after task-'],
  ['task', 'has nothing after task-'],
  ['Task-a', 'does not start with task-'],
  ['abc', 'does not start with task-'],
  ['task-a\u001b[2J', 'has a character that no task ID has, U+001B; the ID in it is task-a'],
  ['task-a:b', 'has a character that no task ID has, :; the ID in it is task-a'],
  ['task-é', 'has a character that no task ID has, é (U+00E9)'],
  ['任务', 'does not start with task-; it has 任 (U+4EFB) in it'],
  ['tаsk-a', 'does not start with task-; it has а (U+0430) in it'],
  ['task-a\u00a0', 'has white space in it; it has U+00A0 in it; the ID in it is task-a'],
  [
    Array.from({ length: 12 }, (_, index) => `task-${index}`).join(),
    'is a list; separate IDs with spaces; the IDs in it are task-0 task-1 task-2 task-3 task-4 task-5 task-6 task-7 task-8 task-9 …',
  ],
  [`task-${'x'.repeat(252)}`, 'is longer than 256 characters'],
])('%j cannot be a task ID and is explained', (text, explanation) => {
  expect(explainTaskId(text)?.slice(0, explanation.length)).toBe(explanation);
});

test.each([
  ['task－1', '－ (U+FF0D)'],
  ['ｔask-1', 'ｔ (U+FF54)'],
  ['task-１', '１ (U+FF11)'],
  ['task–1', '– (U+2013)'],
  ['task\u22121', '\u2212 (U+2212)'],
  ['task-\u200b1', 'U+200B'],
  ['\ufefftask-1', 'U+FEFF'],
])('%j looks like a task ID, and the character that makes the difference is named', (text, character) => {
  const explanation = `has a character that no task ID has, ${character}; the ID is probably task-1`;
  expect(explainTaskId(text)).toBe(explanation);
});

test.each([
  ['－－wait', '－ (U+FF0D)'],
  ['—wait', '— (U+2014)'],
  ['‐‐json', '‐ (U+2010)'],
  ['\u200b--wait', 'U+200B'],
  ['--wａit', 'ａ (U+FF41)'],
])('%j is recognised as a mistyped option', (text, character) => {
  expect(explainTaskId(text)).toBe(`looks like an option, but has ${character} in it; an option starts with --`);
});

test('an error names the word', () => {
  expect(taskIdError('a', 'is wrong')).toMatchObject({
    message: 'Nothing was sent: taskId is wrong.',
    taskId: 'a',
    issues: [{ path: 'taskId', message: 'is wrong' }],
  });
});
