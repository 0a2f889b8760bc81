import * as tf from '@tensorflow/tfjs-core'
import { expectNumber } from '../errors/expectations.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

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
 * Adam's rule, in the form in which TensorFlow computes it, so that compiled steps give the same numbers:
 *
 *     m ← m + (1 - β₁)(g - m)      v ← v + (1 - β₂)(g² - v)
 *     θ ← θ - m · (α√c₂ / c₁) / (√v + ε√c₂)      c = 1 - βᵗ
 *
 * which is θ - α · (m / c₁) / (√(v / c₂) + ε). The corrections c are what moves from step to step,
 * c ← c + (1 - β)(1 - c): to take βᵗ from 1 would leave of 1 - 0.999 no more than five digits.
 *
 * @param shrink αλ, the part by which parameters shrink before the step
 */
export function adamRule({ rate, move }: StepScalars, moments: Required<AdamMoments>, shrink?: tf.Tensor): UpdateRule {
  const { beta1, beta2, epsilon } = moments
  const [share1, share2] = [complement(beta1), complement(beta2)]
  const correction1 = move('correction1', (old) => towards(old, tf.scalar(1), share1))
  const root = tf.sqrt(move('correction2', (old) => towards(old, tf.scalar(1), share2)))
  const stepSize = tf.div(tf.mul(rate, root), correction1)
  const offset = tf.mul(root, epsilon)
  return {
    slots: ['m', 'v'],
    inPlace: { name: 'adam', stepSize, epsilon: offset, beta1, beta2, ...(shrink && { shrink }) },
    next(parameter, gradient, [m, v]) {
      const shrunk = shrink ? tf.sub(parameter, tf.mul(parameter, shrink)) : parameter
      const first = towards(m!, gradient, share1)
      const second = towards(v!, tf.square(gradient), share2)
      return [tf.sub(shrunk, tf.div(tf.mul(first, stepSize), tf.add(tf.sqrt(second), offset))), first, second]
    },
  }
}

const towards = <T extends tf.Tensor>(from: T, to: T, share: number): T => tf.add(from, tf.mul(tf.sub(to, from), share))

/** 1 - β as float32 gives it for the float32 nearest to β. */
const complement = (beta: number): number => Math.fround(1 - Math.fround(beta))
