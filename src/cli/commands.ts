// What each command asks for a task, and how its answer reads.

import {
  type AnyQianfanError,
  type CallOptions,
  describeFineTuningTask,
  isQianfanError,
  stopFineTuningTask,
  stopFineTuningTaskAndWait,
  type WaitProgress,
} from '../index';
import { state } from './live-progress';
import type { Mark } from './output';

export interface Answer {
  readonly requestId: string;
  readonly result: unknown;
  /** What follows the task's ID on its line. */
  readonly words: string;
  readonly mark: Mark;
  /** Whether it is what the user wanted. */
  readonly isGood: boolean;
}

export interface Failure {
  readonly error: AnyQianfanError;
  readonly words: string;
}

export type End = { readonly taskId: string } & (Answer | Failure);

type OnProgress = (progress: WaitProgress) => void;

export interface Command {
  ask(taskId: string, options: CallOptions, onProgress: OnProgress): Promise<Answer>;
  explainFailure(error: AnyQianfanError): string;
}

export const STOP: Command = {
  async ask(taskId, options) {
    const { requestId, result } = await stopFineTuningTask({ taskId }, options);
    const words = result
      ? ': stop accepted, it may take a while'
      : ': this request stopped nothing; the task may be stopped already, finished, or not exist';
    return { requestId, result, words, mark: result ? '✔' : '✖', isGood: result };
  },
  explainFailure: explainStopFailure,
};

export const STOP_AND_WAIT: Command = {
  async ask(taskId, options, onProgress) {
    const { requestId, result } = await stopFineTuningTaskAndWait({ taskId }, { ...options, onProgress });
    return { requestId, result, words: ` has ended: ${result.runStatus}`, mark: '✔', isGood: true };
  },
  explainFailure: explainStopFailure,
};

export const STATUS: Command = {
  async ask(taskId, options) {
    const { requestId, result } = await describeFineTuningTask({ taskId }, options);
    return { requestId, result, words: `: ${state(result.runStatus, result.runProgress)}`, mark: '', isGood: true };
  },
  explainFailure: () => ': the state is not known',
};

/** Asks for one task. A failure is an end like any other. */
export async function settle(
  command: Command,
  taskId: string,
  options: CallOptions,
  onProgress: OnProgress,
): Promise<End> {
  try {
    return { taskId, ...(await command.ask(taskId, options, onProgress)) };
  } catch (error) {
    if (!isQianfanError(error)) throw error;
    return { taskId, error, words: command.explainFailure(error) };
  }
}

function explainStopFailure({ outcome }: AnyQianfanError): string {
  return outcome === 'unknown' ? ' may still be running' : ' was not stopped';
}
