// The package's front door: explicit exports, nothing else.

export {
  type DescribeFineTuningTaskResponse,
  describeFineTuningTask,
  type FinalRunStatus,
  type FineTuningTask,
  type RunStatus,
} from './describe-fine-tuning-task';
export {
  AbortError,
  type AnyQianfanError,
  ApiError,
  type ApiErrorCode,
  ConfigurationError,
  ConnectionError,
  type ErrorDetails,
  type InputIssue,
  InvalidInputError,
  isQianfanError,
  type Outcome,
  QianfanError,
  type QianfanErrorCode,
  TimeoutError,
  UnexpectedError,
  UnexpectedResponseError,
  type WaitProgress,
} from './errors';
export { type StopFineTuningTaskResponse, stopFineTuningTask } from './stop-fine-tuning-task';
export {
  DEFAULT_POLL_INTERVAL_MS,
  DEFAULT_WAIT_TIMEOUT_MS,
  type StopFineTuningTaskAndWaitResponse,
  stopFineTuningTaskAndWait,
  type WaitOptions,
} from './stop-fine-tuning-task-and-wait';
export { type CallOptions, DEFAULT_TIMEOUT_MS, type FineTuningTaskInput } from './types';
