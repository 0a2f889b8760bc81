import * as tf from '@tensorflow/tfjs-core'
import { OptionError, Random, ShapeError, type Miner, type Selection } from '@metric-learning/contracts'
import { drawPosition, indicesFromSelection, relationsOf, selectionFromIndices, toTripletSelection } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { BatchHardMiner, CappedMiner, DistanceWeightedMiner, IntersectionMiner, MultiSimilarityMiner, PairMarginMiner, TripletMarginMiner, UnionMiner } from './index.js'

const random = new Random(8)
const labels = Array.from({ length: 20 }, (_, row) => row % 4)
const embeddings = tf.tensor2d(Float32Array.from({ length: 120 }, () => random.normal()), [20, 6])
const relations = relationsOf(labels)
const tuples = async (selection: Selection) => {
  const { anchor, positive, negative } = await indicesFromSelection(toTripletSelection(selection, relations))
  return new Set(Array.from(anchor, (a, i) => `${a} ${positive[i]} ${negative[i]}`))
}
const at = (batch: number) => ({ position: tf.tensor1d(drawPosition(0, 1, batch), 'int32') })

describe('UnionMiner and IntersectionMiner', () => {
  it.each([
    ['triplets', [new BatchHardMiner(), new TripletMarginMiner({ typeOfTriplets: 'semihard' }), new DistanceWeightedMiner()]],
    ['pairs and triplets', [new MultiSimilarityMiner(), new TripletMarginMiner()]],
  ])('select what one of their miners does, and what all do, of %s', async (_, miners) => {
    const each = await Promise.all(miners.map((miner) => tuples(miner.mine(embeddings, relations, at(3)))))
    const union = await tuples(new UnionMiner({ miners }).mine(embeddings, relations, at(3)))
    const intersection = await tuples(new IntersectionMiner({ miners }).mine(embeddings, relations, at(3)))
    expect(union).toEqual(new Set(each.flatMap((set) => [...set])))
    expect([...intersection].sort()).toEqual([...each[0]!].filter((tuple) => each.every((set) => set.has(tuple))).sort())
  })

  it('give pairs where all miners do', () => {
    const miners = [new MultiSimilarityMiner(), new PairMarginMiner({ negMargin: 1.5 })]
    expect([new UnionMiner({ miners }), new IntersectionMiner({ miners })].map((miner) => miner.mine(embeddings, relations).kind)).toEqual(['pairs', 'pairs'])
  })

  it('have miners that draw otherwise by another seed, and alike by the same', async () => {
    const size = async (seed: number) => {
      const miners = [new DistanceWeightedMiner({ tripletsPerAnchor: 2 }), new DistanceWeightedMiner({ tripletsPerAnchor: 2, seed })]
      return (await tuples(new UnionMiner({ miners }).mine(embeddings, relations, at(3)))).size
    }
    expect(await size(0)).toBe((await tuples(new DistanceWeightedMiner({ tripletsPerAnchor: 2 }).mine(embeddings, relations, at(3)))).size)
    expect(await size(1)).toBeGreaterThan(await size(0))
  })

  it('save what their miners remember', async () => {
    const made = () => new UnionMiner({ miners: [new BatchHardMiner(), new DistanceWeightedMiner()] })
    const [one, other] = [made(), made()]
    one.mine(embeddings, relations)
    other.restore(one.state())
    expect(await tuples(other.mine(embeddings, relations))).toEqual(await tuples(one.mine(embeddings, relations)))
  })

  it('say what they do not take', () => {
    expect(() => new UnionMiner({ miners: [new BatchHardMiner()] })).toThrow('UnionMiner: wanted `miners` to be a list of two miners or more, got 1')
    expect(() => new IntersectionMiner({ miners: [new BatchHardMiner(), BatchHardMiner as never] })).toThrow('`miners[1]` to be an object with `mine`')
    expect(() => new UnionMiner({ miners: [new BatchHardMiner(), new BatchHardMiner()] }).mine(embeddings, [0, 1])).toThrow('UnionMiner: wanted one label')
  })
})

describe('CappedMiner', () => {
  const capped = (maxTuples: number) => new CappedMiner({ miner: new TripletMarginMiner(), maxTuples })

  it('selects so many at most, others from step to step, of what its miner selects', async () => {
    const all = await tuples(new TripletMarginMiner().mine(embeddings, relations))
    const [first, second] = [await tuples(capped(30).mine(embeddings, relations, at(1))), await tuples(capped(30).mine(embeddings, relations, at(2)))]
    for (const some of [first, second]) {
      expect(some.size).toBeGreaterThanOrEqual(29)
      expect(some.size).toBeLessThanOrEqual(30)
      expect([...some].every((tuple) => all.has(tuple))).toBe(true)
    }
    expect(first).not.toEqual(second)
    expect(await tuples(capped(100_000).mine(embeddings, relations))).toEqual(all)
  })

  it('goes on from its saved state, and wants a number', async () => {
    const [one, other] = [capped(10), capped(10)]
    one.mine(embeddings, relations)
    other.restore(one.state())
    expect(await tuples(other.mine(embeddings, relations))).toEqual(await tuples(one.mine(embeddings, relations)))
    expect(() => { other.restore({}) }).toThrow('CappedMiner: wanted "draws" as int32 [3], where the draws of a miner stand, got none')
    expect(() => capped(0)).toThrow('`maxTuples` to be an integer of at least 1, got 0')
  })
})

describe('What a miner gives to one around it', () => {
  const giving = (selection: unknown): Miner => ({ name: 'OwnMiner', mine: () => selection as Selection })
  const around = {
    UnionMiner: (miner: Miner) => new UnionMiner({ miners: [miner, new BatchHardMiner()] }),
    IntersectionMiner: (miner: Miner) => new IntersectionMiner({ miners: [miner, new TripletMarginMiner()] }),
    CappedMiner: (miner: Miner) => new CappedMiner({ miner, maxTuples: 10 }),
  }

  it.each(Object.entries(around))('may be row numbers: %s', async (_, create) => {
    const indices = { anchor: [0, 1], positive: [4, 5], negative: [1, 2] }
    const given = await tuples(create(giving(indices)).mine(embeddings, relations))
    const dense = await tuples(create(giving(selectionFromIndices(indices, relations))).mine(embeddings, relations))
    expect(given.size).toBeGreaterThan(0)
    expect(given).toEqual(dense)
  })

  it.each(Object.entries(around))('is refused where it is no selection: %s', (name, create) => {
    const mined = (selection: unknown) => () => create(giving(selection)).mine(embeddings, relations)
    for (const none of [undefined, null, 3, {}, { kind: 'some' }, tf.zeros([20, 20])]) {
      expect(mined(none)).toThrow(OptionError)
      expect(mined(none)).toThrow(`OwnMiner in ${name}: wanted \`selection\` to be what a miner gives`)
    }
    expect(mined({ kind: 'pairs', positive: tf.zeros([20, 3]), negative: tf.zeros([20, 20]) })).toThrow(ShapeError)
    expect(mined({ anchor: [0], positive: [20], negative: [1] })).toThrow(`OwnMiner in ${name}: wanted \`positive\` to hold 1 row numbers in [0, 20)`)
  })
})
