// One call of the SDK's consoleAction, within its deadline. It must not know what an action means.

import { clearTimeout as clearRealTimeout, setTimeout as setRealTimeout } from 'node:timers';
import { listen } from '../common/abort-signal';
import { DEFAULT_TIMEOUT_MS } from '../types';
import { type CallEnvironment, environmentProblem, type Variables, variablesOf, withEnvironment } from './environment';
import { type ConsoleRequest, loadSdk } from './load';
import { type Ending, type Reply, readEnding } from './messages';
import { type Watch, watchRequests } from './watch-requests';

export interface CallSettings extends CallEnvironment {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came of a call. */
export interface Call {
  readonly reply: Reply;
  /** Whether it is proved that nothing reached the server. */
  readonly nothingSent: boolean;
  /** The secret key that the call was signed with, if it is known. */
  readonly secretKey: string | undefined;
}

/** What changes while a call is under way. */
interface Progress {
  /** The SDK must not be called any more. */
  isGivenUp: boolean;
  isSdkCalled: boolean;
  secretKey?: string | undefined;
}

// A call that was given up may still start a request, which is then closed at once: with QIANFAN_RPM_LIMIT=1 the SDK
// holds one back for a minute. Not for ever, as a mock may never settle. The timer is one that jest does not fake.
const LATE_REQUEST_MS = 65_000;

/** Calls the SDK once. Never rejects because of what comes of it, and always settles within `timeoutMs`. */
export async function callConsoleAction(request: ConsoleRequest, settings: CallSettings): Promise<Call> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = settings;
  if (signal?.aborted) return notCalled({ kind: 'aborted', reason: signal.reason });
  const variables = variablesOf(settings);
  const problem = environmentProblem(variables);
  if (problem) return notCalled({ kind: 'misconfigured', code: 'INVALID_CONFIGURATION', problem });

  const progress: Progress = { isGivenUp: false, isSdkCalled: false, secretKey: variables.QIANFAN_SECRET_KEY };
  let giveUp: (ending: Ending) => void = () => {};
  const givenUp = new Promise<Ending>((resolve) => {
    giveUp = (ending) => {
      progress.isGivenUp = true; // at once, as the SDK is called some turns later
      resolve(ending);
    };
  });
  // Before anything is started, as a signal that is none of Node's may throw here.
  const unlisten = listen(signal, () => giveUp({ kind: 'aborted', reason: signal?.reason }));
  const deadline = setTimeout(() => giveUp({ kind: 'timed_out', timeoutMs }), timeoutMs);
  const watch = watchRequests(`${request.base_api_route}?Action=${request.action}`, (reason) =>
    giveUp({ kind: 'rejected', reason }),
  );
  const settled = start(request, variables, watch, progress);
  const ending = await Promise.race([settled, givenUp]);
  clearTimeout(deadline);
  unlisten();
  const wire = watch.wire();
  letGo(watch, settled);
  const nothingSent = !progress.isSdkCalled || wire.nothingSent;
  return { reply: readEnding(ending, wire), nothingSent, secretKey: progress.secretKey };
}

async function start(request: ConsoleRequest, variables: Variables, watch: Watch, progress: Progress): Promise<Ending> {
  try {
    const sdk = await loadSdk();
    if ('problem' in sdk) return { kind: 'misconfigured', code: 'INVALID_CONFIGURATION', problem: sdk.problem };
    if (progress.isGivenUp) return { kind: 'resolved', value: undefined }; // nobody reads this ending
    progress.isSdkCalled = true;
    const run = () => watch.run(() => sdk.consoleAction(request));
    return { kind: 'resolved', value: await withEnvironment(variables, progress, run) };
  } catch (reason) {
    return { kind: 'rejected', reason };
  }
}

/** Ends what a call has left on the wire. */
function letGo(watch: Watch, settled: Promise<unknown>): void {
  watch.close();
  const late = setRealTimeout(watch.stop, LATE_REQUEST_MS).unref();
  settled.then(() => {
    clearRealTimeout(late);
    watch.stop();
  });
}

function notCalled(ending: Ending): Call {
  return { reply: readEnding(ending, { requests: 0, nothingSent: true }), nothingSent: true, secretKey: undefined };
}
