import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { indicesFromSelection } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { BatchHardMiner } from './batch-hard-miner.js'

// On a line: the distance of two embeddings is the difference of their numbers.
const line = tf.tensor2d([[0], [1], [1.5], [4]])
const distance = new LpDistance({ normalizeEmbeddings: false })

describe('BatchHardMiner', () => {
  it('joins the farthest positive of each anchor and its closest negative', async () => {
    const selection = new BatchHardMiner({ distance }).mine(line, [0, 0, 1, 1])
    expect(selection.positiveIndex.shape).toEqual([4, 1])
    expect(await indicesFromSelection(selection)).toEqual({ anchor: [0, 1, 2, 3], positive: [1, 0, 3, 2], negative: [2, 2, 1, 1] })
  })

  it('leaves out anchors without positives or without negatives', async () => {
    const mined = (labels: number[]) => indicesFromSelection(new BatchHardMiner({ distance }).mine(line, labels))
    expect((await mined([0, 0, 1, 2])).anchor).toEqual([0, 1])
    expect((await mined([0, 0, 0, 0])).anchor).toEqual([])
    expect((await mined([0, 1, 2, 3])).anchor).toEqual([])
  })

  it('takes the first of equals', async () => {
    const selection = new BatchHardMiner({ distance }).mine(tf.tensor2d([[0], [2], [2], [5], [-5]]), [0, 0, 0, 1, 1])
    expect((await indicesFromSelection(selection)).positive[0]).toBe(1)
    expect((await indicesFromSelection(selection)).negative[0]).toBe(3)
  })

  it('turns round for similarities', async () => {
    const circle = tf.tensor2d([[1, 0], [1, 0.1], [0, 1], [1, 0.5], [-1, 0]])
    const [similar, distant] = [new CosineSimilarity(), new LpDistance()].map((of) => new BatchHardMiner({ distance: of }).mine(circle, [0, 0, 0, 1, 1]))
    expect(await indicesFromSelection(similar!)).toEqual(await indicesFromSelection(distant!))
  })
})
