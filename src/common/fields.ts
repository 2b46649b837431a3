// Reads a value of unknown origin: a mock's, a server's, or one that was thrown.

/** An own field of a value: never an inherited one, and a getter that throws is no field. */
export function ownField(value: unknown, field: string): unknown {
  try {
    const hasField = typeof value === 'object' && value !== null && Object.hasOwn(value, field);
    return hasField ? Reflect.get(value, field) : undefined;
  } catch {
    return undefined;
  }
}

/** A field of what a caller passed, inherited or not; a getter that throws is no field. */
export function fieldOf(value: unknown, field: string): unknown {
  try {
    return Reflect.get(Object(value), field);
  } catch {
    return undefined;
  }
}

/** The same, if it is a string. */
export function textField(value: unknown, field: string): string | undefined {
  const text = fieldOf(value, field);
  return typeof text === 'string' ? text : undefined;
}

/** The message of what was thrown, which may be a string; `''` if there is no message. */
export function messageOf(thrown: unknown): string {
  const message = typeof thrown === 'string' ? thrown : ownField(thrown, 'message');
  return typeof message === 'string' ? message : '';
}
