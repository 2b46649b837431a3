// The only place where a call is put together: check, call, read. Our own failures become an UnexpectedError here.

import type { Action } from './action';
import { isQianfanError, UnexpectedError } from './errors';
import { callOptions, checkArguments } from './input';
import type { CallOptions } from './options';
import { withAdvice } from './read-answer';
import { readReply } from './read-reply';
import { safeError } from './redact';
import { callConsoleAction } from './sdk/call';

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
