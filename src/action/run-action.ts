// The only place where a call is put together: check, call, read. Our own failures become an UnexpectedError here.

import { safeError } from '../common/redact';
import { isQianfanError, UnexpectedError } from '../errors';
import { callConsoleAction } from '../sdk/call';
import type { CallOptions } from '../types';
import type { Action } from './action';
import { callOptions, checkArguments } from './check-arguments';
import { withAdvice } from './read-response';
import { readReply } from './result-or-error';

/** Runs one action once. */
export async function runAction<Input extends object, Result>(
  action: Action<Input, Result>,
  input: Input,
  options: CallOptions | undefined,
): Promise<{ readonly requestId: string; readonly result: Result }> {
  try {
    const checked = checkArguments(action.input, callOptions, input, options);
    const request = { base_api_route: action.route, action: action.name, data: checked.input };
    const call = await callConsoleAction(request, checked.options);
    return readReply(call, action, checked.input);
  } catch (error) {
    if (isQianfanError(error)) throw error;
    const text = withAdvice('This package failed; please report the cause.', 'unknown', action);
    throw new UnexpectedError(text, { cause: safeError(error) });
  }
}
