import * as tf from '@tensorflow/tfjs-core'
import { expectBoolean, expectKnownOptions, expectNumber, OptionError, StateError, type State, type Stateful } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'
import { noteUpdate, tensorOf, type Schedulable } from '@metric-learning/ops'

/** Options of {@link exponentialMovingAverage}. */
export interface ExponentialMovingAverageOptions {
  /** d, what stays of the average in a step, in [0, 1]: it is over some 1 / (1 - d) steps. May be scheduled. Default 0.999. */
  readonly decay?: Schedulable
  /** Whether it begins faster: with (1 + t) / (10 + t) in step t, from 0, as long as that is less than `decay`. Default true. */
  readonly warmUp?: boolean
}

/**
 * Keeps an exponential moving average of the weights, which evaluations see, and which is the model when the run has ended:
 *
 *     ā ← dₜ · ā + (1 - dₜ) · w      dₜ = min(decay, (1 + t) / (10 + t))
 *
 * over all parameters and buffers (running means) of the modules that training changes, inside the compiled step, when the optimizers
 * have changed them; it begins as a copy of the weights before the first step. Steps that `accumulateGradients` holds move it as little
 * as they move the weights. Training itself goes on with the weights; a tester with `rawWeights` judges those.
 *
 * Averages are in the run's state, `averages.<module>`, and are what `exportModel` of checkpoints writes. From `hooks.done` on modules hold them,
 * and when the run goes on the weights again. `dispose()` frees the counter of steps.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {PluginError} when the trainer is made, and another plugin averages, too.
 * @see Tan and Le, EfficientNet, arXiv:1905.11946, and timm's `ModelEma`; the decay is that of `tf.train.ExponentialMovingAverage`
 * with `num_updates`.
 */
export function exponentialMovingAverage(options: ExponentialMovingAverageOptions = {}): Plugin & Stateful & { readonly decay: Schedulable; dispose(): void } {
  const name = 'exponentialMovingAverage'
  expectKnownOptions(name, options, ['decay', 'warmUp'])
  const { decay = 0.999, warmUp = true } = options
  expectNumber(name, 'decay', decay, { min: 0, max: 1 })
  if (decay === 1) throw new OptionError({ who: name, wanted: '`decay` below 1', got: '1', fix: 'Pass such as 0.999: with 1 the average would never move.' })
  expectBoolean(name, 'warmUp', warmUp)
  let steps: tf.Variable | undefined

  return {
    name,
    // Public, so that what is scheduled is found, saved and logged.
    decay,
    settings: { decay, warmUp },
    apply(trainer) {
      const weights = trainer.keepAverages()
      const counter = tf.tidy(() => tf.variable(tf.scalar(0), false))
      steps = counter as tf.Variable
      trainer.hooks.updated.tap({ name }, () => {
        tf.tidy(() => {
          const t = counter.clone()
          const kept = warmUp ? tf.minimum(tf.div(tf.add(t, 1), tf.add(t, 10)), tensorOf(decay)) : tensorOf(decay)
          const share = tf.sub(1, kept)
          for (const { weight, average } of weights) {
            const next = tf.add(average, tf.mul(tf.sub(weight, average), share))
            noteUpdate({ rule: { name: 'average', share, of: weight }, variables: [average], next: [next] })
            average.assign(next)
          }
          counter.assign(tf.add(t, 1))
        })
      })
    },
    state: (): State => ({ tensors: new Map(steps && [['steps', steps]]) }),
    restore({ tensors }: State) {
      const saved = tensors?.get('steps')
      if (!saved || !steps) throw new StateError({ who: name, wanted: 'its number of `steps`', got: steps ? 'none' : 'a plugin without a trainer', fix: 'Restore what `state()` gave, in a trainer.' })
      const counter = steps
      tf.tidy(() => {
        counter.assign(tf.clone(saved))
      })
    },
    dispose() {
      steps?.dispose()
      steps = undefined
    },
  }
}
