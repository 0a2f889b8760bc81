import * as tf from '@tensorflow/tfjs-core'
import { construct, toOptions, type Registry } from './construct.js'
import { expectAll, expectClose, expectEqual } from './expect-close.js'
import type { GoldenCase } from './golden-case.js'
import { toMatrix } from './golden-tensor.js'

interface Extreme {
  readonly values: tf.Tensor
  readonly indices: tf.Tensor
}

/** A distance as far as it is checked. */
export interface CheckedDistance {
  matrix(query: tf.Tensor2D, references?: tf.Tensor2D): tf.Tensor2D
  pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D
  maybeNormalize(embeddings: tf.Tensor2D): tf.Tensor2D
  norm(embeddings: tf.Tensor2D): tf.Tensor1D
  margin(x: tf.Tensor, y: tf.Tensor): tf.Tensor
  closest(x: tf.Tensor, y: tf.Tensor): tf.Tensor
  farthest(x: tf.Tensor, y: tf.Tensor): tf.Tensor
  closestAlong(x: tf.Tensor, axis: number): Extreme
  farthestAlong(x: tf.Tensor, axis: number): Extreme
}

/** Checks matrix, gradients, norms and order of a distance, or the blocks of a BatchedDistance. */
export function checkDistance(of: GoldenCase, registry: Registry): void {
  if (of.class === 'BatchedDistance') return checkBlocks(of, registry)
  const distance = construct<CheckedDistance>(of.class!, of.args, registry)
  const query = toMatrix(of.inputs.query)
  const reference = of.inputs.reference ? toMatrix(of.inputs.reference) : undefined
  const matrix = distance.matrix(query, reference)
  const checks = [() => expectClose('mat', matrix, of.expected.mat, of, 'value')]
  if (of.expected.grads) checks.push(...gradientChecks(of, distance, reference ? [query, reference] : [query]))
  if (of.expected.normalized) checks.push(...rowChecks(of, distance, query))
  if (of.expected.margin_col0_col1) checks.push(...orderChecks(of, distance, matrix))
  expectAll(checks)
}

function gradientChecks(of: GoldenCase, distance: CheckedDistance, inputs: tf.Tensor2D[]): (() => void)[] {
  const weights = toMatrix(of.inputs.mat_grad_weights)
  const f = (...[query, reference]: tf.Tensor[]) =>
    tf.sum(tf.mul(weights, distance.matrix(query as tf.Tensor2D, reference as tf.Tensor2D | undefined)))
  const expected = of.expected.grads as Record<string, unknown>
  const names = ['query', 'reference']
  return tf.grads(f)(inputs).map((gradient, i) => () => expectClose(`gradient of ${names[i]}`, gradient, expected[names[i]!], of, 'grad'))
}

function rowChecks(of: GoldenCase, distance: CheckedDistance, query: tf.Tensor2D): (() => void)[] {
  const others = toMatrix(of.inputs.pairwise_with)
  const first = tf.slice(query, 0, others.shape[0])
  return [
    () => expectClose('pairwise_distance', distance.pairwiseDistance(first, others), of.expected.pairwise_distance, of, 'value'),
    () => expectClose('normalized', distance.maybeNormalize(first), of.expected.normalized, of, 'value'),
    () => expectClose('norm', distance.norm(first), of.expected.norm, of, 'value'),
  ]
}

function orderChecks(of: GoldenCase, distance: CheckedDistance, matrix: tf.Tensor2D): (() => void)[] {
  const [x, y] = tf.unstack(tf.slice(matrix, [0, 0], [-1, 2]), 1) as [tf.Tensor, tf.Tensor]
  const alongRows = { smallest_per_row: distance.closestAlong(matrix, 1), largest_per_row: distance.farthestAlong(matrix, 1) }
  return [
    () => expectClose('margin', distance.margin(x, y), of.expected.margin_col0_col1, of, 'value'),
    () => expectClose('smallest', distance.closest(x, y), of.expected.smallest_col0_col1, of, 'value'),
    () => expectClose('largest', distance.farthest(x, y), of.expected.largest_col0_col1, of, 'value'),
    ...Object.entries(alongRows).flatMap(([name, { values, indices }]) => {
      const expected = of.expected[name] as { values: unknown; indices: unknown } | undefined
      if (!expected) return []
      return [
        () => expectClose(`${name} values`, values, expected.values, of, 'value'),
        () => expectEqual(`${name} indices`, indices.arraySync(), expected.indices, of),
      ]
    }),
  ]
}

interface GoldenBlock {
  readonly start: number
  readonly end: number
  readonly mat: unknown
}

interface Batched {
  forEachBlock(query: tf.Tensor2D, references?: tf.Tensor2D): void
}

function checkBlocks(of: GoldenCase, registry: Registry): void {
  const expected = of.expected.batches as GoldenBlock[]
  let block = 0
  const iterFn = (matrix: tf.Tensor2D, start: number, end: number) => {
    const wanted = expected[block++]
    expectEqual(`block ${block}`, { start, end }, wanted && { start: wanted.start, end: wanted.end }, of)
    expectClose(`block from ${start}`, matrix, wanted!.mat, of, 'value')
  }
  const batched = new registry[of.class!]!({ ...toOptions(of.args, registry), iterFn } as never) as Batched
  batched.forEachBlock(toMatrix(of.inputs.query), of.inputs.reference ? toMatrix(of.inputs.reference) : undefined)
  expectEqual('blocks', block, expected.length, of)
}
