// What a caller gives to the three functions and gets from them. Types only, written by hand, so that no type of zod or of
// the SDK is published.

import type { WaitProgress } from './errors';

/** What all three functions take. */
export interface FineTuningTaskInput {
  /**
   * The ID of the training task (任务ID), such as `task-5kjifvzerc5n`, from the task's detail page in the console
   * (模型精调 → 任务详情): 1 to 256 letters, digits, `.`, `_` or `-`, starting with a letter or a digit. It is sent as it is.
   * A job ID (`job-…`) is not a task ID.
   */
  readonly taskId: string;
}

/** The options of one call. */
export interface CallOptions {
  /**
   * The time limit of the whole call, in milliseconds: an integer from 1 to 600 000. The first call of a process also
   * loads the SDK, for 0.1 to 0.3 s.
   * @defaultValue {@link DEFAULT_TIMEOUT_MS}, 30 000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Ends the call when it is aborted: the socket is closed at once, and the promise rejects with an `AbortError`. It
   * does not undo a stop that the server has received: the task may still stop.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * The IAM keys for this call only: visible ASCII, at most 1 024 characters, not within quotes.
   * @defaultValue What the SDK finds: `QIANFAN_ACCESS_KEY` and `QIANFAN_SECRET_KEY`, in the environment or in `.env`.
   */
  readonly credentials?:
    | {
        /** The IAM access key (Access Key, AK). An API key, which starts with `bce-v3/`, does not work. */
        readonly accessKey: string;
        /** The secret key (Secret Key, SK) that belongs to it. */
        readonly secretKey: string;
      }
    | undefined;
  /**
   * The console's base URL for this call only: http or https, no query, no user name, with or without a trailing slash.
   * @defaultValue What the SDK finds: `QIANFAN_CONSOLE_API_BASE_URL`, else `https://qianfan.baidubce.com`.
   */
  readonly baseUrl?: string | undefined;
}

/** The options of {@link stopFineTuningTaskAndWait}. */
export interface WaitOptions extends CallOptions {
  /**
   * The time limit of the whole call, all requests and pauses together, in milliseconds: an integer from 1 to
   * 86 400 000 (a day). One request takes at most 30 000 of them.
   * @defaultValue {@link DEFAULT_WAIT_TIMEOUT_MS}, 600 000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * The longest pause between two requests, in milliseconds: an integer from 100 to 600 000. The pauses start at 2 000
   * and grow to it. Where the server limits the rate or asks to wait longer, the pauses are longer.
   * @defaultValue {@link DEFAULT_POLL_INTERVAL_MS}, 15 000
   */
  readonly pollIntervalMs?: number | undefined;
  /** Called after every response and every failed request. It is not awaited; what it throws is ignored. */
  readonly onProgress?: ((progress: WaitProgress) => void) | undefined;
}

/** What {@link stopFineTuningTask} resolves with: the server's response. */
export interface StopFineTuningTaskResponse {
  /** The server's ID of the request (请求ID), for Baidu's support; `''` if it sent none. */
  readonly requestId: string;
  /**
   * `true`: the server accepted the stop; the task may take a while to end. `false`: this request stopped nothing: the
   * task may be stopped already, finished, or not exist.
   */
  readonly result: boolean;
}

/** The states in which a task has ended: run to its end (运行完成), failed (运行失败), or stopped (运行中止). */
export type FinalRunStatus = 'Done' | 'Failed' | 'Stopped';

/**
 * The documented states of a task: waiting (排队中), running (运行中), or ended. The type is open, as Baidu may add one;
 * Baidu's own SDK also expects `''`.
 */
export type RunStatus = 'Waiting' | 'Running' | FinalRunStatus | (string & {});

/**
 * A training task. Only `runStatus` and, if there is one, `taskId` are checked; all other fields are passed on unchanged,
 * such as `jobName`, `createDate` and `metrics`: {@link https://cloud.baidu.com/doc/qianfan-api/s/lmo1afnju | Baidu's page}
 * lists them. `vdlLink` holds a token: do not log it.
 */
export interface FineTuningTask {
  readonly taskId?: string | undefined;
  readonly jobId?: string | undefined;
  readonly runStatus: RunStatus;
  /** Such as `45%`; documented only while the task is `Running`. */
  readonly runProgress?: string | undefined;
  readonly [field: string]: unknown;
}

/** What {@link describeFineTuningTask} resolves with. */
export interface DescribeFineTuningTaskResponse {
  /** The server's ID of the request (请求ID), for Baidu's support; `''` if it sent none. */
  readonly requestId: string;
  readonly result: FineTuningTask;
}

/** What {@link stopFineTuningTaskAndWait} resolves with: the Describe that says that the task is not running. */
export interface StopFineTuningTaskAndWaitResponse {
  /** The server's ID of that request (请求ID), for Baidu's support; `''` if it sent none. */
  readonly requestId: string;
  /** The task in its final state: `Stopped`, or `Done` or `Failed` if it ended by itself. */
  readonly result: FineTuningTask & { readonly runStatus: FinalRunStatus };
}
