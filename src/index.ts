// The package's front door: explicit exports, nothing else.

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
} from './errors';
export {
  DEFAULT_TIMEOUT_MS,
  type StopFineTuningTaskInput,
  type StopFineTuningTaskOptions,
  type StopFineTuningTaskResponse,
} from './schemas';
export { stopFineTuningTask } from './stop-fine-tuning-task';
