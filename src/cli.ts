#!/usr/bin/env node
// The command line: arguments in, lines and an exit status out.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseEnv } from 'dotenv';
import {
  type AnyQianfanError,
  isQianfanError,
  type StopFineTuningTaskOptions,
  type StopFineTuningTaskResponse,
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
  --timeout-ms <n>   how long each call may take, in milliseconds (default 30000)
  --env-file <path>  take QIANFAN_ACCESS_KEY, QIANFAN_SECRET_KEY and, where it is there,
                     QIANFAN_CONSOLE_API_BASE_URL from this file; without it, from the
                     environment or from .env in this directory
  --json             one JSON object a task on standard output
  --help, --version

Exit status
  0  every task was stopped
  1  at least one was not
  2  the command line, an ID or the configuration was wrong; nothing was sent
  130, 143  interrupted
`;

type Ended = StopFineTuningTaskResponse | { readonly error: AnyQianfanError };
type Print = (text: string) => void;

const out: Print = (text) => void process.stdout.write(`${text}\n`);
const err: Print = (text) => void process.stderr.write(`${text}\n`);

/** What is wrong with the command line itself. */
function usage(message: string): 2 {
  err(`${printable(message)}\nTry: qianfan-finetuning --help`);
  return 2;
}

async function main(): Promise<number> {
  let parsed: ReturnType<typeof parseCommandLine>;
  try {
    parsed = parseCommandLine();
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const [command, ...taskIds] = positionals;
  if (values.help) out(HELP.trimEnd());
  else if (values.version) out(version());
  else if (command === 'demo' && taskIds.length === 0) return demo();
  else if (command === 'stop' && taskIds.length > 0) return stop([...new Set(taskIds)], values);
  else if (command === 'stop') return usage('stop needs at least one task ID.');
  else return usage(command === undefined ? 'There is no command.' : `Unknown: ${positionals.join(' ')}`);
  return 0;
}

function parseCommandLine() {
  return parseArgs({
    allowPositionals: true,
    options: {
      'timeout-ms': { type: 'string' },
      'env-file': { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  });
}

async function stop(
  taskIds: readonly string[],
  flags: { readonly 'timeout-ms'?: string; readonly 'env-file'?: string; readonly json: boolean },
): Promise<number> {
  let options: StopFineTuningTaskOptions = {};
  try {
    if (flags['env-file'] !== undefined) options = optionsOf(flags['env-file']);
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  if (flags['timeout-ms'] !== undefined) options = { ...options, timeoutMs: Number(flags['timeout-ms']) };

  // With a signal that is aborted already, a call checks its arguments and sends nothing.
  const checked = await callAll(taskIds, { ...options, signal: AbortSignal.abort() });
  const refused = checked.filter(([, ended]) => 'error' in ended && ended.error.code === 'INVALID_INPUT');
  if (refused.length > 0) {
    for (const [taskId, ended] of refused) show(taskId, ended, flags.json);
    return 2;
  }

  const interrupt = new AbortController();
  let interrupted = 0;
  const onSignal = (_: NodeJS.Signals, number: number): void => {
    interrupted = 128 + number;
    interrupt.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const patience = setTimeout(() => err('Waiting for the server…'), 1_000);
  if (!process.stderr.isTTY) clearTimeout(patience);

  const ended = await callAll(taskIds, { ...options, signal: interrupt.signal }, ([taskId, one]) => {
    show(taskId, one, flags.json);
  });
  clearTimeout(patience);
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  if (interrupted > 0) return interrupted;
  if (ended.some(([, one]) => 'error' in one && one.error.name === 'ConfigurationError')) return 2;
  return ended.every(([, one]) => 'result' in one && one.result) ? 0 : 1;
}

/** Calls for all tasks side by side, and hands each end on in the order given. */
async function callAll(
  taskIds: readonly string[],
  options: StopFineTuningTaskOptions,
  onEnd: (end: readonly [string, Ended]) => void = () => {},
): Promise<(readonly [string, Ended])[]> {
  const calls = taskIds.map(async (taskId): Promise<readonly [string, Ended]> => {
    try {
      return [taskId, await stopFineTuningTask({ taskId }, options)];
    } catch (error) {
      if (!isQianfanError(error)) throw error;
      return [taskId, { error }];
    }
  });
  const ends: (readonly [string, Ended])[] = [];
  for (const call of calls) {
    const end = await call;
    onEnd(end);
    ends.push(end);
  }
  return ends;
}

function show(taskId: string, ended: Ended, json: boolean): void {
  if (json) {
    out(JSON.stringify({ taskId, ...ended }));
  } else if ('error' in ended) {
    const { code, outcome, message } = ended.error;
    const state = outcome === 'unknown' ? 'may still be running' : 'was not stopped';
    err(line(false, process.stderr, `${taskId} ${state}: ${code}${request(ended.error)}. ${message}`));
  } else {
    const state = ended.result
      ? 'is being stopped: the server accepted it'
      : 'was not stopped by this: it may be stopped already, finished, or not exist';
    out(line(ended.result, process.stdout, `${taskId} ${state}${request(ended)}.`));
  }
}

function request({ requestId }: { readonly requestId: string | undefined }): string {
  return requestId ? ` (request ${requestId})` : '';
}

/** A line for a person, with a coloured mark where the terminal wants one (it knows of NO_COLOR). */
function line(isGood: boolean, stream: NodeJS.WriteStream, text: string): string {
  const mark = isGood ? '✔' : '✖';
  const colour = isGood ? 32 : 31;
  const isColoured = stream.isTTY && stream.hasColors();
  return `${isColoured ? `\x1b[${colour}m${mark}\x1b[39m` : mark} ${printable(text)}`;
}

// A server's or a caller's text must not drive the terminal.
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** The keys and the base URL in a file, and no others. */
function optionsOf(path: string): StopFineTuningTaskOptions {
  const {
    QIANFAN_ACCESS_KEY: accessKey,
    QIANFAN_SECRET_KEY: secretKey,
    QIANFAN_CONSOLE_API_BASE_URL: baseUrl,
  } = parseEnv(readFileSync(path));
  if (!accessKey || !secretKey) {
    const missing = [!accessKey && 'QIANFAN_ACCESS_KEY', !secretKey && 'QIANFAN_SECRET_KEY'].filter(Boolean);
    throw new Error(`${path} must hold both keys, but has no ${missing.join(' and no ')}.`);
  }
  return { credentials: { accessKey, secretKey }, ...(baseUrl && { baseUrl }) };
}

async function demo(): Promise<number> {
  const taskId = 'task-demo00000001';
  const local = await startLocalConsole({ tasks: { [taskId]: 'Running' } });
  try {
    out(`A local console is listening on ${local.url}. No account is touched, and nothing leaves this machine.\n`);
    out(`  task      ${taskId}`);
    out(`  before    ${local.tasks.get(taskId)}\n`);
    const answer = await stopFineTuningTask({ taskId }, { baseUrl: local.url, credentials: local.credentials });
    for (const { method, path, body, signatureValid } of local.requests) {
      out(`  sent      ${method} ${path}`);
      out(`            ${body}`);
      out(`  signature ${signatureValid ? 'valid' : 'wrong'} (bce-auth-v1, by the SDK)\n`);
    }
    out(`  answer    ${JSON.stringify(answer)}`);
    out(`  after     ${local.tasks.get(taskId)}\n`);
    const isStopped = answer.result && local.tasks.get(taskId) === 'Stopped';
    out(line(isStopped, process.stdout, isStopped ? 'The task is stopped.' : 'The task was not stopped.'));
    return isStopped ? 0 : 1;
  } finally {
    await local.close();
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? `${manifest.version}` : 'unknown';
}

for (const stream of [process.stdout, process.stderr]) {
  // A reader that went away (`| head`) is no failure of ours: the stop goes on, unseen.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    err(`qianfan-finetuning failed: ${isQianfanError(error) ? error.message : error}`);
    process.exitCode = 1;
  },
);
