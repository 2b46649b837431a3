// The local console over real sockets and with the real SDK: both actions, its tasks, what it refuses and what it records.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { LocalConsole, LocalConsoleTask, StopTakes } from '../../../src/local-console';
import {
  closeConsoles,
  DESCRIBE,
  describeTask,
  fakeTimeouts,
  type RequestParts,
  ROUTE,
  STOP,
  send,
  startConsole,
  stop,
  TASK_ID,
  UUID,
} from '../../support/servers/console-client';

const STOP_LINE = { method: 'POST', path: ROUTE, query: { Action: 'StopFineTuningTask' } };

let local: LocalConsole;
beforeEach(async () => {
  local = await startConsole();
});
afterEach(closeConsoles);

describe('StopFineTuningTask', () => {
  test.each<[LocalConsoleTask, boolean, LocalConsoleTask]>([
    ['Waiting', true, 'Stopped'],
    ['Running', true, 'Stopped'],
    ['Done', false, 'Done'],
    ['Failed', false, 'Failed'],
    ['Stopped', false, 'Stopped'],
    [{ runStatus: 'Running', runProgress: '60%' }, true, 'Stopped'],
    [{ runStatus: 'Done' }, false, { runStatus: 'Done' }],
  ])('for the task %j returns %s, and the task is then %j', async (before, result, after) => {
    local.tasks.set(TASK_ID, before);
    const { status, headers, text } = await send(local);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toEqual({ requestId: expect.stringMatching(UUID), result });
    expect(headers['x-bce-request-id']).toBe(JSON.parse(text).requestId);
    expect([...local.tasks]).toEqual([[TASK_ID, after]]);
  });

  test.each(['task-000000000000', '', '__proto__', 'constructor'])(
    'for the unknown task %j returns false, and adds no task',
    async (taskId) => {
      expect(await stop(local, taskId)).toBe(false);
      expect([...local.tasks]).toEqual([[TASK_ID, 'Running']]);
    },
  );

  test('gives each response its own request ID', async () => {
    const ids = [await send(local), await send(local)].map(({ headers }) => headers['x-bce-request-id']);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('DescribeFineTuningTask', () => {
  const UNFINISHED = { finishDate: '0000-00-00T00:00:00Z' };
  const FINISHED = { finishDate: '2024-01-30T11:07:23Z' };
  const SCORE = expect.stringMatching(/^\d\d\.\d\d%$/);
  const METRICS = { 'BLEU-4': SCORE, 'ROUGE-1': SCORE, 'ROUGE-2': SCORE, 'ROUGE-L': SCORE };

  test.each<[LocalConsoleTask, object]>([
    ['Waiting', { runStatus: 'Waiting', ...UNFINISHED }],
    ['Running', { runStatus: 'Running', runProgress: '0%', ...UNFINISHED }],
    ['Done', { runStatus: 'Done', ...FINISHED, metrics: METRICS }],
    ['Failed', { runStatus: 'Failed', ...FINISHED }],
    ['Stopped', { runStatus: 'Stopped', ...FINISHED }],
    [{ runStatus: 'Running' }, { runStatus: 'Running', runProgress: '0%', ...UNFINISHED }],
    [
      { runStatus: 'Running', runProgress: '60%' },
      { runStatus: 'Running', runProgress: '60%', ...UNFINISHED },
    ],
    [
      { runStatus: 'Waiting', runProgress: '60%' },
      { runStatus: 'Waiting', ...UNFINISHED },
    ],
  ])('shows the task %j with the documented fields, and does not change it', async (task, fieldsOfState) => {
    local.tasks.set(TASK_ID, task);
    const { status, headers, text } = await send(local, { target: DESCRIBE });
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toEqual({
      requestId: headers['x-bce-request-id'],
      result: {
        taskId: TASK_ID,
        jobId: expect.stringMatching(/^job-[0-9a-z]{12}$/),
        jobName: expect.any(String),
        jobDescription: expect.any(String),
        model: 'ERNIE-Speed-8K',
        trainMode: 'SFT',
        parameterScale: 'LoRA',
        vdlLink: expect.stringContaining('displayToken='),
        createDate: '2024-01-30T09:41:54Z',
        ...fieldsOfState,
      },
    });
    expect(local.tasks.get(TASK_ID)).toBe(task);
  });

  test.each(['task-000000000000', '', '__proto__'])(
    'refuses the unknown task %j with 404 NoSuchKey',
    async (taskId) => {
      const { status, headers, text } = await send(local, { target: DESCRIBE, body: JSON.stringify({ taskId }) });
      const requestId = headers['x-bce-request-id'];
      const message = 'There is no such task here; add it to `tasks`.';
      expect([status, JSON.parse(text)]).toEqual([404, { requestId, code: 'NoSuchKey', message }]);
    },
  );
});

describe('stopTakes', () => {
  test.each<[StopTakes | undefined, string[]]>([
    [undefined, ['Stopped']],
    [{ describes: 0 }, ['Stopped']],
    [{ describes: 1 }, ['Running', 'Stopped']],
    [{ describes: 3 }, ['Running', 'Running', 'Running', 'Stopped']],
    [{ ms: 0 }, ['Stopped']],
  ])(
    '%j: after an accepted stop, Describes show %j, and the map has the same value before each',
    async (stopTakes, states) => {
      local = await startConsole({ stopTakes });
      expect(await stop(local)).toBe(true);
      for (const state of [...states, 'Stopped']) {
        expect(local.tasks.get(TASK_ID)).toBe(state);
        expect((await describeTask(local)).runStatus).toBe(state);
      }
      expect(await stop(local)).toBe(false);
    },
  );

  test('in milliseconds: the task is stopped when they have passed, and not before', async () => {
    fakeTimeouts();
    local = await startConsole({ stopTakes: { ms: 60_000 } });
    expect(await stop(local)).toBe(true);
    jest.advanceTimersByTime(59_999);
    expect([(await describeTask(local)).runStatus, local.tasks.get(TASK_ID)]).toEqual(['Running', 'Running']);
    jest.advanceTimersByTime(1);
    expect([local.tasks.get(TASK_ID), (await describeTask(local)).runStatus]).toEqual(['Stopped', 'Stopped']);
  });

  test('a second stop is accepted and does not start the count again: in Describes', async () => {
    local = await startConsole({ stopTakes: { describes: 2 } });
    const seen = [await stop(local), (await describeTask(local)).runStatus];
    seen.push(await stop(local), (await describeTask(local)).runStatus);
    seen.push((await describeTask(local)).runStatus, await stop(local));
    expect(seen).toEqual([true, 'Running', true, 'Running', 'Stopped', false]);
  });

  test('a second stop is accepted and does not start the count again: in milliseconds', async () => {
    fakeTimeouts();
    local = await startConsole({ stopTakes: { ms: 1_000 } });
    const accepted = [await stop(local)];
    jest.advanceTimersByTime(600);
    accepted.push(await stop(local));
    jest.advanceTimersByTime(400);
    expect([accepted, local.tasks.get(TASK_ID)]).toEqual([[true, true], 'Stopped']);
  });

  test('is counted for each task separately', async () => {
    local = await startConsole({ stopTakes: { describes: 1 } });
    local.tasks.set('task-other', 'Waiting');
    await stop(local);
    expect((await describeTask(local, 'task-other')).runStatus).toBe('Waiting');
    expect((await describeTask(local)).runStatus).toBe('Running');
    expect([...local.tasks.values()]).toEqual(['Stopped', 'Waiting']);
  });

  test('is counted from the start when a stopped task is set to Running and stopped again', async () => {
    local = await startConsole({ stopTakes: { describes: 2 } });
    for (const _ of ['first stop', 'second stop']) {
      local.tasks.set(TASK_ID, 'Running');
      await stop(local);
      const seen: string[] = [];
      for (let count = 0; count < 3; count += 1) seen.push((await describeTask(local)).runStatus);
      expect(seen).toEqual(['Running', 'Running', 'Stopped']);
    }
  });

  test('scripted and refused Describes do not count', async () => {
    local = await startConsole({ stopTakes: { describes: 1 } });
    await stop(local);
    local.answerNext({ body: 'scripted' });
    await describeTask(local).catch(() => {});
    await send(local, { target: DESCRIBE, secretKey: 'wrong' });
    expect((await describeTask(local)).runStatus).toBe('Running');
    expect(local.tasks.get(TASK_ID)).toBe('Stopped');
  });

  test.each<[string, LocalConsoleTask, object, LocalConsoleTask]>([
    ['a final state', 'Done', { runStatus: 'Done' }, 'Done'],
    ['a final state with progress', { runStatus: 'Failed' }, { runStatus: 'Failed' }, { runStatus: 'Failed' }],
    ['progress', { runStatus: 'Running', runProgress: '70%' }, { runStatus: 'Running', runProgress: '70%' }, 'Stopped'],
    ['another active state', 'Waiting', { runStatus: 'Waiting' }, 'Stopped'],
  ])(
    'a stopping task that is set to %s shows it, and is stopped only if it is still active',
    async (_, task, shown, after) => {
      local = await startConsole({ stopTakes: { describes: 1 } });
      await stop(local);
      local.tasks.set(TASK_ID, task);
      expect(await describeTask(local)).toMatchObject(shown);
      expect(local.tasks.get(TASK_ID)).toEqual(after);
    },
  );

  test('a stopping task that is deleted stays deleted', async () => {
    local = await startConsole({ stopTakes: { describes: 1 } });
    await stop(local);
    local.tasks.delete(TASK_ID);
    expect([await describeTask(local), local.tasks.size]).toEqual(['NoSuchKey', 0]);
  });
});

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

test.each([null, undefined, 5])('a task that is set to %s does not crash the server', async (value) => {
  Object(local.tasks).set(TASK_ID, value);
  expect(await stop(local)).toBe(false);
  await describeTask(local);
  expect(local.requests).toHaveLength(2);
});

describe('requests', () => {
  test('are recorded as they arrived', async () => {
    const body = ' {"taskId":"千帆"}';
    await send(local, { target: `${STOP}&a=?&b=%E5%8D%83&b=2`, body, headers: { 'X-Two-Words': 'Yes ' } });
    expect(local.requests).toEqual([
      {
        ...STOP_LINE,
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

describe('the real SDK', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  function call(action: string, taskId = TASK_ID, secretKey = local.credentials.secretKey): Promise<unknown> {
    // Every variable that the SDK reads is set, so that no `.env` file can change the test.
    jest.replaceProperty(process, 'env', {
      ...process.env,
      QIANFAN_CONSOLE_API_BASE_URL: local.url,
      QIANFAN_ACCESS_KEY: local.credentials.accessKey,
      QIANFAN_SECRET_KEY: secretKey,
    });
    const { consoleAction } = require('@baiducloud/qianfan');
    return consoleAction({ base_api_route: ROUTE, action, data: { taskId } });
  }

  test('describes and stops a task with its own signatures', async () => {
    local = await startConsole({ stopTakes: { describes: 1 } });
    local.tasks.set(TASK_ID, { runStatus: 'Running', runProgress: '60%' });
    const running = { requestId: expect.stringMatching(UUID), result: { runStatus: 'Running', runProgress: '60%' } };
    expect(await call('DescribeFineTuningTask')).toMatchObject(running);
    expect(await call('StopFineTuningTask')).toMatchObject({ requestId: expect.stringMatching(UUID), result: true });
    expect(await call('DescribeFineTuningTask')).toMatchObject(running);
    expect(await call('DescribeFineTuningTask')).toMatchObject({ result: { runStatus: 'Stopped' } });
    expect(local.requests[1]).toMatchObject({ ...STOP_LINE, body: `{"taskId":"${TASK_ID}"}` });
    expect(local.requests.map(({ signatureValid }) => signatureValid)).toEqual([true, true, true, true]);
  });

  test('resolves for a stop of an unknown task, and rejects for a Describe of it', async () => {
    await expect(call('StopFineTuningTask', 'task-000000000000')).resolves.toMatchObject({ result: false });
    await expect(call('DescribeFineTuningTask', 'task-000000000000')).rejects.toThrow('NoSuchKey');
  });

  test.each(['StopFineTuningTask', 'DescribeFineTuningTask'])(
    'is refused with a wrong secret key: %s',
    async (action) => {
      await expect(call(action, TASK_ID, 'wrong')).rejects.toThrow('SignatureDoesNotMatch');
      expect([local.tasks.get(TASK_ID), local.requests[0]?.signatureValid]).toEqual(['Running', false]);
    },
  );
});
