// What an action of the console is: all that a front door adds to the path that every call takes. Types only.

import type { CallOptions } from '../types';
import type { Advice } from './advice';
import type { ArgumentsCheck } from './check-arguments';

/** What a result says of the task: the action changed it, it changed nothing, or it only shows it. */
export type Effect = 'done' | 'nothing_done' | 'none';

/** One action on one route of the console. */
export interface Action<Input extends object, Result> {
  /** As in the query, `?Action=…`. */
  readonly name: string;
  readonly route: string;
  readonly check: ArgumentsCheck<Input, CallOptions>;
  /** What the documentation says of `result`, for a message. */
  readonly documentedResult: string;
  /** The `result` of a response, or `undefined` if it is not as documented. */
  readonly readResult: (result: unknown, input: Input) => Result | undefined;
  readonly effectOf: (result: Result) => Effect;
  /** Any one of these IAM policies permits the action. */
  readonly policies: readonly string[];
  readonly advice: Advice;
}
