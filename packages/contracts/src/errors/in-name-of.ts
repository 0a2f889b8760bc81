import { LabelError, OptionError, ShapeError } from './metric-learning-error.js'

/** Runs `body`. What it says of shapes, labels and options that are wrong, it says in the name of `who`. */
export function inNameOf<T>(who: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    for (const type of [ShapeError, LabelError, OptionError]) {
      if (error instanceof type) throw new type({ ...error.parts, who })
    }
    throw error
  }
}
