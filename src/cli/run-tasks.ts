// `stop` and `status`: checks everything, runs the command for all tasks, shows how each ended.

import { SECRET_KEY } from '../common/credentials';
import { shownTaskId } from '../common/task-id';
import { type AnyQianfanError, type CallOptions, InvalidInputError, isQianfanError } from '../index';
import { MAX_TIMEOUT_MS, MAX_WAIT_TIMEOUT_MS } from '../limits';
import { type Arguments, explainOdd } from './arguments';
import { type Command, runCommand, STATUS, STOP, STOP_AND_WAIT } from './commands';
import { statusOf, WRONG_USE } from './exit-status';
import { readKeysFile } from './keys-file';
import { explain, show, showErrorObject } from './line-or-json';
import { showProgress } from './live-progress';
import type { Output } from './output';
import { leaveOnceStopped, runAll } from './pool';
import type { Signals } from './signals';
import { explainTaskId, taskIdError } from './task-ids';

/** Resolves with the exit status. */
export async function runTasks(args: Arguments, output: Output, signals: Signals): Promise<number> {
  if (refuseTaskIds(args, output)) return WRONG_USE;
  let options: CallOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    if (!isQianfanError(error)) throw error;
    refuseOptions(args, error, output);
    return WRONG_USE;
  }
  signals.listen();
  return runForEach(args, { ...options, signal: signals.aborted }, output);
}

async function runForEach(args: Arguments, options: CallOptions, output: Output): Promise<number> {
  const { taskIds, json, wait } = args;
  const command = commandOf(args);
  const display = json ? undefined : showProgress(taskIds.length, wait, output);
  const ends = await runAll(taskIds, async (taskId, leave) => {
    const leaveAfterStop = leaveOnceStopped(leave);
    const end = await runCommand(command, taskId, options, (progress) => {
      leaveAfterStop(progress);
      display?.progressed(progress);
    });
    display?.ended(taskId);
    return show(end, json, output);
  });
  return statusOf(ends);
}

function commandOf({ command, wait }: Arguments): Command {
  if (command === 'status') return STATUS;
  return wait ? STOP_AND_WAIT : STOP;
}

/** Shows the words that are not task IDs. One of them is enough to send nothing for the others, too. */
function refuseTaskIds({ taskIds, json }: Arguments, output: Output): boolean {
  // What was passed may be anything, a key too.
  const checked = taskIds.map((passed) => ({
    taskId: shownTaskId(passed, process.env[SECRET_KEY]),
    explanation: explainTaskId(passed),
  }));
  if (checked.every(({ explanation }) => explanation === undefined)) return false;
  for (const { taskId, explanation } of checked) {
    if (json)
      showErrorObject(taskId, taskIdError(taskId, explanation ?? 'was not sent, as another ID is wrong'), output);
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
  const message = `must be a whole number of milliseconds from 1 to ${max}${wait ? '' : ' (stop --wait takes more)'}, not ${text}${explainOdd(text)}`;
  throw new InvalidInputError(`Nothing was sent: --timeout-ms ${message}.`, {
    issues: [{ path: '--timeout-ms', message }],
  });
}

function refuseOptions({ taskIds, json }: Arguments, error: AnyQianfanError, output: Output): void {
  if (json) for (const taskId of taskIds) showErrorObject(taskId, { ...error.toJSON(), taskId }, output);
  output.note(explain(error), '✖');
}
