// What the first screen of each README says of the bare SDK is true: each row is read and tried with it. Nothing of `src/`
// runs here.

import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { consoleAction } from '@baiducloud/qianfan';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { codeIn, readDocument } from '../../support/documents/markdown';
import { restoreProcessAfterEach } from '../../support/process-state';
import { json, type RawResponse, response } from '../../support/servers/raw-responses';
import { startServer } from '../../support/servers/raw-server';
import { TASK } from '../../support/task';

const REQUEST = { base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: TASK };
const GOOD = { requestId: 'r-1', result: true };
const HTML = { 'content-type': 'text/html' };

/** How a call of the bare SDK ended. */
interface SdkEnd {
  readonly kind: 'success' | 'error' | 'pending';
  /** The result, or the message of the error, as a person sees it. */
  readonly shown: string;
  readonly requests: number;
}

// How a cell begins that says so, in both languages.
const CLAIMS: Readonly<Record<SdkEnd['kind'], RegExp>> = {
  success: /^(?:Success|成功)/,
  error: /^(?:The same |同样是 )?`Request timed out\.`/,
  pending: /^(?:Nothing: the promise never settles$|没有任何结果：Promise 一直挂起$)/,
};

/** The response of each row. `what` is what its first cell must say, in either language. */
const ROWS: readonly { readonly what: RegExp; readonly served: RawResponse }[] = [
  { what: /permission|没有权限/, served: json(403, { code: 'AccessDenied', message: 'no' }) },
  { what: /\b403 (?:page|页面)/, served: response(403, HTML, '<html>Forbidden</html>') },
  { what: /HTTP (?:状态码是 )?200.*AccessDenied/, served: json(200, { code: 'AccessDenied', message: 'no' }) },
  {
    what: /HTTP (?:状态码是 )?200.*(?:login page|登录页)|login page.*HTTP 200/,
    served: response(200, HTML, '<html>Log in</html>'),
  },
  {
    what: /stalls half-way|收到一半卡住/,
    served: (socket) => socket.write(json(200, GOOD).slice(0, -1)),
  },
  { what: /error_code: 18/, served: json(200, { error_code: 18, error_msg: 'no' }) },
  { what: /accepted|受理/, served: json(200, GOOD) },
];

beforeEach(() => {
  process.env['QIANFAN_ACCESS_KEY'] = 'ak-of-a-test';
  process.env['QIANFAN_SECRET_KEY'] = 'sk-of-a-test';
});
restoreProcessAfterEach();
afterEach(() => {
  jest.useRealTimers();
});

describe.each(['README.md', 'README.zh-CN.md'])('the first table of %s', (name) => {
  const rows = (readDocument(name).tables[0] ?? []).slice(1).map(([what = '', told = '']) => ({ what, told }));

  test('has a row for each response, and no other', () => {
    expect(rows.map(({ what }) => ROWS.findIndex((row) => row.what.test(what)))).toEqual([...ROWS.keys()]);
  });

  test.each(rows)('$what: $told', async ({ what, told }) => {
    const { kind, shown, requests } = await callBareSdk(ROWS.find((row) => row.what.test(what))?.served ?? '');
    expect(told).toMatch(CLAIMS[kind]);
    for (const code of codeIn(told)) expect(plain(shown)).toContain(plain(code));
    const status = /HTTP (\d+)/.exec(told)?.[1];
    expect(shown).toContain(status ? `status = ${status}` : '');
    expect(requests).toBe(/four times|4 次/.test(told) ? 4 : 1);
  });
});

test('what settles within a day is seen: for the head of a response the SDK waits 600 s', async () => {
  expect(await callBareSdk(() => {})).toEqual({ kind: 'error', shown: 'Request timed out.', requests: 1 });
});

async function callBareSdk(served: RawResponse): Promise<SdkEnd> {
  const isWhole = typeof served !== 'function';
  if (!isWhole) jest.useFakeTimers({ advanceTimers: true, doNotFake: ['nextTick', 'setImmediate'] });
  const server = await startServer(served);
  process.env['QIANFAN_CONSOLE_API_BASE_URL'] = server.baseUrl;
  let end: Omit<SdkEnd, 'requests'> = { kind: 'pending', shown: '' };
  const settled = consoleAction(REQUEST).then(
    (value: unknown) => {
      end = { kind: 'success', shown: inspect(value) };
    },
    (error: unknown) => {
      end = { kind: 'error', shown: String(Object(error).message) };
    },
  );
  if (isWhole) await settled;
  else await anotherCall().then(letADayPass);
  return { ...end, requests: server.requests.length };
}

/** Takes longer than the SDK needs to read what it was sent before. */
async function anotherCall(): Promise<void> {
  const { baseUrl } = await startServer(json(200, GOOD));
  process.env['QIANFAN_CONSOLE_API_BASE_URL'] = baseUrl;
  await consoleAction(REQUEST);
}

async function letADayPass(): Promise<void> {
  for (let part = 0; part < 100; part += 1) {
    jest.advanceTimersByTime(864_000);
    await turn();
  }
}

/** Without what is only notation: quotes around names, braces, an ellipsis, spaces. */
function plain(text: string): string {
  return text.replace(/'(\w+)':/g, '$1:').replace(/\s|…|^\{|\}$|,? …/g, '');
}
