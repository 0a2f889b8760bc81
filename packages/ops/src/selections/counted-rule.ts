import * as tf from '@tensorflow/tfjs-core'
import type { TripletRule } from '@metric-learning/contracts'
import { withoutGradient } from '../gradients/without-gradient.js'

/**
 * A rule that sums its weights up while a loss forms them, block by block: to form them once more would cost as much again where the
 * triplets are too many for one block.
 */
export class CountedRule {
  /** Gives the same weights. */
  readonly rule: TripletRule
  #sums: tf.Scalar[] | undefined = []

  constructor(given: TripletRule) {
    this.rule = {
      ...given,
      weights: (block) => {
        const weights = given.weights(block)
        this.#sums?.push(tf.keep(withoutGradient(() => tf.sum<tf.Scalar>(weights))))
        return weights
      },
    }
  }

  /** What was summed up until now, above 0 where anything is selected; `undefined` where nobody asked for weights. */
  get total(): tf.Scalar | undefined {
    return this.#sums?.length ? withoutGradient(() => tf.addN(this.#sums!)) : undefined
  }

  /** Counts no more: the way back forms the weights again. */
  dispose(): void {
    tf.dispose(this.#sums ?? [])
    this.#sums = undefined
  }
}
