// Holds what each call of the chaos test ended with against the server's own record.

import { inspect } from 'node:util';
import { DOORS } from './chaos-doors.mjs';
import { rejectionProblems } from './chaos-errors.mjs';

const FINAL = ['Done', 'Failed', 'Stopped'];

/** What a call resolved with. */
export function resolvedEnd({ requestId, result, ...more }, { plan: { kind, taskId }, isListening }) {
  const isTask = typeof result === 'object' && result !== null;
  const value = isTask ? result.runStatus : result;
  const problems = typeof requestId === 'string' && Object.keys(more).length === 0 ? [] : ['not { requestId, result }'];
  if (isTask && result.taskId !== taskId) problems.push(`resolved with the task ${result.taskId}`);
  const isRight = kind === 'stop' ? typeof value === 'boolean' : isTask && typeof value === 'string';
  if (isListening) problems.push('listens to the signal still');
  if (!isRight) problems.push(`resolved with ${inspect(result)}`);
  return { isResolved: true, value: String(value), outcome: '', problems };
}

/** What a call rejected with, and what is wrong with that error by itself. */
export function rejectedEnd(error, isQianfanError, context) {
  if (!isQianfanError(error)) return { value: 'NO_QIANFAN_ERROR', outcome: '', problems: [`threw ${inspect(error)}`] };
  const { code, outcome, retryable, progress } = error;
  return { value: code, outcome, retryable, stop: progress?.stop, problems: rejectionProblems(error, context) };
}

/** Everything that is untrue of how a call ended. Empty if all is well. `isUnread`: part of a request arrived there. */
export function violations(plan, end, record, isUnread) {
  const { kind, state: before, taskId, expected } = plan;
  const wasActive = before === 'Running' || before === 'Waiting';
  const isStopped = wasActive && record.state === 'Stopped';
  const requests = kind === 'describe' ? record.describes : record.stops;
  const said = end.isResolved ? end.value : end.outcome;
  const partOf = end.requests.some(
    ({ isStop, connection }) => isStop === (kind !== 'describe') && isUnread(connection),
  );
  const isBlocked = end.requests.every(({ door }) => DOORS[door].isShut);
  const rules = [
    ['not_sent, but the server has the request', end.outcome === 'not_sent' && requests > 0],
    ['not_sent, but the server has a part of the request', end.outcome === 'not_sent' && partOf],
    ['refused, but the stop took effect', end.outcome === 'refused' && isStopped],
    ['true, but the task was not stopped', kind === 'stop' && said === 'true' && !isStopped],
    ['false, but this call stopped the task', kind === 'stop' && said === 'false' && isStopped],
    ['progress.stop says not_sent, but the server has one', end.stop === 'not_sent' && (record.stops > 0 || partOf)],
    ['progress.stop says refused, but the stop took effect', end.stop === 'refused' && isStopped],
    ['progress.stop says accepted, but the task was not stopped', end.stop === 'accepted' && !isStopped],
    ['a Describe stopped something', kind === 'describe' && record.stops > 0],
    ['a state that the task never had', kind === 'describe' && end.isResolved && !hadState(plan, said)],
    ['resolved, but nothing got through', end.isResolved && isBlocked],
    ['something got through a door that is shut', isBlocked && record.stops + record.describes > 0],
    ['more than one request', kind !== 'wait' && requests > 1 && !mayRepeat(plan)],
    ['more than four requests', kind !== 'wait' && requests > 4],
    [`not ${expected}, with nothing in the way`, expected !== undefined && said !== expected],
  ];
  if (kind === 'wait' && end.isResolved) {
    rules.push(
      ['resolved with a state that is not final', !FINAL.includes(said)],
      [`resolved with ${said}, but the task is ${record.state}`, said !== record.state],
      ['resolved without a Describe that says so', record.finals === 0],
      ['resolved without a stop request', record.stops === 0],
    );
  }
  const broken = rules.filter(([, isBroken]) => isBroken).map(([rule]) => rule);
  return [...end.problems, ...broken].map((what) => `${taskId}: ${what}`);
}

// What a scripted Describe says of the state is what the server says of it.
function hadState({ state, describes }, said) {
  const isForeign = ({ response }) => response.kind === 'foreign';
  return said === state || (['Paused', ''].includes(said) && describes.some(isForeign));
}

function mayRepeat({ stops, describes }) {
  return [...stops, ...describes].some(({ response }) => response.kind === 'code' && response.status === 200);
}
