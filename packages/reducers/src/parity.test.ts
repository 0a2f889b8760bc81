import * as tf from '@tensorflow/tfjs-core'
import { LabelRelations, MetricLearningError, type LossTerm, type Reducer, type TermUnit } from '@metric-learning/core'
import { describe, expect, it } from 'vitest'
import { camelCase, construct } from '../../../tools/golden/construct.js'
import { expectClose } from '../../../tools/golden/expect-close.js'
import { goldenNumber, isGoldenTensor, type GoldenCase } from '../../../tools/golden/golden-case.js'
import { toTensor } from '../../../tools/golden/golden-tensor.js'
import { readGolden } from '../../../tools/golden/read-golden.js'
import { AvgNonZeroReducer } from './avg-non-zero-reducer.js'
import { ClassWeightedReducer } from './class-weighted-reducer.js'
import { DivisorReducer } from './divisor-reducer.js'
import { DoNothingReducer } from './do-nothing-reducer.js'
import { MeanReducer } from './mean-reducer.js'
import { MultipleReducers } from './multiple-reducers.js'
import { PerAnchorReducer } from './per-anchor-reducer.js'
import { SumReducer } from './sum-reducer.js'
import { ThresholdReducer } from './threshold-reducer.js'

const registry = {
  AvgNonZeroReducer, ClassWeightedReducer, DivisorReducer, DoNothingReducer, MeanReducer, MultipleReducers,
  PerAnchorReducer, SumReducer, ThresholdReducer,
}
const units: Readonly<Record<string, TermUnit>> = {
  element: 'element',
  pos_pair: 'pair',
  neg_pair: 'pair',
  triplet: 'triplet',
  already_reduced: 'reduced',
}

interface LossEntry {
  readonly losses: unknown
  readonly indices: number[] | number[][] | null
  readonly reduction_type: string
  readonly divisor?: unknown
}

/** Where the losses of index tuples are in a dense term: a flat position for each, and the term's shape. */
function place({ indices, reduction_type }: LossEntry, n: number): { readonly at: number[]; readonly shape: number[] } {
  if (reduction_type === 'element') return { at: indices as number[], shape: [n] }
  const [anchors, ...others] = indices as number[][]
  const columns = Math.max(n, ...others[0]!.map((other) => other + 1))
  if (reduction_type !== 'triplet') return { at: anchors!.map((a, i) => a * columns + others[0]![i]!), shape: [n, columns] }
  const [positives, negatives] = others
  return { at: anchors!.map((a, i) => (a * columns + positives![i]!) * columns + negatives![i]!), shape: [n, columns, columns] }
}

/** A term whose dense values are spread out from the listed losses, to be differentiated. */
function toTerm(entry: LossEntry, losses: tf.Tensor, n: number): LossTerm {
  const over = units[entry.reduction_type]!
  // tfjs refuses the gradient of a function that returns its argument itself.
  if (over === 'reduced') return { over, values: tf.mul(losses, 1) }
  const { at, shape } = place(entry, n)
  const source = new Int32Array(shape.reduce((product, extent) => product * extent, 1)).fill(at.length)
  at.forEach((cell, i) => (source[cell] = i))
  const dense = (x: tf.Tensor) => tf.reshape(tf.gather(tf.concat([x, tf.zeros([1])]), tf.tensor1d(source, 'int32')), shape)
  const divisor = entry.divisor === undefined ? {} : { divisor: tf.scalar(goldenNumber(entry.divisor)) }
  return { over, values: dense(losses), weights: dense(tf.ones([at.length])), ...divisor }
}

function check(of: GoldenCase): void {
  const reducer = construct<Reducer>(of.class!, of.args, registry)
  const labels = new LabelRelations(of.inputs.labels as number[])
  const entries = Object.entries(of.inputs.loss_dict as Record<string, LossEntry>)
  const inputs = entries.map(([, { losses }]) => (isGoldenTensor(losses) ? toTensor(losses) : tf.scalar(goldenNumber(losses))))
  const terms = (x: tf.Tensor[]) =>
    Object.fromEntries(entries.map(([name, entry], i) => [camelCase(name), toTerm(entry, x[i]!, labels.queryCount)]))
  if (reducer instanceof DoNothingReducer) {
    expect(Object.keys(reducer.passThrough(terms(inputs)))).toEqual((of.expected.passed_through as string[]).map(camelCase))
    return
  }
  const reduce = (...x: tf.Tensor[]) =>
    tf.addN(Object.entries(terms(x)).map(([name, term]) => reducer.reduce(term, labels, name))) as tf.Scalar
  expectClose('value', reduce(...inputs), of.expected.value, of, 'value')
  const grads = of.expected.grads as Record<string, unknown> | undefined
  if (!grads) return
  tf.grads(reduce)(inputs).forEach((grad, i) => {
    const wanted = grads[entries[i]![0]]
    if (wanted) expectClose(`grads ${i}`, grad, wanted, of, 'grad')
  })
}

describe('reducers as in PyTorch Metric Learning', () => {
  for (const of of readGolden('reducers')) {
    if (of.id === 'reducers/MeanReducer/two_losses') it.skip(`${of.id} (a reducer takes one term at a time here)`)
    else if (of.expected.error) it(of.id, () => expect(() => check(of)).toThrow(MetricLearningError))
    else it(of.id, () => check(of))
  }
})
