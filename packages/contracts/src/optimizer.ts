import type * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from './module.js'
import type { Stateful } from './stateful.js'

/**
 * Changes parameters by their gradients, inside the step. Everything it remembers is a variable; its state, learning rate
 * included, is saved with the run.
 */
export interface Optimizer extends Stateful {
  /** Takes effect at the next step. */
  learningRate: number
  /**
   * Makes what it will remember of the parameters that may change, so that it is there before the first step. Called again, it
   * adds what is missing.
   */
  prepare(parameters: Parameters): void
  /**
   * Updates the parameters that have a gradient and leaves the others alone.
   *
   * @param gradients by the names of `parameters`
   */
  apply(parameters: Parameters, gradients: ReadonlyMap<string, tf.Tensor>): void
  /** Moments and counters by name. */
  readonly slots: Parameters
  dispose(): void
}
