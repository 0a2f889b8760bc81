import * as tf from '@tensorflow/tfjs-core'
import { Random, type PickedTriplets } from '@metric-learning/contracts'
import { CosineSimilarity, DotProductSimilarity, LpDistance, SNRDistance } from '@metric-learning/distances'
import { relationsOf, toTripletSelection } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { MarginLoss } from './margin-loss.js'
import { TripletMarginLoss } from './triplet-margin-loss.js'

const rows = 40
const random = new Random(6)
const drawn = Array.from({ length: rows }, () => Array.from({ length: 5 }, () => random.normal()))
// Two rows are equal, so that a distance is 0.
const embeddings = tf.tensor2d(drawn.map((row, i) => (i === 1 ? drawn[0]! : row)))
const relations = relationsOf(Array.from({ length: rows }, (_, row) => Math.floor(row / 2) % 10))

/** The positive beside each row, and rows of another class as negatives. */
const picked = (t: number): PickedTriplets => ({
  kind: 'pickedTriplets',
  positiveIndex: tf.tensor2d(Array.from({ length: rows }, (_, row) => new Array<number>(t).fill(row ^ 1)), [rows, t], 'int32'),
  negativeIndex: tf.tensor2d(Array.from({ length: rows }, (_, row) => Array.from({ length: t }, (_, i) => (row + 3 + i) % rows)), [rows, t], 'int32'),
  weights: tf.tensor2d(Array.from({ length: rows }, (_, row) => Array.from({ length: t }, (_, i) => (row + i) % 3))),
  referenceCount: rows,
})

describe.each([
  ['LpDistance', () => new LpDistance()],
  ['LpDistance, squared', () => new LpDistance({ power: 2, normalizeEmbeddings: false })],
  ['CosineSimilarity', () => new CosineSimilarity()],
  ['DotProductSimilarity', () => new DotProductSimilarity({ normalizeEmbeddings: false })],
  ['SNRDistance', () => new SNRDistance()],
])('Triplets that are picked, by %s', (_, distance) => {
  it.each([
    ['TripletMarginLoss', () => new TripletMarginLoss({ margin: 0.5, distance: distance() })],
    ['TripletMarginLoss, swap', () => new TripletMarginLoss({ margin: 0.5, swap: true, distance: distance() })],
    ['MarginLoss', () => new MarginLoss({ distance: distance() })],
  ])('cost in %s as the same do densely, few or many of each anchor', (_name, create) => {
    for (const t of [1, 2, 5]) {
      const [few, dense] = [picked(t), toTripletSelection(picked(t), relations)].map((selection) =>
        tf.valueAndGrad((x: tf.Tensor) => create().compute(x as tf.Tensor2D, relations, { selection }))(embeddings))
      expect(few!.value.arraySync()).toBeCloseTo(dense!.value.arraySync(), 5)
      const wanted = dense!.grad.dataSync()
      few!.grad.dataSync().forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5))
    }
  })
})
