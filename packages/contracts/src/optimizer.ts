import type * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from './parameters.js'

/** Changes parameters by their gradients, inside the step. Everything it remembers is a variable, saved with the run. */
export interface Optimizer {
  /** Takes effect at the next step. */
  learningRate: number
  /**
   * Updates the parameters that have a gradient and leaves the others alone.
   *
   * @param gradients by the names of `parameters`
   */
  apply(parameters: Parameters, gradients: ReadonlyMap<string, tf.Tensor>): void
  /** Moments and counters by name; filled by the first update. */
  readonly slots: Parameters
  dispose(): void
}
