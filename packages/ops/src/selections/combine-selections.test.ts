import * as tf from '@tensorflow/tfjs-core'
import { Random, type PairSelection, type Selection } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { relationsOf } from '../labels/relations.js'
import { drawTriplets } from './draw-triplets.js'
import { firstDrawPosition } from '../device-draws.js'
import { combineSelections } from './combine-selections.js'
import { toTripletRule, toTripletSelection } from './convert-selection.js'
import { pairsByRule, ruleOf } from './pair-rules.js'
import { selectAllPairs, selectAllTriplets } from './select-all.js'
import { indicesFromSelection, selectionFromIndices } from './selection-indices.js'

const relations = relationsOf([0, 1, 0, 2, 1, 0, 1, 2])
const random = new Random(9)
const some = (x: tf.Tensor) => tf.mul(x, tf.tensor(Float32Array.from({ length: x.size }, () => random.int(2)), x.shape))
const all = selectAllPairs(relations)
const pairs: PairSelection = { kind: 'pairs', positive: some(all.positive) as tf.Tensor2D, negative: some(all.negative) as tf.Tensor2D }
const picked = drawTriplets(relations, 3, { position: firstDrawPosition(), purpose: 'test', seed: 0 })
const dense = { ...selectAllTriplets(relations), weights: some(selectAllTriplets(relations).weights) as tf.Tensor3D }
/** Positives in an order of its own. */
const listed = selectionFromIndices({ anchor: [0, 0, 5, 1], positive: [5, 2, 0, 6], negative: [1, 3, 7, 0] }, relations)
const forms: Readonly<Record<string, Selection>> = { pairs, picked, dense, listed, rule: toTripletRule(dense, relations) }

const tuples = async (selection: Selection) => {
  const { anchor, positive, negative } = await indicesFromSelection(toTripletSelection(selection, relations))
  return Array.from(anchor, (a, i) => `${a} ${positive[i]} ${negative[i]}`).sort()
}

describe('combineSelections', () => {
  it('keeps pairs by a rule, among them those that are formed', () => {
    const rule = (of: PairSelection) => pairsByRule({
      referenceCount: 8,
      constants: [of.positive, of.negative],
      whole: [tf.scalar(1)],
      weights: ({ constants: [positive, negative], whole: [one] }) => ({ positive: tf.mul(positive as tf.Tensor2D, one!), negative: tf.mul(negative as tf.Tensor2D, one!) }),
    })
    const others = { ...pairs, positive: some(all.positive) as tf.Tensor2D, negative: some(all.negative) as tf.Tensor2D }
    for (const by of [tf.maximum, tf.minimum]) {
      const wanted = combineSelections([pairs, others], relations, by) as PairSelection
      for (const selections of [[rule(pairs), rule(others)], [pairs, rule(others)], [rule(pairs), others]]) {
        const got = combineSelections(selections, relations, by) as PairSelection
        expect(ruleOf(got)).toBeDefined()
        expect([got.positive.arraySync(), got.negative.arraySync()]).toEqual([wanted.positive.arraySync(), wanted.negative.arraySync()])
      }
    }
  })

  const pairsOf = Object.keys(forms).flatMap((one, i) => Object.keys(forms).slice(i + 1).map((other) => [one, other] as const))

  it.each(pairsOf)('has what %s or %s have, and what both have', async (one, other) => {
    const [a, b] = [new Set(await tuples(forms[one]!)), new Set(await tuples(forms[other]!))]
    const combined = async (by: typeof tf.maximum) => [...new Set(await tuples(combineSelections([forms[one]!, forms[other]!], relations, by)))]
    expect(await combined(tf.maximum)).toEqual([...new Set([...a, ...b])].sort())
    expect(await combined(tf.minimum)).toEqual([...a].filter((tuple) => b.has(tuple)).sort())
  })

  describe('whose positives are none by the labels', () => {
    const own = (positive: number[], negative: number[]) => {
      const column = (rows: number[]) => tf.tensor2d(rows, [8, 1], 'int32')
      const weights = tf.tensor2d([1, 0, 0, 1, 0, 0, 1, 0], [8, 1])
      return { kind: 'pickedTriplets', positiveIndex: column(positive), negativeIndex: column(negative), weights, referenceCount: 8 } as const
    }
    const one = own([1, 0, 0, 4, 0, 0, 7, 0], [2, 0, 0, 5, 0, 0, 0, 0])
    const other = own([1, 0, 0, 4, 0, 0, 1, 0], [2, 0, 0, 6, 0, 0, 0, 0])

    it('has them all, each once', async () => {
      expect(await tuples(combineSelections([one, other], relations, tf.maximum))).toEqual(['0 1 2', '3 4 5', '3 4 6', '6 1 0', '6 7 0'])
      expect(await tuples(combineSelections([one, other], relations, tf.minimum))).toEqual(['0 1 2'])
    })

    it.each(Object.entries(forms))('has them beside those of %s', async (_, selection) => {
      const [ofLabels, picked] = [new Set(await tuples(selection)), await tuples(one)]
      const union = async (selections: Selection[]) => [...new Set(await tuples(combineSelections(selections, relations, tf.maximum)))]
      expect(await union([one, selection])).toEqual([...ofLabels, ...picked].sort())
      expect(await union([selection, one])).toEqual([...ofLabels, ...picked].sort())
      expect(await tuples(combineSelections([selection, one], relations, tf.minimum))).toEqual([])
    })

    it('has them beside triplets that labels list', async () => {
      const listedByLabels = selectAllTriplets(relations)
      const wanted = [...(await tuples(listedByLabels)), ...(await tuples(one))].sort()
      expect(await tuples(combineSelections([listedByLabels, one], relations, tf.maximum))).toEqual(wanted)
    })
  })

  it('of pairs alone stays pairs', () => {
    const union = combineSelections([pairs, all], relations, tf.maximum)
    expect(union.kind).toBe('pairs')
    expect((union as PairSelection).negative.arraySync()).toEqual(all.negative.arraySync())
  })
})
