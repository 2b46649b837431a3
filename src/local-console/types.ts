// What a caller passes to the console and gets from it. No type of Node's is named here or in what is imported, so that
// the published types need no `@types/node`.
import type { LocalConsoleAction } from './actions';
import type { GivenTasks, LocalConsoleTask, StopTakes } from './tasks';

export interface LocalConsoleOptions {
  /** The TCP port on 127.0.0.1, 0 to 65535. Default 0: any free port. */
  port?: number | undefined;
  /** The only access key that is accepted: visible ASCII without a slash. Default `local-access-key`. */
  accessKey?: string | undefined;
  /** The secret key that belongs to `accessKey`: visible ASCII. Default `local-secret-key`. */
  secretKey?: string | undefined;
  /** The tasks by ID: each a state, or `{ runStatus, runProgress }`. The object or Map is copied. Default: no tasks. */
  tasks?: GivenTasks | undefined;
  /**
   * How long an accepted stop takes: `{ describes: n }` shows the old state n times more, `{ ms: n }` for n
   * milliseconds. Then the task is `Stopped`. Default `{ describes: 0 }`: it is `Stopped` at once.
   */
  stopTakes?: StopTakes | undefined;
}

export interface LocalConsole {
  /** The console's URL, for example `http://127.0.0.1:49152`. Pass it as the option `baseUrl`. */
  readonly url: string;
  /** The keys that are accepted. Pass them as the option `credentials`. */
  readonly credentials: { readonly accessKey: string; readonly secretKey: string };
  /**
   * The tasks by ID, live: read them, or set them at any time. A value is always what the next Describe shows. A task
   * that is stopping keeps its value until the stop takes effect, and is then `'Stopped'`. If you set another value
   * before that, the stop changes it only if it is `Waiting` or `Running`. Values set here are not checked.
   */
  readonly tasks: Map<string, LocalConsoleTask>;
  /** Every request so far in the order of arrival, without its signature. */
  readonly requests: readonly LocalConsoleRequest[];
  /**
   * Queues the response to one request: the next one of `answer.action`, or the next of any kind. If several responses
   * fit a request, it gets the one that was queued first. A request that gets a scripted response changes no task.
   * @throws RangeError or TypeError that names what is wrong in `answer`; nothing is queued then.
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
  /**
   * Breaks every connection, cancels responses and stops that are still to come, and resolves when the port is free. A
   * second call changes nothing.
   */
  close(): Promise<void>;
}

/** A request that arrived in full, refused or not. */
export interface LocalConsoleRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** Decoded. Of parameters with one name, the last. An `authorization` parameter is left out. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. `authorization` is left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** The raw text. What is beyond 1 MiB is cut off. */
  readonly body: string;
  /** The access key in the Authorization header, accepted or not; `undefined` if there is none in the right form. */
  readonly accessKey: string | undefined;
  /** Whether the access key is accepted, and the signature right and not expired. */
  readonly signatureValid: boolean;
}

/** A scripted response. Nothing is added but what HTTP needs. */
export interface LocalConsoleAnswer {
  /** The action whose next request gets this response, whatever its path and signature. Default: any request. */
  action?: LocalConsoleAction | undefined;
  /** The HTTP status, 200 to 599. Default 200. */
  status?: number | undefined;
  /** The HTTP headers. Default: none. */
  headers?: Readonly<Record<string, string | string[]>> | undefined;
  /** Text and bytes are sent as they are, else JSON, with its content-type unless `headers` has one. Default: empty. */
  body?: unknown;
  /** Milliseconds from the end of the request to the response, 0 to 2 147 483 647. Default 0. */
  delayMs?: number | undefined;
  /**
   * `no-answer`: nothing is sent, and the connection stays open. `reset`: the connection is reset before the headers.
   * `break-body`: it is reset after the headers and half of the body. `stall-body`: the headers and half of the body
   * are sent, and the connection stays open. Default: no fault.
   */
  fault?: 'no-answer' | 'reset' | 'break-body' | 'stall-body' | undefined;
}
