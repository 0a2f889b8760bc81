import * as tf from '@tensorflow/tfjs-core'
import { sharesLabel } from '@metric-learning/contracts'
import { relationsByComparison } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { ContrastiveLoss } from './contrastive-loss.js'
import { MultiSimilarityLoss } from './multi-similarity-loss.js'
import { NTXentLoss } from './nt-xent-loss.js'
import { SupConLoss } from './sup-con-loss.js'
import { TripletMarginLoss } from './triplet-margin-loss.js'

const embeddings = tf.randomNormal<tf.Rank.R2>([5, 3], 0, 1, 'float32', 4)
const labelRows = [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]]
const number = (tensor: tf.Scalar) => tensor.dataSync()[0]!

/** The pairs that the rows above mean, written out. */
const pairs = () => {
  const [anchor1, positive, anchor2, negative]: number[][] = [[], [], [], []]
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 5; j++) {
      if (i === j) continue
      const [anchors, others] = sharesLabel(labelRows[i]!, labelRows[j]!) ? [anchor1!, positive!] : [anchor2!, negative!]
      anchors.push(i)
      others.push(j)
    }
  }
  return { anchor1: anchor1!, positive: positive!, anchor2: anchor2!, negative: negative! }
}

describe.each([
  ['ContrastiveLoss', () => new ContrastiveLoss()],
  ['MultiSimilarityLoss', () => new MultiSimilarityLoss()],
  ['NTXentLoss', () => new NTXentLoss()],
  ['SupConLoss', () => new SupConLoss()],
  ['TripletMarginLoss', () => new TripletMarginLoss({ margin: 1 })],
])('%s', (_, make) => {
  it('takes multi-hot labels with a comparison for what their pairs are', () => {
    const relations = relationsByComparison({ labelRows, labelComparison: sharesLabel })
    const wanted = make().compute(embeddings, [0, 1, 2, 3, 4], { selection: pairs() })
    expect(number(make().compute(embeddings, relations))).toBeCloseTo(number(wanted), 5)
  })
})
