import * as tf from '@tensorflow/tfjs-core'
import { expectNumber } from '../errors/expectations.js'
import type { JoinedUpdate } from './joined-optimizer.js'

/** What Adam and AdamW have in common. */
export interface AdamMoments {
  /** β₁, decay of the first moment. Default 0.9. */
  readonly beta1?: number
  /** β₂, decay of the second moment. Default 0.999. */
  readonly beta2?: number
  /** ε, added to √v̂. Default 1e-8. */
  readonly epsilon?: number
}

/** Names of {@link AdamMoments}. */
export const ADAM_MOMENTS = ['beta1', 'beta2', 'epsilon']

/** Fills in the defaults. */
export function adamMoments(who: string, options: AdamMoments): Required<AdamMoments> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options
  expectNumber(who, 'beta1', beta1, { min: 0, max: 1 })
  expectNumber(who, 'beta2', beta2, { min: 0, max: 1 })
  expectNumber(who, 'epsilon', epsilon, { min: 0 })
  return { beta1, beta2, epsilon }
}

/**
 * What Adam takes from the parameters in a step, after moving its moments:
 *
 *     m ← β₁m + (1 - β₁)g      v ← β₂v + (1 - β₂)g²
 *     α · (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * The corrections c = 1 - βᵗ are what moves from step to step, c ← βc + (1 - β): to take βᵗ from 1 would
 * leave of 1 - 0.999 no more than five digits.
 */
export function adamStep(step: JoinedUpdate, gradient: tf.Tensor1D, moments: Required<AdamMoments>): tf.Tensor1D {
  const { beta1, beta2, epsilon } = moments
  const m = step.move('m', (old) => tf.add(tf.mul(old, beta1), tf.mul(gradient, 1 - beta1)))
  const v = step.move('v', (old) => tf.add(tf.mul(old, beta2), tf.mul(tf.square(gradient), 1 - beta2)))
  const correction1 = step.moveScalar('correction1', (old) => tf.add(tf.mul(old, beta1), 1 - beta1))
  const correction2 = step.moveScalar('correction2', (old) => tf.add(tf.mul(old, beta2), 1 - beta2))
  const denominator = tf.add(tf.div(tf.sqrt(v), tf.sqrt(correction2)), epsilon)
  return tf.mul(tf.div(m, denominator), tf.div(step.rate, correction1))
}
