import * as tf from '@tensorflow/tfjs-core'
import type { LossTerms } from '@metric-learning/contracts'
import { construct, type Registry } from './construct.js'
import { expectAll, expectClose } from './expect-close.js'
import type { GoldenCase } from './golden-case.js'
import { toMatrix } from './golden-tensor.js'

/** A regularizer as far as it is checked. */
export interface CheckedRegularizer {
  compute(rows: tf.Tensor2D): tf.Scalar
  terms(rows: tf.Tensor2D): LossTerms
}

/** Checks the price of rows and its gradient. */
export function checkRegularizer(of: GoldenCase, registry: Registry): void {
  const regularizer = construct<CheckedRegularizer>(of.class!, of.args, registry)
  const x = toMatrix(of.inputs.x)
  const { losses, value, grads } = of.expected as { losses?: unknown; value?: unknown; grads?: { x: unknown } }
  const result = (rows: tf.Tensor) =>
    losses ? regularizer.terms(rows as tf.Tensor2D).loss!.values : regularizer.compute(rows as tf.Tensor2D)
  expectAll([
    () => expectClose(losses ? 'losses' : 'value', result(x), losses ?? value, of, 'value'),
    () => expectClose('gradient of x', tf.grad((rows: tf.Tensor) => tf.sum(result(rows)))(x), grads?.x, of, 'grad'),
  ])
}
