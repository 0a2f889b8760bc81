import * as tf from '@tensorflow/tfjs-core'
import {
  expectShape,
  joinPairs,
  selectAllPairs,
  selectAllTriplets,
  selectionFromIndices,
  toPairSelection,
  toTripletSelection,
  withoutGradient,
  type Comparison,
  type LabelRelations,
  type PairSelection,
  type Selection,
  type SelectionIndices,
  type TripletSelection,
} from '@metric-learning/core'
import { elementWeights } from './element-weights.js'

/**
 * What a loss computes its terms from. The selection comes in the form that the loss asks for,
 * whatever the caller passed; its weights are constants, no gradient flows through them.
 */
export class LossInputs implements Comparison {
  readonly embeddings: tf.Tensor2D
  readonly references: tf.Tensor2D
  readonly relations: LabelRelations
  readonly #selection: Selection | SelectionIndices | undefined

  /** @throws {ShapeError} when the selection is not one of n anchors and m references. */
  constructor(who: string, comparison: Comparison, selection: Selection | SelectionIndices | undefined) {
    this.embeddings = comparison.embeddings
    this.references = comparison.references
    this.relations = comparison.relations
    this.#selection = selection
    if (selection && 'kind' in selection) expectExtents(who, selection, comparison.relations)
  }

  /** The selected pairs; without a selection all that the labels allow. */
  pairs(): PairSelection {
    const selection = this.#dense()
    if (!selection) return selectAllPairs(this.relations)
    const { positive, negative } = toPairSelection(selection)
    return { kind: 'pairs', positive: constant(positive), negative: constant(negative) }
  }

  /** {@link pairs} as sets: 1 where a pair is selected, however often. */
  pairMasks(): PairSelection {
    const { positive, negative } = this.pairs()
    return { kind: 'pairs', positive: tf.step(positive), negative: tf.step(negative) }
  }

  /** The selection by row numbers, when it came so: for losses that care about its order. */
  get indices(): SelectionIndices | undefined {
    const selection = this.#selection
    return selection && !('kind' in selection) ? selection : undefined
  }

  /** The selected triplets; without a selection all that the labels allow. */
  triplets(): TripletSelection {
    const given = this.#selection
    const selection = given && 'anchor1' in given ? selectionFromIndices(joinPairs(given), this.relations) : this.#dense()
    if (!selection) return selectAllTriplets(this.relations)
    const { kind, positiveIndex, weights } = toTripletSelection(selection, this.relations)
    return { kind, positiveIndex, weights: constant(weights) }
  }

  /**
   * How much each embedding matters, for losses that compare embeddings with classes: how often it
   * occurs in the selection, divided by the most frequent one's count. `undefined` = all alike,
   * because there is no selection.
   */
  elementWeights(): tf.Tensor1D | undefined {
    const selection = this.#dense()
    return selection && withoutGradient(() => elementWeights(selection, this.relations))
  }

  #dense(): Selection | undefined {
    const selection = this.#selection
    if (!selection || 'kind' in selection) return selection
    return selectionFromIndices(selection, this.relations)
  }
}

const constant = <T extends tf.Tensor>(tensor: T): T => withoutGradient(() => tf.clone(tensor))

function expectExtents(who: string, selection: Selection, { queryCount, referenceCount }: LabelRelations): void {
  if (selection.kind === 'pairs') {
    expectShape(who, 'selection.positive', selection.positive, [queryCount, referenceCount])
    expectShape(who, 'selection.negative', selection.negative, [queryCount, referenceCount])
  } else {
    const positives = selection.weights.shape[1]
    expectShape(who, 'selection.weights', selection.weights, [queryCount, positives, referenceCount])
    expectShape(who, 'selection.positiveIndex', selection.positiveIndex, [queryCount, positives])
  }
}
