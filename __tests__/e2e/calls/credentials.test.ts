// Keys and base URL of one call, and where the SDK finds them if none are given. The real SDK, and a server that computes each
// signature itself.

import { createHmac } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type CallOptions, stopFineTuningTask } from '../../../src/index';
import { restoreProcessAfterEach } from '../../support/process-state';
import { type ChildProject, makeChildProject } from '../../support/processes/project';
import { keptAlive } from '../../support/servers/raw-responses';
import { type RawServer, startServer } from '../../support/servers/raw-server';
import { TASK } from '../../support/task';

const CALLS = 200;

// Long enough for a slow machine; a test that hangs still ends.
jest.setTimeout(60_000);

let server: RawServer;

beforeEach(async () => {
  server = await startServer((socket, _index, request) => {
    socket.write(keptAlive(200, { requestId: signer(request), result: true }));
  });
});

restoreProcessAfterEach();

/** The access key that signed a request, and the first part of its path. Its secret key must be `secret-of-…`. */
function signer(request: string): string {
  const [head = ''] = request.split('\r\n\r\n');
  const [start = '', ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.split(':', 1).join().toLowerCase(), line.replace(/^[^:]*: */, '')]),
  );
  const path = start.replace(/^POST ([^?]*)\?.*$/, '$1');
  const parts = (headers.get('authorization') ?? '').split('/');
  const [scheme, accessKey, date, seconds, names = '', signature] = parts;
  const canonical = [
    'POST',
    path,
    'Action=StopFineTuningTask',
    ...names.split(';').map((name) => `${name}:${encodeURIComponent(headers.get(name) ?? '')}`),
  ];
  const signingKey = hmac(`secret-of-${accessKey}`, [scheme, accessKey, date, seconds].join('/'));
  return signature === hmac(signingKey, canonical.join('\n'))
    ? `${accessKey} to ${path.split('/', 2)[1]}`
    : `wrong signature of ${accessKey}`;
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function keysOf(name: string) {
  return { accessKey: name, secretKey: `secret-of-${name}` };
}

describe(`${CALLS} calls at once`, () => {
  test('each uses its own keys and base URL, and those of the environment where it has none', async () => {
    process.env['QIANFAN_ACCESS_KEY'] = 'environment';
    process.env['QIANFAN_SECRET_KEY'] = 'secret-of-environment';
    process.env['QIANFAN_CONSOLE_API_BASE_URL'] = `${server.baseUrl}/default`;
    const before = { ...process.env };
    const optionsOf = (index: number): CallOptions => ({
      ...(index % 5 !== 0 && { credentials: keysOf(`key-${index}`) }),
      ...(index % 3 !== 0 && { baseUrl: `${server.baseUrl}/path-${index}` }),
    });
    const calls = Array.from({ length: CALLS }, (_, index) => {
      const call = stopFineTuningTask(TASK, optionsOf(index));
      expect(process.env).toEqual(before);
      return call;
    });
    const signers = (await Promise.all(calls)).map(({ requestId }) => requestId);
    const expected = Array.from({ length: CALLS }, (_, index) => {
      const key = index % 5 !== 0 ? `key-${index}` : 'environment';
      return `${key} to ${index % 3 !== 0 ? `path-${index}` : 'default'}`;
    });
    expect(signers).toEqual(expected);
    expect(process.env).toEqual(before);
  });

  test('one without keys does not get the keys of another', async () => {
    const before = { ...process.env };
    const calls = Array.from({ length: CALLS }, (_, index) =>
      stopFineTuningTask(TASK, {
        baseUrl: `${server.baseUrl}/path`,
        credentials: index === 100 ? undefined : keysOf(`key-${index}`),
      }).then(
        ({ requestId }) => requestId,
        ({ code }) => code,
      ),
    );
    expect(process.env).toEqual(before);
    const expected = calls.map((_, index) => (index === 100 ? 'MISSING_CREDENTIALS' : `key-${index} to path`));
    expect(await Promise.all(calls)).toEqual(expected);
    expect(process.env).toEqual(before);
  });

  test('the environment is as before after a call in which the SDK throws', async () => {
    process.env['QIANFAN_SECRET_KEY'] = 'only the secret one';
    const before = { ...process.env };
    const seen: unknown[] = [];
    let stop = stopFineTuningTask;
    jest.isolateModules(() => {
      jest.doMock('@baiducloud/qianfan', () => ({
        consoleAction() {
          seen.push([process.env['QIANFAN_ACCESS_KEY'], process.env['QIANFAN_SECRET_KEY']]);
          if (seen.length % 2 === 0) throw new Error('thrown at once');
          return Promise.reject(new Error('rejected'));
        },
      }));
      stop = require('../../../src/index').stopFineTuningTask;
    });
    try {
      const calls = Array.from({ length: CALLS }, (_, index) => {
        const call = stop(TASK, { credentials: keysOf(`key-${index}`) });
        expect(process.env).toEqual(before);
        return call;
      });
      const ends = await Promise.allSettled(calls);
      expect(ends.map(({ status }) => status)).toEqual(ends.map(() => 'rejected'));
      expect(seen).toEqual(ends.map((_, index) => [`key-${index}`, `secret-of-key-${index}`]));
      expect(process.env).toEqual(before);
    } finally {
      jest.dontMock('@baiducloud/qianfan');
    }
  });
});

describe('a `.env` in the working directory', () => {
  let project: ChildProject;

  beforeEach(() => {
    project = makeChildProject();
    const lines = [
      'QIANFAN_ACCESS_KEY=dot-env',
      'QIANFAN_SECRET_KEY=secret-of-dot-env',
      `QIANFAN_CONSOLE_API_BASE_URL=${server.baseUrl}/dot-env`,
    ];
    writeFileSync(join(project.directory, '.env'), lines.join('\n'));
  });

  afterEach(() => project.remove());

  /** Makes the calls one after the other in a process of their own. Returns who signed each. */
  async function signersOf(calls: readonly CallOptions[], env: Readonly<Record<string, string>> = {}) {
    const script = `
      import { stopFineTuningTask } from 'qianfan-finetuning';
      for (const options of ${JSON.stringify(calls)}) {
        const { requestId } = await stopFineTuningTask(${JSON.stringify(TASK)}, options);
        console.log(requestId);
      }`;
    const { status, stdout, stderr } = await project.run(script, { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.trim().split('\n');
  }

  test('is read, as the SDK documents it', async () => {
    expect(await signersOf([{}, {}])).toEqual(['dot-env to dot-env', 'dot-env to dot-env']);
  });

  test('is not used for what the environment has', async () => {
    const env = { QIANFAN_ACCESS_KEY: 'environment', QIANFAN_SECRET_KEY: 'secret-of-environment' };
    expect(await signersOf([{}], env)).toEqual(['environment to dot-env']);
  });

  test('is not used for `credentials` and `baseUrl`, which later calls do not see', async () => {
    const own = { credentials: keysOf('own'), baseUrl: `${server.baseUrl}/own` };
    const { credentials, baseUrl } = own;
    expect(await signersOf([own, {}, { credentials }, {}, { baseUrl }, own, {}])).toEqual([
      'own to own',
      'dot-env to dot-env',
      'own to dot-env',
      'dot-env to dot-env',
      'dot-env to own',
      'own to own',
      'dot-env to dot-env',
    ]);
  });

  describe('is named by the error about missing keys if it is', () => {
    const NO_OTHER = { QIANFAN_SECRET_KEY: 'secret-of-environment' };

    test.each<readonly [string, string | undefined, Readonly<Record<string, string>>, string]>([
      ['absent', undefined, {}, 'are missing in the environment, and there is no '],
      [
        'in UTF-16',
        'QIANFAN_ACCESS_KEY=a',
        {},
        '.env is UTF-16, as Windows PowerShell saves, or no text; save it as UTF-8.',
      ],
      ['empty there', 'QIANFAN_ACCESS_KEY=', NO_OTHER, '.env has an empty QIANFAN_ACCESS_KEY. Set both'],
      ['without the name', 'ACCESS_KEY=a', NO_OTHER, '.env has no QIANFAN_ACCESS_KEY.'],
      ['for an application', 'QIANFAN_AK=a', NO_OTHER, '.env has QIANFAN_AK in place of QIANFAN_ACCESS_KEY;'],
      ['with a full-width colon', 'QIANFAN_ACCESS_KEY：a', NO_OTHER, '.env has an odd character, ： (U+FF1A);'],
      [
        'without keys, but the environment has those of an application',
        '',
        { QIANFAN_AK: 'a', QIANFAN_SK: 'b' },
        'QIANFAN_AK, QIANFAN_SK and bearer tokens do not work here.',
      ],
      [
        'with commands',
        'set QIANFAN_ACCESS_KEY=a',
        NO_OTHER,
        '.env has commands of a Windows shell (set QIANFAN_ACCESS_KEY); write lines such as NAME=value.',
      ],
      [
        'hidden by a variable that is set but empty',
        'QIANFAN_ACCESS_KEY=a',
        { ...NO_OTHER, QIANFAN_ACCESS_KEY: '' },
        'QIANFAN_ACCESS_KEY is set but empty in the environment, which hides any value in .env.',
      ],
    ])('%s', async (title, text, env, said) => {
      const envFile = join(project.directory, '.env');
      rmSync(envFile);
      if (text !== undefined) writeFileSync(envFile, text, title === 'in UTF-16' ? 'utf16le' : 'utf8');
      const script = `
        import { stopFineTuningTask } from 'qianfan-finetuning';
        const error = await stopFineTuningTask(${JSON.stringify(TASK)}).catch((reason) => reason);
        console.log(error.code, error.outcome, error.message);`;
      const { stdout } = await project.run(script, { env });
      expect(stdout).toMatch(/^MISSING_CREDENTIALS not_sent QIANFAN_ACCESS_KEY /);
      expect(stdout).toContain(said);
    });
  });
});
