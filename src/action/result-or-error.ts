// From what came back to a result or one of our errors: every end of a call on one screen. It must not know timers, sockets,
// the environment, or the SDK's messages.

import { createRedactor, safeError, textOf } from '../common/redact';
import * as errors from '../errors';
import type { Call } from '../sdk/call';
import type { Action } from './action';
import { asSentence, readAnswer, requestIdOf, withAdvice } from './read-response';

/** Returns the result, or throws the error that says what happened. */
export function readReply<Input extends object, Result>(
  { reply, nothingSent, secretKey }: Call,
  action: Action<Input, Result>,
  input: Input,
): { readonly requestId: string; readonly result: Result } {
  const redact = createRedactor(secretKey);
  const outcome: errors.Outcome = nothingSent ? 'not_sent' : 'unknown';
  const explain = (text: string, about = outcome) => withAdvice(text, about, action);
  const known = () => ({ requestId: requestIdOf(reply, redact), outcome });

  switch (reply.kind) {
    case 'answer':
      return readAnswer(reply, action, input, redact);
    case 'redirect': {
      const to = reply.to === undefined ? '' : ` to ${redact(hostOf(reply.to))}`;
      const status = reply.status === undefined ? '' : ` (HTTP ${reply.status})`;
      const text = `The server redirected the request${to}${status}. Redirects are not followed: check the base URL.`;
      const details = { ...known(), outcome: 'unknown', response: redact(textOf(reply.raw)) } as const;
      throw new errors.UnexpectedResponseError(explain(text, 'unknown'), details);
    }
    case 'connection_failed':
    case 'answer_broke_off': {
      const what =
        reply.kind === 'connection_failed'
          ? 'The connection failed'
          : 'The connection broke off in the middle of the response';
      const text = `${asSentence(`${what}: ${redact(reply.reason)}`)} Check the network, then try again.`;
      const cause = reply.thrown === undefined ? undefined : safeError(reply.thrown, redact);
      throw new errors.ConnectionError(explain(text), { ...known(), systemCode: reply.systemCode, cause });
    }
    case 'timed_out': {
      const { timeoutMs, bySdk } = reply;
      const text = bySdk
        ? "The SDK's own time limit of 600 s was reached."
        : `There was no complete response within ${timeoutMs} ms.`;
      throw new errors.TimeoutError(explain(text), { ...known(), timeoutMs });
    }
    case 'aborted':
      throw new errors.AbortError(explain('The call was aborted.'), { ...known(), cause: reply.reason });
    case 'misconfigured':
      throw new errors.ConfigurationError(explain(redact(reply.problem), 'not_sent'), { code: reply.code });
    case 'nothing': {
      const text =
        'The SDK returned nothing. In a test, its mock has no return value; otherwise QIANFAN_TPM_LIMIT is too low for any request.';
      throw new errors.UnexpectedResponseError(explain(text, 'unknown'), { outcome: 'unknown', response: '' });
    }
    case 'unforeseen': {
      const text = 'The SDK failed unexpectedly: see `cause`, and please report it.';
      throw new errors.UnexpectedError(explain(text, 'unknown'), { cause: safeError(reply.thrown, redact) });
    }
  }
}

function hostOf(location: string): string {
  const sameHost = 'http://the-same-host.invalid';
  if (!URL.canParse(location, sameHost)) return 'an invalid URL';
  const { origin, host, protocol } = new URL(location, sameHost);
  return origin === sameHost ? 'another path of the same host' : host || `a ${protocol} URL`;
}
