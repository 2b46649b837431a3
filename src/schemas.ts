// What may go in and what may come out, checked with zod. zod stays in here: the public types are
// the interfaces below, and every refusal is in our own words.

import * as z from 'zod/mini';
import { type InputIssue, InvalidInputError } from './errors';

/** What {@link stopFineTuningTask} takes. */
export interface StopFineTuningTaskInput {
  /**
   * The ID of the training task (任务ID), such as `task-5kjifvzerc5n`, from the task's detail page in
   * the console: 1 to 256 visible ASCII characters. Sent as it is. A job ID (`job-…`) is not a task ID.
   */
  readonly taskId: string;
}

/** Options of one call. */
export interface StopFineTuningTaskOptions {
  /**
   * How long the whole call may take, in milliseconds: a whole number from 1 to 600 000.
   * @defaultValue {@link DEFAULT_TIMEOUT_MS}
   */
  readonly timeoutMs?: number | undefined;
  /** Aborts the call: its socket is closed at once and the promise rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The IAM keys for this call only.
   * @defaultValue What the SDK finds: `QIANFAN_ACCESS_KEY` and `QIANFAN_SECRET_KEY`, in the environment or in `.env`.
   */
  readonly credentials?: { readonly accessKey: string; readonly secretKey: string } | undefined;
  /**
   * The console's base URL for this call only, http or https, with or without a trailing slash.
   * @defaultValue What the SDK finds: `QIANFAN_CONSOLE_API_BASE_URL`, else `https://qianfan.baidubce.com`.
   */
  readonly baseUrl?: string | undefined;
}

/** What the server answered. */
export interface StopFineTuningTaskResponse {
  /** The server's ID of the request (请求ID), to give to Baidu's support; `''` where it sent none. */
  readonly requestId: string;
  /**
   * `true`: the server accepted the stop; the task may take a while to end. `false`: this request
   * stopped nothing; the task may be stopped already, finished, or not exist.
   */
  readonly result: boolean;
}

/** How long a call may take where no `timeoutMs` is given: 30 000 milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

const MAX_TIMEOUT_MS = 600_000; // the SDK's own bound
const MAX_TASK_ID_LENGTH = 256;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const UNREADABLE = Symbol('a getter threw');

// What people write instead, beside other spellings of the same words.
const MISTAKEN_NAMES: ReadonlyMap<string, string> = new Map([
  ['timeout', 'timeoutMs'],
  ['abortsignal', 'signal'],
  ['ak', 'accessKey'],
  ['sk', 'secretKey'],
]);

/** A field that is refused in the words that `explain` gives, and accepted where it gives none. */
function field<T>(explain: (value: unknown) => string | undefined) {
  const reason = (value: unknown) => (value === UNREADABLE ? 'cannot be read: its getter threw' : explain(value));
  return z.custom<T>((value) => reason(value) === undefined, { error: ({ input }) => reason(input) });
}

const key = field<string>((value) =>
  typeof value === 'string' && VISIBLE_ASCII.test(value)
    ? undefined
    : 'must be a string of visible ASCII characters, without white space',
);

const inputSchema = z.object({ taskId: field<string>(explainTaskId) });
const credentialsSchema = z.object({ accessKey: key, secretKey: key });
const optionsSchema = z.object({
  timeoutMs: z._default(field<number>(explainTimeoutMs), DEFAULT_TIMEOUT_MS),
  signal: z.optional(field<AbortSignal>((value) => (isSignal(value) ? undefined : 'must be an AbortSignal'))),
  credentials: z.optional(field<unknown>(() => undefined)), // has a schema of its own
  baseUrl: z.optional(field<string>(explainBaseUrl)),
});

/** The `result` of an answer, or `undefined` where it is not the documented boolean. */
export function readStopResult(result: unknown): boolean | undefined {
  return z.boolean().safeParse(result).data;
}

/**
 * Checks the arguments of a call.
 *
 * @throws {@link InvalidInputError} that names everything that is wrong with them.
 */
export function parseStopArguments(input: unknown, options: unknown = {}) {
  const issues: InputIssue[] = [];
  const checkedInput = parse('input', input, inputSchema, issues);
  const checkedOptions = parse('options', options, optionsSchema, issues);
  const given = checkedOptions.fields['credentials'];
  const credentials =
    given === undefined || given === UNREADABLE
      ? undefined
      : parse('credentials', given, credentialsSchema, issues).data;
  if (checkedInput.data && checkedOptions.data && issues.length === 0) {
    const { timeoutMs, signal, baseUrl } = checkedOptions.data;
    return { ...checkedInput.data, settings: { timeoutMs, signal, credentials, baseUrl: trimSlashes(baseUrl) } };
  }
  const list = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new InvalidInputError(`Nothing was sent. ${list}`, { code: 'INVALID_INPUT', outcome: 'not_sent', issues });
}

// Each field is read once, so that what was checked is what is sent.
function parse<Schema extends z.ZodMiniObject>(
  name: 'input' | 'options' | 'credentials',
  value: unknown,
  schema: Schema,
  issues: InputIssue[],
): { readonly fields: Readonly<Record<string, unknown>>; readonly data?: z.output<Schema> | undefined } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    issues.push({ path: name, message: `must be an object, not ${kindOf(value)}` });
    return { fields: {} };
  }
  const prefix = name === 'credentials' ? 'credentials.' : '';
  const known = Object.keys(schema.shape);
  for (const unknown of keysOf(value).filter((own) => !known.includes(own))) {
    issues.push({ path: prefix + printable(unknown), message: explainUnknown(unknown, known) });
  }
  const fields: Record<string, unknown> = Object.fromEntries(known.map((own) => [own, read(value, own)]));
  const parsed = schema.safeParse(fields);
  for (const { path, message } of parsed.error?.issues ?? []) issues.push({ path: prefix + path.join('.'), message });
  return { fields, data: parsed.data };
}

function explainTaskId(value: unknown): string | undefined {
  if (value === undefined) return "is required: the ID on the task's detail page, such as task-5kjifvzerc5n";
  if (typeof value === 'number') return 'must be a string: numbers were task IDs of version 1, which version 2 refuses';
  if (typeof value !== 'string') return `must be a string such as task-5kjifvzerc5n, not ${kindOf(value)}`;
  if (value.length > MAX_TASK_ID_LENGTH) return `has ${value.length} characters; at most ${MAX_TASK_ID_LENGTH} can be`;
  if (value.trim() === '') return 'is blank';
  if (value.startsWith('job-')) {
    return "is a job ID (job-…); a task ID starts with task- and is on the task's detail page";
  }
  if (value !== value.trim()) return 'has white space around it, which is not removed for you';
  const [odd] = /[^\x21-\x7e]/u.exec(value) ?? [];
  if (odd === undefined) return undefined;
  const codePoint = odd.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return `has a character that is not visible ASCII, U+${codePoint}, at position ${value.indexOf(odd) + 1}`;
}

function explainTimeoutMs(value: unknown): string | undefined {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_TIMEOUT_MS
    ? undefined
    : `must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`;
}

// Never shows the value: it may hold a password.
function explainBaseUrl(value: unknown): string | undefined {
  const shape = 'must be an http or https URL such as https://qianfan.baidubce.com';
  if (typeof value !== 'string' || !VISIBLE_ASCII.test(value) || !URL.canParse(value)) return shape;
  const { protocol, username, password } = new URL(value);
  if (protocol !== 'http:' && protocol !== 'https:') return shape;
  if (username !== '' || password !== '') return 'must not hold a user name or a password';
  return /[?#]/.test(value) ? 'must not have a query or a fragment' : undefined;
}

function explainUnknown(name: string, known: readonly string[]): string {
  const plain = name.replace(/[-_]/g, '').toLowerCase();
  const meant = known.find((own) => own.toLowerCase() === plain || own === MISTAKEN_NAMES.get(plain));
  return meant === undefined ? `is unknown; known: ${known.join(', ')}` : `is unknown; ${meant} is meant?`;
}

/** Whatever behaves as an AbortSignal, such as one of another realm. */
function isSignal(value: unknown): boolean {
  return (
    typeof read(value, 'aborted') === 'boolean' &&
    typeof read(value, 'addEventListener') === 'function' &&
    typeof read(value, 'removeEventListener') === 'function'
  );
}

function read(value: unknown, name: string): unknown {
  try {
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  } catch {
    return UNREADABLE;
  }
}

function keysOf(value: object): string[] {
  try {
    return Object.keys(value);
  } catch {
    return []; // a proxy; its fields are not readable either
  }
}

// The SDK puts a slash of its own behind the base URL.
function trimSlashes(url: string | undefined): string | undefined {
  return url?.endsWith('/') ? trimSlashes(url.slice(0, -1)) : url;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function printable(name: string): string {
  return /^[\x21-\x7e]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}
