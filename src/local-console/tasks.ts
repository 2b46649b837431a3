// The console's tasks: the live map of their states, and the tasks that are stopping. What a request gets is not
// decided here but in actions.ts.
import { isMap } from 'node:util/types';
import { ensure, ensureFields, isInteger, isObject, MAX_DELAY_MS } from './check-options';
import type { Timers } from './timers';

/** The documented states of a task. Only a `Waiting` or `Running` one can be stopped. */
export type TaskState = 'Waiting' | 'Running' | 'Done' | 'Failed' | 'Stopped';

/** A task's state with its progress. */
export interface TaskProgress {
  readonly runStatus: TaskState;
  /** For example `'60%'`. Shown only while `runStatus` is `Running`. Default `'0%'`. */
  readonly runProgress?: string | undefined;
}

/** A task: its state alone, or its state with its progress. */
export type LocalConsoleTask = TaskState | TaskProgress;

/**
 * How long a task keeps its old state after an accepted stop: for its next `describes` Describes (0 or more; scripted
 * and refused ones do not count), or for `ms` milliseconds (0 to 2 147 483 647). Both are integers.
 */
export type StopTakes =
  | { readonly describes: number; readonly ms?: undefined }
  | { readonly ms: number; readonly describes?: undefined };

export type GivenTasks = Readonly<Record<string, LocalConsoleTask>> | ReadonlyMap<string, LocalConsoleTask>;

export interface TaskStore {
  readonly tasks: Map<string, LocalConsoleTask>;
  /** Whether the task is waiting or running, and so can be stopped. */
  isActive(taskId: string): boolean;
  /** Whether a stop was accepted and is still to take effect. */
  isStopping(taskId: string): boolean;
  /** Stops an active task; it takes as long as `stopTakes` says. */
  stop(taskId: string): void;
  /** The task as a Describe shows it, or `undefined` for an unknown one. Each call counts for `stopTakes.describes`. */
  describe(taskId: string): TaskProgress | undefined;
}

const STATES: readonly unknown[] = ['Waiting', 'Running', 'Done', 'Failed', 'Stopped'];

/** Throws a RangeError for a wrong `tasks` or `stopTakes`. */
export function createTaskStore(given: GivenTasks, stopTakes: StopTakes, { later }: Timers): TaskStore {
  checkStopTakes(stopTakes);
  ensure(isObject(given), 'options.tasks must be an object or a Map, with a state for each task ID.');
  const tasks = new Map<string, LocalConsoleTask>(isMap(given) ? given : Object.entries(given));
  for (const [taskId, task] of tasks) checkTask(taskId, task);
  // The tasks that are stopping, each with the Describes that still show its old state; `undefined` if a timer counts.
  const stopping = new Map<string, number | undefined>();

  const isActive = (taskId: string) => {
    const task = tasks.get(taskId);
    const state = typeof task === 'string' ? task : task?.runStatus;
    return state === 'Waiting' || state === 'Running';
  };
  const finish = (taskId: string) => {
    stopping.delete(taskId);
    // The test may have set a final state, or deleted the task, since the stop was accepted.
    if (isActive(taskId)) tasks.set(taskId, 'Stopped');
  };
  const finishAfter = (taskId: string, describes: number) => {
    if (describes > 0) stopping.set(taskId, describes);
    else finish(taskId);
  };

  return {
    tasks,
    isActive,
    isStopping: (taskId) => stopping.has(taskId),
    stop(taskId) {
      if (stopTakes.ms === undefined) return finishAfter(taskId, stopTakes.describes);
      stopping.set(taskId, undefined);
      later(() => finish(taskId), stopTakes.ms);
    },
    describe(taskId) {
      const task = tasks.get(taskId);
      const describes = stopping.get(taskId);
      if (describes !== undefined) finishAfter(taskId, describes - 1);
      return task === undefined ? undefined : withProgress(task);
    },
  };
}

function withProgress(task: LocalConsoleTask): TaskProgress {
  return typeof task === 'string' ? { runStatus: task } : { ...task };
}

function checkTask(taskId: string, task: LocalConsoleTask): void {
  const argument = `options.tasks[${JSON.stringify(taskId)}]`;
  const given = withProgress(task);
  const { runStatus, runProgress } = given;
  ensureFields(argument, given, ['runStatus', 'runProgress']);
  ensure(STATES.includes(runStatus), `${argument} must be in one of the states ${STATES.join(', ')}.`);
  const isProgress = runProgress === undefined || typeof runProgress === 'string';
  ensure(isProgress, `${argument}.runProgress must be a string, such as '60%'.`);
}

function checkStopTakes(stopTakes: StopTakes): void {
  ensureFields('options.stopTakes', stopTakes, ['describes', 'ms']);
  const { describes, ms } = stopTakes;
  const isOne = (describes === undefined) !== (ms === undefined);
  ensure(isOne, 'options.stopTakes must be either { describes: n } or { ms: n }.');
  const isCount = isInteger(describes ?? 0, 0, Number.MAX_SAFE_INTEGER);
  ensure(isCount, 'options.stopTakes.describes must be an integer, 0 or more.');
  ensure(isInteger(ms ?? 0, 0, MAX_DELAY_MS), `options.stopTakes.ms must be an integer from 0 to ${MAX_DELAY_MS}.`);
}
