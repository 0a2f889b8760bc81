/** The stable codes of {@link MetricLearningError}; each is explained in docs/errors.md. */
export type ErrorCode =
  | 'ML_SHAPE'
  | 'ML_OPTION'
  | 'ML_LABELS'
  | 'ML_NOT_FINITE'
  | 'ML_PLUGIN'
  | 'ML_DATA'
  | 'ML_BACKEND'
  | 'ML_STATE'

/** The four things a useful message says. */
export interface ErrorParts {
  /** Who complains: a class, a function, a command. */
  readonly who: string
  /** What was wanted. */
  readonly wanted: string
  /** What came instead. */
  readonly got: string
  /** What to do next. */
  readonly fix: string
  /** The error underneath, when there is one. */
  readonly cause?: unknown
}

/**
 * The base of every error this library throws on purpose.
 *
 * The message reads `who: wanted …, got …. fix.`; `code` is stable and meant for programs.
 */
export abstract class MetricLearningError extends Error {
  abstract readonly code: ErrorCode

  constructor(readonly parts: ErrorParts) {
    super(
      `${parts.who}: wanted ${parts.wanted}, got ${parts.got}. ${parts.fix}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    )
    this.name = new.target.name
  }
}

/** A tensor or array of the wrong rank, shape or length. */
export class ShapeError extends MetricLearningError {
  readonly code = 'ML_SHAPE'
}

/** An option that is unknown, missing or outside its range. */
export class OptionError extends MetricLearningError {
  readonly code = 'ML_OPTION'
}

/** Labels that do not fit: too few of a class, outside `numClasses`, of another length. */
export class LabelError extends MetricLearningError {
  readonly code = 'ML_LABELS'
}

/** A plugin that failed or broke the contract of a hook; names the plugin and the hook. */
export class PluginError extends MetricLearningError {
  readonly code = 'ML_PLUGIN'
}

/** Data that cannot be read or used: an empty folder, a corrupt image. */
export class DataError extends MetricLearningError {
  readonly code = 'ML_DATA'
}

/** A backend that is missing, incomplete or cannot do what was asked. */
export class BackendError extends MetricLearningError {
  readonly code = 'ML_BACKEND'
}

/** A state that does not fit what it is restored into, or an object used out of order. */
export class StateError extends MetricLearningError {
  readonly code = 'ML_STATE'
}
