// Every message, word for word.

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { describeFineTuningTask } from '../../../src';
import type { RawEnd } from '../../../src/sdk/messages';
import type { RequestsSeen } from '../../../src/sdk/watch-requests';
import { ANY_CODE, NUMERIC_CODES, STRING_CODES } from '../../support/responses/contract';
import { connectionError, httpError, rejected, resolved, resolvedBody } from '../../support/sdk/messages';
import { ANSWERED, failure, SEEN, UNSENT } from '../../support/sdk/mocked-call';

const CHECK =
  'The task may still be running: stop it again and wait for its end (stopFineTuningTaskAndWait, or stop --wait).';
const ASK_AGAIN = 'The state of the task could not be read: ask again.';
const GATEWAY = 'A proxy or gateway may have sent it, or the base URL is wrong: check both.';
const IAM = 'it must be an IAM access key, not an API key of an application';

afterEach(() => {
  jest.restoreAllMocks();
});

const denied = (code: string, message?: string, status = 403) => rejected(httpError(status, { code, message }));
const page = (status: number, text = '<p>\n  Go   away\n</p>') => rejected(httpError(status, text));
const timedOut: RawEnd = { kind: 'timed_out', timeoutMs: 5 };
const aborted: RawEnd = { kind: 'aborted', reason: 'enough' };

describe('A message says what happened, then what to do:', () => {
  test.each<[string, RawEnd, string, RequestsSeen?]>([
    [
      "a refusal in the server's words",
      denied('AccessDenied', 'Access denied'),
      'The server refused the request (HTTP 403, AccessDenied): Access denied. The user of the key needs one of these policies: QianfanFullControlAccessPolicy, QianfanModelTuningFullControlAccessPolicy.',
    ],
    [
      'words that end with a full stop',
      denied('NoSuchKey', 'Gone.', 404),
      'The server refused the request (HTTP 404, NoSuchKey): Gone. Check the task ID, that it belongs to the account of this key, and the base URL.',
    ],
    ...['Gone?', 'Gone!', '没有。', '没有！', '没有？'].map((words): [string, RawEnd, string] => [
      `words that end a sentence: ${words}`,
      denied('NoSuchKey', `${words} `, 404),
      `The server refused the request (HTTP 404, NoSuchKey): ${words} Check the task ID, that it belongs to the account of this key, and the base URL.`,
    ]),
    [
      'words on several lines, with what a terminal obeys',
      denied('NoSuchKey', 'Gone\r\n  [ok] all stopped\u001b[2J', 404),
      'The server refused the request (HTTP 404, NoSuchKey): Gone [ok] all stopped\\u001b[2J. Check the task ID, that it belongs to the account of this key, and the base URL.',
    ],
    [
      'a code without words',
      denied('RequestExpired', undefined, 400),
      "The server refused the request (HTTP 400, RequestExpired): the signature is too old. Set this machine's clock.",
    ],
    [
      'a wrong secret key',
      denied('SignatureDoesNotMatch', undefined, 400),
      'The server refused the request (HTTP 400, SignatureDoesNotMatch): the signature does not match. The secret key does not belong to the access key: check both keys for blanks and quotes.',
    ],
    [
      'an unknown access key',
      denied('InvalidAccessKeyId'),
      `The server refused the request (HTTP 403, InvalidAccessKeyId): the access key is unknown. The server does not know the access key: ${IAM}.`,
    ],
    [
      'an Authorization header that the server rejects',
      denied('InvalidHTTPAuthHeader', 'Invalid Authorization: use an IAM key, see the guide', 400),
      `The server refused the request (HTTP 400, InvalidHTTPAuthHeader): Invalid Authorization: use an IAM key, see the guide. Check the access key: ${IAM}; check both keys for blanks and quotes.`,
    ],
    [
      'a service that is not enabled',
      denied('OptInRequired'),
      'The server refused the request (HTTP 403, OptInRequired): the service is not enabled. Enable the service for this account in the Qianfan console.',
    ],
    [
      'another failed authentication',
      denied('Odd', undefined, 401),
      'The server refused the request (HTTP 401, Odd). Check both keys: an IAM access key and its secret key.',
    ],
    [
      'a bad request',
      denied('InappropriateJSON', 'param[taskId] invalid', 400),
      'The server refused the request (HTTP 400, InappropriateJSON): param[taskId] invalid. Check the task ID and the base URL.',
    ],
    [
      'a task whose state does not allow it',
      rejected(httpError(400, { error_code: 510302 })),
      'The server refused the request (HTTP 400, 510302): the state of the job does not allow it. Check the state of the task: it may be changing, have ended, or not have started.',
    ],
    [
      'a rate limit',
      denied('TooFast', undefined, 429),
      'The server refused the request (HTTP 429, TooFast). Wait, then try again.',
    ],
    [
      'a rate limit after repeats',
      resolved({ error_code: 18 }),
      `The server answered with an error (18): the QPS limit is reached. The SDK sent the request 4 times, and only the last response is known. Wait, then try again. ${CHECK}`,
    ],
    [
      'a failure of the server',
      denied('InternalError', undefined, 500),
      `The server answered with an error (HTTP 500, InternalError): internal error. It may be temporary. ${CHECK}`,
    ],
    [
      'an undocumented code',
      resolved({ code: 'Odd', message: 'm' }),
      `The server answered with an error (Odd): m. This code is not documented. ${CHECK}`,
    ],
    [
      "a gateway's page",
      page(403, ' <p>\n  Go   away\n</p>\n'),
      `The response (HTTP 403) is not in Qianfan's form. It says: "<p> Go away </p>". ${GATEWAY} ${CHECK}`,
    ],
    [
      "a gateway's words",
      page(403, '{"message":"Not you."}'),
      `The response (HTTP 403) is not in Qianfan's form. It says: "Not you." ${GATEWAY} ${CHECK}`,
    ],
    ['a gateway without words', page(401, ''), `The response (HTTP 401) is not in Qianfan's form. ${GATEWAY} ${CHECK}`],
    [
      'a long page of a gateway',
      page(502, 'x'.repeat(500)),
      `The response (HTTP 502) is not in Qianfan's form. It says: "${'x'.repeat(200)}". ${GATEWAY} It may be temporary. ${CHECK}`,
    ],
    [
      'a gateway after repeats',
      page(404, 'No.'),
      `The response (HTTP 404) is not in Qianfan's form. It says: "No." The SDK sent the request 2 times, and only the last response is known. ${GATEWAY} ${CHECK}`,
      { ...SEEN, requests: 2 },
    ],
    [
      'a page of a gateway that is too large',
      page(403),
      `The response (HTTP 403) is not in Qianfan's form. It is too large and was cut off. ${GATEWAY} ${CHECK}`,
      { ...ANSWERED, status: 403, tooLarge: true },
    ],
    [
      'a result of false after repeats',
      resolved({ result: false }),
      `The last request changed nothing. The SDK sent the request 3 times, and only the last response is known. An earlier one may have taken effect. ${CHECK}`,
      { ...ANSWERED, requests: 3 },
    ],
    [
      'a page in place of a result',
      resolved(resolvedBody('<p>')),
      `The response (HTTP 200) is not as documented: its result must be true or false. It says: "<p>". Check the base URL and any proxy. ${CHECK}`,
      ANSWERED,
    ],
    [
      'a page without a status',
      resolved(resolvedBody('<p>')),
      `The response is not as documented: its result must be true or false. It says: "<p>". Check the base URL and any proxy. ${CHECK}`,
    ],
    [
      'a response that is too large',
      rejected(new Error('cut')),
      `The response (HTTP 200) is too large and was cut off. Check the base URL and any proxy. ${CHECK}`,
      { ...ANSWERED, tooLarge: true },
    ],
    [
      'a redirect',
      rejected(httpError(302)),
      `The server redirected the request to login.example:8443 (HTTP 302). It was not followed: check the base URL. ${CHECK}`,
      { ...ANSWERED, status: 302, redirect: 'https://me:pw@login.example:8443/?a=b' },
    ],
    [
      'a redirect without a scheme',
      rejected(httpError(302)),
      `The server redirected the request to login.example (HTTP 302). It was not followed: check the base URL. ${CHECK}`,
      { ...ANSWERED, status: 302, redirect: '//login.example/a' },
    ],
    [
      'a redirect to another path',
      rejected(httpError(307)),
      `The server redirected the request to another path of the same host (HTTP 307). It was not followed: check the base URL. ${CHECK}`,
      { ...ANSWERED, status: 307, redirect: '/login' },
    ],
    [
      'a redirect to an invalid URL',
      rejected(httpError(302)),
      `The server redirected the request to an invalid URL (HTTP 302). It was not followed: check the base URL. ${CHECK}`,
      { ...ANSWERED, status: 302, redirect: 'http://[' },
    ],
    [
      'a redirect that a mock followed',
      rejected(new Error('Request timed out.maximum redirect reached at: http://h/')),
      `The server redirected the request. It was not followed: check the base URL. ${CHECK}`,
    ],
    [
      'a refused connection',
      rejected(connectionError('connect ECONNREFUSED 127.0.0.1:1')),
      'The connection failed: connect ECONNREFUSED 127.0.0.1:1. Check the network, then try again. Nothing was sent.',
      { ...UNSENT, failure: { error: undefined } },
    ],
    [
      'a broken connection',
      rejected(connectionError('socket hang up')),
      `The connection failed: socket hang up. Check the network, then try again. ${CHECK}`,
    ],
    [
      'a broken response',
      rejected(connectionError('aborted')),
      `The connection broke off within the response: aborted. Check the network, then try again. ${CHECK}`,
      { ...ANSWERED, failure: { error: undefined } },
    ],
    ['a time limit', timedOut, `There was no complete response within 5 ms. ${CHECK}`],
    [
      'a time limit before the connection',
      timedOut,
      'There was no complete response within 5 ms. Nothing was sent.',
      UNSENT,
    ],
    [
      "the SDK's time limit",
      rejected(new Error('Request timed out.')),
      `The SDK's own time limit of 600 s was reached. ${CHECK}`,
    ],
    ['an abort', aborted, `The call was aborted. ${CHECK}`],
    ['an abort before the connection', aborted, 'The call was aborted. Nothing was sent.', UNSENT],
    [
      'a base URL that is not a URL',
      rejected(new TypeError('Invalid URL')),
      'QIANFAN_CONSOLE_API_BASE_URL is not an http or https URL such as https://qianfan.baidubce.com: correct or remove it. If a test set it so, its mock of @baiducloud/qianfan was not reached. Nothing was sent.',
    ],
    [
      'a mock without a return value',
      resolved(undefined),
      `The SDK returned nothing. In a test, its mock has no return value; otherwise QIANFAN_TPM_LIMIT is too low. ${CHECK}`,
    ],
    [
      'an unforeseen error',
      rejected(new Error('boom')),
      `The SDK failed unexpectedly; please report the cause. ${CHECK}`,
    ],
  ])('%s.', async (...[, ending, message, seen]) => {
    expect((await failure(ending, seen)).message).toBe(message);
  });
});

describe('Every known code has a meaning, for a server that sends no message:', () => {
  const codes = [...STRING_CODES.map(([, apiCode]) => apiCode), ...NUMERIC_CODES.map(([apiCode]) => apiCode)];
  test.each(codes.filter((code) => code !== ANY_CODE))('%s.', async (code) => {
    expect((await failure(rejected(httpError(400, { code })))).message).toMatch(
      /^The server [a-z ]+ \(HTTP 400, \w+\): [^.]+\. [A-Z]/,
    );
  });
});

describe('A Describe says nothing about stopping, and names its own policies:', () => {
  test.each<[string, RawEnd, string, RequestsSeen?]>([
    [
      'a missing permission',
      denied('AccessDenied'),
      'The server refused the request (HTTP 403, AccessDenied): the user has no permission. The user of the key needs one of these policies: QianfanFullControlAccessPolicy, QianfanReadAccessPolicy, QianfanModelTuningFullControlAccessPolicy, QianfanModelTuningReadAccessPolicy.',
    ],
    [
      'a result that is not a task',
      resolved({ result: true }),
      `The response is not as documented: its result must be an object with a runStatus, of the task that was asked for. Check the base URL and any proxy. ${ASK_AGAIN}`,
    ],
    ['a time limit', timedOut, `There was no complete response within 5 ms. ${ASK_AGAIN}`],
    ['an abort', aborted, `The call was aborted. ${ASK_AGAIN}`],
    [
      'a refused connection',
      rejected(connectionError('odd')),
      'The connection failed: odd. Check the network, then try again. Nothing was sent.',
      UNSENT,
    ],
    [
      'a redirect',
      rejected(httpError(302)),
      `The server redirected the request to another path of the same host (HTTP 302). It was not followed: check the base URL. ${ASK_AGAIN}`,
      { ...ANSWERED, status: 302, redirect: '/' },
    ],
    [
      'a mock without a return value',
      resolved(undefined),
      `The SDK returned nothing. In a test, its mock has no return value; otherwise QIANFAN_TPM_LIMIT is too low. ${ASK_AGAIN}`,
    ],
    ['an unforeseen error', rejected('boom'), `The SDK failed unexpectedly; please report the cause. ${ASK_AGAIN}`],
  ])('%s.', async (...[, ending, message, seen]) => {
    const error = await failure(ending, seen, describeFineTuningTask);
    expect(error.message).toBe(message);
    expect(error.message).not.toMatch(/stop/i);
  });
});
