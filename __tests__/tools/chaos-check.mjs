// Holds what each call of the chaos test ended with against the server's own record.

import { inspect } from 'node:util';
import { KEYS, WRONG_KEYS } from './chaos-plan.mjs';

const SIGNATURE = /[\da-f]{64}/i;
const FINAL = ['Done', 'Failed', 'Stopped'];
const CODES = new Set(
  [
    'INVALID_INPUT MISSING_CREDENTIALS INVALID_CONFIGURATION AUTHENTICATION_FAILED PERMISSION_DENIED NOT_FOUND',
    'INVALID_REQUEST RATE_LIMITED SERVER_ERROR API_ERROR CONNECTION_FAILED TIMEOUT ABORTED UNEXPECTED_RESPONSE',
  ].flatMap((line) => line.split(' ')),
);

/** What a call resolved with. */
export function resolvedEnd({ requestId, result, ...more }, { kind, taskId, isListening }) {
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
export function rejectedEnd(error, isQianfanError, { kind, reason, events, isListening }) {
  if (!isQianfanError(error)) return { value: 'NO_QIANFAN_ERROR', outcome: '', problems: [`threw ${inspect(error)}`] };
  const { code, outcome, progress, cause } = error;
  const problems = CODES.has(code) ? [] : [`the code ${code}: ${inspect(error)}`];
  if (isListening) problems.push('listens to the signal still');
  if (code === 'ABORTED' && cause !== reason) problems.push('its cause is not the reason of the signal');
  if ((kind === 'wait') !== (progress !== undefined))
    problems.push('progress is missing, or there where it should not be');
  // How users and loggers print an error.
  const shapes = [error, cause, progress, events].flatMap((value) => [
    String(value),
    JSON.stringify(value) ?? '',
    inspect(value, { depth: 12, showHidden: true, maxStringLength: null }),
  ]);
  const printed = [...shapes, error.message, error.stack, String(cause?.stack)].join('\n');
  for (const { secretKey } of [KEYS, WRONG_KEYS])
    if (printed.includes(secretKey)) problems.push('shows the secret key');
  if (SIGNATURE.test(printed)) problems.push('shows a signature');
  return { value: code, outcome, stop: progress?.stop, problems };
}

/** Everything that is untrue of how a call ended. Empty if all is well. */
export function violations(plan, end, record) {
  const { kind, state: before, taskId } = plan;
  const wasActive = before === 'Running' || before === 'Waiting';
  const isStopped = wasActive && record.state === 'Stopped';
  const requests = kind === 'describe' ? record.describes : record.stops;
  const told = end.isResolved ? end.value : end.outcome;
  const rules = [
    ['not_sent, but the server has the request', end.outcome === 'not_sent' && requests > 0],
    ['refused, but the stop took effect', end.outcome === 'refused' && isStopped],
    ['true, but the task was not stopped', kind === 'stop' && told === 'true' && !isStopped],
    ['false, but this call stopped the task', kind === 'stop' && told === 'false' && isStopped],
    ['progress.stop says not_sent, but the server has one', end.stop === 'not_sent' && record.stops > 0],
    ['progress.stop says refused, but the stop took effect', end.stop === 'refused' && isStopped],
    ['progress.stop says accepted, but the task was not stopped', end.stop === 'accepted' && !isStopped],
    ['a Describe stopped something', kind === 'describe' && record.stops > 0],
    ['a state that the task never had', kind === 'describe' && end.isResolved && !hadState(plan, told)],
    ['more than one request', kind !== 'wait' && requests > 1 && !mayRepeat(plan)],
    ['more than four requests', kind !== 'wait' && requests > 4],
    [`not ${plan.expected}, with nothing in the way`, plan.expected !== undefined && told !== plan.expected],
  ];
  if (kind === 'wait' && end.isResolved) {
    rules.push(
      ['resolved with a state that is not final', !FINAL.includes(told)],
      [`resolved with ${told}, but the task is ${record.state}`, told !== record.state],
      ['resolved without a Describe that says so', record.finals === 0],
      ['resolved without a stop request', record.stops === 0],
    );
  }
  const broken = rules.filter(([, isBroken]) => isBroken).map(([rule]) => rule);
  return [...end.problems, ...broken].map((what) => `${taskId}: ${what}`);
}

// What a scripted Describe says of the state is what the server says of it.
function hadState({ state, describes }, told) {
  return told === state || describes.some(({ reply }) => reply.kind === 'foreign' && ['Paused', ''].includes(told));
}

function mayRepeat({ stops, describes }) {
  return [...stops, ...describes].some(({ reply }) => reply.kind === 'code' && reply.status === 200);
}
