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

/** A field of what a caller passed, inherited or not, if it is a string. */
export function textField(value: unknown, field: string): string | undefined {
  try {
    const text: unknown = Reflect.get(Object(value), field);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The message of what was thrown, which may be a string; `''` if there is no message. */
export function messageOf(thrown: unknown): string {
  const message = typeof thrown === 'string' ? thrown : ownField(thrown, 'message');
  return typeof message === 'string' ? message : '';
}
