// `demo`: the whole story of a stop on a local console, for a first look.

import { describeFineTuningTask, type WaitProgress } from '../index';
import type { LocalConsoleRequest } from '../local-console/index';
import { type Command, runCommand, STOP_AND_WAIT } from './commands';
import { statusOf } from './exit-status';
import { show } from './line-or-json';
import { describeState } from './live-progress';
import { type Output, paint } from './output';
import type { Signals } from './signals';

const TASK_ID = 'task-demo00000001';

/** Resolves with the exit status. */
export async function demo(output: Output, signals: Signals): Promise<number> {
  signals.listen();
  // Loaded here, as no other command needs it.
  const { startLocalConsole }: typeof import('../local-console/index') = require('../local-console/index');
  const tasks = { [TASK_ID]: { runStatus: 'Running', runProgress: '60%' } } as const;
  const local = await startLocalConsole({ tasks, stopTakes: { describes: 1 } });
  const options = { baseUrl: local.url, credentials: local.credentials, signal: signals.aborted };
  const tell = teller(output);
  output.page(`A made-up task on a local console at ${local.url}. Nothing leaves this machine.\n`);

  const command = tellStateBefore(STOP_AND_WAIT, tell);
  const end = await runCommand(command, TASK_ID, options, (progress) => tellProgress(progress, local.requests, tell));
  output.page('');
  show(end, false, output);
  await local.close();
  return statusOf([end]);
}

type Tell = (label: string, text: string) => void;

function teller(output: Output): Tell {
  const startMs = performance.now();
  return (label, text) => {
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    output.page(`${paint('dim', `${seconds.padStart(5)} s  ${label.padEnd(10)}`, process.stdout)} ${text}`);
  };
}

/** The first request is a part of the command: a signal may end it, too. */
function tellStateBefore(command: Command, tell: Tell): Command {
  return {
    ...command,
    async run(taskId, options, onProgress) {
      const { result } = await describeFineTuningTask({ taskId }, options);
      tell('state', paintState(result.runStatus, result.runProgress));
      return command.run(taskId, options, onProgress);
    },
  };
}

function tellProgress(progress: WaitProgress, requests: readonly LocalConsoleRequest[], tell: Tell): void {
  const { stop, runStatus, runProgress } = progress;
  if (runStatus !== undefined) {
    const warning = runStatus === 'Running' ? ': accepted does not mean stopped' : '';
    tell('state', paintState(runStatus, runProgress) + warning);
    return;
  }
  for (const { method, path, query, body, signatureValid } of requests.slice(-1)) {
    tell('request', `${method} ${path}?Action=${query['Action']} ${body}`);
    tell('signature', `${signatureValid ? 'valid' : 'wrong'} (bce-auth-v1, made by the SDK)`);
  }
  tell('answer', stop === 'accepted' ? 'result: true, the server accepted the stop' : `stop: ${stop}`);
}

function paintState(runStatus: string, runProgress: string | undefined): string {
  return paint(runStatus === 'Stopped' ? 'green' : 'yellow', describeState(runStatus, runProgress), process.stdout);
}
