import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm, TermBlock } from '@metric-learning/contracts'
import { blockwise, gatherColumns, rowsOfBlock, withoutGradient, type DrawnTriplets } from '@metric-learning/ops'
import { constant, sortOperands, type MarkedOperand, type Operands, type OperandValues } from './by-anchor.js'
import { blockedTerm } from './over-pairs.js'

/** How often each triplet of an anchor, its j-th positive and a negative is selected; constants. */
export interface TripletWeights {
  /** For each anchor the reference rows of its positives, padded: int32 [n, k]. */
  readonly positiveIndex: tf.Tensor2D
  /** The weights [n, k, m] themselves, or what they are products of: weights of positives [n, k] and of negatives [n, m]. */
  readonly parts: readonly [tf.Tensor3D] | readonly [ofPositives: tf.Tensor2D, ofNegatives: tf.Tensor2D]
}

/** All triplets with their weights, or some that were drawn. */
export type Triplets = TripletWeights | DrawnTriplets

/** Distances that triplets are made of. */
export interface TripletDistances {
  /** From anchors to references: float32 [n, m]. */
  readonly distances: tf.Tensor2D
  /** Among references, where a formula asks for the distance of positive and negative: float32 [m, m]. */
  readonly amongReferences?: tf.Tensor2D | undefined
}

/** What a formula over triplets gets of some anchors; each broadcasts to the triplets [rows, k, m], or [rows, t, 1] of drawn ones. */
export interface TripletOperands {
  /** From anchor to positive. */
  readonly ap: tf.Tensor
  /** From anchor to negative. */
  readonly an: tf.Tensor
  /** From positive to negative; absent without {@link TripletDistances.amongReferences}. */
  readonly pn: tf.Tensor | undefined
  /** How often each triplet counts. */
  readonly weights: tf.Tensor
}

/** The values of triplets, and what a DivisorReducer divides them by: this block's part of it. */
export type TripletValues = tf.Tensor | { readonly values: tf.Tensor; readonly divisor: tf.Scalar }

type TripletFormula<O extends Operands, R> = (operands: TripletOperands & OperandValues<O>) => R

/**
 * A term with a value for each triplet.
 *
 * @param formula from the distances in a triplet, and `operands` beside them (each [n, 1, 1], or shared), to its values. Knows no
 * other tensors (but variables), and is called more than once
 * @example overTriplets(triplets, { distances }, ({ ap, an }) => relu(tf.add(tf.sub(ap, an), margin)))
 */
export function overTriplets<const O extends Operands = Record<never, never>>(
  triplets: Triplets,
  between: TripletDistances,
  formula: TripletFormula<O, TripletValues>,
  operands?: O,
): LossTerm {
  const { inputs, compute } = tripletInputs(triplets, between, operands, (all): TermBlock => {
    const values = formula(all)
    return 'values' in values ? { ...values, weights: all.weights } : { values, weights: all.weights }
  })
  return blockedTerm('triplet', { ...inputs, size: rowsOfBlock(triplesPerAnchor(triplets, between)), compute })
}

/**
 * What a formula gives for the triplets of some anchors at a time, joined along its first axis: for sums over all triplets that
 * need no value of each.
 *
 * @param tensors of the size of the triplets that the formula holds at once
 */
export function foldTriplets(triplets: Triplets, between: TripletDistances, formula: TripletFormula<Operands, tf.Tensor>, tensors = 1): tf.Tensor {
  const { inputs, compute } = tripletInputs(triplets, between, undefined, formula)
  return blockwise(inputs, rowsOfBlock(tensors * triplesPerAnchor(triplets, between)), compute)
}

/** What the values of a term over triplets, whole or in blocks, are to be divided by. */
export function divisorOf(term: LossTerm): tf.Scalar {
  const { blocks } = term
  if (!blocks) return term.divisor!
  return withoutGradient(() => tf.sum<tf.Scalar>(blockwise(blocks, blocks.size, (block) => tf.reshape(blocks.compute(block).divisor!, [1]))))
}

/** How many triplets of each anchor are selected: float32 [n]. */
export function tripletCounts(triplets: Triplets): tf.Tensor1D {
  if ('weights' in triplets) return tf.sum(triplets.weights, 1)
  const [first, ofNegatives] = triplets.parts
  if (!ofNegatives) return tf.sum(first, [1, 2])
  return tf.mul<tf.Tensor1D>(tf.sum(first, 1), tf.sum(ofNegatives, 1))
}

const triplesPerAnchor = (triplets: Triplets, { distances }: TripletDistances): number =>
  'parts' in triplets ? triplets.positiveIndex.shape[1] * distances.shape[1] : triplets.positiveIndex.shape[1]

function tripletInputs<O extends Operands, R>(
  triplets: Triplets,
  { distances, amongReferences }: TripletDistances,
  operands: O | undefined,
  formula: TripletFormula<O, R>,
) {
  const pn = (of: (among: tf.Tensor2D) => tf.Tensor | MarkedOperand) => (amongReferences ? { pn: of(amongReferences) } : undefined)
  if ('weights' in triplets) {
    // Drawn ones are few: their distances are looked up at once.
    const { positiveIndex, negativeIndex, weights } = triplets
    const each = (tensor: tf.Tensor) => tf.expandDims(tensor, 2)
    const [ap, an] = [each(gatherColumns(distances, positiveIndex)), each(gatherColumns(distances, negativeIndex))]
    const own = { ap, an, ...pn((among) => each(elementsAt(among, positiveIndex, negativeIndex))), weights: constant(each(weights)) }
    const { inputs, named } = sortOperands({ ...operands, ...own })
    return { inputs, compute: (block: Parameters<typeof named>[0]): R => formula(named(block) as unknown as TripletOperands & OperandValues<O>) }
  }
  const { positiveIndex, parts } = triplets
  const [first, ofNegatives] = parts
  const { inputs, named } = sortOperands({
    ...operands,
    ap: gatherColumns(distances, positiveIndex),
    an: distances,
    ...pn((among) => ({ as: 'shared', tensor: among })),
    index: constant(positiveIndex),
    first: constant(first),
    ...(ofNegatives && { ofNegatives: constant(ofNegatives) }),
  })
  const compute = (block: Parameters<typeof named>[0]): R => {
    const all = named(block) as OperandValues<O> & Readonly<Record<'ap' | 'an' | 'index' | 'first', tf.Tensor>> & Readonly<Partial<Record<'pn' | 'ofNegatives', tf.Tensor>>>
    const weights = all.ofNegatives ? tf.mul(tf.expandDims(all.first, 2), tf.expandDims(all.ofNegatives, 1)) : all.first
    const own: TripletOperands = {
      ap: tf.expandDims(all.ap, 2),
      an: tf.expandDims(all.an, 1),
      pn: all.pn && tf.gather(all.pn, all.index as tf.Tensor2D),
      weights,
    }
    return formula({ ...all, ...own })
  }
  return { inputs, compute }
}

/** matrix[rows, columns], element by element, differentiable: float32 of their shape. */
function elementsAt(matrix: tf.Tensor2D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor2D {
  const flat = tf.add(tf.mul(rows, tf.scalar(matrix.shape[1], 'int32')), columns)
  return tf.gather(tf.reshape(matrix, [-1]) as tf.Tensor, flat as tf.Tensor2D) as tf.Tensor2D
}
