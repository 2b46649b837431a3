// The console's tasks: the live map of their states, and the stops that are accepted but have not taken effect yet.
import { isMap } from 'node:util/types';
import { demand, demandKnown, isInteger, MAX_DELAY_MS } from './check-options';
import type { Timers } from './timers';

/** The documented states of a task. Only a `Waiting` or `Running` one can be stopped. */
export type TaskState = 'Waiting' | 'Running' | 'Done' | 'Failed' | 'Stopped';

/** A task with its progress. */
export interface TaskProgress {
  readonly runStatus: TaskState;
  /** For example `'60%'`. Shown only while `runStatus` is `Running`. Default `'0%'`. */
  readonly runProgress?: string | undefined;
}

/** A task: its state alone, or its state with its progress. */
export type LocalConsoleTask = TaskState | TaskProgress;

/**
 * How long a task goes on showing its old state after an accepted stop: for so many answered Describes (0 or more), or for
 * so many milliseconds (0 to 2 147 483 647).
 */
export type StopTakes =
  | { readonly describes: number; readonly ms?: undefined }
  | { readonly ms: number; readonly describes?: undefined };

export type GivenTasks = Readonly<Record<string, LocalConsoleTask>> | ReadonlyMap<string, LocalConsoleTask>;

export interface TaskBook {
  readonly tasks: Map<string, LocalConsoleTask>;
  /** Accepts the stop of a waiting or running task, also of one that is stopping already. */
  stop(taskId: string): boolean;
  /** The task as a Describe shows it; `undefined` where there is none. */
  describe(taskId: string): TaskProgress | undefined;
}

const STATES: readonly unknown[] = ['Waiting', 'Running', 'Done', 'Failed', 'Stopped'];

/** Throws a RangeError for a task or a `stopTakes` that makes no sense. */
export function openTaskBook(given: GivenTasks, stopTakes: StopTakes, { later }: Timers): TaskBook {
  checkStopTakes(stopTakes);
  const { describes = Number.POSITIVE_INFINITY, ms } = stopTakes;
  demand(typeof given === 'object', 'tasks must be an object or a Map of states by task ID.');
  const tasks = new Map<string, LocalConsoleTask>(isMap(given) ? given : Object.entries(given));
  for (const [taskId, task] of tasks) checkTask(taskId, task);
  // The tasks that are stopping; how many Describes more show the old state, without end where time decides.
  const describesLeft = new Map<string, number>();

  const isActive = (taskId: string) => {
    const task = tasks.get(taskId);
    const state = typeof task === 'string' ? task : task?.runStatus;
    return state === 'Waiting' || state === 'Running';
  };
  const takeEffect = (taskId: string) => {
    describesLeft.delete(taskId);
    // It may have been set to a final state by hand meanwhile.
    if (isActive(taskId)) tasks.set(taskId, 'Stopped');
  };
  const keepOldState = (taskId: string, describesMore: number) => {
    if (describesMore > 0) describesLeft.set(taskId, describesMore);
    else takeEffect(taskId);
  };

  return {
    tasks,
    stop(taskId) {
      if (!isActive(taskId)) return false;
      if (describesLeft.has(taskId)) return true;
      keepOldState(taskId, describes);
      if (ms !== undefined) later(() => takeEffect(taskId), ms);
      return true;
    },
    describe(taskId) {
      const task = tasks.get(taskId);
      const left = describesLeft.get(taskId);
      if (left !== undefined) keepOldState(taskId, left - 1);
      return task === undefined ? undefined : withProgress(task);
    },
  };
}

function withProgress(task: LocalConsoleTask): TaskProgress {
  return typeof task === 'string' ? { runStatus: task } : { ...task };
}

function checkTask(taskId: string, task: LocalConsoleTask): void {
  const given = withProgress(task);
  const { runStatus, runProgress } = given;
  demandKnown(given, ['runStatus', 'runProgress']);
  demand(STATES.includes(runStatus), `The state of ${taskId} must be one of ${STATES.join(', ')}.`);
  const isProgress = runProgress === undefined || typeof runProgress === 'string';
  demand(isProgress, `The runProgress of ${taskId} must be text, such as '60%'.`);
}

function checkStopTakes(stopTakes: StopTakes): void {
  const { describes, ms } = stopTakes;
  const isOne = (describes === undefined) !== (ms === undefined);
  demand(isOne, 'stopTakes must be either { describes: n } or { ms: n }.');
  demandKnown(stopTakes, ['describes', 'ms']);
  const isCount = isInteger(describes ?? 0, 0, Number.MAX_SAFE_INTEGER);
  demand(isCount, 'stopTakes.describes must be an integer, 0 or more.');
  demand(isInteger(ms ?? 0, 0, MAX_DELAY_MS), `stopTakes.ms must be an integer, 0 to ${MAX_DELAY_MS}.`);
}
