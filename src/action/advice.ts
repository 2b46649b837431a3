// The sentences that say what to do, by outcome. They fit a program and the command alike.

import type { Outcome } from '../errors';

/** What follows what happened; an empty text where there is nothing to add. */
export type Advice = Readonly<Record<Outcome, string>>;

export const NOTHING_SENT = 'Nothing was sent';

export const STOP_ADVICE: Advice = {
  not_sent: `${NOTHING_SENT}.`,
  refused: '',
  unknown:
    'The task may still be running: stop it again and wait for its end (stopFineTuningTaskAndWait, or stop --wait).',
};

export const DESCRIBE_ADVICE: Advice = {
  not_sent: `${NOTHING_SENT}.`,
  refused: '',
  unknown: 'The state of the task could not be read: ask again.',
};

/** For a wait as a whole. */
export const WAIT_ADVICE: Advice = {
  not_sent: '',
  refused: '',
  unknown: 'Stop the task again and wait, or check its state (describeFineTuningTask, or status).',
};

/** For one request of a wait, which says itself what to do. */
export const NO_ADVICE: Advice = { not_sent: '', refused: '', unknown: '' };

/** What happened, then what to do. */
export function withAdvice(text: string, outcome: Outcome, advice: Advice): string {
  return `${text} ${advice[outcome]}`.trimEnd();
}
