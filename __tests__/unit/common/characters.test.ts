// How a character is named that a reader may not see, and how those are escaped that a terminal obeys.

import { expect, test } from '@jest/globals';
import { escapeControls, nameOf } from '../../../src/common/characters';

test.each([
  ['a', 'a'],
  ['!', '!'],
  ['“', '“ (U+201C)'],
  ['：', '： (U+FF1A)'],
  ['任', '任 (U+4EFB)'],
  ['😀', '😀 (U+1F600)'],
  ['ä', 'ä (U+00E4)'],
  [' ', 'U+0020'],
  ['\t', 'U+0009'],
  ['\u200b', 'U+200B'],
  ['\u202e', 'U+202E'],
  ['\u0301', 'U+0301'],
  ['\ud800', 'U+D800'],
])('%j is called %s', (character, name) => {
  expect(nameOf(character)).toBe(name);
});

test.each([
  ['what drives a terminal', 'a\u001b[2Jb\u0007\u009bc', 'a\\u001b[2Jb\\u0007\\u009bc'],
  ['line breaks', 'a\nb\r\u0085c\u2028\u2029', 'a\\u000ab\\u000d\\u0085c\\u2028\\u2029'],
  ['what turns the direction', 'a\u202eb\u200f\u2066c', 'a\\u202eb\\u200f\\u2066c'],
])('%s is escaped', (_, text, escaped) => {
  expect(escapeControls(text)).toBe(escaped);
  expect(JSON.parse(`"${escapeControls(text)}"`)).toBe(text);
});

test('everything else is left as it is', () => {
  const text = '任务 task-1 “ä” 😀 \u200b';
  expect(escapeControls(text)).toBe(text);
});
