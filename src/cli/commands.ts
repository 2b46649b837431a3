// What each command requests for a task, and how that ended.

import {
  type AnyQianfanError,
  type CallOptions,
  describeFineTuningTask,
  isQianfanError,
  stopFineTuningTask,
  stopFineTuningTaskAndWait,
  type WaitProgress,
} from '../index';
import { describeState } from './live-progress';
import type { Mark } from './output';

/** A request of the command returned a result. */
export interface Success {
  readonly taskId: string;
  readonly requestId: string;
  readonly result: unknown;
  /** What follows the task's ID on its line. */
  readonly words: string;
  readonly mark: Mark;
  /** Whether it is what the user wanted. */
  readonly isGood: boolean;
}

export interface Failure {
  readonly taskId: string;
  readonly error: AnyQianfanError;
  readonly words: string;
}

/** How one task of a command ended. */
export type SuccessOrFailure = Success | Failure;

type OnProgress = (progress: WaitProgress) => void;

export interface Command {
  run(taskId: string, options: CallOptions, onProgress: OnProgress): Promise<Omit<Success, 'taskId'>>;
  explainFailure(error: AnyQianfanError): string;
}

export const STOP: Command = {
  async run(taskId, options) {
    const { requestId, result } = await stopFineTuningTask({ taskId }, options);
    const words = result
      ? ': stop accepted, it may take a while'
      : ': this request stopped nothing; the task may be stopped already, finished, or not exist';
    return { requestId, result, words, mark: result ? '✔' : '✖', isGood: result };
  },
  explainFailure: explainStopFailure,
};

export const STOP_AND_WAIT: Command = {
  async run(taskId, options, onProgress) {
    const { requestId, result } = await stopFineTuningTaskAndWait({ taskId }, { ...options, onProgress });
    return { requestId, result, words: ` has ended: ${result.runStatus}`, mark: '✔', isGood: true };
  },
  explainFailure: explainStopFailure,
};

export const STATUS: Command = {
  async run(taskId, options) {
    const { requestId, result } = await describeFineTuningTask({ taskId }, options);
    const words = `: ${describeState(result.runStatus, result.runProgress)}`;
    return { requestId, result, words, mark: '', isGood: true };
  },
  explainFailure: () => ': the state is not known',
};

/** Runs a command for one task. */
export async function runCommand(
  command: Command,
  taskId: string,
  options: CallOptions,
  onProgress: OnProgress,
): Promise<SuccessOrFailure> {
  try {
    return { taskId, ...(await command.run(taskId, options, onProgress)) };
  } catch (error) {
    if (!isQianfanError(error)) throw error;
    return { taskId, error, words: command.explainFailure(error) };
  }
}

function explainStopFailure({ outcome }: AnyQianfanError): string {
  return outcome === 'unknown' ? ' may still be running' : ' was not stopped';
}
