// What the user typed, as options with their types. Whatever is not understood is refused in words of our own: Node's
// advice to put an unknown option behind `--` would turn it into a task ID.

import { parseArgs } from 'node:util';

export const MAX_TIMEOUT_MS = 600_000;
export const MAX_WAIT_TIMEOUT_MS = 86_400_000;

const OPTIONS = {
  wait: { type: 'boolean' },
  'timeout-ms': { type: 'string' },
  'keys-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

const CALL_OPTIONS = ['--timeout-ms <n>', '--keys-file <path>', '--json'];
const COMMANDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['stop', ['--wait', ...CALL_OPTIONS]],
  ['status', CALL_OPTIONS],
  ['demo', []],
]);

export interface Arguments {
  readonly command: string;
  /** Each once, in the order given, not checked. */
  readonly taskIds: readonly string[];
  readonly wait: boolean;
  readonly json: boolean;
  readonly timeoutMs: string | undefined;
  readonly keysFile: string | undefined;
}

/** The command line is wrong. The message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws a {@link UsageError} if the arguments cannot be understood. */
export function readArguments(args: readonly string[], env: Environment): Arguments | 'help' | 'version' {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const options = tokens.filter((token) => token.kind === 'option');
  const [command = '', ...taskIds] = tokens.flatMap((token) => (token.kind === 'positional' ? token.value : []));
  for (const word of ['help', 'version'] as const)
    if (command === word || options.some(({ name }) => name === word)) return word;

  const known = COMMANDS.get(command);
  if (known === undefined) throw new UsageError(explainCommand(command));
  const values = new Map<string, string>();
  for (const { name, rawName, value, inlineValue } of options) {
    const syntax = syntaxOf(rawName, known);
    if (syntax === undefined) throw new UsageError(explainUnknown(command, rawName, known));
    if (values.has(name)) throw new UsageError(`${rawName} is given twice.`);
    checkValue(rawName, syntax.includes('<'), value, inlineValue ?? false);
    values.set(name, value ?? '');
  }
  demandNothingEaten(known, values, env);
  if (command === 'demo' && taskIds.length > 0)
    throw new UsageError('demo takes no task ID: it stops a task of its own.');
  if (command !== 'demo' && taskIds.length === 0) throw new UsageError(`${command} needs at least one task ID.`);
  return {
    command,
    taskIds: [...new Set(taskIds)],
    wait: values.has('wait'),
    json: values.has('json'),
    timeoutMs: values.get('timeout-ms'),
    keysFile: values.get('keys-file'),
  };
}

/** How an option is written, such as `--timeout-ms <n>`, if it is one of these. */
function syntaxOf(rawName: string, options: readonly string[]): string | undefined {
  return options.find((one) => one.split(' ', 1).includes(rawName));
}

function explainCommand(command: string): string {
  const names = [...COMMANDS.keys()].join(', ');
  if (command === '') return `A command is missing: ${names}.`;
  const hint = command.startsWith('task-') ? ` Did you mean: stop ${command}?` : '';
  return `${command} is not a command; there are ${names}.${hint}`;
}

function explainUnknown(command: string, rawName: string, known: readonly string[]): string {
  if (rawName === '--env-file') return 'Node itself takes --env-file and reads that file: use --keys-file <path>.';
  const owners = [...COMMANDS].flatMap(([name, options]) => (syntaxOf(rawName, options) ? name : []));
  if (owners.length > 0) return `${rawName} works only with ${owners.join(' and ')}.`;
  const list = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
  return `${command} has no option ${rawName}; ${list}.`;
}

function checkValue(rawName: string, isWanted: boolean, value: string | undefined, isInline: boolean): void {
  if (!isWanted && value !== undefined) throw new UsageError(`${rawName} takes no value.`);
  // Without `=`, a word with a dash in front is the next option: the value was forgotten.
  if (isWanted && (!value || (!isInline && value.startsWith('-')))) throw new UsageError(`${rawName} needs a value.`);
  if (isWanted && !isInline && value?.startsWith('task-'))
    throw new UsageError(`${rawName} needs a value, not a task ID.`);
}

/** npm takes every option that stands in front of a `--` for its own, and leaves it in the environment. */
function demandNothingEaten(known: readonly string[], values: ReadonlyMap<string, string>, env: Environment): void {
  // --json is an option of npm as well, and some people have it switched on for good.
  const names = known.flatMap((syntax) => /[a-z-]+/.exec(syntax.slice(2)) ?? []).filter((name) => name !== 'json');
  // There is no such option, but whoever gives it must not have a task stopped.
  if (known.length > 0) names.push('dry-run');
  const eaten = names.find((name) => !values.has(name) && env[`npm_config_${name.replace('-', '_')}`] !== undefined);
  if (eaten === undefined) return;
  throw new UsageError(
    `npm took --${eaten} for itself: write npx qianfan-finetuning …, npm exec -- qianfan-finetuning …, or npm run <script> -- ….`,
  );
}
