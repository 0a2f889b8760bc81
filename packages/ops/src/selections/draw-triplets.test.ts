import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { firstDrawPosition } from '../device-draws.js'
import { relationsOf } from '../labels/relations.js'
import { drawTriplets } from './draw-triplets.js'

const labels = [0, 1, 0, 2, 1, 0, 1, 3]

function drawn(relations: LabelRelations, count: number, seed = 0) {
  const { positiveIndex, negativeIndex, weights } = tf.tidy(() => ({ ...drawTriplets(relations, count, { position: firstDrawPosition(), purpose: 'test', seed }) }))
  const [positives, negatives, weighed] = [positiveIndex.arraySync(), negativeIndex.arraySync(), weights.arraySync()]
  tf.dispose([positiveIndex, negativeIndex, weights])
  return { positives, negatives, weighed }
}

describe('drawTriplets', () => {
  it('draws positives and negatives that the labels allow, each as often', () => {
    const count = 4000
    const { positives, negatives, weighed } = drawn(relationsOf(labels), count)
    labels.forEach((label, anchor) => {
      const rows = labels.map((_, row) => row)
      const possible = { positives: rows.filter((row) => row !== anchor && labels[row] === label), negatives: rows.filter((row) => labels[row] !== label) }
      expect(new Set(weighed[anchor])).toEqual(new Set([possible.positives.length > 0 ? 1 : 0]))
      if (possible.positives.length === 0) return
      for (const [got, wanted] of [[positives[anchor]!, possible.positives], [negatives[anchor]!, possible.negatives]] as const) {
        expect(new Set(got)).toEqual(new Set(wanted))
        for (const row of wanted) expect(Math.abs(got.filter((other) => other === row).length / count - 1 / wanted.length)).toBeLessThan(0.04)
      }
    })
  })

  it('draws from references, and gives the weight 0 where there is nothing to draw', () => {
    const { positives, negatives, weighed } = drawn(relationsOf([0, 1, 5], { refLabels: [1, 1, 0, 2] }), 50)
    expect(positives[0]!.every((row) => row === 2)).toBe(true)
    expect(new Set(negatives[1])).toEqual(new Set([2, 3]))
    expect(new Set(weighed[2])).toEqual(new Set([0]))
    expect(new Set(drawn(relationsOf([4, 4, 4]), 5).weighed.flat())).toEqual(new Set([0]))
  })
})
