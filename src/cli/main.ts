// From the arguments to the exit status.

import { readArguments, UsageError } from './arguments';
import { demo } from './demo';
import { DONE, NOT_DONE, WRONG_USE } from './exit-status';
import { HELP } from './help';
import { type Output, takeOutput } from './output';
import { runTasks } from './run-tasks';
import { prepareSignals, type Signals } from './signals';

async function main(output: Output, signals: Signals): Promise<number> {
  const args = readArguments(process.argv.slice(2), process.env);
  if (args === 'help') output.page(HELP);
  else if (args === 'version') output.page(version());
  else return args.command === 'demo' ? demo(output, signals) : runTasks(args, output, signals);
  return DONE;
}

function version(): string {
  const manifest: { readonly version: string } = require(`${__dirname}/../../package.json`);
  return manifest.version;
}

function explainFailure(error: unknown, output: Output): number {
  if (error instanceof UsageError) {
    output.note(`${error.message} Nothing was sent.`);
    output.note('Try: qianfan-finetuning --help');
    return WRONG_USE;
  }
  // A bug of ours: a report of it needs the stack.
  output.note('This command failed unexpectedly. Check the state of each task, and report this:');
  const text = error instanceof Error ? `${error.stack}` : `${error}`;
  for (const line of text.split('\n')) output.note(line);
  return NOT_DONE;
}

// Long enough for a reader that is slow, and too short for a service manager to lose patience.
const UNREAD_OUTPUT_HOLDS_MS = 2_000;

/** Runs the command and ends the process. */
export async function start(): Promise<void> {
  const output = takeOutput();
  const signals = prepareSignals();
  const status = await main(output, signals).catch((error: unknown) => explainFailure(error, output));
  signals.endAtOnce();
  // Output that nobody reads must not keep a command that a signal has ended.
  if (signals.status() !== undefined) setTimeout(() => process.exit(signals.status()), UNREAD_OUTPUT_HOLDS_MS);
  await output.flush();
  // At once: the SDK's limiter may have a timer for the rest of the minute (QIANFAN_TPM_LIMIT).
  process.exit(signals.status() ?? status);
}
