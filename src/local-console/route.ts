// Finds the console's own response to a request: what its action responds, or a refusal.
import { ACTIONS, type ActionResponse, isAction, refuse } from './actions';
import type { RequestDefect } from './receive-request';
import type { TaskStore } from './tasks';
import type { LocalConsoleRequest } from './types';

const PATH = '/v2/finetuning';
const REFUSALS: Readonly<Record<RequestDefect, ActionResponse>> = {
  'too-large': refuse('InvalidHTTPRequest', 'The body is larger than 1 MiB.', 413),
  missing: refuse('InvalidHTTPAuthHeader', 'The request has no Authorization header; sign it.'),
  malformed: refuse('InvalidHTTPAuthHeader', 'The Authorization header is not in the form of bce-auth-v1.'),
  'unknown-key': refuse(
    'InvalidAccessKeyId',
    'The access key is not known here; use the credentials of this local console.',
    403,
  ),
  expired: refuse('RequestExpired', 'The signature has expired; check the clock that dated it.'),
  mismatch: refuse('SignatureDoesNotMatch', 'The signature is wrong; use the secret key of this local console.'),
};

export function routeRequest(
  { method, path, query, body }: LocalConsoleRequest,
  defect: RequestDefect | undefined,
  tasks: TaskStore,
): ActionResponse {
  const action = query['Action'];
  if (path !== PATH) return refuse('InvalidURI', `Only ${PATH} is served here, not ${path}; check the base URL.`);
  if (method !== 'POST') return refuse('InvalidHTTPRequest', `Only POST is served here, not ${method}.`);
  if (!isAction(action)) {
    const requested = action ?? 'a request without an Action';
    return refuse('InvalidURI', `Only ${Object.keys(ACTIONS).join(' and ')} are served here, not ${requested}.`);
  }
  if (defect !== undefined) return REFUSALS[defect];
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    return refuse('MalformedJSON', 'The body is not JSON.');
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse('MalformedJSON', 'The body is not a JSON object.');
  return ACTIONS[action](input, tasks);
}
