// What must be known of an action of the console: all that a facade adds to the path that every call takes. Types only.

import type { Schema } from './check-arguments';

/** One action on one route of the console. */
export interface Action<Input extends object, Result> {
  /** As in the query, `?Action=…`. */
  readonly name: string;
  readonly route: string;
  readonly input: Schema<Input>;
  /** What the documentation says of `result`, for a message. */
  readonly documentedResult: string;
  /** The `result` of a response, or `undefined` if it is not as documented. */
  readonly readResult: (result: unknown, input: Input) => Result | undefined;
  /** For an action that changes something: whether this result says that it did. */
  readonly isDone?: (result: Result) => boolean;
  /** Any one of these IAM policies permits the action. */
  readonly policies: readonly string[];
  /** What to do if nobody knows what became of the request. */
  readonly adviceIfUnknown: string;
}
