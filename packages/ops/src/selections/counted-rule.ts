import * as tf from '@tensorflow/tfjs-core'
import type { Compared, PairRule, Selection, SelectionIndices, TripletRule } from '@metric-learning/contracts'
import { withoutGradient } from '../gradients/without-gradient.js'
import { foundFor, foundInPairs } from './is-empty-selection.js'
import { pairsByRule, ruleOf } from './pair-rules.js'

/**
 * A selection by a rule that adds up what is found while a loss forms the weights, block by block: to form them once more would cost as
 * much again where they are too many for one block.
 */
export class CountedRule {
  /** Gives the same weights. */
  readonly selection: Selection
  readonly #totalOf: (sum: tf.Tensor) => tf.Scalar
  #sums: tf.Tensor[] | undefined = []

  /** `undefined` of a selection that goes by no rule. */
  static of(selection: Selection | SelectionIndices | undefined, compares: Compared): CountedRule | undefined {
    if (!selection || !('kind' in selection)) return undefined
    if (selection.kind === 'tripletRule') return new CountedRule(selection, compares)
    const rule = selection.kind === 'pairs' ? ruleOf(selection) : undefined
    return rule && new CountedRule(rule, compares)
  }

  private constructor(given: TripletRule | PairRule, compares: Compared) {
    const isOfTriplets = 'kind' in given
    this.selection = isOfTriplets
      ? { ...given, weights: (block) => this.#counted(given.weights(block), tf.sum) }
      : pairsByRule({ ...given, weights: (block) => this.#counted(given.weights(block), foundInPairs) })
    this.#totalOf = isOfTriplets ? (sum) => sum as tf.Scalar : (sum) => foundFor(sum as tf.Tensor1D, compares)
  }

  /** What was added up until now, above 0 where the loss finds something; `undefined` where nobody asked for weights. */
  get total(): tf.Scalar | undefined {
    return this.#sums?.length ? withoutGradient(() => this.#totalOf(tf.addN(this.#sums!))) : undefined
  }

  /** Counts no more: the way back forms the weights again. */
  dispose(): void {
    tf.dispose(this.#sums ?? [])
    this.#sums = undefined
  }

  #counted<T>(weights: T, found: (weights: T) => tf.Tensor): T {
    this.#sums?.push(tf.keep(withoutGradient(() => found(weights))))
    return weights
  }
}
