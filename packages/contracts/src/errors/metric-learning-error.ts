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
  | 'ML_CHECKPOINT'

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
  /** Where it came up, such as a plugin and a hook; absent where that goes without saying. */
  readonly where?: string
  /** The error underneath, when there is one. */
  readonly cause?: unknown
}

/** Marks a {@link MetricLearningError}. The same in every copy of this package. */
export const metricLearningErrorBrand: unique symbol = Symbol.for('metric-learning.error')

/**
 * The base of every error this library throws on purpose.
 *
 * The message reads `who: wanted …, got …. fix. (in where)`; `code` is stable and meant for programs. Ask
 * {@link isMetricLearningError} and go by the code: classes differ where there are two copies of this package.
 */
export abstract class MetricLearningError extends Error {
  readonly [metricLearningErrorBrand] = true
  abstract readonly code: ErrorCode

  constructor(readonly parts: ErrorParts) {
    super(
      `${parts.who}: wanted ${parts.wanted}, got ${parts.got}. ${parts.fix}${parts.where === undefined ? '' : ` (in ${parts.where})`}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    )
    this.name = new.target.name
  }

  /**
   * The same error, of the same kind and with the same stack, that says where it came up.
   *
   * @example throw error.in('the tap of health on `loss`')
   */
  in(where: string): this {
    const error = this.withParts({ ...this.parts, where })
    const frames = (this.stack ?? '').split('\n').findIndex((line) => /^\s+at /.test(line))
    if (frames !== -1) error.stack = [`${error.name}: ${error.message}`, ...this.stack!.split('\n').slice(frames)].join('\n')
    return error
  }

  /** Makes the same error of other parts; for classes whose constructor takes something else. */
  protected withParts(parts: ErrorParts): this {
    return new (this.constructor as new (parts: ErrorParts) => this)(parts)
  }
}

/** Whether something is an error that this library throws on purpose, also one of another copy of this package. */
export const isMetricLearningError = (error: unknown): error is MetricLearningError =>
  typeof error === 'object' && error !== null && metricLearningErrorBrand in error

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
