import * as tf from '@tensorflow/tfjs-core'
import type { Block, LossTerm } from '@metric-learning/contracts'
import { relationsOf } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { PerAnchorReducer } from './per-anchor-reducer.js'

const labels = relationsOf([0, 1])
const reduce = (values: number[][], weights: number[][]): number => {
  const term: LossTerm = { over: 'pair', values: tf.tensor2d(values), weights: tf.tensor2d(weights) }
  return new PerAnchorReducer().reduce(term, labels, 'loss').arraySync()
}

describe('PerAnchorReducer', () => {
  it('takes more references than anchors', () => {
    expect(reduce([[1, 2, 9], [9, 9, 5]], [[1, 1, 0], [0, 0, 1]])).toBeCloseTo((1.5 + 5) / 2, 6)
  })

  it('counts a pair that is there twice as often', () => {
    expect(reduce([[1, 4], [0, 0]], [[2, 1], [1, 1]])).toBeCloseTo((1 + 1 + 4) / 3 / 2, 6)
  })

  it('takes one value for each anchor of a term in blocks, too', () => {
    const [values, weights] = [tf.tensor2d([[1, 2, 9], [9, 9, 5]]), tf.tensor2d([[1, 1, 0], [0, 0, 1]])]
    const blocks = { size: 1, rows: [values], constants: [weights], compute: ({ rows, constants }: Block) => ({ values: rows[0]!, weights: constants[0]! }) }
    const term: LossTerm = { over: 'pair', values, weights, blocks }
    expect(new PerAnchorReducer().reduce(term, labels, 'loss').arraySync()).toBeCloseTo((1.5 + 5) / 2, 6)
  })
})
