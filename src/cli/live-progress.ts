// What is shown while tasks are under way: on a terminal a line that is updated in place, elsewhere a line for each change
// of a task that is waited for.

import type { AnyQianfanError, WaitProgress } from '../index';
import type { Output } from './output';

const LIVE_MS = 1_000;
const SUMMARY_MS = 60_000;
// A summary is then shorter than 200 characters, however many tasks there are.
const MAX_PERCENTS = 10;
const ONE_WORD = /^\S{1,64}$/;

export interface LiveProgress {
  progressed(progress: WaitProgress): void;
  /** Comes before the line of the task's end. After the last one nothing is shown any more. */
  ended(taskId: string): void;
}

interface Display {
  progressed(progress: WaitProgress): void;
  /** Some tasks are still under way. */
  ended(): void;
  close(): void;
}

/** What is known of all tasks at one moment. */
export interface Overview {
  readonly total: number;
  readonly wait: boolean;
  /** The last progress of each task, of those that have ended, too. */
  readonly progress: ReadonlyMap<string, WaitProgress>;
  readonly ended: ReadonlySet<string>;
  readonly elapsedMs: number;
}

export function showProgress(total: number, wait: boolean, output: Output): LiveProgress {
  const startMs = performance.now();
  const progress = new Map<string, WaitProgress>();
  const ended = new Set<string>();
  const summary = (): string => summarize({ total, wait, progress, ended, elapsedMs: performance.now() - startMs });
  const display = output.canShowLive ? showLiveLine(summary, wait, output) : showChanges(summary, wait, ended, output);
  return {
    progressed(now) {
      progress.set(now.taskId, now);
      display.progressed(now);
    },
    ended(taskId) {
      ended.add(taskId);
      if (ended.size < total) display.ended();
      else display.close();
    },
  };
}

/** One line about all tasks. A command that does not wait shows it only if it takes a second. */
function showLiveLine(summary: () => string, wait: boolean, output: Output): Display {
  const update = (): void => output.live(summary());
  const timer = setInterval(update, LIVE_MS);
  return {
    progressed: update,
    ended() {
      if (wait) update();
    },
    close() {
      clearInterval(timer);
      output.live('');
    },
  };
}

/** A line for each change, and the summary once a minute. A command that does not wait shows nothing. */
function showChanges(summary: () => string, wait: boolean, ended: ReadonlySet<string>, output: Output): Display {
  const shown = new Map<string, string>();
  const timer = setInterval(() => wait && output.note(summary()), SUMMARY_MS);
  return {
    progressed(now) {
      // The last progress of a task comes in the same turn of the event loop as its result or its error, which says the same.
      setImmediate(() => {
        const change = describeProgress(now);
        if (ended.has(now.taskId) || shown.get(now.taskId) === change) return;
        shown.set(now.taskId, change);
        output.note(`${now.taskId}: ${change}`);
      });
    },
    ended() {},
    close: () => clearInterval(timer),
  };
}

/** One line about all tasks. */
export function summarize({ total, wait, progress, ended, elapsedMs }: Overview): string {
  const tasks = `${total - ended.size} of ${total} ${total === 1 ? 'task' : 'tasks'}`;
  const time = describeDuration(elapsedMs);
  if (!wait) return `${tasks} not answered yet · ${time}`;
  const known = [...progress.values()];
  const percents = known.flatMap(({ taskId, runProgress }) => (ended.has(taskId) ? [] : (percent(runProgress) ?? [])));
  const shown = percents.length > MAX_PERCENTS ? [...percents.slice(0, MAX_PERCENTS), '…'] : percents;
  const list = shown.length > 0 ? ` (${shown.join(', ')})` : '';
  const accepted = known.filter(({ stop }) => stop === 'accepted').length;
  return `${tasks} still running${list} · stops accepted: ${accepted} · ${time}`;
}

/** What is known of one task. */
export function describeProgress({ stop, runStatus, runProgress, lastError }: WaitProgress): string {
  const parts = [STOPS[stop]];
  if (runStatus !== undefined) parts.push(describeState(runStatus, runProgress));
  if (lastError) parts.push(`the last request failed with ${describeFailure(lastError)}`);
  return parts.join(', ');
}

const STOPS: Readonly<Record<WaitProgress['stop'], string>> = {
  not_sent: 'no stop was sent yet',
  refused: 'the stop request stopped nothing',
  unknown: 'it is not known whether the stop was accepted',
  accepted: 'stop accepted',
};

/** The code, with one word for the reason. */
function describeFailure(error: AnyQianfanError): string {
  const reason = reasonsOf(error).find((one) => one !== undefined && ONE_WORD.test(one));
  return reason === undefined ? error.code : `${error.code} (${reason})`;
}

/** The most telling one first. */
function reasonsOf(error: AnyQianfanError): readonly (string | undefined)[] {
  switch (error.name) {
    case 'ConnectionError':
      return [error.systemCode];
    case 'ApiError':
      return [error.apiCode, error.status?.toString()];
    default:
      return [];
  }
}

/** A state such as `Running, 45 %`. */
export function describeState(runStatus: string, runProgress: unknown): string {
  const progress =
    typeof runProgress === 'string' && runProgress !== '' ? `, ${percent(runProgress) ?? runProgress}` : '';
  return `${runStatus || 'no state'}${progress}`;
}

function percent(runProgress: string | undefined): string | undefined {
  const digits = /^(\d{1,3}(?:\.\d{1,2})?) ?%$/.exec(runProgress ?? '')?.[1];
  return digits && `${digits} %`;
}

function describeDuration(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
