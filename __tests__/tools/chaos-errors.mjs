// What must be true of each error of the chaos test by itself, whatever the server has seen.

import { inspect, isDeepStrictEqual } from 'node:util';
import { DOORS } from './chaos-doors.mjs';
import { KEYS, WRONG_KEYS } from './chaos-plan.mjs';

const SIGNATURE = /[\da-f]{64}/i;
const RETRYABLE = ['RATE_LIMITED', 'SERVER_ERROR', 'TIMEOUT'];
const CODES = [
  ...RETRYABLE,
  ...['INVALID_INPUT', 'MISSING_CREDENTIALS', 'INVALID_CONFIGURATION', 'AUTHENTICATION_FAILED', 'PERMISSION_DENIED'],
  ...['NOT_FOUND', 'INVALID_REQUEST', 'API_ERROR', 'CONNECTION_FAILED', 'ABORTED', 'UNEXPECTED_RESPONSE'],
];

/**
 * Everything that is wrong with the error of a call. `requests`: the doors that its requests were sent to. `events`: each
 * progress that a wait told, with the doors of the request that had just ended.
 */
export function rejectionProblems(error, { plan, reason, events, requests, isListening }) {
  const { code, progress, cause } = error;
  const isWait = plan.kind === 'wait';
  const problems = [...problemsOf(error, plan), ...secretsIn([error, cause, progress, events])];
  if (isListening) problems.push('listens to the signal still');
  if (code === 'ABORTED' && cause !== reason) problems.push('its cause is not the reason of the signal');
  if (isWait !== (progress !== undefined)) problems.push('progress is missing, or there where it should not be');
  if (!isWait) return [...problems, ...connectionProblems(error, requests)];
  for (const { progress: told, requests: ofOne } of events) {
    if (told.taskId !== plan.taskId) problems.push(`told of the task ${told.taskId}`);
    const { lastError } = told;
    if (lastError) problems.push(...problemsOf(lastError, plan), ...connectionProblems(lastError, ofOne));
  }
  return [...new Set([...problems, ...waitProblems(error, events, requests)])];
}

function problemsOf(error, { taskId }) {
  const problems = CODES.includes(error.code) ? [] : [`the code ${error.code}: ${inspect(error)}`];
  if (error.taskId !== taskId) problems.push(`its taskId is ${error.taskId}`);
  try {
    const json = error.toJSON();
    if (!isDeepStrictEqual(structuredClone(json), json)) problems.push('toJSON is not plain to the bottom');
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(json)), json)) problems.push('toJSON is no JSON');
  } catch (reason) {
    problems.push(`toJSON cannot be copied: ${reason}`);
  }
  return problems;
}

/** `retryable` is false for what will not pass, and for nothing else that fails on the way. */
function connectionProblems({ code, outcome, retryable, systemCode }, requests) {
  if (code !== 'CONNECTION_FAILED') {
    return retryable === RETRYABLE.includes(code) ? [] : [`${code} with retryable: ${retryable}`];
  }
  const { door } = requests.at(-1) ?? { door: 'http' };
  const { isShut = false, systemCode: lastingCode } = DOORS[door];
  const isOnly = requests.length === 1;
  const isLasting = isOnly && lastingCode !== undefined;
  const problems = [];
  if (retryable === isLasting) problems.push(`retryable: ${retryable} at the door ${door}`);
  if (isShut && isOnly && outcome !== 'not_sent') problems.push(`${outcome} at the door ${door}`);
  if (isLasting && systemCode !== lastingCode) problems.push(`${systemCode} at the door ${door}`);
  return problems;
}

/** A wait ends at once where its first request meets what will not pass, and never for that where it had a response. */
function waitProblems({ code, retryable, outcome, progress }, events, requests) {
  const isLasting = DOORS[requests[0]?.door ?? 'http'].systemCode !== undefined;
  const isConnection = code === 'CONNECTION_FAILED';
  const wasAnswered = events.some(({ progress: told }) => told.lastError === undefined);
  const counts = [progress.stopRequests, progress.describeRequests, events.length].join();
  const problems = [];
  if (isLasting && events.length > 0) {
    if (!isConnection || retryable || outcome !== 'not_sent' || counts !== '1,0,1')
      problems.push(`a wait at the door ${requests[0].door} ended with ${code}, ${outcome}, ${counts}`);
  }
  if (isConnection && wasAnswered) problems.push('ended with a connection that failed, after a good response');
  return problems;
}

// How users and loggers print an error.
function secretsIn(values) {
  const shapes = values.flatMap((value) => [
    String(value),
    String(value?.stack),
    JSON.stringify(value) ?? '',
    inspect(value, { depth: 12, showHidden: true, maxStringLength: null }),
    inspect(structuredCopy(value), { depth: 12, maxStringLength: null }),
  ]);
  const printed = shapes.join('\n').toLowerCase();
  const problems = SIGNATURE.test(printed) ? ['shows a signature'] : [];
  for (const { secretKey } of [KEYS, WRONG_KEYS])
    if (printed.includes(secretKey.toLowerCase())) problems.push('shows the secret key');
  return problems;
}

function structuredCopy(value) {
  try {
    return structuredClone(value.toJSON());
  } catch {
    return undefined; // it is no error of ours, or `problemsOf` tells why
  }
}
