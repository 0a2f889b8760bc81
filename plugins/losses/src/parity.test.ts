import * as tf from '@tensorflow/tfjs-core'
import { MetricLearningError, type ComputeOptions, type LossTerm, type References } from '@metric-learning/core'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { AvgNonZeroReducer, MeanReducer } from '@metric-learning/reducers'
import { describe, expect, it } from 'vitest'
import { construct, missingClass } from '../../../tools/golden/construct.js'
import { expectClose } from '../../../tools/golden/expect-close.js'
import { isGoldenObject, type GoldenCase } from '../../../tools/golden/golden-case.js'
import { toIndices } from '../../../tools/golden/golden-selection.js'
import { toMatrix, toTensor } from '../../../tools/golden/golden-tensor.js'
import { readGolden } from '../../../tools/golden/read-golden.js'
import { ArcFaceLoss } from './arc-face-loss.js'
import type { ClassificationLoss } from './base/classification-loss.js'
import type { MetricLoss } from './base/metric-loss.js'
import { ContrastiveLoss } from './contrastive-loss.js'
import { TripletMarginLoss } from './triplet-margin-loss.js'

const registry = {
  ArcFaceLoss, AvgNonZeroReducer, ContrastiveLoss, CosineSimilarity, DotProductSimilarity, LpDistance, MeanReducer, TripletMarginLoss,
}

/** Cases in which PyTorch Metric Learning is wrong: what is right instead. */
const fixed: Readonly<Record<string, { readonly why: string; readonly expected: (of: GoldenCase) => number }>> = {
  'losses/ContrastiveLoss/one_positive_one_negative_pair': {
    why: 'PyTorch Metric Learning gives 0 when no index vector is longer than one',
    expected: ({ inputs }) => {
      const rows = tf.unstack(new LpDistance().normalize(toMatrix(inputs.embeddings)))
      const [a1, p, a2, n] = (inputs.indices_tuple as number[][]).map((vector) => rows[vector[0]!]!)
      const between = (x: tf.Tensor, y: tf.Tensor) => Math.sqrt(tf.sum(tf.squaredDifference(x, y)).arraySync() as number)
      return between(a1!, p!) + Math.max(0, 1 - between(a2!, n!))
    },
  },
}

/** Everything about a case that does not change while it is differentiated. */
class LossCase {
  readonly loss: MetricLoss
  readonly embeddings: tf.Tensor2D
  readonly refEmbeddings: tf.Tensor2D | undefined
  readonly isUnreduced: boolean

  constructor(readonly of: GoldenCase) {
    const { reducer, ...others } = of.args
    this.isUnreduced = isGoldenObject(reducer) && reducer.class === 'DoNothingReducer'
    this.loss = construct<MetricLoss>(of.class!, this.isUnreduced ? others : of.args, registry)
    this.embeddings = toMatrix(of.inputs.embeddings)
    this.refEmbeddings = of.inputs.ref_emb ? toMatrix(of.inputs.ref_emb) : undefined
    for (const [name, value] of Object.entries((of.inputs.weights ?? {}) as Record<string, unknown>)) {
      this.loss.parameters.get(name)!.assign(toTensor(value))
    }
  }

  value(embeddings = this.embeddings, refEmbeddings = this.refEmbeddings): tf.Scalar {
    if (!this.isUnreduced) return this.loss.compute(embeddings, this.labels, this.#options(refEmbeddings))
    return tf.addN(Object.values(this.terms(embeddings)).map(({ values, weights }) => tf.sum<tf.Scalar>(tf.mul(values, weights!))))
  }

  terms(embeddings = this.embeddings): Readonly<Record<string, LossTerm>> {
    return this.loss.terms(embeddings, this.labels, this.#options(this.refEmbeddings))
  }

  get labels(): number[] {
    return this.of.inputs.labels as number[]
  }

  #options(refEmbeddings: tf.Tensor2D | undefined): ComputeOptions {
    const selection = toIndices(this.of.inputs.indices_tuple)
    const refLabels = this.of.inputs.ref_labels as number[]
    const references: References | undefined = refEmbeddings && { refEmbeddings, refLabels }
    return { ...(selection && { selection }), ...(references && { references }) }
  }
}

function check(one: LossCase): void {
  const { of } = one
  if (one.isUnreduced) checkTerms(one)
  else expectClose('value', one.value(), of.expected.value, of, 'value')
  checkGradients(one)
  if (of.expected.logits) expectClose('logits', (one.loss as ClassificationLoss).getLogits(one.embeddings), of.expected.logits, of, 'value')
}

function checkGradients(one: LossCase): void {
  const { embeddings, ref_emb, weights } = one.of.expected.grads as Record<string, Record<string, unknown>>
  const parameters = [...one.loss.parameters]
  const inputs = [one.embeddings, ...(one.refEmbeddings ? [one.refEmbeddings] : []), ...parameters.map(([, variable]) => variable)]
  const expected = [embeddings, ...(one.refEmbeddings ? [ref_emb] : []), ...parameters.map(([name]) => weights?.[name])]
  const f = (x: tf.Tensor, y?: tf.Tensor) =>
    one.value(x as tf.Tensor2D, one.refEmbeddings ? (y as tf.Tensor2D) : undefined)
  tf.grads(f)(inputs).forEach((gradient, i) => {
    if (expected[i]) expectClose(`grads ${i}`, gradient, expected[i], one.of, 'grad')
  })
}

/** Dense terms against lists: both are in row-major order. */
function checkTerms(one: LossCase): void {
  const expected = one.of.expected.losses as Record<string, { losses: unknown }>
  const terms = one.terms()
  expect(Object.keys(terms)).toEqual(Object.keys(expected).map((name) => name.replace('_l', 'L')))
  Object.values(terms).forEach(({ values, weights }, i) => {
    const [all, counts] = [values.dataSync(), weights!.dataSync()]
    const selected = all.filter((_, at) => counts[at] === 1)
    expectClose('losses', tf.tensor1d(selected), Object.values(expected)[i]!.losses, one.of, 'value')
  })
}

describe('losses as in PyTorch Metric Learning', () => {
  for (const of of readGolden('losses')) {
    const { reducer, ...others } = of.args
    const isUnreduced = isGoldenObject(reducer) && reducer.class === 'DoNothingReducer'
    const missing = missingClass(isUnreduced ? others : of.args, registry)
    const right = fixed[of.id]
    if (missing) it.skip(`${of.id} (there is no ${missing} yet)`)
    else if (right) it(`${of.id} (${right.why})`, () => expect(new LossCase(of).value().arraySync()).toBeCloseTo(right.expected(of), 5))
    else if (of.expected.error) it(of.id, () => expect(() => new LossCase(of).value()).toThrow(MetricLearningError))
    else it(of.id, () => check(new LossCase(of)))
  }
})
