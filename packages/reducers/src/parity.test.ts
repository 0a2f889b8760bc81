import * as tf from '@tensorflow/tfjs-core'
import { LabelRelations, type LossTerm, type Reducer, type TermUnit } from '@metric-learning/core'
import { describe, it } from 'vitest'
import { construct } from '../../../tools/golden/construct.js'
import { expectClose } from '../../../tools/golden/expect-close.js'
import { goldenNumber, isGoldenTensor, type GoldenCase } from '../../../tools/golden/golden-case.js'
import { toTensor } from '../../../tools/golden/golden-tensor.js'
import { readGolden } from '../../../tools/golden/read-golden.js'
import { AvgNonZeroReducer } from './avg-non-zero-reducer.js'
import { MeanReducer } from './mean-reducer.js'

const registry = { AvgNonZeroReducer, MeanReducer }
const units: Readonly<Record<string, TermUnit>> = {
  element: 'element',
  pos_pair: 'pair',
  neg_pair: 'pair',
  triplet: 'triplet',
  already_reduced: 'reduced',
}

interface LossEntry {
  readonly losses: unknown
  readonly reduction_type: string
}

// A list of tuples and their losses is a term with one value a row: only how often each counts matters here.
function check(of: GoldenCase): void {
  const reducer = construct<Reducer>(of.class!, of.args, registry)
  const labels = new LabelRelations(of.inputs.labels as number[])
  const [[name, entry]] = Object.entries(of.inputs.loss_dict as Record<string, LossEntry>) as [[string, LossEntry]]
  const values = isGoldenTensor(entry.losses) ? toTensor(entry.losses) : tf.scalar(goldenNumber(entry.losses))
  const over = units[entry.reduction_type]!
  const reduce = (x: tf.Tensor): tf.Scalar => {
    const term: LossTerm = over === 'reduced' ? { over, values: x } : { over, values: x, weights: tf.onesLike(values) }
    return reducer.reduce(term, labels, name)
  }
  expectClose('value', reduce(values), of.expected.value, of, 'value')
  const grads = of.expected.grads as Record<string, unknown> | undefined
  // tfjs refuses the gradient of a function that returns its argument itself.
  if (grads) expectClose('grads', tf.grad((x: tf.Tensor) => reduce(tf.mul(x, 1)))(values), grads[name], of, 'grad')
}

describe('reducers as in PyTorch Metric Learning', () => {
  for (const of of readGolden('reducers')) {
    if (of.expected.error) it.skip(`${of.id} (a reducer takes one term at a time here, so that two are no error)`)
    else it(of.id, () => check(of))
  }
})
