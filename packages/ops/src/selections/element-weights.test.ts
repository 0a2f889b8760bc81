import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { relationsOf } from '../labels/relations.js'
import { elementWeights } from './element-weights.js'

describe('elementWeights', () => {
  it('counts weights, not pairs, and rows of a larger set only as far as they are queries', () => {
    const relations = relationsOf([0, 1], { refLabels: [0, 1, 0], sameSet: true })
    const positive = tf.tensor2d([[0, 0, 0.5], [0, 0, 0]])
    const negative = tf.tensor2d([[0, 1.5, 0], [0, 0, 0]])
    expect(elementWeights({ kind: 'pairs', positive, negative }, relations).arraySync()).toEqual([1, 0.75])
  })
})
