// Checks of what a user hands to the console: a mistake is thrown at whoever made it, never inside the server.

/** The longest delay that `setTimeout` keeps; it cuts a longer one to 1 ms. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

export function demand(isMet: boolean, rule: string): asserts isMet {
  if (!isMet) throw new RangeError(rule);
}

/** Refuses a misspelled field, which would change nothing without a word. */
export function demandKnown(value: object, known: readonly string[]): void {
  demand(typeof value === 'object', `It must be an object with some of ${known.join(', ')}.`);
  for (const name of Object.keys(value)) {
    demand(known.includes(name), `${name} is not a known field; known: ${known.join(', ')}.`);
  }
}

export function isInteger(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

export function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
