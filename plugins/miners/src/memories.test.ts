import * as tf from '@tensorflow/tfjs-core'
import { Random, type LabelRelations, type Miner } from '@metric-learning/contracts'
import { drawPosition, indicesFromSelection, relationsOf, relationsToDeviceLabels } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import * as miners from './index.js'

const random = new Random(12)
const rows = (count: number) => tf.tensor2d(Float32Array.from({ length: count * 4 }, () => random.normal()), [count, 4])
const [labels, refLabels] = [[0, 1, 2, 0, 1, 2, 3, 3, 0], [2, 1, 0, 0, 1, 2, 2, 0, 1, 4, 4, 0, 1, 2]]
const [embeddings, refEmbeddings] = [rows(labels.length), rows(refLabels.length)]
const position = tf.tensor1d(drawPosition(0, 1, 0), 'int32')

/** As of a memory: labels on the device alone, and slots that are still empty. */
const ofMemory = () => {
  const padded = (values: number[]) => [...values, 0, 1, 2]
  const isFilled = tf.tensor1d([...refLabels.map(() => 1), 0, 0, 0])
  return relationsToDeviceLabels(labels, { refLabelTensor: tf.tensor1d(padded(refLabels), 'int32'), isFilled, maxPositives: 6 })
}

/** Goes by the order of rows, which the slots of a memory have not: it refuses them, as its own test shows. */
const refusing = 'EmbeddingsAlreadyPackagedAsTriplets'

const cases: Readonly<Record<string, Miner>> = {
  AngularMiner: new miners.AngularMiner(),
  BatchEasyHardMiner: new miners.BatchEasyHardMiner(),
  BatchHardMiner: new miners.BatchHardMiner(),
  CappedMiner: new miners.CappedMiner({ miner: new miners.TripletMarginMiner(), maxTuples: 1000 }),
  DistanceWeightedMiner: new miners.DistanceWeightedMiner({ tripletsPerAnchor: 5, nonzeroLossCutoff: 1.9 }),
  HDCMiner: new miners.HDCMiner({ filterPercentage: 0.3 }),
  IntersectionMiner: new miners.IntersectionMiner({ miners: [new miners.MultiSimilarityMiner(), new miners.TripletMarginMiner()] }),
  MultiSimilarityMiner: new miners.MultiSimilarityMiner(),
  PairMarginMiner: new miners.PairMarginMiner({ negMargin: 1.5 }),
  TripletMarginMiner: new miners.TripletMarginMiner({ typeOfTriplets: 'semihard' }),
  UniformHistogramMiner: new miners.UniformHistogramMiner({ numBins: 1, posPerBin: 1, negPerBin: 1 }),
  UnionMiner: new miners.UnionMiner({ miners: [new miners.BatchHardMiner(), new miners.MultiSimilarityMiner()] }),
}

const sorted = (indices: object) => {
  const [first, ...others] = Object.values(indices) as number[][]
  if ('anchor' in indices) return first!.map((a, i) => [a, ...others.map((vector) => vector[i])].join(' ')).sort()
  const { anchor1, positive, anchor2, negative } = indices as Record<string, number[]>
  return [...anchor1!.map((a, i) => `${a} + ${positive![i]}`), ...anchor2!.map((a, i) => `${a} - ${negative![i]}`)].sort()
}

describe('Against a memory', () => {
  it('is looked at with every miner that takes one', () => {
    const names = Object.entries(miners).flatMap(([name, value]) => (typeof value === 'function' && 'declaredOptions' in value ? [name] : []))
    expect([...Object.keys(cases), refusing].sort()).toEqual(names.sort())
  })

  it.each(Object.entries(cases))('%s selects what it does in a reference set, and nothing of empty slots', async (name, miner) => {
    const mine = async (relations: LabelRelations, references: tf.Tensor2D) =>
      sorted(await indicesFromSelection(miner.mine(embeddings, relations, { references: { refEmbeddings: references }, position })))
    const held = await mine(ofMemory(), tf.concat([refEmbeddings, rows(3)]))
    const wanted = await mine(relationsOf(labels, { refLabels }), refEmbeddings)
    expect(held.length).toBe(wanted.length)
    // One draw of a bin is of a list that is as long, in which pairs stand at other places.
    if (name !== 'UniformHistogramMiner') expect(held).toEqual(wanted)
  })
})
