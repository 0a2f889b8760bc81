import * as tf from '@tensorflow/tfjs-core'
import { isTensor, type Block, type LossTerm, type PickedTriplets, type TermBlock, type TripletRule } from '@metric-learning/contracts'
import { blockwise, gatherColumns, mapRule, rowsOfBlock, withoutGradient } from '@metric-learning/ops'
import type { LossInputs } from '../base/loss-inputs.js'
import { blockedTerm, constant, ofBlock, shared, sortOperands, type Operands, type OperandValues } from './by-anchor.js'

/** How often each triplet of an anchor, its j-th positive and a negative is selected; constants. */
export interface TripletWeights {
  /** For each anchor the reference rows of its positives, padded: int32 [n, k]. */
  readonly positiveIndex: tf.Tensor2D
  /** The weights [n, k, m] themselves, or what they are products of: weights of positives [n, k] and of negatives [n, m]. */
  readonly parts: readonly [tf.Tensor3D] | readonly [ofPositives: tf.Tensor2D, ofNegatives: tf.Tensor2D]
}

/** All triplets with their weights, these by a rule, or some that were picked. */
export type Triplets = TripletWeights | TripletRule | PickedTriplets

/** Distances that triplets are made of. */
export interface TripletDistances {
  /** From anchors to references: float32 [n, m], or the inputs that they are worked out from, all of them or those that are asked for. */
  readonly distances: tf.Tensor2D | Pick<LossInputs, 'distances' | 'distancesAt'>
  /** Among references, where a formula asks for the distance of positive and negative: float32 [m, m]. */
  readonly amongReferences?: tf.Tensor2D | undefined
}

/** What a formula over triplets gets of some anchors; each broadcasts to the triplets [rows, k, m], or [rows, t, 1] of picked ones. */
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

/** What a formula has beside the distances; none may have the name of one of these. */
type FurtherOperands = Operands & { readonly [K in keyof TripletOperands]?: never }

/**
 * A term with a value for each triplet.
 *
 * @param operands what the formula is computed from beside distances, by name: each [n, 1, 1], or shared. See {@link byAnchor}
 * @param formula the values, of the shape of `weights`. Knows no tensors but what it is given (and variables), and is called more
 * than once
 * @example overTriplets(triplets, { distances }, {}, ({ ap, an }) => relu(tf.add(tf.sub(ap, an), margin)))
 */
export function overTriplets<const O extends FurtherOperands>(
  triplets: Triplets,
  between: TripletDistances,
  operands: O,
  formula: TripletFormula<O, TripletValues>,
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
export function foldTriplets(triplets: Triplets, between: TripletDistances, formula: (operands: TripletOperands) => tf.Tensor, tensors = 1): tf.Tensor {
  const { inputs, compute } = tripletInputs(triplets, between, {}, formula)
  return blockwise(inputs, rowsOfBlock(tensors * triplesPerAnchor(triplets, between)), compute)
}

/** How many triplets of each anchor are selected: float32 [n]. */
export function tripletCounts(triplets: Triplets): tf.Tensor1D {
  if (isPicked(triplets)) return tf.sum(triplets.weights, 1)
  if ('kind' in triplets) return mapRule(triplets, (weights) => tf.sum(weights, [1, 2]))
  const [first, ofNegatives] = triplets.parts
  if (!ofNegatives) return tf.sum(first, [1, 2])
  return tf.mul<tf.Tensor1D>(tf.sum(first, 1), tf.sum(ofNegatives, 1))
}

const isPicked = (triplets: Triplets): triplets is PickedTriplets => 'negativeIndex' in triplets

const triplesPerAnchor = (triplets: Triplets, between: TripletDistances): number =>
  triplets.positiveIndex.shape[1] * (isPicked(triplets) ? 1 : allOf(between.distances).shape[1])

const allOf = (distances: TripletDistances['distances']): tf.Tensor2D => (isTensor(distances) ? distances : distances.distances())

const distancesAt = (distances: TripletDistances['distances'], index: tf.Tensor2D): tf.Tensor2D =>
  isTensor(distances) ? gatherColumns(distances, index) : distances.distancesAt(index)

function tripletInputs<O extends Operands, R>(triplets: Triplets, between: TripletDistances, operands: O, formula: TripletFormula<O, R>) {
  const [own, inTriplets] = isPicked(triplets) ? picked(triplets, between) : joined(triplets, between)
  // Names of their own, so that none of a caller's operands is taken for one of these.
  const { inputs, named } = sortOperands({ ...operands, ...Object.fromEntries(Object.entries(own).map(([name, operand]) => [`triplet ${name}`, operand])) })
  const compute = (block: Block): R => {
    const all = named(block) as Readonly<Record<string, tf.Tensor>>
    const ofTriplet = Object.fromEntries(Object.keys(own).map((name) => [name, all[`triplet ${name}`]!]))
    return ofBlock(block, () => formula({ ...(all as OperandValues<O>), ...inTriplets(ofTriplet) }))
  }
  return { inputs, compute }
}

type Values = Readonly<Record<string, tf.Tensor>>
type TripletInputs = readonly [operands: Operands, inTriplets: (values: Values) => TripletOperands]

/** Picked ones are few: their distances are there at once. */
function picked({ positiveIndex, negativeIndex, weights }: PickedTriplets, { distances, amongReferences }: TripletDistances): TripletInputs {
  const each = (tensor: tf.Tensor) => tf.expandDims(tensor, 2)
  // At once, so that embeddings are normalised once.
  const both = distancesAt(distances, tf.concat([positiveIndex, negativeIndex], 1))
  const [ap, an] = tf.split(both, 2, 1).map(each) as [tf.Tensor, tf.Tensor]
  const pn = amongReferences && { pn: each(elementsAt(amongReferences, positiveIndex, negativeIndex)) }
  return [{ ap, an, ...pn, weights: constant(each(weights)) }, (values) => ({ pn: undefined, ...values }) as unknown as TripletOperands]
}

function joined(triplets: TripletWeights | TripletRule, { distances, amongReferences }: TripletDistances): TripletInputs {
  const { positiveIndex } = triplets
  const [weighed, weightsOf] = 'kind' in triplets ? byRule(triplets) : byParts(triplets)
  const operands = {
    ap: gatherColumns(allOf(distances), positiveIndex),
    an: allOf(distances),
    ...(amongReferences && { pn: shared(amongReferences) }),
    index: constant(positiveIndex),
    ...weighed,
  }
  return [operands, (values) => ({
    ap: tf.expandDims(values['ap']!, 2),
    an: tf.expandDims(values['an']!, 1),
    pn: values['pn'] && tf.gather(values['pn'], values['index'] as tf.Tensor2D),
    weights: weightsOf(values),
  })]
}

/** What the weights of triplets are computed from, and how, within a block. */
type WeightInputs = readonly [operands: Operands, weightsOf: (values: Values) => tf.Tensor]

function byParts({ parts: [first, ofNegatives] }: TripletWeights): WeightInputs {
  const operands = { first: constant(first), ...(ofNegatives && { ofNegatives: constant(ofNegatives) }) }
  return [operands, ({ first: ofPositives, ofNegatives: negatives }) =>
    negatives ? tf.mul(tf.expandDims(ofPositives!, 2), tf.expandDims(negatives, 1)) : ofPositives!]
}

function byRule(rule: TripletRule): WeightInputs {
  const named = (what: string, tensors: readonly tf.Tensor[], mark: (tensor: tf.Tensor) => Operands[string]) =>
    tensors.map((tensor, i) => [`${what} ${i}`, mark(tensor)] as const)
  const operands = Object.fromEntries([...named('constant', rule.constants, constant), ...named('whole', rule.whole, shared)])
  return [operands, (values) => withoutGradient(() => rule.weights({
    constants: rule.constants.map((_, i) => values[`constant ${i}`]!),
    whole: rule.whole.map((_, i) => values[`whole ${i}`]!),
  }))]
}

/** matrix[rows, columns], element by element, differentiable: float32 of their shape. */
function elementsAt(matrix: tf.Tensor2D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor2D {
  const flat = tf.add(tf.mul(rows, tf.scalar(matrix.shape[1], 'int32')), columns)
  return tf.gather(tf.reshape(matrix, [-1]) as tf.Tensor, flat as tf.Tensor2D) as tf.Tensor2D
}
