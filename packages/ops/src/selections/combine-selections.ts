import type * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PairSelection, Selection, TripletRule } from '@metric-learning/contracts'
import { toTripletRule } from './convert-selection.js'

/**
 * Several selections of the same batch as one: a pair or triplet has the largest of its weights, or the smallest one. Pairs, where all
 * are; otherwise triplets by a rule, those of pairs joined at their anchors. A triplet counts whatever the labels say of its positive.
 *
 * @param by `tf.maximum` for all that one of them selects, `tf.minimum` for what all of them do
 */
export function combineSelections(selections: readonly Selection[], relations: LabelRelations, by: typeof tf.maximum): PairSelection | TripletRule {
  const pairs = selections.filter((selection) => selection.kind === 'pairs')
  const all = <T extends tf.Tensor>(weights: readonly T[]): T => weights.reduce((one, other) => by<T>(one, other))
  if (pairs.length === selections.length) {
    return { kind: 'pairs', positive: all(pairs.map(({ positive }) => positive)), negative: all(pairs.map(({ negative }) => negative)) }
  }
  const positives = positivesOf(selections, relations)
  const added = positives.positiveIndex.shape[1] - relations.positiveIndex.shape[1]
  const rules = selections.map((selection) =>
    isOverLabels(selection, relations) ? withPositives(toTripletRule(selection, relations), added) : toTripletRule(selection, positives),
  )
  return {
    kind: 'tripletRule',
    positiveIndex: positives.positiveIndex,
    referenceCount: relations.referenceCount,
    constants: rules.flatMap(({ constants }) => constants),
    whole: rules.flatMap(({ whole }) => whole),
    weights(block) {
      const [constants, whole] = [[...block.constants], [...block.whole]]
      return all(rules.map((rule) => rule.weights({ constants: constants.splice(0, rule.constants.length), whole: whole.splice(0, rule.whole.length) })))
    },
  }
}
