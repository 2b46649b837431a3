// How the response behind an error was read: what a wait must know and a caller need not. It is kept beside the errors and
// not in them, so that no error shows it.

import type { QianfanError } from '../errors';

export interface Reading {
  /** The response is in Qianfan's form: a JSON object with a `result` or an error code. No proxy's page is. */
  readonly isInForm: boolean;
  /** Its error code is one that Baidu documents. */
  readonly isDocumented: boolean;
}

const NOT_READ: Reading = { isInForm: false, isDocumented: false };
const readings = new WeakMap<QianfanError, Reading>();

/** Returns the error. */
export function keepReading<E extends QianfanError>(error: E, reading: Reading): E {
  readings.set(error, reading);
  return error;
}

export function readingOf(error: QianfanError): Reading {
  return readings.get(error) ?? NOT_READ;
}
