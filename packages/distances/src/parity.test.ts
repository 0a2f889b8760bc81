import * as tf from '@tensorflow/tfjs-core'
import { MetricLearningError } from '@metric-learning/core'
import { describe, expect, it } from 'vitest'
import { construct, toOptions } from '../../../tools/golden/construct.js'
import { expectClose } from '../../../tools/golden/expect-close.js'
import type { GoldenCase } from '../../../tools/golden/golden-case.js'
import { toMatrix } from '../../../tools/golden/golden-tensor.js'
import { readGolden } from '../../../tools/golden/read-golden.js'
import { BatchedDistance, type BatchedDistanceOptions } from './batched-distance.js'
import { CosineSimilarity } from './cosine-similarity.js'
import type { Distance } from './distance.js'
import { DotProductSimilarity } from './dot-product-similarity.js'
import { LpDistance } from './lp-distance.js'
import { SNRDistance } from './snr-distance.js'

const registry = { CosineSimilarity, DotProductSimilarity, LpDistance, SNRDistance }
const make = (of: GoldenCase) => construct<Distance>(of.class!, of.args, registry)

function checkMatrix(of: GoldenCase): void {
  const distance = make(of)
  const query = toMatrix(of.inputs.query)
  const reference = of.inputs.reference ? toMatrix(of.inputs.reference) : undefined
  const matrix = distance.matrix(query, reference)
  expectClose('mat', matrix, of.expected.mat, of, 'value')
  if (of.expected.grads) checkGradients(of, distance, reference ? [query, reference] : [query])
  if (of.expected.normalized) checkRows(of, distance, query)
  if (of.expected.margin_col0_col1) checkOrder(of, distance, matrix)
}

function checkGradients(of: GoldenCase, distance: Distance, inputs: tf.Tensor2D[]): void {
  const weights = toMatrix(of.inputs.mat_grad_weights)
  const f = (...[query, reference]: tf.Tensor[]) =>
    tf.sum(tf.mul(weights, distance.matrix(query as tf.Tensor2D, reference as tf.Tensor2D | undefined)))
  const expected = of.expected.grads as Record<string, unknown>
  const names = ['query', 'reference'].slice(0, inputs.length)
  tf.grads(f)(inputs).forEach((gradient, i) => expectClose(`grads.${names[i]}`, gradient, expected[names[i]!], of, 'grad'))
}

function checkRows(of: GoldenCase, distance: Distance, query: tf.Tensor2D): void {
  const others = toMatrix(of.inputs.pairwise_with)
  const first = tf.slice(query, 0, others.shape[0])
  expectClose('pairwise_distance', distance.pairwiseDistance(first, others), of.expected.pairwise_distance, of, 'value')
  expectClose('normalized', distance.maybeNormalize(first), of.expected.normalized, of, 'value')
  expectClose('norm', distance.norm(first), of.expected.norm, of, 'value')
}

function checkOrder(of: GoldenCase, distance: Distance, matrix: tf.Tensor2D): void {
  const [x, y] = tf.unstack(tf.slice(matrix, [0, 0], [-1, 2]), 1) as [tf.Tensor, tf.Tensor]
  expectClose('margin', distance.margin(x, y), of.expected.margin_col0_col1, of, 'value')
  expectClose('smallest', distance.closest(x, y), of.expected.smallest_col0_col1, of, 'value')
  expectClose('largest', distance.farthest(x, y), of.expected.largest_col0_col1, of, 'value')
  const rows = { smallest: distance.closestAlong(matrix, 1), largest: distance.farthestAlong(matrix, 1) }
  for (const [name, { values, indices }] of Object.entries(rows)) {
    const expected = of.expected[`${name}_per_row`] as { values: unknown; indices: unknown } | undefined
    if (!expected) continue
    expectClose(`${name} values`, values, expected.values, of, 'value')
    expect(indices.arraySync()).toEqual(expected.indices)
  }
}

interface GoldenBlock {
  readonly start: number
  readonly end: number
  readonly mat: unknown
}

function checkBlocks(of: GoldenCase): void {
  const expected = of.expected.batches as GoldenBlock[]
  let block = 0
  const iterFn = (matrix: tf.Tensor2D, start: number, end: number) => {
    const { mat, ...bounds } = expected[block++]!
    expect({ start, end }).toEqual(bounds)
    expectClose(`block from ${start}`, matrix, mat, of, 'value')
  }
  const batched = new BatchedDistance({ ...toOptions(of.args, registry), iterFn } as unknown as BatchedDistanceOptions)
  batched.forEachBlock(toMatrix(of.inputs.query), toMatrix(of.inputs.reference))
  expect(block).toBe(expected.length)
}

describe('distances as in PyTorch Metric Learning', () => {
  for (const of of readGolden('distances')) {
    it(of.id, () => {
      if (of.expected.error) expect(() => make(of)).toThrow(MetricLearningError)
      else if (of.class === 'BatchedDistance') checkBlocks(of)
      else checkMatrix(of)
    })
  }
})
