// What --help prints.

import { DEFAULT_TIMEOUT_MS, DEFAULT_WAIT_TIMEOUT_MS } from '../index';
import { MAX_TIMEOUT_MS, MAX_WAIT_TIMEOUT_MS } from '../limits';

export const HELP = `Stops fine-tuning tasks on Baidu's Qianfan platform and tells what happened.

Usage
  qianfan-finetuning stop <taskId…> [--wait] [--timeout-ms <n>] [--keys-file <path>] [--json]
  qianfan-finetuning status <taskId…> [--timeout-ms <n>] [--keys-file <path>] [--json]
  qianfan-finetuning demo

Commands
  stop    request the stop of each task
  status  print the state and the progress of each task
  demo    stop a made-up task on a local console; nothing leaves this machine

Options
  --wait              wait until each task is seen not running: Done, Failed or Stopped
  --timeout-ms <n>    time limit of each task in milliseconds, at most ${MAX_TIMEOUT_MS} (default ${DEFAULT_TIMEOUT_MS});
                      with --wait at most ${MAX_WAIT_TIMEOUT_MS} (default ${DEFAULT_WAIT_TIMEOUT_MS})
  --keys-file <path>  read QIANFAN_ACCESS_KEY, QIANFAN_SECRET_KEY and, if it is there,
                      QIANFAN_CONSOLE_API_BASE_URL from the lines NAME=value of this file. It wins
                      over the environment and .env, where they are looked for otherwise
  --json              print one JSON object per task
  -h, --help          print this text
  -v, --version       print the version

Exit status
  0              stop: every stop was accepted; stop --wait: every task was seen not running;
                 status: every state was read
  1              at least one was not
  2              the command line, an ID or the configuration is wrong; nothing was sent
  129, 130, 143  interrupted by SIGHUP, SIGINT or SIGTERM`;
