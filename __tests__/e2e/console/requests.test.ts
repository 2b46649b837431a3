// What the local console does with each request: which ones it refuses, and what it records.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LocalConsole } from '../../../src/local-console';
import {
  closeConsoles,
  DESCRIBE,
  type RequestParts,
  ROUTE,
  STOP,
  send,
  startConsole,
  TASK_ID,
  UUID,
} from '../../support/servers/console-client';

let local: LocalConsole;
beforeEach(async () => {
  local = await startConsole();
});
afterEach(closeConsoles);

describe('a refused request changes nothing:', () => {
  const MALFORMED = ['MalformedJSON', 'The body is not JSON.'] as const;
  const NO_OBJECT = ['MalformedJSON', 'The body is not a JSON object.'] as const;
  const NO_TASK_ID = ['InappropriateJSON', 'taskId is missing from the body, or not a string.'] as const;
  const wrongPath = (path: string) =>
    ['InvalidURI', `Only ${ROUTE} is served here, not ${path}; check the base URL.`] as const;
  const wrongAction = (action: string) =>
    ['InvalidURI', `Only StopFineTuningTask and DescribeFineTuningTask are served here, not ${action}.`] as const;

  const ROWS: [
    title: string,
    parts: RequestParts,
    refusal: readonly [code: string, message: string, status?: number],
  ][] = [
    [
      'no signature',
      { authorization: null },
      ['InvalidHTTPAuthHeader', 'The request has no Authorization header; sign it.'],
    ],
    [
      'another scheme',
      { authorization: 'Bearer abc' },
      ['InvalidHTTPAuthHeader', 'The Authorization header is not in the form of bce-auth-v1.'],
    ],
    [
      'an unknown access key',
      { accessKey: 'nobody' },
      ['InvalidAccessKeyId', 'The access key is not known here; use the credentials of this local console.', 403],
    ],
    [
      'a wrong secret key',
      { secretKey: 'wrong' },
      ['SignatureDoesNotMatch', 'The signature is wrong; use the secret key of this local console.'],
    ],
    [
      'an old signature',
      { date: '2020-01-01T00:00:00Z' },
      ['RequestExpired', 'The signature has expired; check the clock that dated it.'],
    ],
    ['no body', { body: '' }, MALFORMED],
    ['broken JSON', { body: '{"taskId":' }, MALFORMED],
    ['a list', { body: `["${TASK_ID}"]` }, NO_OBJECT],
    ['null', { body: 'null' }, NO_OBJECT],
    ['a string', { body: `"${TASK_ID}"` }, NO_OBJECT],
    ['no task ID', { body: `{"taskID":"${TASK_ID}"}` }, NO_TASK_ID],
    ['a number as task ID', { body: '{"taskId":5}' }, NO_TASK_ID],
    ['another method', { method: 'PUT' }, ['InvalidHTTPRequest', 'Only POST is served here, not PUT.']],
    [
      'a body over 1 MiB',
      { body: `{"taskId":"${TASK_ID}"}`.padEnd(1_048_577) },
      ['InvalidHTTPRequest', 'The body is larger than 1 MiB.', 413],
    ],
    ['another path', { target: STOP.replace('v2', 'v1') }, wrongPath('/v1/finetuning')],
    ['a slash too many', { target: `/${STOP}` }, wrongPath('//v2/finetuning')],
    ['a prefix', { target: `/prefix${STOP}` }, wrongPath('/prefix/v2/finetuning')],
    ['another action', { target: `${ROUTE}?Action=DeleteTask` }, wrongAction('DeleteTask')],
    ['an action by an inherited name', { target: `${ROUTE}?Action=toString` }, wrongAction('toString')],
    ['no action', { target: ROUTE }, wrongAction('a request without an Action')],
  ];
  // A wrong path, method or action is refused before the console knows which action it is.
  const onDescribe = ROWS.filter(([, { target }]) => target === undefined).map(
    ([title, parts, refusal]): (typeof ROWS)[number] => [
      `a Describe with ${title}`,
      { ...parts, target: DESCRIBE },
      refusal,
    ],
  );

  test.each([...ROWS, ...onDescribe])('%s', async (_, parts, [code, message, status = 400]) => {
    const response = await send(local, parts);
    const requestId = response.headers['x-bce-request-id'];
    expect([response.status, JSON.parse(response.text)]).toEqual([status, { requestId, code, message }]);
    expect(requestId).toMatch(UUID);
    expect(local.requests).toHaveLength(1);
    expect([...local.tasks]).toEqual([[TASK_ID, 'Running']]);
  });

  test('a body of exactly 1 MiB is not refused', async () => {
    const { text } = await send(local, { body: `{"taskId":"${TASK_ID}"}`.padEnd(1_048_576) });
    expect(JSON.parse(text).result).toBe(true);
  });
});

describe('requests', () => {
  test('are recorded as they arrived', async () => {
    const body = ' {"taskId":"千帆"}';
    await send(local, { target: `${STOP}&a=?&b=%E5%8D%83&b=2`, body, headers: { 'X-Two-Words': 'Yes ' } });
    expect(local.requests).toEqual([
      {
        method: 'POST',
        path: ROUTE,
        query: { Action: 'StopFineTuningTask', a: '?', b: '2' },
        headers: expect.objectContaining({ host: new URL(local.url).host, 'x-two-words': 'Yes' }),
        body,
        accessKey: 'local-access-key',
        signatureValid: true,
      },
    ]);
  });

  test('are recorded in order of arrival, refused ones too', async () => {
    for (const target of ['/one', DESCRIBE, '/three']) await send(local, { target });
    expect(local.requests.map(({ path }) => path)).toEqual(['/one', ROUTE, '/three']);
  });

  test.each<[string, RequestParts, string | undefined, boolean]>([
    ['a valid signature', {}, 'local-access-key', true],
    ['a valid signature for another path', { target: '/a%20b/%zz?x=a+b?c' }, 'local-access-key', true],
    ['another secret key', { secretKey: 'wrong' }, 'local-access-key', false],
    ['an expired signature', { date: '2020-01-01T00:00:00Z' }, 'local-access-key', false],
    ['an unknown access key', { accessKey: 'nobody' }, 'nobody', false],
    ['no signature', { authorization: null }, undefined, false],
    ['another scheme', { authorization: 'Bearer abc' }, undefined, false],
  ])('record the access key and whether the signature is valid: %s', async (_, parts, accessKey, signatureValid) => {
    await send(local, parts);
    expect(local.requests[0]).toMatchObject({ accessKey, signatureValid });
  });

  test('and responses contain no signature and no secret key', async () => {
    const secret = 'ab'.repeat(32);
    const authorization = `bce-auth-v1/local-access-key/2020-01-01T00:00:00Z/1800/host/${secret}`;
    const responses = [
      await send(local, { authorization, target: `${STOP}&Authorization=${authorization}` }),
      await send(local, { authorization: authorization.replace('2020', '2999') }),
      await send(local, { authorization: `${authorization}/` }),
    ];
    const shown = JSON.stringify([responses, local.requests]);
    expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/bce-auth-v1\//);
    expect(shown).not.toContain(local.credentials.secretKey);
  });

  test('record at most 1 MiB of a body', async () => {
    await send(local, { body: 'x'.repeat(3_000_000) });
    expect(local.requests[0]?.body).toBe('x'.repeat(1_048_576));
  });
});
