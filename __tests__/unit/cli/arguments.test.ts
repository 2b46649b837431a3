// What the command understands, and how it refuses the rest.

import { describe, expect, test } from '@jest/globals';
import { readArguments } from '../../../src/cli/arguments';
import { HELP } from '../../../src/cli/help';

const NOTHING = { taskIds: [], wait: false, json: false, timeoutMs: undefined, keysFile: undefined };

describe('the command line is read:', () => {
  test.each<readonly [args: string, expected: unknown]>([
    ['stop task-a', { ...NOTHING, command: 'stop', taskIds: ['task-a'] }],
    ['stop task-a task-b task-a', { ...NOTHING, command: 'stop', taskIds: ['task-a', 'task-b'] }],
    ['--json stop --wait task-a', { ...NOTHING, command: 'stop', taskIds: ['task-a'], wait: true, json: true }],
    ['stop task-a --timeout-ms 5', { ...NOTHING, command: 'stop', taskIds: ['task-a'], timeoutMs: '5' }],
    ['status task-a --keys-file=-x', { ...NOTHING, command: 'status', taskIds: ['task-a'], keysFile: '-x' }],
    ['status task-a --keys-file=task-b', { ...NOTHING, command: 'status', taskIds: ['task-a'], keysFile: 'task-b' }],
    ['stop -- task-a --json', { ...NOTHING, command: 'stop', taskIds: ['task-a', '--json'] }],
    ['demo', { ...NOTHING, command: 'demo' }],
    ['help', 'help'],
    ['-h', 'help'],
    ['stop task-a --dry-run --help', 'help'],
    ['version', 'version'],
    ['-v', 'version'],
    ['--version', 'version'],
  ])('%s', (args, expected) => {
    expect(readArguments(args.split(' '), {})).toEqual(expected);
  });
});

describe('the command line is refused, and Node does not say how to get around it:', () => {
  test.each<readonly [args: string, message: string]>([
    ['', 'A command is missing: stop, status, demo.'],
    ['halt task-a', 'halt is not a command; there are stop, status, demo.'],
    ['stop', 'stop needs at least one task ID. For a list that may be empty, use xargs -r.'],
    ['status --json', 'status needs at least one task ID.'],
    ['demo task-a', 'demo takes no task ID: it stops a task of its own.'],
    ['task-a', 'task-a is not a command; there are stop, status, demo. Did you mean: stop task-a?'],
    ['demo --json', '--json works only with stop and status.'],
    ['demo --dry-run', 'demo has no option --dry-run; it has none.'],
    [
      'stop task-a --dry-run',
      'stop has no option --dry-run; it has --wait, --timeout-ms <n>, --keys-file <path>, --json.',
    ],
    ['stop task-a --secret-key=x', 'stop has no option --secret-key; it has --wait'],
    ['stop task-a --wait\u200b', 'stop has no option --wait\u200b: the word has U+200B in it; it has --wait'],
    ['ｓtop task-a', 'ｓtop is not a command: the word has ｓ (U+FF53) in it; there are stop'],
    ['stop task-a --no-json', 'stop has no option --no-json; it has --wait'],
    ['stop task-a -w', 'stop has no option -w; it has --wait'],
    ['status task-a --wait', '--wait works only with stop.'],
    ['status task-a --dry-run', 'status has no option --dry-run; it has --timeout-ms <n>'],
    ['stop task-a --env-file x', 'Node itself takes --env-file and reads that file: use --keys-file <path>.'],
    ['stop task-a --wait=no', '--wait takes no value.'],
    ['stop task-a --timeout-ms', '--timeout-ms needs a value.'],
    ['stop task-a --timeout-ms=', '--timeout-ms needs a value.'],
    ['stop task-a --keys-file --json', '--keys-file needs a value.'],
    ['stop --keys-file task-a', '--keys-file needs a value, not a task ID.'],
    ['stop task-b --timeout-ms task-a', '--timeout-ms needs a value, not a task ID.'],
    ['stop task-a --keys-file a --keys-file b', '--keys-file is given twice.'],
  ])('%s', (args, message) => {
    expect(() => readArguments(args.split(' ').filter(Boolean), {})).toThrow(message);
  });
});

describe('an option that npm took for itself', () => {
  test.each([
    ['npm_config_keys_file', 'team.env', '--keys-file'],
    ['npm_config_wait', 'true', '--wait'],
    ['npm_config_dry_run', 'true', '--dry-run'],
    ['npm_config_timeout_ms', 'true', '--timeout-ms'],
  ])('is found in %s and refused', (name, value, option) => {
    expect(() => readArguments(['stop', 'task-a'], { [name]: value })).toThrow(`npm took ${option} for itself`);
  });

  test('does not matter if it is given to the command, too, or if it is an option of npm', () => {
    const env = { npm_config_wait: 'true', npm_config_json: 'true', npm_config_registry: 'x' };
    expect(readArguments(['stop', 'task-a', '--wait'], env)).toMatchObject({ wait: true, json: false });
    expect(readArguments(['demo'], env)).toMatchObject({ command: 'demo' });
  });
});

test.each(['stop', 'status'])('--help shows the options that %s takes', (command) => {
  const usage = HELP.split('\n').find((line) => line.includes(`qianfan-finetuning ${command} `));
  const options = [...`${usage}`.matchAll(/\[(.*?)\]/g)].map(([, option]) => option);
  expect(() => readArguments([command, '--unknown'], {})).toThrow(`it has ${options.join(', ')}.`);
});
