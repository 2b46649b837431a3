// Whether the response behind an error was Qianfan's own: what a wait must know and a caller need not. It is kept beside the
// errors and not in them, so that no error shows it.

import type { QianfanError } from '../errors';

export interface ResponseForm {
  /** The response is in Qianfan's form: a JSON object with a `result` or an error code. No proxy's page is. */
  readonly isInForm: boolean;
  /** Its error code is one that Baidu documents. */
  readonly isDocumented: boolean;
}

const NO_RESPONSE: ResponseForm = { isInForm: false, isDocumented: false };
const forms = new WeakMap<QianfanError, ResponseForm>();

/** Returns the error. */
export function keepForm<E extends QianfanError>(error: E, form: ResponseForm): E {
  forms.set(error, form);
  return error;
}

export function formOf(error: QianfanError): ResponseForm {
  return forms.get(error) ?? NO_RESPONSE;
}
