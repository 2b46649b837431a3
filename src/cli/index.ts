#!/usr/bin/env node
// The command line: arguments in, lines and an exit status out.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse as parseEnv } from 'dotenv';
import {
  ConfigurationError,
  DEFAULT_TIMEOUT_MS,
  InvalidInputError,
  isQianfanError,
  type StopFineTuningTaskOptions,
  stopFineTuningTask,
} from './index';
import { startLocalConsole } from './local-console';

const HELP = `Stops fine-tuning tasks on Baidu's Qianfan platform, and says what happened.

Usage
  qianfan-finetuning stop <taskId…> [--timeout-ms <n>] [--env-file <path>] [--json]
  qianfan-finetuning demo

Commands
  stop   stop these tasks, side by side
  demo   stop a made-up task on a local console: no account is touched

Options
  --timeout-ms <n>   how long each call may take, in milliseconds (default ${DEFAULT_TIMEOUT_MS})
  --env-file <path>  take QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY from this file, and
                     QIANFAN_CONSOLE_API_BASE_URL where it is there; what is not, from the
                     environment or from .env in this directory. Node itself reads the file
                     first: it cannot be a pipe
  --json             one JSON object a task on standard output
  --help, --version

Exit status
  0  every task was stopped
  1  at least one was not
  2  the command line, an ID or the configuration was wrong; nothing was sent
  9  Node itself, which looks first, could not open the --env-file; nothing was sent
  130, 143  interrupted`;

// How a user of this program calls the options that can be wrong.
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['timeoutMs', '--timeout-ms'],
  ['credentials.accessKey', 'QIANFAN_ACCESS_KEY in the --env-file'],
  ['credentials.secretKey', 'QIANFAN_SECRET_KEY in the --env-file'],
  ['baseUrl', 'QIANFAN_CONSOLE_API_BASE_URL in the --env-file'],
]);

// What drives a terminal or breaks a line: a server's or a caller's text must do neither.
const UNPRINTABLE = /[\p{Cc}\p{Bidi_C}\p{Zl}\p{Zp}]/gu;

type Flags = ReturnType<typeof readArguments>['values'];
type End = Awaited<ReturnType<typeof call>>;

/** Throws where the arguments are no such options. */
function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      'timeout-ms': { type: 'string' },
      'env-file': { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  });
}

/** The options of every call. Throws where there is no way to have them. */
function readOptions({ 'timeout-ms': timeout, 'env-file': envFile }: Flags): StopFineTuningTaskOptions {
  return {
    ...(envFile !== undefined && readEnvFile(envFile)),
    ...(timeout !== undefined && { timeoutMs: /^\d+$/.test(timeout) ? Number(timeout) : Number.NaN }),
  };
}

/** The keys and the base URL in a file, and nothing else of it. */
function readEnvFile(path: string): StopFineTuningTaskOptions {
  const variables = parseEnv(readFileSync(path));
  const { QIANFAN_ACCESS_KEY: accessKey, QIANFAN_SECRET_KEY: secretKey } = variables;
  if (!accessKey || !secretKey) {
    const missing = ['QIANFAN_ACCESS_KEY', 'QIANFAN_SECRET_KEY'].filter((name) => !variables[name]);
    throw new Error(`The --env-file must hold both keys; in ${path} there is no ${missing.join(' and no ')}.`);
  }
  return { credentials: { accessKey, secretKey }, baseUrl: variables['QIANFAN_CONSOLE_API_BASE_URL'] || undefined };
}

async function stop(taskIds: readonly string[], flags: Flags): Promise<number> {
  const show = flags.json ? showObject : showLine;
  let options: StopFineTuningTaskOptions;
  try {
    options = readOptions(flags);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : `${thrown}`;
    const error = new ConfigurationError(reason, { code: 'INVALID_CONFIGURATION', outcome: 'not_sent' });
    if (flags.json) for (const taskId of taskIds) show({ taskId, error });
    return complain(reason);
  }
  // With a signal that is aborted already, a call checks its arguments and sends nothing.
  const checked = await Promise.all(taskIds.map((id) => call(id, { ...options, signal: AbortSignal.abort() })));
  const issues = checked.flatMap(({ error }) => (error?.code === 'INVALID_INPUT' ? error.issues : []));
  if (issues.length > 0) {
    const option = issues.find(({ path }) => path !== 'taskId');
    const reason = option
      ? `${SPELLINGS.get(option.path) ?? option.path} ${option.message}.`
      : 'Nothing was sent for any task, as an ID is wrong.';
    const beside = [{ path: 'taskId', message: 'is not to blame: another ID is wrong' }];
    const details = { code: 'INVALID_INPUT', outcome: 'not_sent', issues: beside } as const;
    for (const end of checked) {
      const isWrong = end.error?.code === 'INVALID_INPUT';
      if (flags.json) show(isWrong ? end : { taskId: end.taskId, error: new InvalidInputError(reason, details) });
      else if (isWrong && !option) show(end);
    }
    return complain(reason);
  }

  const interrupt = new AbortController();
  let interrupted = 0;
  const onSignal = (_: NodeJS.Signals, number: number): void => {
    interrupted = 128 + number;
    interrupt.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const patience = setTimeout(() => {
    if (process.stderr.isTTY) print('Waiting for the server…', process.stderr);
  }, 1_000);

  const calls = taskIds.map((id) => call(id, { ...options, signal: interrupt.signal }));
  for (const end of calls) show(await end);
  clearTimeout(patience);
  return interrupted || statusOf(await Promise.all(calls));
}

async function call(taskId: string, options: StopFineTuningTaskOptions) {
  try {
    return { taskId, ...(await stopFineTuningTask({ taskId }, options)) };
  } catch (error) {
    if (!isQianfanError(error)) throw error;
    return { taskId, error };
  }
}

function statusOf(ends: readonly End[]): number {
  if (ends.every((end) => !end.error && end.result)) return 0;
  return ends.every(({ error }) => error?.name === 'ConfigurationError') ? 2 : 1;
}

async function demo(): Promise<number> {
  const taskId = 'task-demo00000001';
  const local = await startLocalConsole({ tasks: { [taskId]: 'Running' } });
  print(`A local console listens on ${local.url}. No account is touched, and nothing leaves this machine.\n`);
  print(`  before     ${taskId} is ${local.tasks.get(taskId)}`);
  const end = await call(taskId, { baseUrl: local.url, credentials: local.credentials });
  for (const { method, path, query, body, signatureValid } of local.requests) {
    print(`  request    ${method} ${path}?Action=${query['Action']} ${body}`);
    print(`  signature  ${signatureValid ? 'valid' : 'wrong'} (bce-auth-v1, made by the SDK)`);
  }
  const { taskId: _, ...answer } = end;
  print(`  answer     ${JSON.stringify(answer.error ?? answer)}`);
  print(`  after      ${taskId} is ${local.tasks.get(taskId)}\n`);
  showLine(end);
  await local.close();
  return statusOf([end]);
}

function showObject(end: End): void {
  const escaped = (odd: string) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, '0')}`;
  print(JSON.stringify(end).replace(UNPRINTABLE, escaped));
}

function showLine(end: End): void {
  const { requestId } = end.error ?? end;
  const request = requestId ? ` (request ${requestId})` : '';
  if (end.error) {
    const { code, outcome, message } = end.error;
    const state = outcome === 'unknown' ? 'may still be running' : 'was not stopped';
    printLine(process.stderr, false, `${end.taskId} ${state}: ${code}${request}. ${message}`);
  } else {
    const state = end.result
      ? 'is being stopped: the server accepted it'
      : 'was not stopped by this: it may be stopped already, finished, or not exist';
    printLine(process.stdout, end.result, `${end.taskId} ${state}${request}.`);
  }
}

function complain(message: string): number {
  print(`${message.replace(UNPRINTABLE, ' ')}\nTry: qianfan-finetuning --help`, process.stderr);
  return 2;
}

/** A line for a person, with a coloured mark where the terminal wants one (Node minds NO_COLOR). */
function printLine(stream: NodeJS.WriteStream, isGood: boolean, text: string): void {
  const [mark, colour] = isGood ? ['✔', 32] : ['✖', 31];
  const start = stream.isTTY && stream.hasColors() ? `\x1b[${colour}m${mark}\x1b[39m` : mark;
  print(`${start} ${text.replace(UNPRINTABLE, ' ')}`, stream);
}

function print(text: string, stream: NodeJS.WriteStream = process.stdout): number {
  stream.write(`${text}\n`);
  return 0;
}

async function main(): Promise<number> {
  let args: ReturnType<typeof readArguments>;
  try {
    args = readArguments();
  } catch (error) {
    return complain(error instanceof Error ? error.message : `${error}`);
  }
  const { values, positionals } = args;
  const [command, ...taskIds] = positionals;
  if (values.help) return print(HELP);
  if (values.version) {
    const { version }: { readonly version: string } = require(`${__dirname}/../package.json`);
    return print(version);
  }
  if (command === undefined) return complain('A command is missing.');
  if (command === 'demo') {
    return taskIds.length > 0 || Object.keys(values).length > 0 ? complain('demo takes no arguments.') : demo();
  }
  if (command !== 'stop') return complain(`No command: ${command}`);
  return taskIds.length > 0 ? stop([...new Set(taskIds)], values) : complain('stop needs at least one task ID.');
}

// A reader that went away (`| head`) or a full disk must not end a stop under way: the exit status still tells.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

main().then((status) => {
  // Once all is written, and at once: the SDK's limiter may have a timer for the rest of the minute (QIANFAN_TPM_LIMIT).
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
});
