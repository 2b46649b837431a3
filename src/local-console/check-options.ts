// Checks what a caller passes to the console, so that a mistake throws where it was made and not later, in the server.

/** The longest delay that `setTimeout` keeps. Node runs a longer one after 1 ms. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

export function ensure(isMet: boolean, message: string): asserts isMet {
  if (!isMet) throw new RangeError(message);
}

/** Refuses unknown fields, too: a misspelled one would have no effect, and the caller would not know why. */
export function ensureFields(argument: string, value: unknown, known: readonly string[]): void {
  ensure(isObject(value), `${argument} must be an object with some of ${known.join(', ')}.`);
  for (const name of Object.keys(value)) {
    ensure(known.includes(name), `${argument}.${name} is not a known field; known: ${known.join(', ')}.`);
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isInteger(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

export function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
