// What can be a task ID, and how an error names the one that was passed.

import { describe, expect, test } from '@jest/globals';
import { isTaskId, oddCharacterIn, shownTaskId, taskIdsIn } from '../../../src/common/task-id';

const SIGNATURE = 'ac001bade9bda8f1867a8268850d187740c3512f948aac7b4a9b8ad23cd392d7';

test.each([
  ['task-5kjifvzerc5n', true],
  ['A', true],
  ['0._-', true],
  ['t'.repeat(256), true],
  ['t'.repeat(257), false],
  ['', false],
  ['.task', false],
  ['-task', false],
  ['_task', false],
  ['task 1', false],
  ['task-1\n', false],
  ['task-ä', false],
])('%j can be a task ID: %p', (text, isOne) => {
  expect(isTaskId(text)).toBe(isOne);
});

test('the first odd character is found, whole', () => {
  expect(['task-1', 'a b/c', 'x😀'].map(oddCharacterIn)).toEqual([undefined, ' ', '😀']);
});

test('the IDs in a text are found, each once', () => {
  expect(taskIdsIn('["task-a", "task-b_1.x", "task-a"]')).toEqual(['task-a', 'task-b_1.x']);
  expect(taskIdsIn(`task- job-1 task-_ task-${'x'.repeat(300)}`)).toEqual([]);
});

describe('an error names', () => {
  test.each([
    ['a valid ID as it is', 'task-5kjifvzerc5n', 'task-5kjifvzerc5n'],
    ['a valid ID as it is that holds the key', 'task-secret-key', 'task-secret-key'],
    ['a valid ID as it is that looks like a signature', SIGNATURE, SIGNATURE],
    ['no secret key', 'secret-key', '[redacted]'],
    ['no secret key in capitals', 'SECRET-KEY', '[redacted]'],
    ['no secret key within other text', 'task 1 secret-key', 'task 1 [redacted]'],
    ['no signature within other text', `task 1 ${SIGNATURE}`, 'task 1 [redacted]'],
    ['no control character', 'task-\u001b[2J\u0085\u2028\u202e', 'task-\\u001b[2J\\u0085\\u2028\\u202e'],
    ['an empty text', '', ''],
  ])('%s', (_, passed, shown) => {
    expect(shownTaskId(passed, 'secret-key')).toBe(shown);
  });

  test('a valid ID as it is without a key', () => {
    expect(shownTaskId('task-5kjifvzerc5n', undefined)).toBe('task-5kjifvzerc5n');
  });

  test('at most 256 characters', () => {
    expect(shownTaskId('任'.repeat(300), undefined)).toBe('任'.repeat(256));
    expect(shownTaskId('\n'.repeat(300), undefined)).toHaveLength(256);
  });
});
