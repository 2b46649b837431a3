// What must be known of an action of the console. Types only.

import type { ZodMiniObject } from 'zod/mini';

/** One action on one route: the only thing that a facade adds to the shared path. */
export interface Action<Input extends object, Result> {
  /** As in the query: `?Action=…`. */
  readonly name: string;
  readonly route: string;
  readonly input: ZodMiniObject<never> & { readonly _zod: { readonly output: Input } };
  /** The `result` of a response, or `undefined` if it is not of the documented shape. */
  readonly readResult: (result: unknown, input: Input) => Result | undefined;
  /** Whether this result says that something was done: it contradicts a refusal beside it. */
  readonly isDone: (result: Result) => boolean;
  /** Whether this result, after a request of the SDK's own that nobody saw the answer of, tells nothing. */
  readonly isVoidAfterRetry: (result: Result) => boolean;
  /** Each of these IAM policies permits the action. */
  readonly policies: readonly string[];
  /** What to do if nobody knows whether the action took effect. */
  readonly adviceIfUnknown: string;
}
