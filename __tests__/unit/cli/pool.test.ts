// How many tasks are under way at once, and when one gives up its place.

import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { runAll } from '../../../src/cli/pool';

interface Started {
  readonly item: number;
  readonly leave: () => void;
  readonly end: (value: string) => void;
}

function start(count: number) {
  const started: Started[] = [];
  const items = Array.from({ length: count }, (_, index) => index);
  const ends = runAll(items, (item, leave) => new Promise<string>((end) => started.push({ item, leave, end })));
  return { started, ends };
}

test('16 items start at once, and each that ends lets the next one start', async () => {
  const { started } = start(40);
  await setImmediate();
  expect(started.map(({ item }) => item)).toEqual(Array.from({ length: 16 }, (_, index) => index));
  started[3]?.end('x');
  await setImmediate();
  expect(started.slice(16).map(({ item }) => item)).toEqual([16]);
});

test('an item that leaves its place lets one other start, and not another one when it ends', async () => {
  const { started } = start(40);
  await setImmediate();
  started[0]?.leave();
  started[0]?.leave();
  await setImmediate();
  started[0]?.end('x');
  await setImmediate();
  expect(started).toHaveLength(17);
});

test('all ends are given in the order of the items, whichever came first', async () => {
  const { started, ends } = start(3);
  await setImmediate();
  for (const { item, end } of [...started].reverse()) end(`end of ${item}`);
  expect(await ends).toEqual(['end of 0', 'end of 1', 'end of 2']);
});

test('what one item throws does not keep others from running, and is thrown at the end', async () => {
  const seen: number[] = [];
  const ends = runAll(
    Array.from({ length: 20 }, (_, index) => index),
    async (item) => {
      seen.push(item);
      if (item === 0) throw new Error('a bug');
    },
  );
  await expect(ends).rejects.toThrow('a bug');
  expect(seen).toHaveLength(20);
});
