// What is told while tasks are under way: a live line on a terminal; otherwise, of tasks that are waited for, a line per
// change and one a minute.

import type { WaitProgress } from '../index';
import type { Output } from './output';

const LIVE_MS = 1_000;
const SUMMARY_MS = 60_000;

export interface Watch {
  progressed(progress: WaitProgress): void;
  ended(taskId: string): void;
  close(): void;
}

/** What is known of all tasks at one moment. */
export interface Standing {
  readonly total: number;
  readonly wait: boolean;
  /** The last progress of each task, of those that have ended, too. */
  readonly progress: ReadonlyMap<string, WaitProgress>;
  readonly ended: ReadonlySet<string>;
  readonly elapsedMs: number;
}

export function watchTasks(total: number, wait: boolean, output: Output): Watch {
  const startMs = performance.now();
  const progress = new Map<string, WaitProgress>();
  const ended = new Set<string>();
  const summary = (): string => summarize({ total, wait, progress, ended, elapsedMs: performance.now() - startMs });
  const timer = output.isTerminal
    ? setInterval(() => output.live(summary()), LIVE_MS)
    : setInterval(() => wait && output.note(summary()), SUMMARY_MS);
  return {
    progressed(now) {
      const before = progress.get(now.taskId);
      progress.set(now.taskId, now);
      if (output.isTerminal) return output.live(summary());
      // The result or the error tells the last change.
      if (isFinal(now.runStatus) || isFault(now.lastError)) return;
      const change = describeProgress(now);
      if (before === undefined || describeProgress(before) !== change) output.note(`${now.taskId}: ${change}`);
    },
    ended(taskId) {
      ended.add(taskId);
      if (output.isTerminal && (wait || ended.size === total)) output.live(ended.size === total ? '' : summary());
    },
    close() {
      clearInterval(timer);
      output.live('');
    },
  };
}

/** One line about all tasks. */
export function summarize({ total, wait, progress, ended, elapsedMs }: Standing): string {
  const tasks = `${total - ended.size} of ${total} ${total === 1 ? 'task' : 'tasks'}`;
  const time = duration(elapsedMs);
  if (!wait) return `${tasks} not answered yet · ${time}`;
  const known = [...progress.values()];
  const percents = known.flatMap(({ taskId, runProgress }) => (ended.has(taskId) ? [] : (percent(runProgress) ?? [])));
  const list = percents.length > 0 ? ` (${percents.join(', ')})` : '';
  const accepted = known.filter(({ stop }) => stop === 'accepted').length;
  return `${tasks} still running${list} · stops accepted: ${accepted} · ${time}`;
}

/** What is known of one task. */
export function describeProgress({ stop, runStatus, runProgress, lastError }: WaitProgress): string {
  const parts = [STOPS[stop]];
  if (runStatus !== undefined) parts.push(state(runStatus, runProgress));
  if (lastError) parts.push(`the last request failed with ${lastError.code}`);
  return parts.join(', ');
}

const STOPS: Readonly<Record<WaitProgress['stop'], string>> = {
  not_sent: 'no stop was sent yet',
  refused: 'the stop request stopped nothing',
  unknown: 'it is not known whether the stop was accepted',
  accepted: 'stop accepted',
};

function isFinal(runStatus: string | undefined): boolean {
  return runStatus === 'Done' || runStatus === 'Failed' || runStatus === 'Stopped';
}

/** Nothing was sent, and nothing will be. */
function isFault(lastError: WaitProgress['lastError']): boolean {
  return lastError?.outcome === 'not_sent' && !lastError.retryable;
}

/** A state such as `Running, 45 %`. */
export function state(runStatus: string, runProgress: unknown): string {
  const shown = typeof runProgress === 'string' && runProgress !== '' ? `, ${percent(runProgress) ?? runProgress}` : '';
  return `${runStatus || 'no state'}${shown}`;
}

function percent(runProgress: string | undefined): string | undefined {
  const digits = /^(\d{1,3}(?:\.\d{1,2})?) ?%$/.exec(runProgress ?? '')?.[1];
  return digits && `${digits} %`;
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
