// The package's front door: explicit exports, nothing else.

export { describeFineTuningTask } from './describe-fine-tuning-task';
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
export { DEFAULT_POLL_INTERVAL_MS, DEFAULT_TIMEOUT_MS, DEFAULT_WAIT_TIMEOUT_MS } from './limits';
export { stopFineTuningTask } from './stop-fine-tuning-task';
export { stopFineTuningTaskAndWait } from './stop-fine-tuning-task-and-wait';
export type {
  CallOptions,
  DescribeFineTuningTaskResponse,
  FinalRunStatus,
  FineTuningTask,
  FineTuningTaskInput,
  RunStatus,
  StopFineTuningTaskAndWaitResponse,
  StopFineTuningTaskResponse,
  WaitOptions,
} from './types';
