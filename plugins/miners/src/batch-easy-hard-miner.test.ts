import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { indicesFromSelection } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { BatchEasyHardMiner, type BatchEasyHardMinerOptions } from './batch-easy-hard-miner.js'
import { BatchHardMiner } from './batch-hard-miner.js'

// Anchor 0 has positives at 1 and 3, and negatives at 0.5, 2 and 9.
const line = tf.tensor2d([[0], [1], [3], [0.5], [2], [9]])
const labels = [0, 0, 0, 1, 2, 3]
const distance = new LpDistance({ normalizeEmbeddings: false })
const pairsOf0 = async (options: BatchEasyHardMinerOptions) => {
  const { anchor1, positive, anchor2, negative } = await indicesFromSelection(new BatchEasyHardMiner({ distance, ...options }).mine(line, labels))
  return [Array.from(positive).filter((_, i) => anchor1[i] === 0), Array.from(negative).filter((_, i) => anchor2[i] === 0)]
}

describe('BatchEasyHardMiner', () => {
  it.each([
    ['hard', 'hard', [[2], [3]]],
    ['easy', 'easy', [[1], [5]]],
    ['easy', 'semihard', [[1], [4]]],
    ['hard', 'semihard', [[2], [5]]],
    ['semihard', 'easy', [[2], [5]]],
    // No positive is closer than the closest negative: the anchor has no pair.
    ['semihard', 'hard', [[], []]],
    ['all', 'hard', [[1, 2], [3]]],
    ['easy', 'all', [[1], [3, 4, 5]]],
    ['all', 'all', [[1, 2], [3, 4, 5]]],
  ] as const)('keeps of %s positives and %s negatives %j', async (posStrategy, negStrategy, wanted) => {
    expect(await pairsOf0({ posStrategy, negStrategy })).toEqual(wanted)
  })

  it('looks for pairs in ranges, their ends included', async () => {
    expect(await pairsOf0({ posStrategy: 'hard', negStrategy: 'hard', allowedPosRange: [0, 1], allowedNegRange: [2, 9] })).toEqual([[1], [4]])
    expect(await pairsOf0({ posStrategy: 'hard', negStrategy: 'all', allowedNegRange: [2, 3] })).toEqual([[2], [4]])
    expect(await pairsOf0({ posStrategy: 'hard', negStrategy: 'hard', allowedPosRange: [1.5, 2] })).toEqual([[], []])
  })

  it('of hard pairs is BatchHardMiner', async () => {
    const { anchor1, positive, negative } = await indicesFromSelection(new BatchEasyHardMiner({ distance, posStrategy: 'hard', negStrategy: 'hard' }).mine(line, labels))
    expect({ anchor: anchor1, positive, negative }).toEqual(await indicesFromSelection(new BatchHardMiner({ distance }).mine(line, labels)))
  })

  it('refuses strategies and ranges that cannot be meant', () => {
    const made = (options: object) => () => new BatchEasyHardMiner(options)
    expect(made({ posStrategy: 'hardest' })).toThrow("`posStrategy` to be 'hard' or 'semihard' or 'easy' or 'all', got hardest")
    expect(made({ posStrategy: 'semihard' })).toThrow("got posStrategy 'semihard' and negStrategy 'semihard'")
    expect(made({ posStrategy: 'all' })).toThrow("got posStrategy 'all' and negStrategy 'semihard'")
    expect(made({ allowedPosRange: [1, 0.5] })).toThrow('`allowedPosRange` to be two numbers, the smaller first, got [1, 0.5]')
    expect(made({ allowedNegRange: [0, 5] })).toThrow('`allowedNegRange` from -2 to 2, got 5')
    expect(made({ allowedNegRange: [-2, -1] })).toThrow('`allowedNegRange` to meet what LpDistance gives, from 0 to 2, got -2 to -1')
    expect(made({ allowedPosRange: [-2, -1], distance })).toThrow('`allowedPosRange` to meet what LpDistance gives, 0 or more, got -2 to -1')
    expect(made({ allowedNegRange: [5, 9], distance: new CosineSimilarity() })).toThrow('`allowedNegRange` from -1 to 1, got 5')
    expect(made({ allowedNegRange: [-1, 0], distance: new CosineSimilarity() })).not.toThrow()
    expect(made({ allowedNegRange: [5, 9], distance: new DotProductSimilarity({ normalizeEmbeddings: false }) })).not.toThrow()
  })
})
