// Which words can be task IDs. What npm, a shell or a clipboard left over is called what it is, and never sent as an ID.

import { InvalidInputError } from '../index';

const TASK_ID = /^task-[\w.-]{1,251}$/;

// The first one that fits counts.
const EXPLANATIONS: readonly (readonly [pattern: RegExp, explanation: string])[] = [
  [/^\s*$/, 'is empty'],
  [/^(?:undefined|null|NaN|None)$/, 'is a value that was not there, turned into text'],
  [/^-/, 'looks like an option; options stand in front of --'],
  [/^[\u2010-\u2015\u2212]/, 'starts with a dash that is no hyphen; an option starts with --'],
  [/^\d+\w{0,2}$/, 'looks like the value of an option that npm or a shell took away, or like an ID of version 1'],
  [/^https?:/i, 'is a URL'],
  [/^\s*[[{]/, 'is JSON'],
  [/^\s*["'`“”‘’«»]/, 'has quotes around it'],
  [/[,;、，；]/, 'is a list; separate IDs with spaces'],
  [/^job-/i, "is a job ID; a task ID starts with task- and is on the task's detail page"],
  [/\s/, 'has white space in it'],
  [/^task-?$/, 'has nothing after task-'],
  [/[\\/]|\.\w+$/, 'looks like a file; a file with keys needs --keys-file in front of it'],
  [/^task-[\w.-]+$/, 'is longer than 256 characters'],
  [/^task-/, 'has a character that no task ID has'],
  [/(?:)/, 'does not start with task-'],
];

/** Why this is not a task ID, if it is none, with the IDs that stand in it. */
export function explainTaskId(text: string): string | undefined {
  if (TASK_ID.test(text)) return undefined;
  const explanation = EXPLANATIONS.find(([pattern]) => pattern.test(text))?.[1];
  const inside = [...new Set(text.match(/task-[\w.-]+/g))].filter((id) => TASK_ID.test(id)).slice(0, 10);
  if (inside.length === 0) return explanation;
  return `${explanation}; the ${inside.length === 1 ? 'ID in it is' : 'IDs in it are'} ${inside.join(' ')}`;
}

/** The same as an error. */
export function taskIdError(explanation: string): InvalidInputError {
  return new InvalidInputError(`Nothing was sent: taskId ${explanation}.`, {
    issues: [{ path: 'taskId', message: explanation }],
  });
}
