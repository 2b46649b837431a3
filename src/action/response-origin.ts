// Whether the response behind an error was Qianfan's own: what a wait must know and a caller need not. It is kept beside the
// errors and not in them, so that no error shows it.

import type { QianfanError } from '../errors';

export interface ResponseOrigin {
  /** The response is in Qianfan's form: a JSON object with a `result` or an error code. No proxy's page is. */
  readonly isInForm: boolean;
  /** Its error code is one that Baidu documents. */
  readonly isDocumented: boolean;
}

const NO_RESPONSE: ResponseOrigin = { isInForm: false, isDocumented: false };
const origins = new WeakMap<QianfanError, ResponseOrigin>();

/** Returns the error. */
export function keepOrigin<E extends QianfanError>(error: E, origin: ResponseOrigin): E {
  origins.set(error, origin);
  return error;
}

export function originOf(error: QianfanError): ResponseOrigin {
  return origins.get(error) ?? NO_RESPONSE;
}
