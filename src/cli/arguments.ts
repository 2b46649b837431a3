// What the user typed, as options with their types. Whatever is not understood is refused in words of our own: Node's
// advice to put an unknown option behind `--` would turn it into a task ID.

import { parseArgs } from 'node:util';
import { nameOf } from '../common/characters';

const COMMANDS = ['stop', 'status', 'demo'] as const;

type CommandName = (typeof COMMANDS)[number];

interface Option {
  /** How its value is written, if it takes one. */
  readonly value?: string;
  readonly commands: readonly CommandName[];
}

const OPTIONS: ReadonlyMap<string, Option> = new Map<string, Option>([
  ['wait', { commands: ['stop'] }],
  ['timeout-ms', { value: '<n>', commands: ['stop', 'status'] }],
  ['keys-file', { value: '<path>', commands: ['stop', 'status'] }],
  ['json', { commands: ['stop', 'status'] }],
]);

// For Node's parser, which must know which options take a value.
const SYNTAX = {
  ...Object.fromEntries(
    [...OPTIONS].map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' } as const]),
  ),
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

export interface Arguments {
  readonly command: CommandName;
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
  const { tokens } = parseArgs({ args: [...args], options: SYNTAX, strict: false, tokens: true });
  const options = tokens.filter((token) => token.kind === 'option');
  const [word = '', ...taskIds] = tokens.flatMap((token) => (token.kind === 'positional' ? token.value : []));
  for (const asked of ['help', 'version'] as const)
    if (word === asked || options.some(({ name }) => name === asked)) return asked;

  const command = COMMANDS.find((name) => name === word);
  if (command === undefined) throw new UsageError(explainCommand(word));
  const values = new Map<string, string>();
  for (const { name, rawName, value, inlineValue } of options) {
    const option = rawName === `--${name}` ? OPTIONS.get(name) : undefined;
    if (!option?.commands.includes(command)) throw new UsageError(explainUnknown(command, rawName, option));
    if (values.has(name)) throw new UsageError(`${rawName} is given twice.`);
    checkValue(rawName, option.value !== undefined, value, inlineValue ?? false);
    values.set(name, value ?? '');
  }
  demandNothingEaten(command, values, env);
  checkCount(command, taskIds.length);
  return {
    command,
    taskIds: [...new Set(taskIds)],
    wait: values.has('wait'),
    json: values.has('json'),
    timeoutMs: values.get('timeout-ms'),
    keysFile: values.get('keys-file'),
  };
}

function optionsOf(command: CommandName): (readonly [name: string, option: Option])[] {
  return [...OPTIONS].filter(([, { commands }]) => commands.includes(command));
}

function explainCommand(word: string): string {
  const names = COMMANDS.join(', ');
  if (word === '') return `A command is missing: ${names}.`;
  const hint = word.startsWith('task-') ? ` Did you mean: stop ${word}?` : '';
  return `${word} is not a command${explainOdd(word)}; there are ${names}.${hint}`;
}

function explainUnknown(command: CommandName, rawName: string, ofOthers: Option | undefined): string {
  if (rawName === '--env-file') return 'Node itself takes --env-file and reads that file: use --keys-file <path>.';
  if (ofOthers) return `${rawName} works only with ${ofOthers.commands.join(' and ')}.`;
  const list = optionsOf(command).map(([name, { value }]) =>
    value === undefined ? `--${name}` : `--${name} ${value}`,
  );
  return `${command} has no option ${rawName}${explainOdd(rawName)}; it has ${list.join(', ') || 'none'}.`;
}

/** Names the character that makes a word look like one that it is not. */
export function explainOdd(word: string): string {
  const odd = /[^!-~]/u.exec(word)?.[0];
  return odd === undefined ? '' : `: the word has ${nameOf(odd)} in it`;
}

function checkValue(rawName: string, isWanted: boolean, value: string | undefined, isInline: boolean): void {
  if (!isWanted && value !== undefined) throw new UsageError(`${rawName} takes no value.`);
  // Without `=`, a word with a dash in front is the next option: the value was forgotten.
  if (isWanted && (!value || (!isInline && value.startsWith('-')))) throw new UsageError(`${rawName} needs a value.`);
  if (isWanted && !isInline && value?.startsWith('task-'))
    throw new UsageError(`${rawName} needs a value, not a task ID.`);
}

/** npm takes every option in front of a `--` for its own, and leaves it in the environment. */
function demandNothingEaten(command: CommandName, values: ReadonlyMap<string, string>, env: Environment): void {
  if (command === 'demo') return;
  // --json is an option of npm as well, and some people have it switched on for good.
  const names = optionsOf(command).flatMap(([name]) => (name === 'json' ? [] : name));
  // There is no --dry-run, but a person who gives it must not have a task stopped.
  const eaten = [...names, 'dry-run'].find((name) => !values.has(name) && env[npmVariable(name)] !== undefined);
  if (eaten === undefined) return;
  throw new UsageError(
    `npm took --${eaten} for itself: write npx qianfan-finetuning …, npm exec -- qianfan-finetuning …, or npm run <script> -- ….`,
  );
}

function npmVariable(option: string): string {
  return `npm_config_${option.replaceAll('-', '_')}`;
}

function checkCount(command: CommandName, taskIds: number): void {
  if (command === 'demo') {
    if (taskIds > 0) throw new UsageError('demo takes no task ID: it stops a task of its own.');
  } else if (taskIds === 0) {
    throw new UsageError(`${command} needs at least one task ID. For a list that may be empty, use xargs -r.`);
  }
}
