// Shows how a task ended: as a line for a person or as a JSON object for a program.

import { inOneLine } from '../common/characters';
import { type AnyQianfanError, UnexpectedError } from '../index';
import type { SuccessOrFailure } from './commands';
import { cut, type Output } from './output';

const MAX_RESPONSE_LENGTH = 200;
// Also in a text that quotes JSON, or JSON within JSON.
const VDL_LINK = /(vdlLink\\*"\s*:\s*\\*")[^"]*/g;

// How a user of this command calls the options that can be wrong.
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['credentials.accessKey', 'QIANFAN_ACCESS_KEY in the --keys-file'],
  ['credentials.secretKey', 'QIANFAN_SECRET_KEY in the --keys-file'],
  ['baseUrl', 'QIANFAN_CONSOLE_API_BASE_URL in the --keys-file'],
]);

/** Shows it, and returns what was shown. A result that cannot be shown is a failure of that task, not of the others. */
export function show(end: SuccessOrFailure, json: boolean, output: Output): SuccessOrFailure {
  const showEnd = json ? showObject : showLine;
  try {
    showEnd(end, output);
    return end;
  } catch (cause) {
    // A field that is nested 20 000 deep, for example: JSON.stringify runs out of stack.
    const message = 'The result cannot be written as JSON. Without --json, the state of the task can be shown.';
    const { taskId } = end;
    const error = new UnexpectedError(message, { cause, taskId, requestId: requestIdOf(end) });
    const failure = { taskId, error, words: ': its result cannot be shown' };
    showEnd(failure, output);
    return failure;
  }
}

function showLine(end: SuccessOrFailure, output: Output): void {
  const requestId = requestIdOf(end);
  const request = requestId ? ` (request ${requestId})` : '';
  if ('error' in end) output.note(`${end.taskId}${end.words}: ${end.error.code}${request}. ${explain(end.error)}`, '✖');
  else output.result(`${end.taskId}${end.words}${request}.`, end.mark);
}

function showObject(end: SuccessOrFailure, output: Output): void {
  if ('error' in end) {
    showErrorObject(end.taskId, end.error, output);
    return;
  }
  const { taskId, requestId, result } = end;
  output.result(JSON.stringify({ taskId, requestId, result }, withoutToken));
}

export function showErrorObject(taskId: string, error: object, output: Output): void {
  output.result(JSON.stringify({ taskId, error }, withoutToken));
}

/** The message, and what it needs beside it to be acted on. */
export function explain(error: AnyQianfanError): string {
  if (error.code === 'INVALID_INPUT') {
    const issues = error.issues.map(({ path, message }) => `${SPELLINGS.get(path) ?? path} ${message}`);
    return `Nothing was sent: ${issues.join('; ')}.`;
  }
  return hideToken([error.message, explainCause(error), quote(error)].filter(Boolean).join(' '));
}

/** Only an unforeseen failure needs its cause: the message of every other error says what happened. */
function explainCause(error: AnyQianfanError): string {
  return error.code === 'UNEXPECTED_ERROR' && error.cause !== undefined ? `Cause: ${error.cause}` : '';
}

/** JSON that is not as documented. The message itself quotes the start of any other response. */
function quote(error: AnyQianfanError): string {
  if (error.code !== 'UNEXPECTED_RESPONSE' || !/^\s*[[{]/.test(error.response)) return '';
  return `The response: ${cut(inOneLine(error.response), MAX_RESPONSE_LENGTH)}`;
}

/** For JSON.stringify: a Describe's `vdlLink` holds a token, and output ends up in logs. */
function withoutToken(name: string, value: unknown): unknown {
  if (name === 'vdlLink') return undefined;
  return typeof value === 'string' ? hideToken(value) : value;
}

function hideToken(text: string): string {
  return text.replace(VDL_LINK, '$1');
}

function requestIdOf(end: SuccessOrFailure): string | undefined {
  return 'error' in end ? end.error.requestId : end.requestId;
}
