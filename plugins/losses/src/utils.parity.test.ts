import { expectClose, readGolden, toIndices, toTensor } from '@metric-learning/golden'
import { elementWeights, logSumExp, relationsOf, selectionFromIndices } from '@metric-learning/ops'
import * as tf from '@tensorflow/tfjs-core'
import { describe, it } from 'vitest'

describe('logSumExp as in PyTorch Metric Learning', () => {
  for (const of of readGolden('utils').filter((one) => one.function === 'logsumexp')) {
    it(of.id, () => {
      const { x, keep_mask, add_one = true, dim = 1 } = of.inputs as { x: unknown; keep_mask?: number[][] | null; add_one?: boolean; dim?: number }
      const ofRows = (matrix: tf.Tensor) => (dim === 1 ? matrix : tf.transpose(matrix))
      const mask = keep_mask ? ofRows(tf.tensor2d(keep_mask, undefined, 'float32')) : tf.onesLike(ofRows(toTensor(x)))
      const f = (matrix: tf.Tensor) => logSumExp(ofRows(matrix), mask, { addOne: add_one })
      expectClose('output', f(toTensor(x)), of.expected.output, of, 'value')
      const factors = toTensor(of.inputs.output_grad_weights)
      const [rows, columns] = (of.expected.output as { shape: [number, number] }).shape
      const dy = tf.reshape(tf.slice(factors, [0, 0], [rows, columns]), [-1])
      expectClose('gradient', tf.grad(f)(toTensor(x), dy), (of.expected.grads as { x: unknown }).x, of, 'grad')
    })
  }
})

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
