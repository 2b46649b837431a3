// The characters and the length of a task ID, and how errors name one. Baidu documents neither a pattern nor a length:
// every ID seen in public is `task-` and 12 characters of 0-9 and a-z.

import { escapeControls } from './characters';
import { createRedactor } from './redact';

export const MAX_TASK_ID_LENGTH = 256;

const START = String.raw`\dA-Za-z`;
const CHARACTERS = String.raw`\w.-`;
const TASK_ID = new RegExp(`^[${START}][${CHARACTERS}]*$`);
const ODD_CHARACTER = new RegExp(`[^${CHARACTERS}]`, 'u');
const WITH_PREFIX = new RegExp(`task-[${START}][${CHARACTERS}]*`, 'g');

/** Whether a text can be a task ID. No prefix is demanded. */
export function isTaskId(text: string): boolean {
  return text.length <= MAX_TASK_ID_LENGTH && TASK_ID.test(text);
}

/** The first character that no task ID has. */
export function oddCharacterIn(text: string): string | undefined {
  return ODD_CHARACTER.exec(text)?.[0];
}

/** The IDs in a text that start with `task-`, each once. */
export function taskIdsIn(text: string): readonly string[] {
  return [...new Set(text.match(WITH_PREFIX))].filter(isTaskId);
}

/**
 * How errors name the task that a caller passed, so that a batch can tell whose error it is. A valid ID is not changed, as
 * callers use it as a key of a map; any other text is foreign text.
 */
export function shownTaskId(passed: string, secretKey: string | undefined): string {
  if (isTaskId(passed) && passed.toLowerCase() !== secretKey?.toLowerCase()) return passed;
  return escapeControls(createRedactor(secretKey)(passed)).slice(0, MAX_TASK_ID_LENGTH);
}
