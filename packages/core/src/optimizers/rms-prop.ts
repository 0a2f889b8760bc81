import * as tf from '@tensorflow/tfjs-core'
import { expectBoolean, expectFixedNumber, expectKnownOptions } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'
import { expectDecayedParameters, type DecayedParameters } from './decayed-parameters.js'
import { JoinedOptimizer } from './joined-optimizer.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

/** Options of {@link RMSprop}. */
export interface RMSpropOptions {
  /** α. Default 0.01. */
  readonly learningRate?: Schedulable
  /** ρ, decay of the mean of squares; `alpha` in PyTorch. Default 0.99. */
  readonly decay?: number
  /** ε, added to the root. Default 1e-8. */
  readonly epsilon?: number
  /** μ. Default 0. */
  readonly momentum?: number
  /** Divides by the standard deviation instead of the root mean square. Default false. */
  readonly centered?: boolean
  /** λ: adds λθ to the gradient. Default 0. */
  readonly weightDecay?: number
  /** Which parameters it shrinks: `'matrices'` spares biases and norms. Default `'all'`. */
  readonly weightDecayOf?: DecayedParameters
}

/**
 * RMSprop; as `torch.optim.RMSprop`.
 *
 *     g ← g + λθ      v ← ρv + (1 - ρ)g²      a ← ρa + (1 - ρ)g
 *     d = g / (√v + ε), or, when `centered`, g / (√(v - a²) + ε)
 *     b ← μb + d      θ ← θ - α · b
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Hinton, Neural Networks for Machine Learning (2012), lecture 6e; Graves, arXiv:1308.0850, eq. 38 to 45.
 */
export class RMSprop extends JoinedOptimizer {
  private readonly options: Required<Omit<RMSpropOptions, 'learningRate' | 'weightDecayOf'>>

  constructor(options: RMSpropOptions = {}) {
    const known = ['learningRate', 'decay', 'epsilon', 'momentum', 'centered', 'weightDecay', 'weightDecayOf']
    expectKnownOptions('RMSprop', options, known)
    const { learningRate = 0.01, decay = 0.99, epsilon = 1e-8, momentum = 0, centered = false, weightDecay = 0, weightDecayOf } = options
    expectBoolean('RMSprop', 'centered', centered)
    expectFixedNumber('RMSprop', 'decay', decay, { min: 0, max: 1 })
    for (const [option, value] of Object.entries({ epsilon, momentum, weightDecay })) {
      expectFixedNumber('RMSprop', option, value, { min: 0 })
    }
    expectDecayedParameters('RMSprop', weightDecayOf, weightDecay)
    super('RMSprop', learningRate, weightDecayOf)
    this.options = { decay, epsilon, momentum, centered, weightDecay }
  }

  protected rule({ rate }: StepScalars): UpdateRule {
    const { decay, epsilon, momentum, centered, weightDecay } = this.options
    const blend = (old: tf.Tensor, value: tf.Tensor) => tf.add(tf.mul(old, decay), tf.mul(value, 1 - decay))
    return {
      slots: ['v', ...(centered ? ['a'] : []), ...(momentum === 0 ? [] : ['momentum'])],
      weightDecay,
      next(parameter, gradient, slots) {
        const square = blend(slots[0]!, tf.square(gradient))
        const moved = [square]
        if (centered) moved.push(blend(slots[1]!, gradient))
        const variance = centered ? tf.relu(tf.sub(square, tf.square(moved[1]!))) : square
        const scaled = tf.div(gradient, tf.add(tf.sqrt(variance), epsilon))
        if (momentum !== 0) moved.push(tf.add(tf.mul(slots.at(-1)!, momentum), scaled))
        const direction = momentum === 0 ? scaled : moved.at(-1)!
        return [tf.sub(parameter, tf.mul(direction, rate)), ...moved]
      },
    }
  }
}
