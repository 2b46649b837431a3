// What a user of the console gives it and gets from it. No type of Node stands here or in what is imported, so that the
// published types need no `@types/node`.
import type { LocalConsoleAction } from './actions';
import type { GivenTasks, LocalConsoleTask, StopTakes } from './tasks';

export interface LocalConsoleOptions {
  /** TCP port on 127.0.0.1, 0 to 65535. Default 0: any free one. */
  port?: number | undefined;
  /** The one access key it knows: visible ASCII, no slash. Default `local-access-key`. */
  accessKey?: string | undefined;
  /** The secret key that belongs to it: visible ASCII. Default `local-secret-key`. */
  secretKey?: string | undefined;
  /** Its tasks by ID: each a state, or `{ runStatus, runProgress }`. Copied. Default: none. */
  tasks?: GivenTasks | undefined;
  /**
   * How long an accepted stop takes: `{ describes: n }` shows the old state to the next n Describes that the console
   * answers itself, `{ ms: n }` for n milliseconds; then the task is `Stopped`. Default: it is stopped at once.
   */
  stopTakes?: StopTakes | undefined;
}

export interface LocalConsole {
  /** Where it listens, for example `http://127.0.0.1:49152`. Fits the option `baseUrl`. */
  readonly url: string;
  /** The keys it knows. Fit the option `credentials`. */
  readonly credentials: { readonly accessKey: string; readonly secretKey: string };
  /**
   * Tasks by ID, live: read them, or set them as the test goes. A value is always what the next Describe shows, so a
   * task that is stopping keeps its old value until the stop takes effect; then it is `'Stopped'`. What you set meanwhile
   * shows at once; the stop then changes it only if it is `Waiting` or `Running`. Values set here are not checked.
   */
  readonly tasks: Map<string, LocalConsoleTask>;
  /** What it was asked so far, in order of arrival, signatures not included. */
  readonly requests: readonly LocalConsoleRequest[];
  /**
   * Queues one answer for one request: the next one of `action`, or, without `action`, the next one of any kind. Where
   * several answers fit a request, it gets the one that was queued first. A scripted answer changes no task.
   * @throws RangeError or TypeError where the answer cannot be given.
   * @example
   * ```ts
   * import { startLocalConsole } from 'qianfan-finetuning/local-console';
   *
   * const local = await startLocalConsole();
   * local.answerNext({ status: 503, headers: { 'retry-after': '7' } });
   * local.answerNext({ action: 'DescribeFineTuningTask', fault: 'reset' });
   * await local.close();
   * ```
   */
  answerNext(answer: LocalConsoleAnswer): void;
  /** Breaks every connection, drops answers and stops that are still to come, resolves when all is closed. Twice is fine. */
  close(): Promise<void>;
}

/** A request that arrived whole, refused or not. */
export interface LocalConsoleRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** Decoded; of several equal names, the last. An `authorization` parameter is left out. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. `authorization` is left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** The raw text, of at most 1 MiB; the rest is cut off. */
  readonly body: string;
  /** The access key that the request names, where its Authorization header can be read. */
  readonly accessKey: string | undefined;
  /** Whether the key is known, the signature right and not expired. */
  readonly signatureValid: boolean;
}

/** One scripted answer. Nothing is added to it but what HTTP needs. */
export interface LocalConsoleAnswer {
  /** The action whose next request gets this answer, whatever its path and signature. Default: any request. */
  action?: LocalConsoleAction | undefined;
  /** HTTP status, 200 to 599. Default 200. */
  status?: number | undefined;
  /** Default: none. */
  headers?: Readonly<Record<string, string | string[]>> | undefined;
  /** Text and bytes go as they are, all else as JSON with a JSON content-type if none is given. Default: empty. */
  body?: unknown;
  /** Milliseconds from the end of the request to the answer, 0 to 2 147 483 647. Default 0. */
  delayMs?: number | undefined;
  /**
   * `no-answer`: nothing ever comes. `reset`: the connection is reset before the headers. `break-body`: it is reset after
   * the headers and half of the body. `stall-body`: headers and half of the body come, then nothing more. Default: none.
   */
  fault?: 'no-answer' | 'reset' | 'break-body' | 'stall-body' | undefined;
}
