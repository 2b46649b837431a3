// Reads one HTTP answer by the rules of evidence: a result, an error of the API, or neither. It must not know how the answer
// was got.

import { own } from '../common/fields';
import { type Redactor, textOf } from '../common/redact';
import * as errors from '../errors';
import type { Answer, Reply } from '../sdk/messages';
import type { Action } from './action';
import { API_ERRORS, type ApiErrorRow, rowOf, UNDOCUMENTED } from './api-errors';

type Advice = Pick<Action<object, unknown>, 'policies' | 'adviceIfUnknown'>;

interface Verdict {
  readonly row: ApiErrorRow;
  readonly outcome: 'refused' | 'unknown';
  /** The server's own code. Without one, whoever stands in front of the server may have spoken. */
  readonly apiCode: string | undefined;
}

const EXCERPT_LENGTH = 200;

/** Returns the result, or throws the error that the answer is. */
export function readAnswer<Input extends object, Result>(
  answer: Answer,
  action: Action<Input, Result>,
  input: Input,
  redact: Redactor,
): { readonly requestId: string; readonly result: Result } {
  const result = action.readResult(own(answer.body, 'result'), input);
  const isDone = result === undefined ? undefined : action.isDone?.(result);
  if (result !== undefined && isSuccess(answer) && apiCodesIn(answer.body).length === 0) {
    if (answer.requests <= 1 || isDone !== false) return { requestId: requestIdOf(answer) ?? '', result };
    throw nothingDoneAtLast(answer, action, requestIdOf(answer, redact));
  }
  // A result that says that something was done contradicts a refusal beside it.
  const requestId = requestIdOf(answer, redact);
  const verdict = judge(answer, isDone === true);
  throw verdict
    ? apiError(answer, verdict, action, requestId, redact)
    : oddAnswer(answer, action, action.documentedResult, requestId, redact);
}

/** Which error an answer is: a known code decides, then the status; `undefined` if it is none. */
function judge({ status, headers, body, requests, isTooLarge }: Answer, isDone: boolean): Verdict | undefined {
  const inBody = apiCodesIn(body);
  const named = inBody.length > 0 ? inBody : [own(headers, 'x-bce-error-code')].filter(isApiCode);
  const apiCodes = isTooLarge ? [] : named.map(String);
  const apiCode = apiCodes.find(rowOf) ?? apiCodes[0];
  const row =
    (apiCode === undefined ? undefined : rowOf(apiCode)) ??
    API_ERRORS.find(({ statuses }) => statuses.some((start) => `${status}`.startsWith(start))) ??
    (apiCode !== undefined && isSuccess({ status }) ? UNDOCUMENTED : undefined);
  if (!row) return undefined;
  const isRefused = apiCode !== undefined && row.outcome === 'refused' && requests <= 1 && !isDone;
  return { row, outcome: isRefused ? 'refused' : 'unknown', apiCode };
}

function apiError(
  answer: Answer,
  { row, outcome, apiCode }: Verdict,
  advice: Advice,
  requestId: string | undefined,
  redact: Redactor,
): errors.ApiError {
  const { status, headers, body } = answer;
  const apiMessage = textIn(body, 'message') ?? textIn(body, 'error_msg') ?? textIn(headers, 'x-bce-error-message');
  const details = {
    code: row.code,
    outcome,
    retryable: row.retryable,
    requestId,
    status,
    apiCode: apiCode && redact(apiCode),
    apiMessage: apiMessage && redact(apiMessage),
    retryAfterMs: retryAfterMs(headers),
    response: apiCode === undefined ? redact(textOf(answer.raw)) : undefined,
  };
  const text =
    apiCode === undefined
      ? gatewayText(answer, details)
      : apiText(details, row.apiCodes[apiCode]?.meaning, retries(answer));
  const policies = `The user of the key needs one of these policies: ${advice.policies.join(', ')}.`;
  const what = row.apiCodes[apiCode ?? '']?.advice ?? (row.advice || policies);
  // What to do about a refusal is no advice about a gateway that refuses.
  const isAdviceFitting = apiCode !== undefined || row.outcome === 'unknown';
  return new errors.ApiError(withAdvice(isAdviceFitting ? `${text} ${what}` : text, outcome, advice), details);
}

type Facts = Pick<errors.ApiError, 'status' | 'outcome' | 'apiCode' | 'apiMessage' | 'response'>;

function apiText({ status, outcome, apiCode, apiMessage }: Facts, meaning: string | undefined, note: string): string {
  const what = outcome === 'refused' ? 'The server refused the request' : 'The server answered with an error';
  const facts = [status === undefined ? '' : `HTTP ${status}`, apiCode].filter(Boolean).join(', ');
  const words = apiMessage ?? meaning;
  return asSentence(`${what} (${facts})${words === undefined ? '' : `: ${words}`}`) + note;
}

function gatewayText(answer: Answer, { apiMessage, response = '' }: Facts): string {
  const says = answer.isTooLarge ? ' It is too large and was cut off.' : quote(apiMessage ?? response);
  const advice = 'A proxy or gateway may have sent it, or the base URL is wrong: check both.';
  return `The response${httpStatus(answer)} is not in Qianfan's form.${says}${retries(answer)} ${advice}`;
}

function quote(text: string): string {
  const words = text.replace(/\s+/g, ' ').trim().slice(0, EXCERPT_LENGTH);
  return words && ` ${asSentence(`It says: "${words}"`)}`;
}

/** The last of several requests did nothing, but an earlier one may have. */
function nothingDoneAtLast(answer: Answer, advice: Advice, requestId: string | undefined): errors.ApiError {
  const text = `The last request changed nothing.${retries(answer)} An earlier one may have taken effect.`;
  const details = { code: 'SERVER_ERROR', outcome: 'unknown', retryable: true } as const;
  return new errors.ApiError(withAdvice(text, 'unknown', advice), { ...details, requestId, status: answer.status });
}

function oddAnswer(
  answer: Answer,
  advice: Advice,
  documentedResult: string,
  requestId: string | undefined,
  redact: Redactor,
): errors.UnexpectedResponseError {
  const details = { requestId, outcome: 'unknown', response: redact(textOf(answer.raw)) } as const;
  const page = answer.body === undefined ? quote(details.response) : '';
  const text = answer.isTooLarge
    ? `The response${httpStatus(answer)} is too large for a documented one and was cut off.`
    : `The response${httpStatus(answer)} is not as documented: its result must be ${documentedResult}.${page}`;
  return new errors.UnexpectedResponseError(
    withAdvice(`${text} Check the base URL and any proxy.`, 'unknown', advice),
    details,
  );
}

/** What happened, then what to do where that depends on the outcome. */
export function withAdvice(text: string, outcome: errors.Outcome, { adviceIfUnknown }: Advice): string {
  switch (outcome) {
    case 'unknown':
      return `${text} ${adviceIfUnknown}`.trimEnd();
    case 'not_sent':
      return `${text} Nothing was sent.`;
    case 'refused':
      return text;
  }
}

/** Foreign words may end a sentence themselves. */
export function asSentence(text: string): string {
  return /[.!?。！？]"?\s*$/.test(text) ? text.trimEnd() : `${text}.`;
}

/** The server's ID of the request, from the body or else from the headers. */
export function requestIdOf(reply: Reply, redact: Redactor = String): string | undefined {
  const body = 'body' in reply ? reply.body : undefined;
  const headers = 'headers' in reply ? reply.headers : undefined;
  const inBody = ['requestId', 'request_id', 'log_id'].map((field) => own(body, field));
  // A number that is not safe has lost its last digits in JSON.parse: it is the ID of another request.
  const isId = (value: unknown) => isText(value) || Number.isSafeInteger(value);
  const id = [...inBody, own(headers, 'x-bce-request-id')].find(isId);
  return id === undefined ? undefined : redact(`${id}`);
}

function retries({ requests }: Answer): string {
  return requests > 1 ? ` The SDK sent the request ${requests} times, and only the last response is known.` : '';
}

function httpStatus({ status }: Answer): string {
  return status === undefined ? '' : ` (HTTP ${status})`;
}

function isSuccess({ status }: Pick<Answer, 'status'>): boolean {
  return status === undefined || Math.floor(status / 100) === 2;
}

function apiCodesIn(body: unknown): unknown[] {
  return [own(body, 'code'), own(body, 'error_code')].filter(isApiCode);
}

// 0 and the like mean that there was no error.
function isApiCode(value: unknown): boolean {
  return typeof value === 'number' ? value !== 0 : isText(value) && value.trim() !== '0';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function textIn(value: unknown, field: string): string | undefined {
  const text = own(value, field);
  return isText(text) ? text : undefined;
}

// A date counts from the server's own clock, if it tells it.
function retryAfterMs(headers: unknown): number | undefined {
  const value = textIn(headers, 'retry-after') ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const nowMs = Date.parse(textIn(headers, 'date') ?? '') || Date.now();
  const delayMs = Date.parse(value.endsWith('GMT') ? value : '') - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.max(0, delayMs);
}
