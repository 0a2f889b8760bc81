import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { indicesFromSelection, relationsOf } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { HDCMiner } from './hdc-miner.js'

const distance = new LpDistance({ normalizeEmbeddings: false })
const line = tf.tensor2d([[0], [1], [3], [7], [15], [31]])
const labels = [0, 0, 0, 1, 1, 1]

describe('HDCMiner', () => {
  it('keeps the hardest share of all positives and of all negatives', async () => {
    // Positives are 1, 2, 3 and 8, 16, 24 apart, each twice; negatives from 4 on.
    const { anchor1, positive, anchor2, negative } = await indicesFromSelection(new HDCMiner({ filterPercentage: 1 / 3, distance }).mine(line, labels))
    expect(Array.from(anchor1, (a, i) => [a, positive[i]])).toEqual([[3, 5], [4, 5], [5, 3], [5, 4]])
    expect(Array.from(anchor2, (a, i) => [a, negative[i]])).toEqual([[0, 3], [1, 3], [2, 3], [3, 0], [3, 1], [3, 2]])
  })

  it.each([0.01, 0.1, 0.25, 0.5, 0.9, 1])('keeps ⌈%d · count⌉, whatever the distances', (filterPercentage) => {
    const random = new Random(7)
    const of = Array.from({ length: 40 }, (_, row) => row % 5)
    const embeddings = tf.tensor2d(Float32Array.from({ length: 160 }, () => random.normal()), [40, 4])
    const { positive, negative } = new HDCMiner({ filterPercentage }).mine(embeddings, of)
    expect(tf.sum(positive).arraySync()).toBeCloseTo(Math.ceil(filterPercentage * 40 * 7), 3)
    expect(tf.sum(negative).arraySync()).toBeCloseTo(Math.ceil(filterPercentage * 40 * 32), 2)
    const distances = new LpDistance().matrix(embeddings).dataSync()
    const [weights, isPositive] = [positive.dataSync(), relationsOf(of).positives().dataSync()]
    const kept = Array.from(distances).filter((_, i) => weights[i]! > 0)
    const left = Array.from(distances).filter((_, i) => isPositive[i] === 1 && weights[i] === 0)
    expect(Math.min(...kept)).toBeGreaterThan(Math.max(-1, ...left))
  })

  it('lets pairs that tie share what is left', () => {
    const { positive } = new HDCMiner({ filterPercentage: 0.25, distance }).mine(tf.ones([4, 2]), [0, 0, 1, 1])
    expect(positive.arraySync()).toEqual([[0, 0.25, 0, 0], [0.25, 0, 0, 0], [0, 0, 0, 0.25], [0, 0, 0.25, 0]])
  })

  it('chooses among what it is told, as often as it is there, and remembers nothing', async () => {
    const miner = new HDCMiner({ filterPercentage: 0.5, distance })
    const among = { anchor1: [0, 1, 1, 1], positive: [1, 2, 2, 0], anchor2: [0, 0], negative: [3, 4] }
    for (let call = 0; call < 2; call++) {
      const { anchor1, positive, anchor2, negative } = await indicesFromSelection(miner.mine(line, labels, { among }))
      expect([anchor1, positive, anchor2, negative]).toEqual([[1, 1], [2, 2], [0], [3]])
    }
  })

  it('says what it does not take', () => {
    expect(() => new HDCMiner({ filterPercentage: 0 })).toThrow('a number above 0 and at most 1, got 0')
    expect(() => new HDCMiner({ filterPercentage: 50 })).toThrow('Pass a share, such as 0.5')
    const outside = { anchor: [9], positive: [0], negative: [1] }
    expect(() => new HDCMiner().mine(line, labels, { among: outside })).toThrow('HDCMiner: wanted `anchor` to hold 1 row numbers in [0, 6), got 9')
  })
})
