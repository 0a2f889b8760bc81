import * as tf from '@tensorflow/tfjs-core'
import { isStateful, Random } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { drawPosition, indicesFromSelection } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { DistanceWeightedMiner } from './distance-weighted-miner.js'

const random = new Random(2)
const wide = (rows: number, dim: number) => tf.tensor2d(Float32Array.from({ length: rows * dim }, () => random.normal()), [rows, dim])

describe('DistanceWeightedMiner', () => {
  it('draws as many triplets of an anchor as its class has samples', async () => {
    const { anchor } = await indicesFromSelection(new DistanceWeightedMiner({ nonzeroLossCutoff: 2 }).mine(wide(12, 6), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3]))
    const counts = Array.from({ length: 12 }, (_, row) => Array.from(anchor).filter((of) => of === row).length)
    expect(counts).toEqual([6, 6, 6, 6, 6, 6, 4, 4, 4, 4, 0, 0])
  })

  it('draws in 512 dimensions too, where weights of other anchors would underflow', async () => {
    // Most are about √2 apart, and a few close to each other: their weights are e^80 times as large.
    const close = tf.add<tf.Tensor2D>(tf.tile(wide(1, 512), [4, 1]), tf.mul(wide(4, 512), 0.3))
    const embeddings = tf.concat2d([wide(12, 512), close], 0)
    const labels = Array.from({ length: 16 }, (_, row) => row % 4)
    const { anchor } = await indicesFromSelection(new DistanceWeightedMiner({ nonzeroLossCutoff: 1.6 }).mine(embeddings, labels))
    expect(new Set(Array.from(anchor)).size).toBe(16)
  })

  it('draws no negative from the cut-off on, and none of an anchor that has no other', async () => {
    const embeddings = tf.tensor2d([[1, 0], [1, 0.1], [0, 1], [-1, 0]])
    const { anchor, negative } = await indicesFromSelection(new DistanceWeightedMiner({ tripletsPerAnchor: 50 }).mine(embeddings, [0, 0, 1, 1]))
    expect([...new Set(Array.from(anchor, (a, i) => `${a} ${negative[i]}`))].sort()).toEqual(['1 2', '2 1'])
  })

  it('goes on from call to call, and from a saved state; at a position it draws the same', async () => {
    const [embeddings, labels] = [wide(8, 4), [0, 0, 0, 0, 1, 1, 1, 1]]
    const [first, second] = [new DistanceWeightedMiner(), new DistanceWeightedMiner()]
    const draw = async (miner: DistanceWeightedMiner, position?: tf.Tensor1D) => JSON.stringify(await indicesFromSelection(miner.mine(embeddings, labels, position && { position })))
    const once = await draw(first)
    expect(await draw(first)).not.toBe(once)
    if (!isStateful(first) || !isStateful(second)) throw new Error('no state')
    second.restore(first.state())
    const at = tf.tensor1d(drawPosition(0, 1, 5), 'int32')
    expect(await draw(second, at)).toBe(await draw(first, at))
    expect(await draw(second)).toBe(await draw(first))
    expect(await draw(new DistanceWeightedMiner({ seed: 1 }), at)).not.toBe(await draw(first, at))
  })

  it('says what it does not take', () => {
    expect(() => new DistanceWeightedMiner({ cutoff: 1.5 })).toThrow('`cutoff` below `nonzeroLossCutoff`, got 1.5 and 1.4')
    expect(() => new DistanceWeightedMiner({ nonzeroLossCutoff: 2.5 })).toThrow('at most 2')
    expect(() => new DistanceWeightedMiner({ distance: new LpDistance({ normalizeEmbeddings: false }) })).toThrow('`distance` to be LpDistance with normalizeEmbeddings true')
  })
})
