import * as tf from '@tensorflow/tfjs-core'
import type { Loss } from '@metric-learning/contracts'
import { FusedKernel, Scheduled } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { withoutFusedKernel } from '../../../tools/test-support/without-fused-kernel.js'
import { ArcFaceLoss } from './arc-face-loss.js'
import { CosFaceLoss } from './cos-face-loss.js'
import { NormalizedSoftmaxLoss } from './normalized-softmax-loss.js'
import { ProxyNCALoss } from './proxy-nca-loss.js'
import { SubCenterArcFaceLoss } from './sub-center-arc-face-loss.js'

const CLASSES = 4
const SIZE = 3
const x = tf.randomNormal<tf.Rank.R2>([6, SIZE], 0, 1, 'float32', 3)
const labels = [0, 1, 2, 3, 1, 0]
const sizes = { numClasses: CLASSES, embeddingSize: SIZE }
type Smoothing = number | Scheduled
const losses: readonly (readonly [name: string, make: (labelSmoothing: Smoothing) => Loss & { getLogits(x: tf.Tensor2D): tf.Tensor2D }, logitsOf: number, margin: (cosine: tf.Tensor) => tf.Tensor])[] = [
  ['ArcFaceLoss', (labelSmoothing) => new ArcFaceLoss({ ...sizes, scale: 4, margin: 20, labelSmoothing }), 4, (cosine) => tf.cos(tf.add(tf.acos(cosine), (20 * Math.PI) / 180))],
  ['CosFaceLoss', (labelSmoothing) => new CosFaceLoss({ ...sizes, scale: 4, labelSmoothing }), 4, (cosine) => tf.sub(cosine, 0.35)],
  ['SubCenterArcFaceLoss', (labelSmoothing) => new SubCenterArcFaceLoss({ ...sizes, scale: 4, margin: 20, labelSmoothing }), 4, (cosine) => tf.cos(tf.add(tf.acos(cosine), (20 * Math.PI) / 180))],
  ['NormalizedSoftmaxLoss', (labelSmoothing) => new NormalizedSoftmaxLoss({ ...sizes, temperature: 0.5, labelSmoothing }), 1, (score) => score],
  // Its logits are distances.
  ['ProxyNCALoss', (labelSmoothing) => new ProxyNCALoss({ ...sizes, labelSmoothing }), -1, (score) => score],
]

/** By the definition, with what tfjs differentiates: -Σ_c t_c log softmax_c, of logits with the margin at the class. */
function byDefinition(loss: ReturnType<(typeof losses)[number][1]>, factor: number, margin: (s: tf.Tensor) => tf.Tensor, smoothing: number): (x: tf.Tensor2D) => tf.Scalar {
  const isTarget = tf.oneHot(labels, CLASSES)
  const targets = tf.add(tf.mul(isTarget, 1 - smoothing), smoothing / CLASSES)
  return (embeddings) => {
    // The loss's scores as logits without a margin: scaled cosines, so that the margin is put at cosines.
    const raw = loss.getLogits(embeddings)
    const scores = factor > 1 ? tf.div(raw, factor) : raw
    const logits = tf.mul(tf.add(tf.mul(scores, tf.sub(1, isTarget)), tf.mul(margin(scores), isTarget)), factor)
    return tf.neg<tf.Scalar>(tf.mean<tf.Scalar>(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)))
  }
}

describe('labelSmoothing', () => {
  it.each(losses)('of %s is the entropy of targets that are spread, value and gradient', (_, make, factor, margin) => {
    for (const smoothing of [0, 0.1, 1]) {
      const loss = make(smoothing)
      const compare = () => {
        const [got, wanted] = [(at: tf.Tensor2D) => loss.compute(at, labels), byDefinition(loss, factor, margin, smoothing)]
        const { value, grad } = tf.valueAndGrad(got as (x: tf.Tensor) => tf.Tensor)(x)
        const other = tf.valueAndGrad(wanted as (x: tf.Tensor) => tf.Tensor)(x)
        expect(value.dataSync()[0]).toBeCloseTo(other.value.dataSync()[0]!, 4)
        grad.dataSync().forEach((slope, i) => expect(slope).toBeCloseTo(other.grad.dataSync()[i]!, 4))
      }
      compare()
      withoutFusedKernel(FusedKernel.sparseSoftmaxCrossEntropy, compare)
      withoutFusedKernel(FusedKernel.softmaxCrossEntropy, compare)
    }
  })

  it.each(losses)('of %s may be scheduled, and is refused outside of [0, 1]', (_, make) => {
    const smoothing = new Scheduled(0, 'smoothing')
    const value = (loss: Loss) => loss.compute(x, labels).dataSync()[0]!
    const loss = make(smoothing)
    expect(value(loss)).toBeCloseTo(value(make(0)), 6)
    smoothing.value = 0.2
    expect(value(loss)).toBeCloseTo(value(make(0.2)), 6)
    for (const none of [-0.1, 1.1, NaN, Infinity, '0.1' as never]) expect(() => make(none)).toThrow('`labelSmoothing`')
  })
})
