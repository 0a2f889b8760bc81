import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { indicesFromSelection } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { PairMarginMiner } from './pair-margin-miner.js'

describe('PairMarginMiner', () => {
  const labels = [0, 0, 1, 1]

  it('keeps positives beyond their margin and negatives within theirs, strictly', async () => {
    const distance = new LpDistance({ normalizeEmbeddings: false })
    const miner = new PairMarginMiner({ posMargin: 1, negMargin: 2, distance })
    const { anchor1, positive, anchor2, negative } = await indicesFromSelection(miner.mine(tf.tensor2d([[0], [1], [2], [3.5]]), labels))
    expect([anchor1, positive]).toEqual([[2, 3], [3, 2]])
    expect([anchor2, negative]).toEqual([[1, 2], [2, 1]])
  })

  it('turns round for similarities', async () => {
    const circle = tf.tensor2d([[1, 0], [0, 1], [1, 1], [-1, 0]])
    const miner = new PairMarginMiner({ posMargin: 0.5, negMargin: 0.5, distance: new CosineSimilarity() })
    const { anchor1, positive, anchor2, negative } = await indicesFromSelection(miner.mine(circle, labels))
    expect([anchor1, positive]).toEqual([[0, 1, 2, 3], [1, 0, 3, 2]])
    expect([anchor2, negative]).toEqual([[0, 1, 2, 2], [2, 2, 0, 1]])
  })

  it('refuses margins at the end of what distances can be, beyond which there is nothing', () => {
    expect(() => new PairMarginMiner({ posMargin: 2 })).toThrow('PairMarginMiner: wanted `posMargin` below 2, got 2. LpDistance gives at most 2: no pair would ever be selected.')
    expect(() => new PairMarginMiner({ negMargin: 0 })).toThrow('`negMargin` above 0, got 0. LpDistance gives at least 0')
    const cosines = { distance: new CosineSimilarity(), posMargin: 0.5, negMargin: 0.5 }
    expect(() => new PairMarginMiner({ ...cosines, posMargin: -1 })).toThrow('`posMargin` above -1, got -1')
    expect(() => new PairMarginMiner({ ...cosines, negMargin: 1 })).toThrow('`negMargin` below 1, got 1')
    const unbounded = new LpDistance({ normalizeEmbeddings: false })
    expect(() => new PairMarginMiner({ distance: unbounded, posMargin: 100 })).not.toThrow()
    expect(() => new PairMarginMiner({ distance: unbounded, negMargin: -1 })).toThrow('`negMargin` above 0, got -1')
  })

  it('refuses margins that no distance reaches', () => {
    expect(() => new PairMarginMiner({ negMargin: 2.1 })).toThrow('`negMargin` from -2 to 2, got 2.1')
    expect(() => new PairMarginMiner({ posMargin: 30, distance: new CosineSimilarity() })).toThrow('in units of a cosine')
    expect(() => new PairMarginMiner({ negMargin: 1.5, distance: new CosineSimilarity() })).toThrow('`negMargin` from -1 to 1, got 1.5. Normalised embeddings have a similarity')
    expect(() => new PairMarginMiner({ negMargin: 2.1, distance: new LpDistance({ p: 1 }) })).toThrow('`negMargin` from -2 to 2, got 2.1')
    expect(new PairMarginMiner({ posMargin: 3, distance: new LpDistance({ power: 2 }) }).posMargin).toBe(3)
  })
})
