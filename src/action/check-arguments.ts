// What may go in, checked with zod in our own words, for every option of all three functions. zod and its errors stay in
// here. It must not know the network.

import * as z from 'zod/mini';
import { nameOf } from '../common/characters';
import { type KeyKind, keyProblem } from '../common/credentials';
import { parseUrl } from '../common/parse-url';
import { isTaskId, MAX_TASK_ID_LENGTH, oddCharacterIn, taskIdsIn } from '../common/task-id';
import type { InputIssue, WaitProgress } from '../errors';
import { MAX_POLL_INTERVAL_MS, MAX_TIMEOUT_MS, MAX_WAIT_TIMEOUT_MS, MIN_POLL_INTERVAL_MS } from '../limits';
import type { CallOptions, FineTuningTaskInput, WaitOptions } from '../types';

/** Both arguments of a call, checked; or everything that is wrong with them. */
export type CheckedArguments<Input, Options> =
  | { readonly input: Input; readonly options: Options }
  | { readonly issues: readonly InputIssue[] };

export type ArgumentsCheck<Input, Options> = (input: unknown, options: unknown) => CheckedArguments<Input, Options>;

/** The schema of an argument: an object with known fields. */
type Schema<Output> = z.ZodMiniType<Output> & { readonly shape: object };

const EXAMPLE = 'task-5kjifvzerc5n';

// What people write in place of a field, beside other spellings of its own name.
const MISTAKEN_NAMES: ReadonlyMap<string, string> = new Map([
  ['timeout', 'timeoutMs'],
  ['abortsignal', 'signal'],
  ['interval', 'pollIntervalMs'],
  ['pollinterval', 'pollIntervalMs'],
  ['ak', 'accessKey'],
  ['sk', 'secretKey'],
]);

// 50 000 unknown fields made a message of two million characters, after seconds.
const MAX_UNKNOWN_FIELDS = 20;

/** An object with known fields. */
const object = <Shape extends z.core.$ZodLooseShape>(example: string, shape: Shape) =>
  z.strictObject(shape, { error: ({ input }) => `must be an object such as ${example}, not ${kindOf(input)}` });

// What these functions throw is a fault of this package; what else throws is a getter of the caller's.
const faults = new WeakSet<object>();

/** A field in which a function finds no problem. */
const field = <Value>(problemOf: (value: unknown) => string | undefined) =>
  z.custom<Value>(
    (value) => {
      try {
        return problemOf(value) === undefined;
      } catch (fault) {
        faults.add(Object(fault));
        throw fault;
      }
    },
    { error: ({ input }) => problemOf(input) },
  );

const optional = <Value>(problemOf: (value: unknown) => string | undefined) => z.optional(field<Value>(problemOf));

/** A whole number of milliseconds within bounds. */
const milliseconds = (min: number, max: number) =>
  optional<number>((ms) =>
    Number.isInteger(ms) && Number(ms) >= min && Number(ms) <= max
      ? undefined
      : `must be an integer from ${min} to ${max} (milliseconds)`,
  );

const key = (kind: KeyKind) =>
  field<string>((text) =>
    typeof text === 'string'
      ? keyProblem(kind, text)
      : 'is required as a string: an access key and its secret key go together',
  );

const fineTuningTaskInput = object(`{ taskId: '${EXAMPLE}' }`, { taskId: field<string>(taskIdProblem) });

const credentials = object('{ accessKey, secretKey }', { accessKey: key('access'), secretKey: key('secret') });

const callOptions = object('{ timeoutMs: 10000 }', {
  timeoutMs: milliseconds(1, MAX_TIMEOUT_MS),
  signal: optional<AbortSignal>((value) => (isSignal(value) ? undefined : 'must be an AbortSignal')),
  credentials: z.optional(credentials),
  baseUrl: optional<string>(baseUrlProblem),
});

const waitOptions = object('{ timeoutMs: 600000 }', {
  ...callOptions.shape,
  timeoutMs: milliseconds(1, MAX_WAIT_TIMEOUT_MS),
  pollIntervalMs: milliseconds(MIN_POLL_INTERVAL_MS, MAX_POLL_INTERVAL_MS),
  onProgress: optional<(progress: WaitProgress) => void>((value) =>
    typeof value === 'function' ? undefined : 'must be a function',
  ),
});

/** For an action on a task. */
export const checkTaskCall: ArgumentsCheck<FineTuningTaskInput, CallOptions> = checkBoth(
  fineTuningTaskInput,
  callOptions,
);

/** For a wait for a task. */
export const checkTaskWait: ArgumentsCheck<FineTuningTaskInput, WaitOptions> = checkBoth(
  fineTuningTaskInput,
  waitOptions,
);

function checkBoth<Input, Options>(
  inputSchema: Schema<Input>,
  optionsSchema: Schema<Options>,
): ArgumentsCheck<Input, Options> {
  return (input, options = {}) => {
    const issues: InputIssue[] = [];
    const checkedInput = check(inputSchema, 'input', input, issues);
    const checkedOptions = check(optionsSchema, 'options', options, issues);
    return checkedInput && checkedOptions ? { input: checkedInput, options: checkedOptions } : { issues };
  };
}

function check<Output>(schema: Schema<Output>, name: string, value: unknown, issues: InputIssue[]): Output | undefined {
  try {
    const { data, error } = schema.safeParse(value);
    issues.push(...(error?.issues ?? []).flatMap((issue) => explain(issue, schema, name)));
    return data;
  } catch (error) {
    if (faults.has(Object(error))) throw error;
    issues.push({ path: name, message: 'cannot be read: a getter threw' });
    return undefined;
  }
}

function explain(issue: z.core.$ZodIssue, schema: Schema<unknown>, name: string): InputIssue[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.') || name, message: issue.message }];
  const known = Object.keys((issue.path.length === 0 ? schema : credentials).shape);
  return issue.keys.slice(0, MAX_UNKNOWN_FIELDS).map((unknown) => ({
    path: [...issue.path, printable(unknown)].join('.'),
    message: explainUnknown(unknown, known),
  }));
}

function explainUnknown(name: string, known: readonly string[]): string {
  const plain = name.replace(/[-_]/g, '').toLowerCase();
  const meant = known.find((one) => one.toLowerCase() === plain || one === MISTAKEN_NAMES.get(plain));
  return meant === undefined
    ? `is not a known field; known: ${known.join(', ')}`
    : `is not a known field; did you mean ${meant}?`;
}

function taskIdProblem(value: unknown): string | undefined {
  if (value === undefined) return `is required: the ID on the task's detail page, such as ${EXAMPLE}`;
  if (typeof value === 'number')
    return `must be a string: numbers were IDs of version 1; version 2 takes IDs such as ${EXAMPLE}`;
  if (typeof value !== 'string') return `must be a string such as ${EXAMPLE}, not ${kindOf(value)}`;
  if (!isTaskId(value)) return explainNoTaskId(value);
  if (/^job-/i.test(value)) return "is a job ID; a task ID starts with task- and is on the task's detail page";
  if (/^\d+$/.test(value))
    return `has only digits: numbers were IDs of version 1; version 2 takes IDs such as ${EXAMPLE}`;
  if (/^(?:undefined|null|NaN)$/.test(value)) return `is the text "${value}": the code that passes it had no value`;
  return undefined;
}

/** What is wrong with a string that has not the characters or the length of an ID, and what was meant. */
function explainNoTaskId(text: string): string {
  if (text.trim() === '') return 'is empty';
  if (/\[object \w+\]/.test(text)) return 'is an object, turned into a string: check the code that passes it';
  const inside = taskIdsIn(text);
  const meant = inside.length === 1 ? `; the ID in it is ${inside[0]}` : '';
  if (inside.length > 1) return 'has several task IDs in it; one call takes one';
  if (/^https?:/i.test(text)) return `is a URL, not an ID${meant}`;
  if (/^\s*[[{]/.test(text)) return `is JSON, not an ID${meant}`;
  if (/^\s*["'`“”‘’«»]/.test(text)) return `has quotes around it${meant}`;
  if (/\s/.test(text)) return `has white space in it, which is not removed for you${meant}`;
  const odd = oddCharacterIn(text);
  if (odd !== undefined) return `has a character that no task ID has, ${nameOf(odd)}${meant}`;
  if (!/^[\dA-Za-z]/.test(text)) return `must start with a letter or a digit${meant}`;
  return `has ${text.length} characters; an ID has at most ${MAX_TASK_ID_LENGTH}`;
}

// Never shows the value: it may hold a password.
function baseUrlProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  const url = /^https?:\/\/[!-~]+$/.test(value) ? parseUrl(value) : undefined;
  if (url === undefined) return 'must be an http or https URL such as https://qianfan.baidubce.com';
  if (url.username !== '' || url.password !== '') return 'must not have a user name or a password';
  return /[?#]/.test(value) ? 'must not have a query or a fragment' : undefined;
}

/** Anything that behaves as an AbortSignal, such as jsdom's. */
function isSignal(value: unknown): boolean {
  try {
    const { aborted, addEventListener, removeEventListener } = Object(value);
    return (
      typeof aborted === 'boolean' &&
      typeof addEventListener === 'function' &&
      typeof removeEventListener === 'function'
    );
  } catch {
    return false; // a getter threw
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
