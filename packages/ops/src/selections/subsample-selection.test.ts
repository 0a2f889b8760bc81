import * as tf from '@tensorflow/tfjs-core'
import { Random, type Selection } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { drawPosition } from '../device-draws.js'
import { relationsOf } from '../labels/relations.js'
import { toTripletRule, toTripletSelection } from './convert-selection.js'
import { countSelected } from './count-selected.js'
import { drawTriplets } from './draw-triplets.js'
import { selectAllPairs, selectAllTriplets } from './select-all.js'
import { subsampleSelection } from './subsample-selection.js'

const relations = relationsOf([0, 0, 0, 0, 0, 1, 1, 1, 2, 3])
const at = (batch: number, seed = 0) => ({ position: tf.tensor1d(drawPosition(0, 1, batch), 'int32'), purpose: 'test', seed })
const forms: Readonly<Record<string, Selection>> = {
  pairs: selectAllPairs(relations),
  dense: selectAllTriplets(relations),
  rule: toTripletRule(selectAllTriplets(relations), relations),
  picked: drawTriplets(relations, 12, at(0)),
}
const counts = (selection: Selection) => Object.values(countSelected(selection)).map((count) => count.arraySync())
const weightsOf = (selection: Selection): tf.Tensor =>
  selection.kind === 'pairs' ? selection.negative : selection.kind === 'pickedTriplets' ? selection.weights : toTripletSelection(selection, relations).weights

describe('countSelected', () => {
  it('counts by what is selected', () => {
    expect(Object.entries(countSelected(forms['pairs']!)).map(([name, count]) => [name, count.arraySync()])).toEqual([['numPosPairs', 26], ['numNegPairs', 64]])
    expect(countSelected(forms['rule']!)['numTriplets']!.arraySync()).toBe(5 * 4 * 5 + 3 * 2 * 7)
    expect(counts(forms['dense']!)).toEqual(counts(forms['rule']!))
    expect(counts(forms['picked']!)).toEqual([12 * 8])
  })
})

describe.each(Object.entries(forms))('subsampleSelection of %s', (_, selection) => {
  it.each([1, 2, 7, 20, 50])('leaves %d, each with the weight that it had', (count) => {
    for (let batch = 0; batch < 8; batch++) {
      const some = subsampleSelection(selection, count, at(batch))
      for (const [i, left] of counts(some).entries()) {
        expect(left).toBeLessThanOrEqual(count)
        // Where the start falls beyond the last one, one fewer.
        expect(left).toBeGreaterThanOrEqual(Math.min(count, counts(selection)[i]!) - 1)
      }
      expect(tf.max(tf.sub(weightsOf(some), weightsOf(selection))).arraySync()).toBe(0)
    }
  })

  it('leaves all where there are no more', () => {
    expect(weightsOf(subsampleSelection(selection, 1000, at(3))).arraySync()).toEqual(weightsOf(selection).arraySync())
  })

  it('leaves each as often, others from position to position and seed to seed', () => {
    const [runs, count] = [150, 20]
    const sums = tf.tidy(() => tf.addN(Array.from({ length: runs }, (_run, batch) => tf.clone(weightsOf(subsampleSelection(selection, count, at(batch)))))))
    const total = tf.sum(weightsOf(selection)).arraySync() as number
    const expected = tf.mul(weightsOf(selection), (runs * count) / total)
    const deviation = Math.sqrt((runs * count) / total)
    expect(tf.max(tf.abs(tf.sub(sums, expected))).arraySync()).toBeLessThan(5 * deviation)
    const once = (batch: number, seed?: number) => JSON.stringify(weightsOf(subsampleSelection(selection, count, at(batch, seed))).arraySync())
    expect(once(1)).toBe(once(1))
    expect(new Set([once(1), once(2), once(1, 1)]).size).toBe(3)
  })
})

describe('subsampleSelection of many', () => {
  it('never leaves more, though the shares of anchors are fractions that float32 rounds', () => {
    const [random, ofEach] = [new Random(1), 5000]
    const ofAnchors = tf.tensor2d(Array.from({ length: 256 }, () => [random.int(ofEach)]))
    const index = tf.zeros<tf.Rank.R2>([256, ofEach], 'int32')
    const weights = tf.cast(tf.less<tf.Tensor2D>(tf.range(0, ofEach), ofAnchors), 'float32')
    const many: Selection = { kind: 'pickedTriplets', positiveIndex: index, negativeIndex: index, weights, referenceCount: 256 }
    const left = Array.from({ length: 60 }, (_, batch) => tf.tidy(() => counts(subsampleSelection(many, 10_000, at(batch)))[0] as number))
    expect(Math.max(...left)).toBe(10_000)
    expect(Math.min(...left)).toBeGreaterThanOrEqual(9_999)
  })
})
