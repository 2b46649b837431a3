// Fields of values of unknown origin.

import { describe, expect, test } from '@jest/globals';
import { messageOf, ownField, textField } from '../../../src/common/fields';

const TRAP = {
  get a() {
    throw new Error('no');
  },
};

describe('an own field', () => {
  test('is not an inherited one, and not that of a text or a function', () => {
    expect(ownField({ a: 1 }, 'a')).toBe(1);
    expect(ownField(Object.create({ a: 1 }), 'a')).toBeUndefined();
    expect(ownField('text', 'length')).toBeUndefined();
    expect(ownField(() => {}, 'name')).toBeUndefined();
  });

  test('is none where nothing can be read', () => {
    expect([undefined, null, 1, TRAP].map((value) => ownField(value, 'a'))).toEqual(Array(4).fill(undefined));
  });
});

test('a field of text may be inherited, but is a string', () => {
  expect(textField(Object.create({ a: 'text' }), 'a')).toBe('text');
  expect([{ a: 1 }, TRAP, null, undefined].map((value) => textField(value, 'a'))).toEqual(Array(4).fill(undefined));
});

test('a message is that of an error, or a string that was thrown', () => {
  expect([new Error('no'), 'no', { message: 'no' }].map(messageOf)).toEqual(['no', 'no', 'no']);
  expect([{ message: 1 }, null, 7].map(messageOf)).toEqual(['', '', '']);
});
