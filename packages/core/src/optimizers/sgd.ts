import * as tf from '@tensorflow/tfjs-core'
import { expectBoolean, expectFixedNumber, expectKnownOptions, OptionError } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'
import { expectDecayedParameters, type DecayedParameters } from './decayed-parameters.js'
import { JoinedOptimizer } from './joined-optimizer.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** α. Default 0.001. */
  readonly learningRate?: Schedulable
  /** μ. Default 0. */
  readonly momentum?: number
  /** Looks ahead by one step of the momentum, which must not be 0. Default false. */
  readonly nesterov?: boolean
  /** λ: adds λθ to the gradient. Default 0. */
  readonly weightDecay?: number
  /** Which parameters it shrinks: `'matrices'` spares biases and norms. Default `'all'`. */
  readonly weightDecayOf?: DecayedParameters
}

/**
 * Stochastic gradient descent; as `torch.optim.SGD` without dampening.
 *
 *     g ← g + λθ      b ← μb + g
 *     θ ← θ - α · b, or, with `nesterov`, θ ← θ - α · (g + μb)
 *
 * @throws {OptionError} when an option is unknown or out of range, or `nesterov` comes without momentum.
 * @see Sutskever et al., On the importance of initialization and momentum in deep learning (2013), section 2.
 */
export class SGD extends JoinedOptimizer {
  private readonly momentum: number
  private readonly nesterov: boolean
  private readonly weightDecay: number

  constructor(options: SGDOptions = {}) {
    expectKnownOptions('SGD', options, ['learningRate', 'momentum', 'nesterov', 'weightDecay', 'weightDecayOf'])
    const { learningRate = 1e-3, momentum = 0, nesterov = false, weightDecay = 0, weightDecayOf } = options
    expectBoolean('SGD', 'nesterov', nesterov)
    expectFixedNumber('SGD', 'momentum', momentum, { min: 0 })
    expectFixedNumber('SGD', 'weightDecay', weightDecay, { min: 0 })
    if (nesterov && momentum === 0) {
      throw new OptionError({
        who: 'SGD',
        wanted: '`nesterov` with a momentum above 0',
        got: 'momentum 0',
        fix: 'Pass a `momentum`, such as 0.9, or leave `nesterov` out.',
      })
    }
    expectDecayedParameters('SGD', weightDecayOf, weightDecay)
    super('SGD', learningRate, weightDecayOf)
    this.momentum = momentum
    this.nesterov = nesterov
    this.weightDecay = weightDecay
  }

  protected rule({ rate }: StepScalars): UpdateRule {
    const weightDecay = this.weightDecay
    const [momentum, nesterov] = [this.momentum, this.nesterov]
    if (momentum === 0) {
      return {
        slots: [],
        weightDecay,
        inPlace: { name: 'descent', rate },
        next: (parameter, gradient) => [tf.sub(parameter, tf.mul(gradient, rate))],
      }
    }
    return {
      slots: ['momentum'],
      weightDecay,
      inPlace: { name: 'momentum', rate, momentum, nesterov },
      next(parameter, gradient, [old]) {
        const moved = tf.add(tf.mul(old!, momentum), gradient)
        const step = nesterov
          ? tf.add(tf.mul(gradient, rate), tf.mul(tf.mul(moved, momentum), rate))
          : tf.mul(moved, rate)
        return [tf.sub(parameter, step), moved]
      },
    }
  }
}
