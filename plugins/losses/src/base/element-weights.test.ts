import * as tf from '@tensorflow/tfjs-core'
import { relationsOf, selectionFromIndices } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { expectClose, toIndices, readGolden } from '@metric-learning/golden'
import { elementWeights } from './element-weights.js'

describe('elementWeights as in PyTorch Metric Learning', () => {
  for (const of of readGolden('utils').filter((one) => one.function === 'convert_to_weights' && one.inputs.indices_tuple)) {
    it(of.id, () => {
      const labels = of.inputs.labels as number[]
      const relations = relationsOf(labels, of.inputs.using_ref ? { refLabels: labels } : undefined)
      const selection = selectionFromIndices(toIndices(of.inputs.indices_tuple)!, relations)
      expectClose('weights', elementWeights(selection, relations), of.expected.weights, of, 'value')
    })
  }
})

describe('elementWeights', () => {
  it('counts weights, not pairs, and rows of a larger set only as far as they are queries', () => {
    const relations = relationsOf([0, 1], { refLabels: [0, 1, 0], sameSet: true })
    const positive = tf.tensor2d([[0, 0, 0.5], [0, 0, 0]])
    const negative = tf.tensor2d([[0, 1.5, 0], [0, 0, 0]])
    expect(elementWeights({ kind: 'pairs', positive, negative }, relations).arraySync()).toEqual([1, 0.75])
  })
})
