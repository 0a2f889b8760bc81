import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { UniformHistogramMiner } from './uniform-histogram-miner.js'

const distance = new LpDistance({ normalizeEmbeddings: false })

describe('UniformHistogramMiner', () => {
  it('draws as many pairs from each bin that has any', () => {
    // Positives are 1, 2 and 3 apart: the bins of width 0.5 from 1 on are the first, the third and the last.
    const line = tf.tensor2d([[0], [1], [3], [100]])
    const { positive, negative } = new UniformHistogramMiner({ distance, numBins: 4, posPerBin: 6, negPerBin: 5 }).mine(line, [0, 0, 0, 1])
    const weights = positive.arraySync()
    expect([weights[0]![1]! + weights[1]![0]!, weights[1]![2]! + weights[2]![1]!, weights[0]![2]! + weights[2]![0]!]).toEqual([6, 6, 6])
    expect(tf.sum(negative).arraySync()).toBe(15)
  })

  it('finds pairs in large batches', () => {
    const random = new Random(3)
    const embeddings = tf.tensor2d(Float32Array.from({ length: 60 * 3 }, () => random.normal()), [60, 3])
    const labels = Array.from({ length: 60 }, (_, row) => row % 7)
    const { positive, negative } = new UniformHistogramMiner({ numBins: 20 }).mine(embeddings, labels)
    const apart = new LpDistance().matrix(embeddings).arraySync()
    for (const [weights, isKind] of [[positive, (i: number, j: number) => i !== j && labels[i] === labels[j]], [negative, (i: number, j: number) => labels[i] !== labels[j]]] as const) {
      const pairs = labels.flatMap((_, i) => labels.flatMap((_, j) => (isKind(i, j) ? [[apart[i]![j]!, weights.arraySync()[i]![j]!] as const] : [])))
      const [least, most] = [Math.min(...pairs.map(([d]) => d)), Math.max(...pairs.map(([d]) => d))]
      const counts = new Map<number, number>()
      for (const [d, count] of pairs) {
        const bin = Math.min(19, Math.floor(((d - least) / (most - least)) * 20))
        counts.set(bin, (counts.get(bin) ?? 0) + count)
      }
      expect([...counts.values()]).toEqual([...counts].map(() => 10))
      expect(tf.sum(weights).arraySync()).toBe(10 * counts.size)
    }
  })

  it('refuses histograms and draws without a bound', () => {
    expect(() => new UniformHistogramMiner({ numBins: 1e9 })).toThrow('UniformHistogramMiner: wanted `numBins`')
    expect(() => new UniformHistogramMiner({ posPerBin: 1e6 })).toThrow('`numBins` times `posPerBin` + `negPerBin` to be at most 262144, got 100001000')
  })

  it('draws where all pairs are equally far, and none where there is none', () => {
    const { positive, negative } = new UniformHistogramMiner().mine(tf.ones([3, 2]), [0, 0, 0])
    expect([tf.sum(positive).arraySync(), tf.sum(negative).arraySync()]).toEqual([10, 0])
  })
})
