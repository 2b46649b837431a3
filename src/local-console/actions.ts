// What the console can do, by the name of the action: a third action is one more entry in `ACTIONS`.
import type { TaskBook, TaskProgress } from './tasks';

/** An answer before it has a request ID: an HTTP status and the rest of the JSON body. */
export interface Reply {
  readonly status: number;
  readonly body: object;
}

/** Answers one signed request from its body, which is a JSON object. */
type Action = (input: object, book: TaskBook) => Reply;

export const ACTIONS = {
  StopFineTuningTask: forTask((taskId, book) => succeed(book.stop(taskId))),
  DescribeFineTuningTask: forTask((taskId, book) => {
    const task = book.describe(taskId);
    // Unconfirmed: no public source says what Baidu answers for an unknown task.
    if (task === undefined) return refuse('NoSuchKey', 'There is no such task here; add it to `tasks`.', 404);
    return succeed(describeTask(taskId, task));
  }),
} satisfies Readonly<Record<string, Action>>;

/** The actions that the console serves. */
export type LocalConsoleAction = keyof typeof ACTIONS;

export function isAction(name: unknown): name is LocalConsoleAction {
  return typeof name === 'string' && Object.hasOwn(ACTIONS, name);
}

export function refuse(code: string, message: string, status = 400): Reply {
  return { status, body: { code, message } };
}

function succeed(result: unknown): Reply {
  return { status: 200, body: { result } };
}

function forTask(answer: (taskId: string, book: TaskBook) => Reply): Action {
  return (input, book) => {
    if ('taskId' in input && typeof input.taskId === 'string') return answer(input.taskId, book);
    return refuse('InappropriateJSON', 'taskId is missing from the body, or not a string.');
  };
}

// The documented fields. All but the ID, the state and the progress are made up, and always the same.
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
    finishDate: isFinished ? '2024-01-30T11:07:23Z' : '0000-00-00T00:00:00Z',
    ...(runStatus === 'Done' && {
      metrics: { 'BLEU-4': '16.56%', 'ROUGE-1': '38.21%', 'ROUGE-2': '17.04%', 'ROUGE-L': '31.48%' },
    }),
  };
}
