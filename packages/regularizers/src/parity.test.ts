import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { DoNothingReducer, MeanReducer, SumReducer, ThresholdReducer } from '@metric-learning/reducers'
import { describe, it } from 'vitest'
import { construct } from '../../../tools/golden/construct.js'
import { expectClose } from '../../../tools/golden/expect-close.js'
import type { GoldenCase } from '../../../tools/golden/golden-case.js'
import { toMatrix } from '../../../tools/golden/golden-tensor.js'
import { readGolden } from '../../../tools/golden/read-golden.js'
import { CenterInvariantRegularizer } from './center-invariant-regularizer.js'
import { LpRegularizer } from './lp-regularizer.js'
import { RegularFaceRegularizer } from './regular-face-regularizer.js'
import type { Regularizer } from './regularizer.js'
import { SparseCentersRegularizer } from './sparse-centers-regularizer.js'
import { ZeroMeanRegularizer } from './zero-mean-regularizer.js'

const registry = {
  CenterInvariantRegularizer, CosineSimilarity, DoNothingReducer, DotProductSimilarity, LpDistance, LpRegularizer,
  MeanReducer, RegularFaceRegularizer, SparseCentersRegularizer, SumReducer, ThresholdReducer, ZeroMeanRegularizer,
}

function check(of: GoldenCase): void {
  const regularizer = construct<Regularizer>(of.class!, of.args, registry)
  const x = toMatrix(of.inputs.x)
  const { losses, value, grads } = of.expected as { losses?: unknown; value?: unknown; grads: { x: unknown } }
  const result = (rows: tf.Tensor) =>
    losses ? regularizer.terms(rows as tf.Tensor2D).loss!.values : regularizer.compute(rows as tf.Tensor2D)
  expectClose('result', result(x), losses ?? value, of, 'value')
  expectClose('grads', tf.grad((rows: tf.Tensor) => tf.sum(result(rows)))(x), grads.x, of, 'grad')
}

describe('regularizers as in PyTorch Metric Learning', () => {
  for (const of of readGolden('regularizers')) it(of.id, () => check(of))
})
