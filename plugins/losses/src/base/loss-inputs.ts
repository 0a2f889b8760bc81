import * as tf from '@tensorflow/tfjs-core'
import {
  LabelError,
  OptionError,
  ShapeError,
  type Block,
  type BlockInputs,
  type Distance,
  type LabelRelations,
  type PairIndices,
  type PairSelection,
  type Selection,
  type SelectionIndices,
  type TripletSelection,
} from '@metric-learning/contracts'
import {
  blockwise,
  drawTriplets,
  elementWeights,
  expectSelection,
  gatherColumns,
  isAbove,
  joinPairs,
  mapRule,
  nextDrawPosition,
  rowsOfBlock,
  selectAllPairs,
  selectionFromIndices,
  toPairRule,
  toPairSelection,
  withoutGradient,
  type Comparison,
  type Draws,
} from '@metric-learning/ops'
import type { DrawnTripletsOptions } from './drawn-triplets.js'
import type { Triplets } from '../terms/over-triplets.js'

/** Positive pairs by anchor; k is the largest number of positives of an anchor. */
export interface PositivePairs {
  /** For each anchor the reference rows of its positives, padded: int32 [n, k]. */
  readonly positiveIndex: tf.Tensor2D
  /** How often each pair is selected; 0 at padding: float32 [n, k]. */
  readonly weights: tf.Tensor2D
}

/** What {@link LossInputs} are made with. */
export interface LossInputsOptions {
  readonly distance: Distance | undefined
  readonly selection?: Selection | SelectionIndices | undefined
  /** Where random draws stand. Default: as the buffers of the loss say. */
  readonly position?: tf.Tensor1D | undefined
  /** Default true. */
  readonly isLabelled?: boolean
  /** Of some rows of the references: the first of them. Default: the embeddings are others, or the references themselves. */
  readonly diagonal?: number
}

/** What {@link LossInputs} of a block of anchors are made of. */
export interface BlockedInputs extends Required<BlockInputs> {
  of(block: Block): LossInputs
}

/**
 * What a loss computes its terms from. The selection comes in the form that the loss asks for,
 * whatever the caller passed; its weights are constants, no gradient flows through them.
 */
export class LossInputs implements Comparison {
  readonly embeddings: tf.Tensor2D
  readonly references: tf.Tensor2D
  readonly relations: LabelRelations
  /** False when there are no labels: every row then counts as a class of its own. */
  readonly isLabelled: boolean
  /** The name of the loss, for errors. */
  readonly who: string
  readonly #distance: Distance | undefined
  readonly #selection: Selection | SelectionIndices | undefined
  readonly #position: tf.Tensor1D | undefined
  readonly #diagonal: number | undefined
  #distances: tf.Tensor2D | undefined
  #positivePairs: PositivePairs | undefined

  /**
   * @throws {OptionError} when the selection is of no known form.
   * @throws {ShapeError} when it is not one of n anchors and m references.
   */
  constructor(who: string, comparison: Comparison, { distance, selection, position, diagonal, isLabelled = true }: LossInputsOptions) {
    this.#distance = distance
    this.#diagonal = diagonal
    this.embeddings = comparison.embeddings
    this.references = comparison.references
    this.relations = comparison.relations
    this.isLabelled = isLabelled
    this.who = who
    this.#selection = selection
    this.#position = position
    if (selection) expectSelection(who, selection, comparison.relations)
  }

  /**
   * How the loss compares embeddings.
   *
   * @throws {OptionError} of a loss with the distance `'none'`.
   */
  get distance(): Distance {
    if (this.#distance) return this.#distance
    throw new OptionError({ who: this.who, wanted: 'a formula without distances', got: 'one that asks for them', fix: "Name a `distance` other than 'none'." })
  }

  /** Between every embedding and every reference, as {@link distance} gives it: float32 [n, m]. */
  distances(): tf.Tensor2D {
    if (!this.#distances || this.#distances.isDisposed) this.#distances = this.distance.matrix(this.embeddings, this.references, this.#diagonal)
    return this.#distances
  }

  /**
   * The same of each embedding and some references, by their rows: float32 [n, t]. Where these are few, nobody asks for all of them;
   * where there is no room for so many at once, or for {@link distances} as a whole, in blocks of anchors.
   *
   * @param index int32 [n, t]
   */
  distancesAt(index: tf.Tensor2D): tf.Tensor2D {
    const { referenceCount } = this.relations
    const picked = index.shape[1]
    if (fewerThanAll * picked <= referenceCount) return this.#oneByOne(index, rowsOfBlock(picked * this.references.shape[1]))
    const size = rowsOfBlock(referenceCount)
    return size < index.shape[0] ? this.#lookedUp(index, size) : gatherColumns(this.distances(), index)
  }

  /** The same among references: float32 [m, m]. */
  distancesAmongReferences(): tf.Tensor2D {
    return this.references === this.embeddings ? this.distances() : this.distance.matrix(this.references)
  }

  /**
   * The selected pairs; without a selection all that the labels allow.
   *
   * @param countRepeats with false a negative pair counts once, however often it is selected
   */
  pairs(countRepeats = true): PairSelection {
    const selection = this.#dense()
    if (!selection) return selectAllPairs(this.relations)
    const { positive, negative } = toPairSelection(selection)
    return { kind: 'pairs', positive: constant(positive), negative: countRepeats ? constant(negative) : isAbove(negative, 0) }
  }

  /**
   * {@link pairs} as sets: 1 where a pair is selected, however often.
   *
   * @throws {ShapeError} when a list of pairs has one as positive and as negative.
   */
  pairMasks(): PairSelection {
    if (this.indices && 'anchor1' in this.indices) expectDisjoint(this.who, this.indices, this.relations.referenceCount)
    const pairs = this.pairs(false)
    return this.#selection ? { ...pairs, positive: isAbove(pairs.positive, 0) } : pairs
  }

  /**
   * The selected positive pairs by anchor, for losses whose memory would be O(n m²) otherwise. Pairs that a
   * miner selected densely are looked up among the positives that the labels give.
   */
  positivePairs(): PositivePairs {
    if (!this.#positivePairs || this.#positivePairs.weights.isDisposed) this.#positivePairs = this.#findPositivePairs()
    return this.#positivePairs
  }

  #findPositivePairs(): PositivePairs {
    const given = this.#selection
    const { positiveIndex, positiveIndexMask } = this.relations
    if (!given) return { positiveIndex, weights: positiveIndexMask }
    if ('kind' in given && given.kind === 'pairs') {
      const chosen = constant(tf.mul<tf.Tensor2D>(gatherColumns(given.positive, positiveIndex), positiveIndexMask))
      return { positiveIndex, weights: chosen }
    }
    const triplets = 'anchor1' in given ? asTriplets(given, this.relations) : (this.#dense() as Exclude<Selection, PairSelection>)
    if (triplets.kind === 'pickedTriplets') return { positiveIndex: triplets.positiveIndex, weights: constant(triplets.weights) }
    if (triplets.kind === 'tripletRule') return { positiveIndex: triplets.positiveIndex, weights: mapRule(triplets, (weights) => tf.sum<tf.Tensor2D>(weights, 2)) }
    return { positiveIndex: triplets.positiveIndex, weights: constant(tf.sum<tf.Tensor2D>(triplets.weights, 2)) }
  }

  /** 1 where a negative pair is selected, otherwise 0: float32 []. Without a selection all that the labels allow. */
  hasNegatives(): tf.Scalar {
    const selection = this.#selection
    // Each triplet has a pair of either kind.
    const isOfTriplets = selection && ('kind' in selection ? selection.kind !== 'pairs' : 'anchor' in selection)
    return withoutGradient(() => tf.cast(tf.greater(tf.max(isOfTriplets ? this.positivePairs().weights : this.pairs().negative), 0), 'float32'))
  }

  /** Whether the loss looks at what was selected; otherwise at all that the labels allow. */
  get isSelected(): boolean {
    return this.#selection !== undefined
  }

  /** The selection by row numbers, when it came so: for losses that care about its order. */
  get indices(): SelectionIndices | undefined {
    const selection = this.#selection
    return selection && !('kind' in selection) ? selection : undefined
  }

  /**
   * The selected triplets; without a selection those that are drawn, or else all that the labels allow.
   *
   * @param options how many are drawn of each anchor, and the seed. Default: none
   * @param buffer for {@link draws}; absent where none are drawn
   * @throws {LabelError} when a miner's pairs come without labels.
   */
  triplets(options: DrawnTripletsOptions = { tripletsPerAnchor: 'all', seed: 0 }, buffer?: tf.Variable): Triplets {
    const { tripletsPerAnchor, seed } = options
    if (tripletsPerAnchor === 'all' || !buffer || this.#selection) return this.#selectedTriplets()
    return drawTriplets(this.relations, tripletsPerAnchor, this.draws(buffer, seed))
  }

  /**
   * What random draws follow from: the position that the caller gave, or else that of a buffer of the loss, which moves on.
   *
   * @param buffer holds a `firstDrawPosition` of ops
   */
  draws(buffer: tf.Variable, seed: number): Draws {
    return { position: this.#position ?? nextDrawPosition(buffer as tf.Variable<tf.Rank.R1>), purpose: this.who, seed }
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

  /** The same, counting embeddings as anchors only. */
  anchorWeights(): tf.Tensor1D | undefined {
    const selection = this.#dense()
    return selection && withoutGradient(() => elementWeights(selection, { sameSet: false, queryCount: this.relations.queryCount }))
  }

  /**
   * The same of some anchors at a time, for formulas in which all that an anchor has follows from it, its pairs and the references.
   * `undefined` where what is selected has to be looked at as a whole: lists of row numbers, and triplets.
   */
  byBlocks(): BlockedInputs | undefined {
    const selection = this.#selection
    if (selection && !('kind' in selection && selection.kind === 'pairs')) return undefined
    const { constants, whole, of } = this.relations.byBlocks()
    const isOneSet = this.references === this.embeddings
    const pairs = selection && toPairRule(selection)
    return {
      rows: [this.embeddings],
      whole: [this.references, ...whole, ...(pairs?.whole ?? [])],
      constants: [...constants, ...(pairs?.constants ?? [])],
      of: ({ rows: [embeddings], whole: [references, ...ofAll], constants: ofBlock, start }) => {
        const relations = of({ constants: ofBlock.slice(0, constants.length), whole: ofAll.slice(0, whole.length) })
        const weights = pairs && withoutGradient(() => {
          const { positive, negative } = pairs.weights({ constants: ofBlock.slice(constants.length), whole: ofAll.slice(whole.length), start })
          return { positive, negative }
        })
        return new LossInputs(this.who, { embeddings: embeddings as tf.Tensor2D, references: references as tf.Tensor2D, relations }, {
          distance: this.#distance,
          isLabelled: this.isLabelled,
          ...(isOneSet && { diagonal: start }),
          ...(weights && { selection: { kind: 'pairs', ...weights } }),
        })
      },
    }
  }

  #oneByOne(index: tf.Tensor2D, size: number): tf.Tensor2D {
    const inputs = { rows: [this.embeddings], whole: [this.references], constants: [index] }
    return blockwise(inputs, size, ({ rows: [from], whole: [to], constants: [at] }) => {
      const { distance } = this
      if (distance.matrixAt) return distance.matrixAt(from as tf.Tensor2D, to as tf.Tensor2D, at as tf.Tensor2D)
      const [rows, picked] = at!.shape as [number, number]
      const references = tf.gather(to as tf.Tensor2D, tf.reshape<tf.Rank.R1>(at!, [-1]))
      const anchors = picked === 1 ? from! : tf.reshape(tf.tile(tf.expandDims(from!, 1), [1, picked, 1]), [rows * picked, -1])
      return tf.reshape(distance.betweenRows(anchors as tf.Tensor2D, references), [rows, picked])
    }) as tf.Tensor2D
  }

  #lookedUp(index: tf.Tensor2D, size: number): tf.Tensor2D {
    const isOneSet = this.references === this.embeddings
    const inputs = { rows: [this.embeddings], whole: [this.references], constants: [index] }
    return blockwise(inputs, size, ({ rows: [from], whole: [to], constants: [at], start }) => {
      const matrix = this.distance.matrix(from as tf.Tensor2D, to as tf.Tensor2D, isOneSet ? start : undefined)
      return gatherColumns(matrix, at as tf.Tensor2D)
    }) as tf.Tensor2D
  }

  #selectedTriplets(): Triplets {
    const given = this.#selection
    if (given && 'kind' in given && given.kind === 'pairs' && !this.isLabelled) {
      throw new LabelError({
        who: this.who,
        wanted: '`labels`, to join the pairs of a miner to triplets',
        got: 'none',
        fix: 'Pass labels, or triplets, or pairs by row numbers.',
      })
    }
    const selection = given && 'anchor1' in given ? selectionFromIndices(joinPairs(given), this.relations) : this.#dense()
    if (selection?.kind === 'pickedTriplets' || selection?.kind === 'tripletRule') return selection
    if (selection?.kind === 'triplets') return { positiveIndex: selection.positiveIndex, parts: [constant(selection.weights)] }
    const { positiveIndex, positiveIndexMask } = this.relations
    if (!selection) return { positiveIndex, parts: [positiveIndexMask, this.relations.negatives()] }
    const positive = tf.mul<tf.Tensor2D>(gatherColumns(selection.positive, positiveIndex), positiveIndexMask)
    return { positiveIndex, parts: [constant(positive), constant(selection.negative)] }
  }

  #dense(): Selection | undefined {
    const selection = this.#selection
    if (!selection || 'kind' in selection) return selection
    return selectionFromIndices(selection, this.relations)
  }
}

/** The positive pairs of a list, each with the reference 0 as its negative. */
function asTriplets({ anchor1, positive }: PairIndices, relations: LabelRelations): TripletSelection {
  const negative = new Int32Array(anchor1.length)
  return selectionFromIndices({ anchor: anchor1, positive, negative }, relations) as TripletSelection
}

/** With so many times fewer references than there are, rows by themselves cost less than a product of matrices. */
const fewerThanAll = 16

const constant = <T extends tf.Tensor>(tensor: T): T => withoutGradient(() => tf.clone(tensor))

function expectDisjoint(who: string, { anchor1, positive, anchor2, negative }: PairIndices, references: number): void {
  const positives = new Set(Array.from(anchor1, (anchor, i) => anchor * references + positive[i]!))
  const both = Array.from(anchor2).findIndex((anchor, i) => positives.has(anchor * references + negative[i]!))
  if (both === -1) return
  throw new ShapeError({
    who,
    wanted: 'pairs that are either positive or negative',
    got: `(${anchor2[both]}, ${negative[both]}) as both`,
    fix: 'Take it out of one of the lists.',
  })
}
