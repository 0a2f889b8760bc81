import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { FusedKernel, indicesFromSelection, relationsToDeviceLabels } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { withoutFusedKernel } from '../../../tools/test-support/without-fused-kernel.js'
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

  it('finds the same as a slow loop among classes of any size, in a batch and where a batch is part of its references', async () => {
    const random = new Random(4)
    const rows = 60
    const labels = Array.from({ length: rows }, (_, row) => (row < 40 ? Math.floor(row / 5) : row))
    const embeddings = tf.tensor2d(Float32Array.from({ length: rows * 3 }, () => random.normal()), [rows, 3])
    const apart = new LpDistance().matrix(embeddings).arraySync()
    const columns = Array.from(labels.keys())
    for (const queries of [rows, 30]) {
      const wanted = labels.slice(0, queries).flatMap((label, row) => {
        const [positives, negatives] = [columns.filter((column) => column !== row && labels[column] === label), columns.filter((column) => labels[column] !== label)]
        const by = (sign: number, among: number[]) => [...among].sort((a, b) => sign * (apart[row]![a]! - apart[row]![b]!) || a - b)[0]
        return positives.length > 0 ? [[row, by(-1, positives), by(1, negatives)]] : []
      })
      const references = { refEmbeddings: embeddings, refLabels: labels, sameSet: true }
      const selection = new BatchHardMiner().mine(tf.slice(embeddings, 0, queries), labels.slice(0, queries), queries < rows ? { references } : {})
      const { anchor, positive, negative } = await indicesFromSelection(selection)
      expect(Array.from(anchor, (row, i) => [row, positive[i], negative[i]])).toEqual(wanted)
    }
  })

  it('finds what composed operations find, of every distance that a fused kernel knows, with a memory and without', async () => {
    const random = new Random(11)
    const rows = (count: number) => tf.tensor2d(Float32Array.from({ length: count * 12 }, () => random.normal()), [count, 12])
    const [embeddings, memory] = [rows(90), rows(130)]
    const labels = Array.from({ length: 90 }, (_, row) => row % 17)
    const held = relationsToDeviceLabels(labels, { refLabelTensor: tf.tensor1d(Array.from({ length: 130 }, (_, row) => row % 23), 'int32'), isFilled: tf.tensor1d(Array.from({ length: 130 }, (_, row) => (row > 40 ? 1 : 0))), maxPositives: 8 })
    for (const of of [new LpDistance(), new LpDistance({ normalizeEmbeddings: false, power: 2 }), new CosineSimilarity(), new DotProductSimilarity({ normalizeEmbeddings: false })]) {
      const miner = new BatchHardMiner({ distance: of })
      for (const mine of [() => miner.mine(embeddings, labels), () => miner.mine(embeddings, held, { references: { refEmbeddings: memory } })]) {
        const composed = await withoutFusedKernel(FusedKernel.hardestPairs, () => indicesFromSelection(mine()))
        expect(await indicesFromSelection(mine())).toEqual(composed)
        expect(composed.anchor.length).toBeGreaterThan(40)
      }
    }
  })

  it('turns round for similarities', async () => {
    const circle = tf.tensor2d([[1, 0], [1, 0.1], [0, 1], [1, 0.5], [-1, 0]])
    const [similar, distant] = [new CosineSimilarity(), new LpDistance()].map((of) => new BatchHardMiner({ distance: of }).mine(circle, [0, 0, 0, 1, 1]))
    expect(await indicesFromSelection(similar!)).toEqual(await indicesFromSelection(distant!))
  })
})
