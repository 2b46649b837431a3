// What is written where. Only this command writes to standard output. A live line is shown below all other lines.

import { WriteStream } from 'node:tty';
import { escapeControls } from '../common/characters';

const COLOURS = { red: [31, 39], green: [32, 39], yellow: [33, 39], dim: [2, 22] } as const;
const CLEAR_LINE = '\r\x1b[K';

export type Mark = '✔' | '✖' | '';

export interface Output {
  /** A result, on standard output. */
  result(text: string, mark?: Mark): void;
  /** Anything else, on standard error. */
  note(text: string, mark?: Mark): void;
  /** Text of our own with several lines, on standard output. */
  page(text: string): void;
  /** Whether a line can be updated in place. */
  readonly canShowLive: boolean;
  /** Shows this below all lines, cut to the width, or nothing. */
  live(text: string): void;
  /** Resolves once all is written. */
  flush(): Promise<void>;
}

/** Takes standard output over: what others print there, as some versions of dotenv do in each call, is dropped. */
export function takeOutput(): Output {
  const { stdout, stderr } = process;
  const writeToStdout = stdout.write.bind(stdout);
  const writeToStderr = stderr.write.bind(stderr);
  stdout.write = () => true;
  // A reader that went away (`| head`) or a full disk must not end a stop under way: the exit status still tells.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});

  let line = '';
  // A second signal ends the process in the middle of a line.
  process.on('exit', () => line !== '' && writeToStderr('\n'));
  const print = (write: typeof writeToStdout, text: string): void => {
    if (line !== '') writeToStderr(CLEAR_LINE);
    write(`${text}\n`);
    if (line !== '') writeToStderr(line);
  };
  return {
    result: (text, mark = '') => print(writeToStdout, withMark(mark, text, stdout)),
    note: (text, mark = '') => print(writeToStderr, withMark(mark, text, stderr)),
    page: (text) => print(writeToStdout, text),
    canShowLive: canUpdateLine(stderr.isTTY, process.env),
    live(text) {
      const shown = cut(text, stderr.columns || 80);
      if (shown !== line) writeToStderr(CLEAR_LINE + shown);
      line = shown;
    },
    async flush() {
      for (const write of [writeToStdout, writeToStderr]) await new Promise<unknown>((done) => write('', done));
    },
  };
}

/** A CI server may give a terminal and log all that is written there: each update of the line would be a line of the log. */
export function canUpdateLine(isTerminal: boolean, { TERM, CI = '' }: NodeJS.ProcessEnv): boolean {
  return isTerminal && TERM !== 'dumb' && ['', '0', 'false'].includes(CI);
}

/** One column is left free: a full line makes some terminals wrap. */
export function cut(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(columns - 2, 0))}…`;
}

/** Colours text where the stream's reader wants it, by Node's own rules for NO_COLOR, FORCE_COLOR and TERM. */
export function paint(colour: keyof typeof COLOURS, text: string, stream: NodeJS.WriteStream): string {
  const isPossible = stream.isTTY || process.env['FORCE_COLOR'] !== undefined;
  if (!isPossible || WriteStream.prototype.getColorDepth() === 1) return text;
  const [on, off] = COLOURS[colour];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

function withMark(mark: Mark, text: string, stream: NodeJS.WriteStream): string {
  const safe = escapeControls(text);
  return mark === '' ? safe : `${paint(mark === '✔' ? 'green' : 'red', mark, stream)} ${safe}`;
}
