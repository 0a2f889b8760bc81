import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PairSelection, PairWeights, Selection, TripletRule } from '@metric-learning/contracts'
import { rowsOfBlock } from '../blocks/block-bytes.js'
import { mapRowBlocks } from '../blocks/map-row-blocks.js'
import { isSame, toTripletRule, type Positives } from './convert-selection.js'
import { pairsByRule, ruleOf, toPairRule } from './pair-rules.js'

/**
 * Several selections of the same batch as one: a pair or triplet has the largest of its weights, or the smallest one. Pairs, where all
 * are, by a rule where one of them goes by one; otherwise triplets by a rule, those of pairs joined at their anchors. A triplet counts whatever the labels say of its positive.
 *
 * @param by `tf.maximum` for all that one of them selects, `tf.minimum` for what all of them do
 */
export function combineSelections(selections: readonly Selection[], relations: LabelRelations, by: typeof tf.maximum): PairSelection | TripletRule {
  const pairs = selections.filter((selection) => selection.kind === 'pairs')
  const all = <T extends tf.Tensor>(weights: readonly T[]): T => weights.reduce((one, other) => by<T>(one, other))
  if (pairs.length === selections.length) return combinePairs(pairs, relations.referenceCount, all)
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

function combinePairs(pairs: readonly PairSelection[], referenceCount: number, all: <T extends tf.Tensor>(weights: readonly T[]) => T): PairSelection {
  const combined = (weights: readonly PairWeights[]): PairWeights => ({ positive: all(weights.map(({ positive }) => positive)), negative: all(weights.map(({ negative }) => negative)) })
  if (!pairs.some(ruleOf)) return { kind: 'pairs', ...combined(pairs) }
  const rules = pairs.map(toPairRule)
  return pairsByRule({
    referenceCount,
    constants: rules.flatMap(({ constants }) => constants),
    whole: rules.flatMap(({ whole }) => whole),
    weights(block) {
      const [constants, whole] = [[...block.constants], [...block.whole]]
      return combined(rules.map((rule) => rule.weights({ ...block, constants: constants.splice(0, rule.constants.length), whole: whole.splice(0, rule.whole.length) })))
    },
  })
}

/** Whether triplets are over the very list of positives that the labels give. */
const isOverLabels = (selection: Selection, { positiveIndex }: LabelRelations): boolean => selection.kind !== 'pairs' && selection.positiveIndex === positiveIndex

/** The positives that the labels give, and behind them all others that selections list. */
function positivesOf(selections: readonly Selection[], relations: LabelRelations): Positives {
  const lists = selections.flatMap((selection) => (selection.kind === 'pairs' || isOverLabels(selection, relations) ? [] : [selection.positiveIndex]))
  if (lists.length === 0) return relations
  const positiveIndex = tf.concat([relations.positiveIndex, ...lists], 1)
  const isListed = tf.concat([relations.positiveIndexMask, ...lists.map(({ shape }) => tf.ones<tf.Rank.R2>(shape))], 1)
  const count = positiveIndex.shape[1]
  const place = tf.range(0, count, 1, 'int32')
  const isBefore = tf.cast(tf.less(tf.expandDims(place, 0), tf.expandDims(place, 1)), 'float32')
  // Each once, where it comes first: triplets of one that is there twice would count twice.
  const positiveIndexMask = mapRowBlocks<tf.Tensor>(rowsOfBlock(count ** 2), [positiveIndex, isListed], ([index, listed]) => {
    const isEarlier = tf.mul(tf.mul(isSame(index!, index!, listed!), tf.expandDims(listed!, 1)), isBefore)
    return tf.mul(listed!, tf.sub(1, tf.max(isEarlier, 2)))
  }) as tf.Tensor2D
  return { positiveIndex, positiveIndexMask, referenceCount: relations.referenceCount }
}

/** A rule with so many positives more, of which it selects nothing. */
function withPositives(rule: TripletRule, count: number): TripletRule {
  return count === 0 ? rule : { ...rule, weights: (block) => tf.pad(rule.weights(block), [[0, 0], [0, count], [0, 0]]) }
}
