// An embedded Qianfan console for trying the package out, and for tests. It shares no code with the wrapper, so that it
// can be believed when the two disagree.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { demand, demandKnown, isInteger, isText } from './check-options';
import { receive } from './receive-request';
import { serve } from './route';
import { give, prepareReply, startScript } from './scripted-responses';
import { openTaskBook } from './tasks';
import { startTimers } from './timers';
import type { LocalConsole, LocalConsoleOptions, LocalConsoleRequest } from './types';

export type { LocalConsoleAction } from './actions';
export type { LocalConsoleTask, StopTakes, TaskProgress, TaskState } from './tasks';
export type { LocalConsole, LocalConsoleAnswer, LocalConsoleOptions, LocalConsoleRequest } from './types';

/**
 * Starts a console on 127.0.0.1 that checks bce-auth-v1 signatures and serves two actions as Baidu documents them.
 *
 * - `StopFineTuningTask`: `result: true` for a waiting or running task, also for one that is stopping already; `false` for
 *   any other or unknown one. What Baidu answers to a second stop is unconfirmed.
 * - `DescribeFineTuningTask`: the documented fields, made up but for `taskId`, `runStatus` and `runProgress`, which stands
 *   there only while the task is running; 404 `NoSuchKey` for an unknown task, which is unconfirmed, too.
 *
 * A request that it refuses gets `{ requestId, code, message }`. In a cluster each worker has a console of its own.
 * @returns The console. It keeps the process alive until it is closed.
 * @throws RangeError or TypeError for a bad option; Node's error, such as `EADDRINUSE`, where it cannot listen.
 * @example
 * ```ts
 * import { stopFineTuningTaskAndWait } from 'qianfan-finetuning';
 * import { startLocalConsole } from 'qianfan-finetuning/local-console';
 *
 * const taskId = 'task-5kjifvzerc5n';
 * const local = await startLocalConsole({ tasks: { [taskId]: 'Running' }, stopTakes: { describes: 2 } });
 * const options = { baseUrl: local.url, credentials: local.credentials, pollIntervalMs: 100 };
 * const { result } = await stopFineTuningTaskAndWait({ taskId }, options);
 * console.log(result.runStatus, local.requests.length); // Stopped 4
 * await local.close();
 * ```
 */
export async function startLocalConsole(options: LocalConsoleOptions = {}): Promise<LocalConsole> {
  demandKnown(options, ['port', 'accessKey', 'secretKey', 'tasks', 'stopTakes']);
  const { port = 0, accessKey = 'local-access-key', secretKey = 'local-secret-key' } = options;
  demand(isInteger(port, 0, 65_535), 'port must be an integer from 0 to 65535.');
  demand(isText(accessKey, /^[!-.0-~]+$/), 'accessKey must be visible ASCII without a slash.');
  demand(isText(secretKey, /^[!-~]+$/), 'secretKey must be visible ASCII.');
  const credentials = { accessKey, secretKey };
  const timers = startTimers();
  const book = openTaskBook(options.tasks ?? {}, options.stopTakes ?? { describes: 0 }, timers);
  const requests: LocalConsoleRequest[] = [];
  const script = startScript();

  const server = createServer((incoming, response) =>
    receive(incoming, credentials, (request, verdict) => {
      requests.push(request);
      const answer = script.take(request.query['Action']) ?? prepareReply(serve(request, verdict, book));
      timers.later(() => give(answer, response), answer.delayMs);
    }),
  );
  // Without `exclusive` the workers of a cluster would share one port, and meet each other's tasks.
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  const address = server.address();

  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`,
    credentials,
    tasks: book.tasks,
    requests,
    answerNext: script.add,
    async close() {
      timers.dropAll();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
