// From the end of a call to a result or to one of our errors in words: every end on one `switch`. It must not know timers,
// sockets, the environment, or the SDK's messages.

import { inOneLine } from '../common/characters';
import { ownField, textField } from '../common/fields';
import { parseUrl } from '../common/parse-url';
import { createRedactor, type Redactor, safeError, textOf } from '../common/redact';
import { shownTaskId } from '../common/task-id';
import * as errors from '../errors';
import type { EndedCall } from '../sdk/call';
import type { CallEnd, HttpResponse } from '../sdk/messages';
import type { Action } from './action';
import { withAdvice } from './advice';
import { adviceFor, rowOf } from './api-errors';
import { type ErrorVerdict, isLasting, judge, type Verdict } from './outcome';
import { apiCodesOf, apiMessageIn, requestIdIn, retryAfterMsIn } from './read-response';
import { keepForm } from './response-form';

/** What the error of a call needs beside its end. */
interface Context {
  readonly action: Pick<Action<never, never>, 'policies' | 'advice' | 'documentedResult'>;
  /** Of an end without a response. */
  readonly outcome: 'not_sent' | 'unknown';
  readonly redact: Redactor;
  /** What is wrong with a key that the SDK found in `.env` in this call, and has sent. */
  readonly keyProblem: string | undefined;
  /** What every error of the call carries. */
  readonly known: Pick<errors.ErrorDetails, 'taskId' | 'requestId'>;
}

const EXCERPT_LENGTH = 200;

/** Returns the result, or throws the error that says what happened. */
export function resultOrError<Input extends object, Result>(
  call: EndedCall,
  action: Action<Input, Result>,
  input: Input,
): { readonly requestId: string; readonly result: Result } {
  const { end } = call;
  if (end.kind !== 'response') throw endError(end, contextOf(call, action, input));
  const result = action.readResult(ownField(end.body, 'result'), input);
  const verdict = judge(end, result === undefined ? undefined : action.effectOf(result));
  if (result !== undefined && verdict.kind === 'result') return { requestId: requestIdIn(end) ?? '', result };
  throw responseError(end, verdict, contextOf(call, action, input));
}

function contextOf(
  { end, nothingSent, secretKey, keyProblem }: EndedCall,
  action: Context['action'],
  input: object,
): Context {
  const redact = createRedactor(secretKey);
  const requestId = requestIdIn(end);
  const taskId = textField(input, 'taskId');
  return {
    action,
    outcome: nothingSent ? 'not_sent' : 'unknown',
    redact,
    keyProblem: nothingSent ? undefined : keyProblem(),
    known: {
      taskId: taskId && shownTaskId(taskId, secretKey),
      requestId: requestId && redact(requestId),
    },
  };
}

function endError(end: Exclude<CallEnd, HttpResponse>, context: Context): errors.AnyQianfanError {
  const { outcome, redact, known } = context;
  const message = (text: string, about: errors.Outcome = outcome) => inContext(text, about, context);
  switch (end.kind) {
    case 'redirect': {
      const to = end.to === undefined ? '' : ` to ${redact(hostOf(end.to))}`;
      const text = `The server redirected the request${to}${httpStatus(end)}. It was not followed: check the base URL.`;
      const details = { ...known, outcome: 'unknown', response: redact(textOf(end.raw)) } as const;
      return new errors.UnexpectedResponseError(message(text, 'unknown'), details);
    }
    case 'connection_failed':
    case 'response_broke_off':
      return connectionError(end, context);
    case 'timed_out': {
      const ofSdk = "The SDK's own time limit of 600 s was reached.";
      const text = end.bySdk ? ofSdk : `There was no complete response within ${end.timeoutMs} ms.`;
      return new errors.TimeoutError(message(text), { ...known, outcome, timeoutMs: end.timeoutMs });
    }
    case 'aborted':
      return new errors.AbortError(message('The call was aborted.'), { ...known, outcome, cause: end.reason });
    case 'misconfigured':
      return new errors.ConfigurationError(withAdvice(redact(end.problem), 'not_sent', context.action.advice), {
        ...known,
        code: end.code,
      });
    case 'nothing': {
      const text =
        'The SDK returned nothing. In a test, its mock has no return value; otherwise QIANFAN_TPM_LIMIT is too low.';
      return new errors.UnexpectedResponseError(message(text, 'unknown'), {
        ...known,
        outcome: 'unknown',
        response: '',
      });
    }
    case 'unforeseen': {
      const text = 'The SDK failed unexpectedly; please report the cause.';
      return new errors.UnexpectedError(message(text, 'unknown'), { ...known, cause: safeError(end.thrown, redact) });
    }
  }
}

function connectionError(
  end: Extract<CallEnd, { readonly kind: 'connection_failed' | 'response_broke_off' }>,
  context: Context,
): errors.ConnectionError {
  const { reason, systemCode, thrown } = end;
  const { outcome, redact, known } = context;
  const isLastingFailure = outcome === 'not_sent' && isLasting(systemCode, reason);
  const what =
    end.kind === 'connection_failed' ? 'The connection failed' : 'The connection broke off within the response';
  const advice = isLastingFailure
    ? 'Trying again will not help: check the base URL (is it https?) and the certificate of the server or a proxy.'
    : 'Check the network, then try again.';
  const cause = thrown === undefined ? undefined : safeError(thrown, redact);
  const text = `${asSentence(`${what}: ${inOneLine(redact(reason))}`)} ${advice}`;
  return new errors.ConnectionError(inContext(text, outcome, context), {
    ...known,
    outcome,
    retryable: !isLastingFailure,
    systemCode,
    cause,
  });
}

function responseError(response: HttpResponse, verdict: Verdict, context: Context): errors.AnyQianfanError {
  const isInForm = ownField(response.body, 'result') !== undefined || apiCodesOf(response).length > 0;
  switch (verdict.kind) {
    case 'error': {
      const { apiCode } = verdict;
      const isDocumented = apiCode !== undefined && rowOf(apiCode) !== undefined;
      return keepForm(apiError(response, verdict, context), { isInForm, isDocumented });
    }
    case 'nothing_done_at_last': {
      const text = `The last request changed nothing.${retries(response)} An earlier one may have taken effect.`;
      const details = { code: 'SERVER_ERROR', outcome: 'unknown', retryable: true, status: response.status } as const;
      const error = new errors.ApiError(inContext(text, 'unknown', context), { ...context.known, ...details });
      return keepForm(error, { isInForm: true, isDocumented: false });
    }
    case 'result':
    case 'not_documented':
      return keepForm(undocumentedResponse(response, context), { isInForm, isDocumented: false });
  }
}

function apiError(response: HttpResponse, verdict: ErrorVerdict, context: Context): errors.ApiError {
  const { row, outcome, apiCode } = verdict;
  const { redact, known } = context;
  const apiMessage = apiMessageIn(response);
  const details = {
    ...known,
    code: row.code,
    outcome,
    retryable: row.retryable,
    status: response.status,
    apiCode: apiCode && redact(apiCode),
    apiMessage: apiMessage && redact(apiMessage),
    retryAfterMs: retryAfterMsIn(response.headers),
    response: apiCode === undefined ? redact(textOf(response.raw)) : undefined,
  };
  const what = apiCode === undefined ? gatewayText(response, details) : apiText(response, details, verdict);
  const text = `${what} ${whatToDo(verdict, context)}`.trimEnd();
  return new errors.ApiError(inContext(text, outcome, context), details);
}

type ErrorFacts = Pick<errors.ApiError, 'status' | 'apiCode' | 'apiMessage' | 'response'>;

function apiText(response: HttpResponse, { status, apiCode, apiMessage }: ErrorFacts, verdict: ErrorVerdict): string {
  const what = verdict.outcome === 'refused' ? 'The server refused the request' : 'The server answered with an error';
  const facts = [status === undefined ? '' : `HTTP ${status}`, apiCode].filter(Boolean).join(', ');
  const words = apiMessage ?? verdict.row.apiCodes[verdict.apiCode ?? ''];
  return asSentence(inOneLine(`${what} (${facts})${words === undefined ? '' : `: ${words}`}`)) + retries(response);
}

function gatewayText(response: HttpResponse, { apiMessage, response: text = '' }: ErrorFacts): string {
  const says = response.isTooLarge ? ' It is too large and was cut off.' : quote(apiMessage ?? text);
  const advice = 'A proxy or gateway may have sent it, or the base URL is wrong: check both.';
  return `The response${httpStatus(response)} is not in Qianfan's form.${says}${retries(response)} ${advice}`;
}

/** The advice for the server's code, else for ours. What to do about a refusal is no advice about a gateway's page. */
function whatToDo({ row, apiCode }: ErrorVerdict, { action, keyProblem }: Context): string {
  if (apiCode === undefined) return row.outcome === 'refused' ? '' : (row.advice ?? '');
  if (row.code === 'AUTHENTICATION_FAILED' && keyProblem !== undefined) return '';
  return (
    adviceFor(apiCode) ??
    row.advice ??
    `The user of the key needs one of these policies: ${action.policies.join(', ')}.`
  );
}

function undocumentedResponse(response: HttpResponse, context: Context): errors.UnexpectedResponseError {
  const { action, redact, known } = context;
  const text = redact(textOf(response.raw));
  const page = response.body === undefined ? quote(text) : '';
  const what = response.isTooLarge
    ? `The response${httpStatus(response)} is too large and was cut off.`
    : `The response${httpStatus(response)} is not as documented: its result must be ${action.documentedResult}.${page}`;
  const message = inContext(`${what} Check the base URL and any proxy.`, 'unknown', context);
  return new errors.UnexpectedResponseError(message, { ...known, outcome: 'unknown', response: text });
}

/** What happened, what is wrong with a key where something is, and what to do. */
function inContext(text: string, outcome: errors.Outcome, { action, keyProblem }: Context): string {
  return withAdvice(keyProblem === undefined ? text : `${text} ${keyProblem}.`, outcome, action.advice);
}

function quote(text: string): string {
  const words = inOneLine(text).slice(0, EXCERPT_LENGTH);
  return words && ` ${asSentence(`It says: "${words}"`)}`;
}

/** Adds a full stop unless the server's text already ends with one. */
function asSentence(text: string): string {
  return /[.!?。！？]"?$/.test(text) ? text : `${text}.`;
}

function retries({ requests }: HttpResponse): string {
  return requests > 1 ? ` The SDK sent the request ${requests} times, and only the last response is known.` : '';
}

function httpStatus({ status }: Pick<HttpResponse, 'status'>): string {
  return status === undefined ? '' : ` (HTTP ${status})`;
}

function hostOf(location: string): string {
  const sameHost = 'http://same.invalid';
  const url = parseUrl(location, sameHost);
  if (url === undefined) return 'an invalid URL';
  if (url.origin === sameHost) return 'another path of the same host';
  return url.host || `a ${url.protocol} URL`;
}
