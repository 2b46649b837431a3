// An embedded Qianfan console, to try the package out and for tests. It shares no code with the wrapper, so that neither
// hides a mistake of the other.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ensure, ensureFields, isInteger, isText } from './check-options';
import { receiveRequest } from './receive-request';
import { routeRequest } from './route';
import { createResponseQueue, prepareOwnResponse, sendResponse } from './scripted-responses';
import { createTaskStore } from './tasks';
import { createTimers } from './timers';
import type { LocalConsole, LocalConsoleOptions, LocalConsoleRequest } from './types';

export type { LocalConsoleAction } from './actions';
export type { LocalConsoleTask, StopTakes, TaskProgress, TaskState } from './tasks';
export type { LocalConsole, LocalConsoleAnswer, LocalConsoleOptions, LocalConsoleRequest } from './types';

/**
 * Starts a console on 127.0.0.1 that checks bce-auth-v1 signatures and handles two actions as Baidu documents them.
 *
 * - `StopFineTuningTask`: `result: true` for a waiting or running task, `false` for any other or unknown one. A second
 *   stop gets `true` and changes nothing while the task is still stopping, and `false` once it is `Stopped`. Baidu does
 *   not document its response to a second stop.
 * - `DescribeFineTuningTask`: the documented fields, all made up but `taskId`, `runStatus` and `runProgress`, which is
 *   there only while the task is running. An unknown task is refused with 404 `NoSuchKey`. Baidu does not document its
 *   response for an unknown task.
 *
 * A refused request gets `{ requestId, code, message }` and changes nothing. Each worker of a cluster has its own
 * console, on its own port.
 * @returns The console, once it listens. It keeps the process alive until it is closed.
 * @throws RangeError that names the wrong option; Node's error, such as `EADDRINUSE`, if the port cannot be used.
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
  ensureFields('options', options, ['port', 'accessKey', 'secretKey', 'tasks', 'stopTakes']);
  const { port = 0, accessKey = 'local-access-key', secretKey = 'local-secret-key' } = options;
  ensure(isInteger(port, 0, 65_535), 'options.port must be an integer from 0 to 65535.');
  ensure(isText(accessKey, /^[!-.0-~]+$/), 'options.accessKey must be visible ASCII without a slash.');
  ensure(isText(secretKey, /^[!-~]+$/), 'options.secretKey must be visible ASCII.');
  const credentials = { accessKey, secretKey };
  const timers = createTimers();
  const store = createTaskStore(options.tasks ?? {}, options.stopTakes ?? { describes: 0 }, timers);
  const requests: LocalConsoleRequest[] = [];
  const queue = createResponseQueue();

  const server = createServer((incoming, response) =>
    receiveRequest(incoming, credentials, (request, defect) => {
      requests.push(request);
      const prepared = queue.take(request.query['Action']) ?? prepareOwnResponse(routeRequest(request, defect, store));
      timers.later(() => sendResponse(prepared, response), prepared.delayMs);
    }),
  );
  // Without `exclusive` all workers of a cluster listen on one port, and a request may reach another worker's tasks.
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  const address = server.address();

  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`,
    credentials,
    tasks: store.tasks,
    requests,
    answerNext: queue.add,
    async close() {
      timers.cancelAll();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
