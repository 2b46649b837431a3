// The response to each action, by the action's name. To add a third action, add one entry to `ACTIONS`.
import type { TaskProgress, TaskStore } from './tasks';

/** A response without its request ID: an HTTP status and the other fields of the JSON body. */
export interface ActionResponse {
  readonly status: number;
  readonly body: object;
}

/** Handles a request whose signature is valid. `input` is the request's JSON body. */
type ActionHandler = (input: object, tasks: TaskStore) => ActionResponse;

export const ACTIONS = {
  StopFineTuningTask: forTask((taskId, tasks) => {
    if (!tasks.isActive(taskId)) return succeed(false);
    // Baidu does not document its response to a second stop. Here it is accepted, and the first one goes on as it was.
    if (tasks.isStopping(taskId)) return succeed(true);
    tasks.stop(taskId);
    return succeed(true);
  }),
  DescribeFineTuningTask: forTask((taskId, tasks) => {
    const task = tasks.describe(taskId);
    // Unconfirmed: Baidu does not document its response for an unknown task.
    if (task === undefined) return refuse('NoSuchKey', 'There is no such task here; add it to `tasks`.', 404);
    return succeed(describeTask(taskId, task));
  }),
} satisfies Readonly<Record<string, ActionHandler>>;

/** The actions that the console handles. */
export type LocalConsoleAction = keyof typeof ACTIONS;

export function isAction(name: unknown): name is LocalConsoleAction {
  return typeof name === 'string' && Object.hasOwn(ACTIONS, name);
}

export function refuse(code: string, message: string, status = 400): ActionResponse {
  return { status, body: { code, message } };
}

function succeed(result: unknown): ActionResponse {
  return { status: 200, body: { result } };
}

function forTask(handle: (taskId: string, tasks: TaskStore) => ActionResponse): ActionHandler {
  return (input, tasks) => {
    if ('taskId' in input && typeof input.taskId === 'string') return handle(input.taskId, tasks);
    return refuse('InappropriateJSON', 'taskId is missing from the body, or not a string.');
  };
}

// The fields that Baidu documents. All but the ID, the state and the progress are made up, and the same for every task.
function describeTask(taskId: string, { runStatus, runProgress = '0%' }: TaskProgress): object {
  const isFinished = runStatus !== 'Waiting' && runStatus !== 'Running';
  return {
    taskId,
    jobId: 'job-9f2m4xq7w1ka',
    jobName: 'local_console_job',
    jobDescription: 'A made-up job of the local console',
    model: 'ERNIE-Speed-8K',
    trainMode: 'SFT',
    parameterScale: 'LoRA',
    runStatus,
    ...(runStatus === 'Running' && { runProgress }),
    vdlLink: 'https://local-console.invalid/visualdl?displayToken=local-display-token',
    createDate: '2024-01-30T09:41:54Z',
    // No valid date, but what the source of Baidu's SDKs has for an unfinished task.
    finishDate: isFinished ? '2024-01-30T11:07:23Z' : '0000-00-00T00:00:00Z',
    ...(runStatus === 'Done' && {
      metrics: { 'BLEU-4': '16.56%', 'ROUGE-1': '38.21%', 'ROUGE-2': '17.04%', 'ROUGE-L': '31.48%' },
    }),
  };
}
