import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PairSelection, Selection, TripletRule } from '@metric-learning/contracts'
import { gatherColumns, isColumn } from './convert-selection.js'

/**
 * Several selections of the same batch as one: a pair or triplet has the largest of its weights, or the smallest one. Pairs, where all
 * are; otherwise triplets by a rule, those of pairs joined at their anchors.
 *
 * @param by `tf.maximum` for all that one of them selects, `tf.minimum` for what all of them do
 */
export function combineSelections(selections: readonly Selection[], relations: LabelRelations, by: typeof tf.maximum): PairSelection | TripletRule {
  const pairs = selections.filter((selection) => selection.kind === 'pairs')
  const all = <T extends tf.Tensor>(weights: readonly T[]): T => weights.reduce((one, other) => by<T>(one, other))
  if (pairs.length === selections.length) {
    return { kind: 'pairs', positive: all(pairs.map(({ positive }) => positive)), negative: all(pairs.map(({ negative }) => negative)) }
  }
  const rules = selections.map((selection) => toTripletRule(selection, relations))
  return {
    kind: 'tripletRule',
    positiveIndex: relations.positiveIndex,
    referenceCount: relations.referenceCount,
    constants: rules.flatMap(({ constants }) => constants),
    whole: rules.flatMap(({ whole }) => whole),
    weights(block) {
      const [constants, whole] = [[...block.constants], [...block.whole]]
      return all(rules.map((rule) => rule.weights({ constants: constants.splice(0, rule.constants.length), whole: whole.splice(0, rule.whole.length) })))
    },
  }
}

/** A selection as triplets by a rule, over the positives that the labels give. */
export function toTripletRule(selection: Selection, relations: LabelRelations): TripletRule {
  const { positiveIndex, positiveIndexMask, referenceCount } = relations
  const rule = { kind: 'tripletRule', positiveIndex, referenceCount, whole: [] } as const
  if (selection.kind === 'pairs') {
    const ofPositives = tf.mul(gatherColumns(selection.positive, positiveIndex), positiveIndexMask)
    return {
      ...rule,
      constants: [ofPositives, selection.negative],
      weights: ({ constants: [positives, negatives] }) => tf.mul(tf.expandDims(positives!, 2), tf.expandDims(negatives!, 1)),
    }
  }
  if (selection.kind === 'pickedTriplets') {
    return {
      ...rule,
      constants: [positiveIndex, positiveIndexMask, selection.positiveIndex, selection.negativeIndex, selection.weights],
      weights: ({ constants: [index, mask, positives, negatives, weights] }) => {
        const toPositives = tf.mul(isSame(index!, positives!, mask!), tf.expandDims(weights!, 1))
        return tf.matMul(toPositives, isColumn(negatives as tf.Tensor2D, referenceCount))
      },
    }
  }
  const given: TripletRule = selection.kind === 'tripletRule' ? selection
    : { ...rule, positiveIndex: selection.positiveIndex, constants: [selection.weights], weights: ({ constants: [weights] }) => weights as tf.Tensor3D }
  if (given.positiveIndex === positiveIndex) return given
  return {
    ...given,
    positiveIndex,
    constants: [positiveIndex, positiveIndexMask, given.positiveIndex, ...given.constants],
    weights: ({ constants: [index, mask, own, ...constants], whole }) => tf.matMul(isSame(index!, own!, mask!), given.weights({ constants, whole })),
  }
}

/** 1 where the j-th positive of an anchor is the i-th of another list: float32 [rows, k, t]. */
const isSame = (index: tf.Tensor, other: tf.Tensor, mask: tf.Tensor): tf.Tensor3D =>
  tf.mul(tf.cast(tf.equal(tf.expandDims(index, 2), tf.expandDims(other, 1)), 'float32'), tf.expandDims(mask, 2))
