// The keys that a call finds in the environment, and what is said if they are missing or wrong.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeFineTuningTask, stopFineTuningTask } from '../../../src';
import { restoreProcessAfterEach } from '../../support/process-state';
import { errorFields } from '../../support/responses/contract';
import { errorOf } from '../../support/responses/errors';
import { NO_KEYS_MESSAGE } from '../../support/sdk/messages';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';

const KEYS = { QIANFAN_ACCESS_KEY: 'access-key', QIANFAN_SECRET_KEY: 'secret-key' };

let directory: string;
let envFile: string;

beforeEach(() => {
  consoleAction.mockResolvedValue({ requestId: 'r', result: true });
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'qianfan-finetuning-')));
  envFile = join(directory, '.env');
  process.chdir(directory);
});

restoreProcessAfterEach();
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('a key in the environment is refused before anything is sent, and never shown, if it has', () => {
  const quotes = 'has quotes around it, which are not part of a key: remove them';
  const whiteSpace = 'has white space or a line break in it, which no key has: remove it';

  test.each<readonly [string, keyof typeof KEYS, string, string]>([
    ['a line feed behind it, as in a mounted secret', 'QIANFAN_SECRET_KEY', 'geheim\n', whiteSpace],
    ['a carriage return behind it', 'QIANFAN_ACCESS_KEY', 'geheim\r', whiteSpace],
    ['a blank in front of it', 'QIANFAN_ACCESS_KEY', ' geheim', whiteSpace],
    ['a no-break space inside', 'QIANFAN_SECRET_KEY', 'geh\u00a0eim', whiteSpace],
    ['double quotes around it, as docker leaves them', 'QIANFAN_SECRET_KEY', '"geheim"', quotes],
    ['single quotes around it', 'QIANFAN_ACCESS_KEY', "'geheim'", quotes],
    ['quotes and a line feed in them', 'QIANFAN_ACCESS_KEY', '"geheim\n"', quotes],
    [
      'a letter of another script',
      'QIANFAN_ACCESS_KEY',
      'gеheim',
      'has a character that no key has, е (U+0435): keys are visible ASCII characters only',
    ],
    ['nothing but a blank', 'QIANFAN_SECRET_KEY', ' ', whiteSpace],
  ])('%s', async (_, name, value, problem) => {
    Object.assign(process.env, KEYS, { [name]: value });
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error.toJSON()).toEqual(errorFields('INVALID_CONFIGURATION', 'not_sent'));
    expect(error.message).toBe(`${name} in the environment (or .env) ${problem}. Nothing was sent.`);
    expect(consoleAction).not.toHaveBeenCalled();
  });

  test('any of these, but not if `credentials` are given', async () => {
    Object.assign(process.env, KEYS, { QIANFAN_SECRET_KEY: 'geheim\n' });
    const credentials = { accessKey: 'access-key', secretKey: 'secret-key' };
    await expect(stopFineTuningTask(TASK, { credentials })).resolves.toHaveProperty('result', true);
    expect(await errorOf(describeFineTuningTask(TASK))).toMatchObject({ code: 'INVALID_CONFIGURATION' });
  });
});

test('keys of every visible ASCII character go to the SDK as they are', async () => {
  Object.assign(process.env, { QIANFAN_ACCESS_KEY: '!~"#', QIANFAN_SECRET_KEY: "a'b\\=" });
  await expect(stopFineTuningTask(TASK)).resolves.toHaveProperty('result', true);
});

describe('missing keys', () => {
  const HOW =
    'Set both QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY; QIANFAN_AK, QIANFAN_SK and bearer tokens do not work here.';
  const EITHER = 'QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY are missing in the environment, and ';

  beforeEach(() => {
    consoleAction.mockRejectedValue(new Error(NO_KEYS_MESSAGE));
  });

  /** What the message says in front of the advice. */
  async function said(): Promise<string> {
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error.toJSON()).toEqual(errorFields('MISSING_CREDENTIALS', 'not_sent'));
    expect(error.message).toMatch(new RegExp(` ${HOW} Nothing was sent\\.$`));
    return error.message.slice(0, error.message.indexOf(` ${HOW}`));
  }

  test('are named, and so is the .env that is not there', async () => {
    expect(await said()).toBe(`${EITHER}there is no ${envFile}.`);
  });

  test('are named one by one', async () => {
    process.env['QIANFAN_SECRET_KEY'] = 'secret-key';
    expect(await said()).toBe(`QIANFAN_ACCESS_KEY is missing in the environment, and there is no ${envFile}.`);
  });

  test('are said to be hidden if a variable is set but empty and .env is good', async () => {
    process.env['QIANFAN_ACCESS_KEY'] = '';
    process.env['QIANFAN_SECRET_KEY'] = 'secret-key';
    writeFileSync(envFile, 'QIANFAN_ACCESS_KEY=access-key\n');
    expect(await said()).toBe(
      `QIANFAN_ACCESS_KEY is missing in the environment, and ${envFile} has QIANFAN_ACCESS_KEY. ` +
        'QIANFAN_ACCESS_KEY is set but empty in the environment, which hides any value in .env.',
    );
  });

  test('are said to be hidden, both of them', async () => {
    Object.assign(process.env, { QIANFAN_ACCESS_KEY: '', QIANFAN_SECRET_KEY: '' });
    expect(await said()).toBe(
      `${EITHER}there is no ${envFile}. ` +
        'QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY are set but empty in the environment, which hides any value in .env.',
    );
  });

  test.each<readonly [string, () => void, string]>([
    ['a folder', () => mkdirSync(envFile), 'is a folder'],
    ['a link to itself', () => symlinkSync('.env', envFile), 'cannot be read (ELOOP)'],
    [
      'in UTF-16',
      () => writeFileSync(envFile, 'QIANFAN_ACCESS_KEY=a\r\n', 'utf16le'),
      'is UTF-16, as Windows PowerShell saves, or no text; save it as UTF-8',
    ],
    ['empty', () => writeFileSync(envFile, ''), 'has no QIANFAN_ACCESS_KEY and no QIANFAN_SECRET_KEY'],
    [
      'full of other names',
      () => writeFileSync(envFile, 'MY_QIANFAN_ACCESS_KEY=a\nreset QIANFAN_ACCESS_KEY=a\n#QIANFAN_SECRET_KEY=s'),
      'has no QIANFAN_ACCESS_KEY and no QIANFAN_SECRET_KEY',
    ],
    [
      'full of commands of cmd.exe',
      () => writeFileSync(envFile, 'set QIANFAN_ACCESS_KEY=a\r\nset QIANFAN_SECRET_KEY=b\r\n'),
      'has commands of a Windows shell (set QIANFAN_ACCESS_KEY); write lines such as NAME=value',
    ],
    [
      'full of commands of PowerShell',
      () => writeFileSync(envFile, '$env:QIANFAN_ACCESS_KEY="a"\n$env:QIANFAN_SECRET_KEY="b"\n'),
      'has commands of a Windows shell ($env:QIANFAN_ACCESS_KEY); write lines such as NAME=value',
    ],
    [
      'without the one key',
      () => writeFileSync(envFile, 'QIANFAN_SECRET_KEY= # none\n  export QIANFAN_ACCESS_KEY = a'),
      'has QIANFAN_ACCESS_KEY and an empty QIANFAN_SECRET_KEY',
    ],
    [
      'with empty quotes for the one key and nothing for the other',
      () => writeFileSync(envFile, 'QIANFAN_SECRET_KEY="" # none\nQIANFAN_ACCESS_KEY=\n'),
      'has an empty QIANFAN_ACCESS_KEY and an empty QIANFAN_SECRET_KEY',
    ],
  ])('are looked for in a .env that is %s, and the message says so', async (_, make, problem) => {
    make();
    expect(await said()).toBe(`${EITHER}${envFile} ${problem}.`);
  });

  test('are explained by a global window, if there is one', async () => {
    Object.assign(globalThis, { window: {} });
    const error = await errorOf(stopFineTuningTask(TASK));
    expect(error.toJSON()).toEqual(errorFields('MISSING_CREDENTIALS', 'not_sent'));
    expect(error.message).toMatch(/global `window` here.*the SDK ignores the environment/);
  });
});
