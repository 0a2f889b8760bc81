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

  #parts: ErrorParts

  constructor(parts: ErrorParts) {
    super(messageOf(parts), parts.cause === undefined ? undefined : { cause: parts.cause })
    this.#parts = parts
    this.name = new.target.name
  }

  /** What the message says, part by part. */
  get parts(): ErrorParts {
    return this.#parts
  }

  /**
   * Says where it came up, and gives the error back.
   *
   * @example throw error.in('hooks.loss of plugin "health"')
   */
  in(where: string): this {
    this.#parts = { ...this.#parts, where }
    this.message = messageOf(this.#parts)
    const lines = (this.stack ?? '').split('\n')
    const frames = lines.findIndex((line) => /^\s+at /.test(line))
    if (frames !== -1) this.stack = [`${this.name}: ${this.message}`, ...lines.slice(frames)].join('\n')
    return this
  }
}

const messageOf = ({ who, wanted, got, fix, where }: ErrorParts): string =>
  `${who}: wanted ${wanted}, got ${withoutStop(got)}. ${fix}${where === undefined ? '' : ` (in ${where})`}`

/** What came may be the message of another error, with a full stop of its own. */
const withoutStop = (got: string): string => got.replace(/(?<!\.)\.$/, '')

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

/** A plugin that failed or broke the contract of a hook, or a part of one's own that failed inside the step; names them. */
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
