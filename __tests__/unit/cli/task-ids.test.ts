// Words that are no task IDs are never sent, and are called what they are.

import { expect, test } from '@jest/globals';
import { explainTaskId } from '../../../src/cli/task-ids';

test.each(['task-5kjifvzerc5n', 'task-a', 'task-A_1.b-c', `task-${'x'.repeat(251)}`])('%s can be a task ID', (text) => {
  expect(explainTaskId(text)).toBeUndefined();
});

test.each([
  ['', 'is empty'],
  ['undefined', 'is a value that was not there'],
  ['--json', 'looks like an option'],
  ['\u2014wait', 'starts with a dash that is no hyphen'],
  ['5000', 'looks like the value of an option'],
  ['30s', 'looks like the value of an option'],
  ['team.env', 'looks like a file; a file with keys needs --keys-file in front of it'],
  ['./keys', 'looks like a file'],
  ['"task-a"', 'has quotes around it; the ID in it is task-a'],
  ['‘task-a’', 'has quotes around it; the ID in it is task-a'],
  ['task-a,task-b', 'is a list; separate IDs with spaces; the IDs in it are task-a task-b'],
  ['task-a，', 'is a list; separate IDs with spaces; the ID in it is task-a'],
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
  ['task-a\u001b[2J', 'has a character that no task ID has; the ID in it is task-a'],
  [`task-${'x'.repeat(252)}`, 'is longer than 256 characters'],
])('%j cannot be a task ID and is explained', (text, explanation) => {
  expect(explainTaskId(text)).toMatch(new RegExp(`^${explanation}`));
});
