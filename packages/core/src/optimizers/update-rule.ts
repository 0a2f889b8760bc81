import type * as tf from '@tensorflow/tfjs-core'
import type { InPlaceRule } from '@metric-learning/ops'

/** How one step changes parameters, of whatever shape. */
export interface UpdateRule {
  /** Names of what is remembered of each parameter, zeros at first. */
  readonly slots: readonly string[]
  /** λ: adds λθ to the gradient. Default 0. */
  readonly weightDecay?: number
  /**
   * The step itself, element by element.
   *
   * @param parameter θ
   * @param gradient g
   * @param slots in the order of their names
   * @returns θ after the step, then each slot after it
   */
  next(parameter: tf.Tensor, gradient: tf.Tensor, slots: readonly tf.Tensor[]): readonly tf.Tensor[]
  /** What of it is another without weight decay, beside `weightDecay` itself. Default nothing. */
  readonly undecayed?: Pick<UpdateRule, 'next' | 'inPlace'>
  /** The same by name, if backends may know it. */
  readonly inPlace?: InPlaceRule
}

/** What a rule may depend on besides parameter and gradient. */
export interface StepScalars {
  /** α. */
  readonly rate: tf.Tensor
  /** Moves a number that is remembered from step to step, 0 at first; returns its new value. */
  move(name: string, next: (old: tf.Scalar) => tf.Scalar): tf.Scalar
}
