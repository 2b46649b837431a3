// Rejects words that cannot be task IDs, and says what each one probably is: npm, a shell or a clipboard may have left it.

import { nameOf } from '../common/characters';
import { isTaskId, MAX_TASK_ID_LENGTH, oddCharacterIn, taskIdsIn } from '../common/task-id';
import { InvalidInputError } from '../index';

const PREFIX = 'task-';
const MAX_IDS_SHOWN = 10;

// The first one that fits counts.
const EXPLANATIONS: readonly (readonly [pattern: RegExp, explanation: string])[] = [
  [/^\s*$/, 'is empty'],
  [/^(?:undefined|null|NaN|None)$/, 'is the text of a value that was not set'],
  [/^-$/, 'does not stand for standard input here; xargs -r passes IDs from a pipe'],
  [/^-/, 'looks like an option; options stand in front of --'],
  [/^\d+\w{0,2}$/, 'looks like the value of an option that npm or a shell took away, or like an ID of version 1'],
  [/^https?:/i, 'is a URL'],
  [/^\s*[[{]/, 'is JSON'],
  [/^\s*["'`“”‘’«»]/, 'has quotes around it'],
  [/[,;、，；]/, 'is a list; separate IDs with spaces'],
  [/^job-/i, "is a job ID; a task ID starts with task- and is on the task's detail page"],
  [/\s/, 'has white space in it'],
  [/^task-?$/, 'has nothing after task-'],
  [/[\\/]|\.\w+$/, 'looks like a file; a file with keys needs --keys-file in front of it'],
  [/^task-[\w.-]+$/, `is longer than ${MAX_TASK_ID_LENGTH} characters`],
  [/^(?!task-)/, 'does not start with task-'],
];

/** Why this is not a task ID, if it is not one, and what was probably meant. */
export function explainTaskId(text: string): string | undefined {
  if (canBeTaskId(text)) return undefined;
  const odd = oddCharacterIn(text);
  const meant = inAscii(text);
  if (odd !== undefined && meant !== text) {
    if (meant.startsWith('-')) return `looks like an option, but has ${nameOf(odd)} in it; an option starts with --`;
    if (canBeTaskId(meant)) return `has a character that no task ID has, ${nameOf(odd)}; the ID is probably ${meant}`;
  }
  return explainText(text, odd) + explainInside(taskIdsIn(text));
}

/** The same as an error, for an ID that can be shown. */
export function taskIdError(taskId: string, explanation: string): InvalidInputError {
  return new InvalidInputError(`Nothing was sent: taskId ${explanation}.`, {
    issues: [{ path: 'taskId', message: explanation }],
    taskId,
  });
}

function canBeTaskId(text: string): boolean {
  return text.startsWith(PREFIX) && text.length > PREFIX.length && isTaskId(text);
}

/** The text without invisible characters, and with what an input method or an editor makes of ASCII turned back. */
function inAscii(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-');
}

function explainText(text: string, odd: string | undefined): string {
  const explanation = EXPLANATIONS.find(([pattern]) => pattern.test(text))?.[1];
  if (odd === undefined) return explanation ?? '';
  if (explanation === undefined) return `has a character that no task ID has, ${nameOf(odd)}`;
  // A character that is not ASCII is hard to see, or looks like one that is.
  return /^\p{ASCII}$/u.test(odd) ? explanation : `${explanation}; it has ${nameOf(odd)} in it`;
}

function explainInside(taskIds: readonly string[]): string {
  if (taskIds.length === 0) return '';
  const shown = taskIds.slice(0, MAX_IDS_SHOWN).join(' ') + (taskIds.length > MAX_IDS_SHOWN ? ' …' : '');
  return `; the ${taskIds.length === 1 ? 'ID in it is' : 'IDs in it are'} ${shown}`;
}
