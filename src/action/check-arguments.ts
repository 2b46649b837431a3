// What may go in, checked with zod in our own words. zod and its errors stay in here. It must not know the network.

import * as z from 'zod/mini';
import { type InputIssue, InvalidInputError } from '../errors';
import { keyProblem } from '../sdk/environment';

/** The schema of an argument: an object with known fields. */
export type Schema<Output> = z.ZodMiniType<Output> & { readonly shape: object };

const MAX_TIMEOUT_MS = 600_000; // the SDK's own timer
const TASK_ID = /^[\dA-Za-z][\w.-]{0,255}$/;
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

/** An object with known fields. */
export const object = <Shape extends z.core.$ZodLooseShape>(example: string, shape: Shape) =>
  z.strictObject(shape, { error: ({ input }) => `must be an object such as ${example}, not ${kindOf(input)}` });

const taskId = z.string({ error: ({ input }) => explainNoString(input) }).check(
  z.refine((id) => TASK_ID.test(id), { error: ({ input }) => explainTaskId(`${input}`) }),
  z.refine((id) => !/^job-/i.test(id), {
    error: "is a job ID; a task ID starts with task- and is on the task's detail page",
  }),
  z.refine((id) => !/^\d+$/.test(id), {
    error: `has only digits, as IDs of version 1 had; version 2 takes IDs such as ${EXAMPLE}`,
  }),
  z.refine((id) => !/^(?:undefined|null|NaN)$/.test(id), {
    error: 'is a value that was not there, turned into a string: check the code that passes it',
  }),
);

const key = z
  .string({ error: 'is required as a string: an access key and its secret key go together' })
  .check(z.refine((value) => keyProblem(value) === undefined, { error: ({ input }) => keyProblem(`${input}`) }));

/** A whole number of milliseconds within bounds. */
export const milliseconds = (min: number, max: number) => {
  const error = `must be an integer from ${min} to ${max} (milliseconds)`;
  return z.custom<number>((ms) => Number.isInteger(ms) && Number(ms) >= min && Number(ms) <= max, { error });
};

export const fineTuningTaskInput = object(`{ taskId: '${EXAMPLE}' }`, { taskId });

const credentials = object('{ accessKey, secretKey }', { accessKey: key, secretKey: key });

export const callOptions = object('{ timeoutMs: 10000 }', {
  timeoutMs: z.optional(milliseconds(1, MAX_TIMEOUT_MS)),
  signal: z.optional(z.custom<AbortSignal>(isSignal, { error: 'must be an AbortSignal' })),
  credentials: z.optional(credentials),
  baseUrl: z.optional(
    z
      .string({ error: 'must be a string' })
      .check(
        z.refine((url) => baseUrlProblem(url) === undefined, { error: ({ input }) => baseUrlProblem(`${input}`) }),
      ),
  ),
});

/** Checks both arguments of a call. Throws one {@link InvalidInputError} for everything that is wrong in them. */
export function checkArguments<Input, Options>(
  inputSchema: Schema<Input>,
  optionsSchema: Schema<Options>,
  input: unknown,
  options: unknown = {},
): { readonly input: Input; readonly options: Options } {
  const issues: InputIssue[] = [];
  const checkedInput = check(inputSchema, 'input', input, issues);
  const checkedOptions = check(optionsSchema, 'options', options, issues);
  if (checkedInput && checkedOptions) return { input: checkedInput, options: checkedOptions };
  const list = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new InvalidInputError(`Nothing was sent: ${list}${list.endsWith('?') ? '' : '.'}`, { issues });
}

function check<Output>(schema: Schema<Output>, name: string, value: unknown, issues: InputIssue[]): Output | undefined {
  try {
    const { data, error } = schema.safeParse(value);
    for (const found of (error?.issues ?? []).flatMap((issue) => explain(issue, schema, name))) {
      // One message a field is enough.
      if (issues.every(({ path }) => path !== found.path)) issues.push(found);
    }
    return data;
  } catch {
    issues.push({ path: name, message: 'cannot be read: a getter threw' });
    return undefined;
  }
}

function explain(issue: z.core.$ZodIssue, schema: Schema<unknown>, name: string): InputIssue[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.') || name, message: issue.message }];
  const known = Object.keys((issue.path.length === 0 ? schema : credentials).shape);
  return issue.keys.map((unknown) => ({
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

function explainNoString(value: unknown): string {
  if (value === undefined) return `is required: the ID on the task's detail page, such as ${EXAMPLE}`;
  if (typeof value === 'number')
    return `must be a string: numbers were IDs of version 1; version 2 takes IDs such as ${EXAMPLE}`;
  return `must be a string such as ${EXAMPLE}, not ${kindOf(value)}`;
}

/** What is wrong with a string that has not the characters or the length of an ID, and what was meant. */
function explainTaskId(text: string): string {
  if (text.trim() === '') return 'is empty';
  if (/^\[object \w+\]$/.test(text)) return 'is an object, turned into a string: check the code that passes it';
  const inside = [...new Set(text.match(/task-[\dA-Za-z][\w.-]{0,250}/g))];
  const meant = inside.length === 1 ? `; the ID in it is ${inside[0]}` : '';
  if (inside.length > 1) return 'has several task IDs in it; one call takes one';
  if (/^https?:/i.test(text)) return `is a URL, not an ID${meant}`;
  if (/^\s*[[{]/.test(text)) return `is JSON, not an ID${meant}`;
  if (/^\s*["'`“‘«]/.test(text)) return `has quotes around it${meant}`;
  if (/\s/.test(text)) return `has white space in it, which is not removed for you${meant}`;
  const odd = /[^\w.-]/u.exec(text)?.[0];
  if (odd !== undefined) return `has a character that no task ID has (${nameOf(odd)})${meant}`;
  if (!/^[\dA-Za-z]/.test(text)) return `must start with a letter or a digit${meant}`;
  return `is ${text.length} characters long; the maximum is 256`;
}

// Never shows the value: it may hold a password.
function baseUrlProblem(url: string): string | undefined {
  const shape = 'must be an http or https URL such as https://qianfan.baidubce.com';
  if (!/^https?:\/\/[\x21-\x7e]+$/i.test(url) || !URL.canParse(url)) return shape;
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') return 'must not have a user name or a password in it';
  return /[?#]/.test(url) ? 'must not have a query or a fragment' : undefined;
}

/** Whatever behaves as an AbortSignal, such as one of another realm. */
function isSignal(value: unknown): boolean {
  const { aborted, addEventListener, removeEventListener } = Object(value);
  return [typeof aborted, typeof addEventListener, typeof removeEventListener].join() === 'boolean,function,function';
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function nameOf(character: string): string {
  const codePoint = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return /[\x21-\x7e]/.test(character) ? character : `U+${codePoint}`;
}

function printable(name: string): string {
  return /^[\x21-\x7e]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}
