// What may go in and what may come out, checked with zod. zod stays in here: the public types are the interfaces below,
// and every refusal is in our own words. It must not know the network.

import * as z from 'zod/mini';
import { type InputIssue, InvalidInputError } from './errors';

/** What {@link stopFineTuningTask} takes. */
export interface StopFineTuningTaskInput {
  /**
   * The ID of the training task (任务ID), such as `task-5kjifvzerc5n`, from the task's detail page in the console: 1 to
   * 256 visible ASCII characters. Sent as it is. A job ID (`job-…`) is not a task ID.
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
  readonly credentials?:
    | {
        /** The IAM access key (Access Key, AK): visible ASCII. */
        readonly accessKey: string;
        /** The secret key (Secret Key, SK) that belongs to it: visible ASCII. */
        readonly secretKey: string;
      }
    | undefined;
  /**
   * The console's base URL for this call only, http or https, with or without a trailing slash.
   * @defaultValue What the SDK finds: `QIANFAN_CONSOLE_API_BASE_URL`, else `https://qianfan.baidubce.com`.
   */
  readonly baseUrl?: string | undefined;
}

/** What {@link stopFineTuningTask} gives back: what the server answered. */
export interface StopFineTuningTaskResponse {
  /** The server's ID of the request (请求ID), to give to Baidu's support; `''` where it sent none. */
  readonly requestId: string;
  /**
   * `true`: the server accepted the stop; the task may take a while to end. `false`: this request stopped nothing; the
   * task may be stopped already, finished, or not exist.
   */
  readonly result: boolean;
}

/** How long a call may take where no `timeoutMs` is given: 30 000 milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

const MAX_TIMEOUT_MS = 600_000; // the SDK's own bound
const MAX_TASK_ID_LENGTH = 256;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

// What people write instead, beside other spellings of the same words.
const MISTAKEN_NAMES: ReadonlyMap<string, string> = new Map([
  ['timeout', 'timeoutMs'],
  ['abortsignal', 'signal'],
  ['ak', 'accessKey'],
  ['sk', 'secretKey'],
]);

/** A field that is refused in the words that `explain` gives, and accepted where it gives none. */
function field<T>(explain: (value: unknown) => string | undefined) {
  return z.custom<T>((value) => explain(value) === undefined, { error: ({ input }) => explain(input) });
}

const suchAs = (example: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `must be an object such as ${example}, not ${kindOf(input)}`,
});
const key = field<string>((value) => {
  if (value === undefined) return 'is required: an access key and its secret key go together';
  const isFit = typeof value === 'string' && VISIBLE_ASCII.test(value);
  return isFit ? undefined : 'must be a string of visible ASCII characters, without white space';
});
const credentialsSchema = z.strictObject({ accessKey: key, secretKey: key }, suchAs('{ accessKey, secretKey }'));
const optionsSchema = z.strictObject(
  {
    timeoutMs: z._default(field<number>(explainTimeoutMs), DEFAULT_TIMEOUT_MS),
    signal: z.optional(field<AbortSignal>((value) => (isSignal(value) ? undefined : 'must be an AbortSignal'))),
    credentials: z.optional(credentialsSchema),
    baseUrl: z.optional(field<string>(explainBaseUrl)),
  },
  suchAs('{ timeoutMs: 10000 }'),
);

const resultSchema = z.boolean();

/** @internal */
export const stopInput = z.strictObject(
  { taskId: field<string>(explainTaskId) },
  suchAs("{ taskId: 'task-5kjifvzerc5n' }"),
);

/**
 * The `result` of an answer, or `undefined` where it is not the documented boolean.
 * @internal
 */
export function readStopResult(result: unknown): boolean | undefined {
  return resultSchema.safeParse(result).data;
}

/**
 * Checks the arguments of a call, each read once: what was checked is what is sent. Throws for all that is wrong at once.
 * `data` and the settings are what the action and the call take.
 * @internal
 */
export function parseArguments<Schema extends z.ZodMiniObject>(schema: Schema, input: unknown, options: unknown) {
  const issues: InputIssue[] = [];
  const data = parse('input', schema, input, issues);
  const settings =
    options === undefined ? { timeoutMs: DEFAULT_TIMEOUT_MS } : parse('options', optionsSchema, options, issues);
  if (data && settings) {
    // The SDK puts a slash of its own behind the base URL. The look-behind keeps a long run from being tried twice.
    const baseUrl = settings.baseUrl && new URL(settings.baseUrl).href.replace(/(?<!\/)\/+$/, '');
    return { data, settings: { ...settings, baseUrl } };
  }
  const list = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new InvalidInputError(`Nothing was sent. ${list}`, { code: 'INVALID_INPUT', outcome: 'not_sent', issues });
}

function parse<Schema extends z.ZodMiniObject>(name: string, schema: Schema, value: unknown, issues: InputIssue[]) {
  try {
    const { data, error } = schema.safeParse(ownFields(value, schema));
    for (const issue of error?.issues ?? []) {
      const path = issue.path.join('.');
      if (issue.code === 'unrecognized_keys') {
        const known = Object.keys((path === '' ? schema : credentialsSchema).shape);
        for (const own of issue.keys) {
          issues.push({ path: [...issue.path, printable(own)].join('.'), message: explainUnknown(own, known) });
        }
      } else {
        issues.push({ path: path || name, message: issue.message });
      }
    }
    return data;
  } catch {
    const culprit = Object.keys(schema.shape).find((own) => !isReadable(value, own));
    issues.push({ path: culprit ?? name, message: 'cannot be read: a getter threw' });
    return undefined;
  }
}

// zod would take enumerable methods of a class for unknown fields, and each field is to be read once.
function ownFields(value: unknown, schema: z.ZodMiniObject): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const inherited = Object.keys(schema.shape).filter((name) => !Object.hasOwn(value, name) && name in value);
  const entries = [...inherited, ...Object.keys(value)].map((name) => [name, Reflect.get(value, name)]);
  const fields: { credentials?: unknown } = Object.fromEntries(entries);
  if (schema === optionsSchema) fields.credentials = ownFields(fields.credentials, credentialsSchema);
  return fields;
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
  const { aborted, addEventListener, removeEventListener } = Object(value);
  return [typeof aborted, typeof addEventListener, typeof removeEventListener].join() === 'boolean,function,function';
}

function isReadable(value: unknown, name: string): boolean {
  try {
    Reflect.get(Object(value), name);
    return true;
  } catch {
    return false;
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function printable(name: string): string {
  return /^[\x21-\x7e]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}
