// What a caller gives to a call: the public types, written by hand, so that no type of zod is published.

/** What all three functions take. */
export interface FineTuningTaskInput {
  /**
   * The ID of the training task (任务ID), such as `task-5kjifvzerc5n`, from the task's detail page in the console: 1 to
   * 256 letters, digits, `.`, `_` or `-`, starting with a letter or a digit. It is sent as it is. A job ID (`job-…`) is
   * not a task ID.
   */
  readonly taskId: string;
}

/** The options of one call. */
export interface CallOptions {
  /**
   * The time limit of the whole call, in milliseconds: an integer from 1 to 600 000.
   * @defaultValue {@link DEFAULT_TIMEOUT_MS}, 30 000
   */
  readonly timeoutMs?: number | undefined;
  /** Ends the call when it is aborted: the socket is closed at once, and the promise rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The IAM keys for this call only: visible ASCII, not within quotes.
   * @defaultValue What the SDK finds: `QIANFAN_ACCESS_KEY` and `QIANFAN_SECRET_KEY`, in the environment or in `.env`.
   */
  readonly credentials?:
    | {
        /** The IAM access key (Access Key, AK). */
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

/** The time limit of a call that is given no `timeoutMs`: 30 000 milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;
