// How the end of a task is shown: as a line for a person or as a JSON object for a program.

import type { AnyQianfanError } from '../index';
import type { End } from './commands';
import { cut, type Output } from './output';

const MAX_RESPONSE_LENGTH = 200;
// A vdlLink holds a token, and output ends up in logs. Also where a response is quoted, as JSON within JSON.
const VDL_LINK = /(vdlLink\\*"\s*:\s*\\*")[^"]*?(?=\\*"|$)/g;

// How a user of this command calls the options that can be wrong.
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['credentials.accessKey', 'QIANFAN_ACCESS_KEY in the --keys-file'],
  ['credentials.secretKey', 'QIANFAN_SECRET_KEY in the --keys-file'],
  ['baseUrl', 'QIANFAN_CONSOLE_API_BASE_URL in the --keys-file'],
]);

// Messages are written for programs: how a user of this command does what they advise.
const ADVICE: readonly (readonly [inProgram: string, onCommandLine: string])[] = [
  ['describeFineTuningTask', 'qianfan-finetuning status'],
  ['stopFineTuningTaskAndWait', 'qianfan-finetuning stop --wait'],
  ['`credentials`', '--keys-file'],
];

export function showLine(end: End, output: Output): void {
  const { requestId } = 'error' in end ? end.error : end;
  const request = requestId ? ` (request ${requestId})` : '';
  if ('error' in end) output.note(`${end.taskId}${end.words}: ${end.error.code}${request}. ${explain(end.error)}`, '✖');
  else output.result(`${end.taskId}${end.words}${request}.`, end.mark);
}

export function showObject(end: End, output: Output): void {
  if ('error' in end) {
    showErrorObject(end.taskId, end.error, output);
    return;
  }
  const { taskId, requestId, result } = end;
  output.result(
    JSON.stringify({ taskId, requestId, result }, (name, value) => (name === 'vdlLink' ? undefined : value)),
  );
}

export function showErrorObject(taskId: string, error: AnyQianfanError, output: Output): void {
  const cause = causeOf(error);
  const shown = cause === undefined ? error : { ...error.toJSON(), cause };
  output.result(JSON.stringify({ taskId, error: shown }).replace(VDL_LINK, '$1'));
}

/** The message and what it needs beside it to be acted on. */
export function explain(error: AnyQianfanError): string {
  if (error.code === 'INVALID_INPUT') {
    const issues = error.issues.map(({ path, message }) => `${SPELLINGS.get(path) ?? path} ${message}`);
    return `Nothing was sent: ${issues.join('; ')}.`;
  }
  const cause = causeOf(error);
  const message = ADVICE.reduce((text, [from, to]) => text.replaceAll(from, to), error.message);
  return [message, cause && `Cause: ${cause}`, quote(error)].filter(Boolean).join(' ').replace(VDL_LINK, '$1');
}

/** The words of the cause, which only an unforeseen failure needs: every other error says itself what happened. */
function causeOf(error: AnyQianfanError): string | undefined {
  return error.code === 'UNEXPECTED_ERROR' && error.cause !== undefined ? `${error.cause}` : undefined;
}

/** The start of an answer that is not in Qianfan's form, unless the message quotes it itself. */
function quote(error: AnyQianfanError): string {
  const response = 'response' in error ? oneLine(error.response ?? '') : '';
  const isQuoted = oneLine(error.message).includes(response.slice(0, 40));
  return isQuoted ? '' : `The response: ${cut(response, MAX_RESPONSE_LENGTH)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
