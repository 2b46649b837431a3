// `stop` and `status`: checks everything, asks for all tasks, shows how each ended.

import { type AnyQianfanError, type CallOptions, InvalidInputError, isQianfanError } from '../index';
import { type Arguments, MAX_TIMEOUT_MS, MAX_WAIT_TIMEOUT_MS } from './arguments';
import { type Command, type End, STATUS, STOP, STOP_AND_WAIT, settle } from './commands';
import { readKeysFile } from './keys-file';
import { watchTasks } from './live-progress';
import type { Output } from './output';
import { runAll } from './pool';
import { explain, showErrorObject, showLine, showObject } from './report';
import { watchSignals } from './signals';
import { explainTaskId, taskIdError } from './task-ids';

/** Resolves with the exit status. */
export async function runTasks(args: Arguments, output: Output): Promise<number> {
  if (refuseTaskIds(args, output)) return 2;
  let options: CallOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    if (!isQianfanError(error)) throw error;
    return refuseOptions(args, error, output);
  }
  const command = args.command === 'status' ? STATUS : args.wait ? STOP_AND_WAIT : STOP;
  const interrupt = watchSignals();
  const ends = await ask(command, args, { ...options, signal: interrupt.signal }, output);
  return interrupt.status() ?? statusOf(ends);
}

async function ask(command: Command, args: Arguments, options: CallOptions, output: Output): Promise<readonly End[]> {
  const { taskIds, json, wait } = args;
  const watch = json ? undefined : watchTasks(taskIds.length, wait, output);
  const ends = await runAll(taskIds, async (taskId, leave) => {
    const end = await settle(command, taskId, options, (progress) => {
      // Its stop is requested: the next task can have its turn.
      if (progress.stopRequests > 0) leave();
      watch?.progressed(progress);
    });
    watch?.ended(taskId);
    if (json) showObject(end, output);
    else showLine(end, output);
    return end;
  });
  watch?.close();
  return ends;
}

/** Shows the words that are no task IDs. One of them is enough to send nothing for the others, too. */
function refuseTaskIds({ taskIds, json }: Arguments, output: Output): boolean {
  const checked = taskIds.map((taskId) => ({ taskId, explanation: explainTaskId(taskId) }));
  if (checked.every(({ explanation }) => explanation === undefined)) return false;
  for (const { taskId, explanation } of checked) {
    if (json) showErrorObject(taskId, taskIdError(explanation ?? 'is right, but another one is not'), output);
    else if (explanation !== undefined) output.note(`${taskId} is not a task ID: it ${explanation}.`, '✖');
  }
  output.note('Nothing was sent for any task.');
  return true;
}

function readOptions({ timeoutMs, keysFile, wait }: Arguments): CallOptions {
  const limit = readTimeout(timeoutMs, wait);
  return { ...(keysFile !== undefined && readKeysFile(keysFile)), timeoutMs: limit };
}

function readTimeout(text: string | undefined, wait: boolean): number | undefined {
  if (text === undefined) return undefined;
  const max = wait ? MAX_WAIT_TIMEOUT_MS : MAX_TIMEOUT_MS;
  if (/^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text);
  const message = `must be a whole number of milliseconds from 1 to ${max}${wait ? '' : ' (stop --wait takes more)'}, not ${text}`;
  throw new InvalidInputError(`Nothing was sent: --timeout-ms ${message}.`, {
    issues: [{ path: '--timeout-ms', message }],
  });
}

function refuseOptions({ taskIds, json }: Arguments, error: AnyQianfanError, output: Output): number {
  if (json) for (const taskId of taskIds) showErrorObject(taskId, error, output);
  output.note(explain(error), '✖');
  return 2;
}

function statusOf(ends: readonly End[]): number {
  if (ends.every((end) => 'isGood' in end && end.isGood)) return 0;
  // Every call checks the same options and finds the same keys.
  const isFault = (end: End) =>
    'error' in end && /^(?:INVALID_INPUT|INVALID_CONFIGURATION|MISSING_CREDENTIALS)$/.test(end.error.code);
  return ends.every(isFault) ? 2 : 1;
}
