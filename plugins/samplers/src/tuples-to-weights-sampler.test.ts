import * as tf from '@tensorflow/tfjs-core'
import type { Miner, PairSelection, Stateful } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { farPositives, points, scaled } from './looking-model.fixture.js'
import { TuplesToWeightsSampler, type TuplesToWeightsSamplerOptions } from './tuples-to-weights-sampler.js'

const first = { seed: 0, epoch: 1, batch: 0 }
const make = (options: Partial<TuplesToWeightsSamplerOptions> = {}) => new TuplesToWeightsSampler({ dataset: points(), trunk: scaled(), miner: farPositives, batchSize: 4, compile: false, ...options })

/** Takes the given pairs of rows as positives, as often as they are given, whatever the embeddings. */
const taking = (pairs: readonly (readonly [number, number])[], count: number): Miner<PairSelection> => ({
  name: 'taking',
  mine: () => {
    const positive = tf.buffer([count, count])
    for (const [anchor, other] of pairs) positive.set(positive.get(anchor, other) + 1, anchor, other)
    return { kind: 'pairs', positive: positive.toTensor() as tf.Tensor2D, negative: tf.zeros([count, count]) }
  },
})

describe('TuplesToWeightsSampler', () => {
  it('weighs samples by how often they are mined, divided by the largest count', async () => {
    const sampler = make({ miner: taking([[0, 3], [0, 6], [3, 6], [3, 0]], 12) })
    expect(sampler.weights).toEqual(new Float32Array(12))
    await sampler.prepare(first)
    const wanted = new Float32Array(12)
    wanted.set([1], 0)
    wanted.set([1], 3)
    wanted[6] = Math.fround(2 / 3)
    expect(sampler.weights).toEqual(wanted)
  })

  it('draws with replacement, as often as the weights say', async () => {
    // Even rows have a count of 2, row 1 of 6, row 3 of 2, other odd ones of 0.
    const pairs = Array.from({ length: 150 }, (_, i) => [2 * i, 2 * i] as const)
    const sampler = make({ dataset: points(100), miner: taking([...pairs, [1, 1], [1, 1], [1, 3], [1, 3]], 300), batchSize: 150 })
    const counts = new Float64Array(300)
    for (let epoch = 1; epoch <= 40; epoch++) {
      await sampler.prepare({ ...first, epoch })
      for (let batch = 0; batch < 2; batch++) for (const row of sampler.batch({ seed: 0, epoch, batch })) counts[row]! += 1
    }
    const { weights } = sampler
    expect([weights[0], weights[1], weights[3], weights[5]].map((weight) => Number(weight!.toFixed(4)))).toEqual([0.3333, 1, 0.3333, 0])
    const total = weights.reduce((a, b) => a + b)
    // Row 1 is expected 12,000 / 51.3 = 234 times, with a standard deviation of 15.
    expect(Math.abs(counts[1]! - 12_000 / total)).toBeLessThan(60)
    expect(counts.filter((_, row) => weights[row] === 0).reduce((a, b) => a + b)).toBe(0)
    expect(counts.filter((count, row) => weights[row]! > 0 && count === 0)).toHaveLength(0)
  })

  it('says what its miner records, also where a run goes on within an epoch', async () => {
    const counting: Miner<PairSelection> = {
      ...taking([[0, 3], [0, 6]], 12),
      statistics: ['numPosPairs', 'hardestNegPair'],
      mine(...given) {
        const selection = taking([[0, 3], [0, 6]], 12).mine(...given) as PairSelection
        given[2]?.record?.({ numPosPairs: tf.sum(selection.positive), hardestNegPair: tf.scalar(NaN) })
        return selection
      },
    }
    const sampler = make({ miner: counting })
    expect(sampler.statistics()).toEqual({})
    await sampler.prepare(first)
    const before = tf.memory().numTensors
    await sampler.prepare({ ...first, epoch: 2 })
    expect(tf.memory().numTensors).toBe(before)
    expect(sampler.statistics()).toEqual({ numPosPairs: 2 })
    const resumed = make({ miner: counting })
    resumed.restore(sampler.state())
    expect(resumed.statistics()).toEqual({ numPosPairs: 2 })
    await expect(make({ miner: { ...counting, statistics: ['other'] } }).prepare(first)).rejects.toThrow('wanted taking to record other, got no other')
  })

  it('weighs all alike where nothing is mined', async () => {
    const sampler = make({ miner: taking([], 12) })
    await sampler.prepare(first)
    expect(sampler.weights).toEqual(new Float32Array(12).fill(1))
  })

  it('looks at a subset alone, another one in each epoch', async () => {
    const sampler = make({ subsetSize: 5, miner: taking([[0, 1]], 5), batchSize: 2 })
    expect(sampler.batchesPerEpoch).toBe(2)
    const subsets = new Set<string>()
    for (let epoch = 1; epoch <= 10; epoch++) {
      await sampler.prepare({ ...first, epoch })
      const rows = [...sampler.weights.keys()].filter((row) => sampler.weights[row]! > 0)
      expect(rows).toHaveLength(2)
      for (const batch of [0, 1]) for (const row of sampler.batch({ seed: 0, epoch, batch })) expect(rows).toContain(row)
      subsets.add(rows.join())
    }
    expect(subsets.size).toBeGreaterThan(3)
  })

  it('goes by the label column that it is told', async () => {
    const [fine, coarse] = [make(), make({ labels: 'coarse' })]
    await Promise.all([fine.prepare(first), coarse.prepare(first)])
    expect([...fine.weights]).not.toEqual([...coarse.weights])
    expect(() => make({ labels: 'corse' })).toThrow('TuplesToWeightsSampler: wanted one of the label columns coarse, got "corse"')
  })

  it('mines embeddings as the model gives them', async () => {
    const seen: number[] = []
    const miner: Miner<PairSelection> = {
      name: 'seeing',
      mine(x, labels) {
        seen.push(...x.dataSync())
        return farPositives.mine(x, labels)
      },
    }
    await make({ miner, trunk: scaled(2) }).prepare(first)
    const { values } = await points().load(Int32Array.from({ length: 12 }, (_, row) => row))
    seen.forEach((value, i) => expect(value).toBeCloseTo(2 * values[i]!, 5))
    expect(seen).toHaveLength(24)
  })

  it('looks at the model as it is when an epoch begins, and not within one', async () => {
    const trunk = { ...scaled(), call: (x: tf.Tensor) => tf.add(x, tf.mul(tf.sign(x), trunk.weight)) }
    const sampler = make({ trunk })
    await sampler.prepare(first)
    const before = sampler.weights
    trunk.weight.assign(tf.scalar(3))
    await sampler.prepare({ ...first, batch: 1 })
    expect(sampler.weights).toEqual(before)
    await sampler.prepare({ ...first, epoch: 2 })
    expect(sampler.weights).not.toEqual(before)
  })

  it('keeps what its miner remembers with its weights', async () => {
    const counting = (): Miner & Stateful & { calls: number } => ({
      ...farPositives,
      calls: 0,
      mine(x, labels) {
        this.calls += 1
        return farPositives.mine(x, labels)
      },
      state() {
        return { values: { calls: this.calls }, tensors: new Map([['last', tf.scalar(10 * this.calls)]]) }
      },
      restore({ values, tensors }) {
        expect(tensors!.get('last')!.dataSync()[0]).toBe(10 * (values!['calls'] as number))
        this.calls = values!['calls'] as number
      },
    })
    const [miner, other] = [counting(), counting()]
    const [sampler, restored] = [make({ miner }), make({ miner: other })]
    for (let epoch = 1; epoch <= 3; epoch++) await sampler.prepare({ ...first, epoch })
    restored.restore(sampler.state())
    expect(other.calls).toBe(3)
    expect(restored.weights).toEqual(sampler.weights)
    expect(() => restored.restore(make().state())).toThrow('TuplesToWeightsSampler: wanted a state of miner, got none')
    expect(restored.weights).toEqual(sampler.weights)
  })

  it('frees all but its weights, and in the end those', async () => {
    const trunk = scaled()
    const before = tf.memory().numTensors
    const sampler = new TuplesToWeightsSampler({ dataset: points(), trunk, miner: farPositives, batchSize: 4, compile: false })
    for (let epoch = 1; epoch <= 3; epoch++) await sampler.prepare({ ...first, epoch })
    expect(tf.memory().numTensors).toBe(before + 1)
    sampler.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('says what is missing or does not add up', async () => {
    const sampler = make()
    expect(() => sampler.batch(first)).toThrow('TuplesToWeightsSampler: wanted the weights of epoch 1 of seed 0, got none. Await `prepare({ seed, epoch, batch: 0 })`')
    await expect(sampler.prepare({ ...first, batch: 2 })).rejects.toThrow('wanted the weights of epoch 1 of seed 0, got none')
    await sampler.prepare(first)
    expect(() => sampler.batch({ ...first, epoch: 2 })).toThrow('got those of epoch 1 of seed 0')
    expect(() => sampler.batch({ ...first, seed: 1 })).toThrow('wanted the weights of epoch 1 of seed 1')
    expect(() => sampler.restore({ values: { seed: 0, epoch: 1 } })).toThrow('wanted seed, epoch and "weights" as float32 [12], got none')
    expect(() => sampler.restore(make({ dataset: points(2) }).state())).toThrow('got float32 [6]')
    const nan = make({ trunk: scaled(NaN) })
    await expect(nan.prepare(first)).rejects.toThrow('TuplesToWeightsSampler: wanted `embeddings` of finite numbers')
    expect(() => make({ batchSize: 13 })).toThrow('wanted `batchSize` to be at most the 12 samples of an epoch, got 13')
    expect(() => make({ subsetSize: 13 })).toThrow('`subsetSize` to be an integer of at least 1 and at most 12, got 13. points has 12 samples.')
    expect(() => make({ miner: {} as never })).toThrow('`miner` to be an object with `mine`')
    expect(() => make({ model: 1 } as never)).toThrow('got `model`')
  })
})
