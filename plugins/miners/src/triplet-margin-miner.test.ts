import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { indicesFromSelection, Scheduled, selectAllTriplets, relationsOf } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { TripletMarginMiner, type TripletMarginMinerOptions } from './triplet-margin-miner.js'

// Anchor 0 with its positive at 1: the negatives are closer, farther by little, and far.
const line = tf.tensor2d([[0], [1], [0.5], [1.1], [3]])
const labels = [0, 0, 1, 2, 3]
const distance = new LpDistance({ normalizeEmbeddings: false })
const negativesOf0 = async (options: TripletMarginMinerOptions) => {
  const { anchor, negative } = await indicesFromSelection(new TripletMarginMiner({ distance, ...options }).mine(line, labels))
  return Array.from(negative).filter((_, i) => anchor[i] === 0)
}

describe('TripletMarginMiner', () => {
  it.each([
    ['all', [2, 3]],
    ['hard', [2]],
    ['semihard', [3]],
    ['easy', [4]],
  ] as const)('of the type %s keeps the negatives %j', async (typeOfTriplets, wanted) => {
    expect(await negativesOf0({ typeOfTriplets })).toEqual(wanted)
  })

  it('is strict where the types meet: a tie is hard, a margin just met is violated', async () => {
    const tied = tf.tensor2d([[0], [1], [-1], [1.5]])
    const negatives = async (typeOfTriplets: 'all' | 'hard' | 'semihard' | 'easy') => {
      const { anchor, negative } = await indicesFromSelection(new TripletMarginMiner({ distance, margin: 0.5, typeOfTriplets }).mine(tied, [0, 0, 1, 2]))
      return Array.from(negative).filter((_, i) => anchor[i] === 0)
    }
    expect(await negatives('hard')).toEqual([2])
    expect(await negatives('semihard')).toEqual([3])
    expect(await negatives('easy')).toEqual([])
  })

  it('has all triplets in hard, semihard and easy ones, each once', () => {
    const random = new Random(1)
    const embeddings = tf.tensor2d(Float32Array.from({ length: 40 }, () => random.normal()), [10, 4])
    const relations = relationsOf([0, 1, 2, 0, 1, 2, 0, 1, 2, 3])
    for (const of of [new LpDistance(), new CosineSimilarity()]) {
      const parts = (['hard', 'semihard', 'easy'] as const).map((typeOfTriplets) => {
        const rule = new TripletMarginMiner({ typeOfTriplets, distance: of }).mine(embeddings, relations)
        return rule.weights(rule)
      })
      expect(tf.addN(parts).arraySync()).toEqual(selectAllTriplets(relations).weights.arraySync())
    }
  })

  it('takes a margin that is scheduled as it changes', async () => {
    const margin = new Scheduled(0.05)
    const miner = new TripletMarginMiner({ distance, margin })
    const count = async () => (await indicesFromSelection(miner.mine(line, labels))).anchor.length
    const before = await count()
    margin.value = 3
    expect(await count()).toBeGreaterThan(before)
  })

  it('holds no tensor of the size of its triplets', () => {
    const rule = new TripletMarginMiner().mine(tf.randomNormal<tf.Rank.R2>([64, 8]), Array.from({ length: 64 }, (_, row) => row % 2))
    expect(Math.max(...rule.constants.map(({ size }) => size))).toBe(64 * 64)
  })

  it('says what it does not take', () => {
    expect(() => new TripletMarginMiner({ typeOfTriplets: 'semi-hard' as never })).toThrow("`typeOfTriplets` to be 'all' or 'hard' or 'semihard' or 'easy', got semi-hard")
    expect(() => new TripletMarginMiner({ margin: 2.5 })).toThrow('`margin` from -2 to 2, got 2.5. Normalised embeddings are at most 2 apart')
    expect(() => new TripletMarginMiner({ margin: 3, distance: new CosineSimilarity() })).toThrow('in units of a cosine, from -2 to 2')
    expect(new TripletMarginMiner({ margin: 30, distance }).margin).toBe(30)
    const margin = new Scheduled(0.2)
    new TripletMarginMiner({ margin })
    expect(() => { margin.value = 4 }).toThrow('at most 2 apart')
    for (const none of [0, -1]) {
      expect(() => new TripletMarginMiner({ margin: none, typeOfTriplets: 'semihard' })).toThrow(`\`margin\` above 0 beside typeOfTriplets 'semihard', got ${none}`)
      expect(new TripletMarginMiner({ margin: none, typeOfTriplets: 'hard' }).margin).toBe(none)
    }
    expect(() => new TripletMarginMiner({ margin: 2, typeOfTriplets: 'easy' })).toThrow('TripletMarginMiner: wanted `margin` below 2, got 2. Two of LpDistance never differ by more')
    expect(new TripletMarginMiner({ margin: 2 }).margin).toBe(2)
    const ofSemihard = new Scheduled(0.2)
    new TripletMarginMiner({ margin: ofSemihard, typeOfTriplets: 'semihard' })
    expect(() => { ofSemihard.value = 0 }).toThrow('above 0 beside')
    expect(new TripletMarginMiner({ margin: 1.5, distance: new CosineSimilarity() }).margin).toBe(1.5)
  })
})
