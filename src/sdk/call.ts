// One call of the SDK's consoleAction, within its time limit. It must not know what an action means.

import { clearTimeout as clearRealTimeout, setTimeout as setRealTimeout } from 'node:timers';
import { SECRET_KEY, variablesProblem } from '../common/credentials';
import { startTimeLimit, type TimeLimit } from '../common/time-limit';
import { DEFAULT_TIMEOUT_MS } from '../limits';
import { type CallEnvironment, type CallVariables, variablesOf, withEnvironment } from './environment';
import { type ConsoleRequest, loadSdk } from './load';
import { type CallEnd, type RawEnd, readCallEnd } from './messages';
import { explainFoundKeys } from './missing-keys';
import { type RequestWatch, watchRequests } from './watch-requests';

export interface CallSettings extends CallEnvironment {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A call that has ended, with what is known beside its end. */
export interface EndedCall {
  readonly end: CallEnd;
  /** Whether it is proved that nothing reached the server. */
  readonly nothingSent: boolean;
  /** The secret key that the call was signed with, if it is known. */
  readonly secretKey: string | undefined;
  /** What is wrong with a key that the SDK found in this call, and has used. */
  readonly keyProblem: () => string | undefined;
}

/** What the SDK's part of a call leaves behind, however it ends. */
interface Trace {
  isSdkCalled: boolean;
  secretKey: string | undefined;
}

// After the end of a call the SDK may still start its request: with QIANFAN_RPM_LIMIT=1 it holds one back for a minute. For
// so long it is watched for and closed at once. Not for ever, as a mock may never settle. jest does not fake this timer.
const LATE_REQUEST_MS = 65_000;

/** Calls the SDK once. Never rejects because of how the call ended, and always settles within `timeoutMs`. */
export async function callConsoleAction(request: ConsoleRequest, settings: CallSettings): Promise<EndedCall> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = settings;
  const variables = variablesOf(settings);
  if (signal?.aborted) return notCalled({ kind: 'aborted', reason: signal.reason }, variables);
  // An option's keys were checked before, so what is wrong now comes from the environment.
  const problem = settings.credentials ? undefined : variablesProblem(variables, 'the environment (or .env)');
  if (problem !== undefined) {
    return notCalled({ kind: 'misconfigured', code: 'INVALID_CONFIGURATION', problem: `${problem}.` }, variables);
  }

  const limit = startTimeLimit(timeoutMs, signal); // first, as a foreign signal may throw
  const trace: Trace = { isSdkCalled: false, secretKey: variables[SECRET_KEY] };
  const watch = watchRequests(`${request.base_api_route}?Action=${request.action}`);
  const settled = callSdk(request, variables, watch, limit, trace);
  const end = await Promise.race([settled, watch.broken, limit.whenOver]);
  limit.close();
  const seen = watch.seen();
  endRequests(watch, settled);
  const rawEnd = end ?? endAtLimit(limit, timeoutMs, signal);
  return {
    end: readCallEnd(rawEnd, seen),
    nothingSent: !trace.isSdkCalled || seen.nothingSent,
    secretKey: trace.secretKey,
    keyProblem: () => (settings.credentials ? undefined : explainFoundKeys()),
  };
}

/** Loads the SDK and calls it. `undefined` if the time limit was over before it could be called. */
async function callSdk(
  request: ConsoleRequest,
  variables: CallVariables,
  watch: RequestWatch,
  limit: TimeLimit,
  trace: Trace,
): Promise<RawEnd | undefined> {
  try {
    const sdk = await loadSdk();
    if ('problem' in sdk) return { kind: 'misconfigured', code: 'INVALID_CONFIGURATION', problem: sdk.problem };
    if (limit.over) return undefined;
    trace.isSdkCalled = true;
    const run = () => watch.run(() => sdk.consoleAction(request));
    return { kind: 'resolved', value: await withEnvironment(variables, trace, run) };
  } catch (reason) {
    return { kind: 'rejected', reason };
  }
}

function endAtLimit({ over }: TimeLimit, timeoutMs: number, signal: AbortSignal | undefined): RawEnd {
  return over === 'aborted' ? { kind: 'aborted', reason: signal?.reason } : { kind: 'timed_out', timeoutMs };
}

/** Ends what a call has left on the network, and stops watching as soon as the SDK has settled. */
function endRequests(watch: RequestWatch, settled: Promise<unknown>): void {
  watch.hangUp();
  const late = setRealTimeout(watch.unwatch, LATE_REQUEST_MS).unref();
  settled.then(() => {
    clearRealTimeout(late);
    watch.unwatch();
  });
}

function notCalled(end: RawEnd, { [SECRET_KEY]: secretKey }: CallVariables): EndedCall {
  const seen = { requests: 0, nothingSent: true };
  return { end: readCallEnd(end, seen), nothingSent: true, secretKey, keyProblem: () => undefined };
}
