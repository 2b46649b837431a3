// The error that a call must end with.

import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { type AnyQianfanError, isQianfanError } from '../../../src';
import { errorFields } from './contract';

/** The error of this package that a call rejects with. Fails the test if it resolves, or rejects with anything else. */
export async function errorOf(call: Promise<unknown>): Promise<AnyQianfanError> {
  const [end] = await Promise.allSettled([call]);
  if (end.status === 'fulfilled') throw new Error(`The call resolved: ${inspect(end.value)}`);
  if (!isQianfanError(end.reason)) throw new Error(`Not an error of this package: ${inspect(end.reason)}`);
  return end.reason;
}

/** What is wrong with the input of a call, in the words behind "Nothing was sent". */
export async function inputProblemOf(call: Promise<unknown>): Promise<string> {
  const error = await errorOf(call);
  if (error.code !== 'INVALID_INPUT') throw error;
  expect(error.toJSON()).toEqual(errorFields('INVALID_INPUT', 'not_sent', { issues: error.issues }));
  const list = error.issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  expect(error.message).toBe(`Nothing was sent: ${list}${list.endsWith('?') ? '' : '.'}`);
  return list;
}

/** A value as every way of printing shows it. */
export function printed(value: unknown): string {
  const all = {
    depth: Number.POSITIVE_INFINITY,
    maxStringLength: null,
    maxArrayLength: null,
    showHidden: true,
  } as const;
  const { stack, cause }: { stack?: unknown; cause?: unknown } = Object(value);
  return [inspect(value, all), JSON.stringify(value), String(value), String(stack), inspect(cause, all)].join('\n');
}
