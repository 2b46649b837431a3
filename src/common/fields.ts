// Reads a field of a value of unknown origin: a mock's, a server's, a proxy's.

/** An own field of whatever came: never an inherited one, and a getter that throws is no field. */
export function own(value: unknown, field: string): unknown {
  try {
    const hasField = typeof value === 'object' && value !== null && Object.hasOwn(value, field);
    return hasField ? Reflect.get(value, field) : undefined;
  } catch {
    return undefined;
  }
}
