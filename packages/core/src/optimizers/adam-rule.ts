import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectFixedNumber } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'
import { expectDecayedParameters, type DecayedParameters } from './decayed-parameters.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

/** Options that Adam and AdamW have in common. */
export interface AdamMoments {
  /** α. Default 0.001. */
  readonly learningRate?: Schedulable
  /** β₁, decay of the first moment. Default 0.9. */
  readonly beta1?: number
  /** β₂, decay of the second moment. Default 0.999. */
  readonly beta2?: number
  /** ε, added to √v̂. Default 1e-8. */
  readonly epsilon?: number
}

/** Weight decay of Adam or AdamW. */
export interface AdamDecay {
  /** Which parameters it shrinks: `'matrices'` spares biases and norms. Default `'all'`. */
  readonly weightDecayOf?: DecayedParameters
}

/** All options of Adam or AdamW. */
export type AdamSettings = Required<AdamMoments & AdamDecay> & {
  /** λ, which means something else to each of them. */
  readonly weightDecay: number
}

/** Those that no step changes. */
export type AdamConstants = Omit<AdamSettings, 'learningRate' | 'weightDecayOf'>

/**
 * Checks options and fills in what was left out.
 *
 * @param defaultDecay λ where none is given
 * @throws {OptionError} when an option is unknown or out of range.
 */
export function adamSettings(who: string, options: Partial<AdamSettings>, defaultDecay: number): AdamSettings {
  expectKnownOptions(who, options, ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'weightDecayOf'])
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = defaultDecay, weightDecayOf = 'all' } = options
  expectFixedNumber(who, 'beta1', beta1, { min: 0, max: 1 })
  expectFixedNumber(who, 'beta2', beta2, { min: 0, max: 1 })
  expectFixedNumber(who, 'epsilon', epsilon, { min: 0 })
  expectFixedNumber(who, 'weightDecay', weightDecay, { min: 0 })
  expectDecayedParameters(who, options.weightDecayOf, weightDecay)
  return { learningRate, beta1, beta2, epsilon, weightDecay, weightDecayOf }
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
 * @returns the rule, by αλ, the part by which parameters shrink before the step. Default: none
 */
export function adamRule({ rate, move }: StepScalars, { beta1, beta2, epsilon }: AdamConstants): (shrink?: tf.Tensor) => UpdateRule {
  const [share1, share2] = [complement(beta1), complement(beta2)]
  const correction1 = move('correction1', (old) => towards(old, tf.scalar(1), share1))
  const root = tf.sqrt(move('correction2', (old) => towards(old, tf.scalar(1), share2)))
  const stepSize = tf.div(tf.mul(rate, root), correction1)
  const offset = tf.mul(root, epsilon)
  return (shrink) => ({
    slots: ['m', 'v'],
    inPlace: { name: 'adam', stepSize, epsilon: offset, beta1, beta2, ...(shrink && { shrink }) },
    next(parameter, gradient, [m, v]) {
      const shrunk = shrink ? tf.sub(parameter, tf.mul(parameter, shrink)) : parameter
      const first = towards(m!, gradient, share1)
      const second = towards(v!, tf.square(gradient), share2)
      return [tf.sub(shrunk, tf.div(tf.mul(first, stepSize), tf.add(tf.sqrt(second), offset))), first, second]
    },
  })
}

const towards = <T extends tf.Tensor>(from: T, to: T, share: number): T => tf.add(from, tf.mul(tf.sub(to, from), share))

/** 1 - β as float32 gives it for the float32 nearest to β. */
const complement = (beta: number): number => Math.fround(1 - Math.fround(beta))
