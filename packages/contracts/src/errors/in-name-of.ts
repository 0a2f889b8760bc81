import { isMetricLearningError, LabelError, OptionError, ShapeError, type ErrorCode } from './metric-learning-error.js'

/** The kinds of mistakes that are told in somebody else's name. */
const kinds = new Map<ErrorCode, typeof ShapeError | typeof LabelError | typeof OptionError>([
  ['ML_SHAPE', ShapeError],
  ['ML_LABELS', LabelError],
  ['ML_OPTION', OptionError],
])

/** Runs `body`. What it says of shapes, labels and options that are wrong, it says in the name of `who`. */
export function inNameOf<T>(who: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    const Kind = isMetricLearningError(error) ? kinds.get(error.code) : undefined
    throw Kind ? new Kind({ ...(error as InstanceType<typeof Kind>).parts, who }) : error
  }
}
