// The only place where a call is put together: check, call, judge, tell. What fails in this package itself becomes an
// UnexpectedError here.

import { fieldOf, textField } from '../common/fields';
import { createRedactor, safeError } from '../common/redact';
import { shownTaskId } from '../common/task-id';
import { InvalidInputError, isQianfanError, UnexpectedError } from '../errors';
import { callConsoleAction } from '../sdk/call';
import { secretKeyOf } from '../sdk/environment';
import type { CallOptions } from '../types';
import type { Action } from './action';
import { type Advice, NOTHING_SENT, withAdvice } from './advice';
import type { ArgumentsCheck } from './check-arguments';
import { resultOrError } from './result-or-error';

/** Runs one action once. */
export async function runAction<Input extends object, Result>(
  action: Action<Input, Result>,
  input: Input,
  options: CallOptions | undefined,
): Promise<{ readonly requestId: string; readonly result: Result }> {
  return withArguments(action, input, options, async (checked) => {
    const request = { base_api_route: action.route, action: action.name, data: checked.input };
    return resultOrError(await callConsoleAction(request, checked.options), action, checked.input);
  });
}

/** Checks the arguments of a function, and runs it. Never rejects with anything but an error of this package. */
export async function withArguments<Input, Options, Response>(
  { check, advice }: { readonly check: ArgumentsCheck<Input, Options>; readonly advice: Advice },
  input: unknown,
  options: unknown,
  run: (checked: { readonly input: Input; readonly options: Options }) => Promise<Response>,
): Promise<Response> {
  const taskId = () => {
    const passed = textField(input, 'taskId');
    return passed === undefined ? undefined : shownTaskId(passed, secretKeyAmong(options));
  };
  const redactor = () => createRedactor(secretKeyAmong(options));
  try {
    const checked = check(input, options);
    if (!('issues' in checked)) return await run(checked);
    // The name of an unknown field is foreign text, too.
    const redact = redactor();
    const issues = checked.issues.map(({ path, message }) => ({ path: redact(path), message: redact(message) }));
    const list = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new InvalidInputError(`${NOTHING_SENT}: ${list}${list.endsWith('?') ? '' : '.'}`, {
      issues,
      taskId: taskId(),
    });
  } catch (error) {
    if (isQianfanError(error)) throw error;
    const message = withAdvice('This package failed; please report the cause.', 'unknown', advice);
    throw new UnexpectedError(message, { cause: safeError(error, redactor()), taskId: taskId() });
  }
}

/** The secret key of a call whose options may be of any shape. */
export function secretKeyAmong(options: unknown): string | undefined {
  return textField(fieldOf(options, 'credentials'), 'secretKey') ?? secretKeyOf({});
}
