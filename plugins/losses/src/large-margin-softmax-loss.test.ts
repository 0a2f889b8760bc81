import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { LargeMarginSoftmaxLoss } from './large-margin-softmax-loss.js'
import { SphereFaceLoss } from './sphere-face-loss.js'

const options = { numClasses: 2, embeddingSize: 2, margin: 3, scale: 0.5 }
const W = tf.tensor2d([[2, 0], [0, 3]])
const at = (degrees: number) => tf.tensor2d([[4 * Math.cos((degrees * Math.PI) / 180), 4 * Math.sin((degrees * Math.PI) / 180)]])
const entropy = (own: number, other: number) => Math.log(Math.exp(own) + Math.exp(other)) - own

/** ψ(θ) for margin 3, from the definition. */
function psi(degrees: number): number {
  const k = Math.floor((3 * degrees) / 180)
  return (-1) ** k * Math.cos((3 * degrees * Math.PI) / 180) - 2 * k
}

describe.each([10, 59, 61, 119, 121, 170])('at an angle of %d degrees', (degrees) => {
  const cosOther = Math.sin((degrees * Math.PI) / 180)

  it('LargeMarginSoftmaxLoss multiplies the angle, lengths of both count', () => {
    const loss = new LargeMarginSoftmaxLoss(options)
    loss.parameters.get('W')!.assign(W)
    expect(loss.compute(at(degrees), [0]).arraySync()).toBeCloseTo(entropy(0.5 * 4 * 2 * psi(degrees), 0.5 * 4 * 3 * cosOther), 3)
  })

  it('SphereFaceLoss multiplies the angle, the length of the embedding counts', () => {
    const loss = new SphereFaceLoss(options)
    loss.parameters.get('W')!.assign(W)
    expect(loss.compute(at(degrees), [0]).arraySync()).toBeCloseTo(entropy(0.5 * 4 * psi(degrees), 0.5 * 4 * cosOther), 3)
  })
})

describe('LargeMarginSoftmaxLoss', () => {
  it('has finite gradients where an embedding points along its class, or against it', () => {
    const loss = new LargeMarginSoftmaxLoss(options)
    loss.parameters.get('W')!.assign(W)
    for (const row of [[5, 0], [-5, 0], [0, 0], [1e4, 1]]) {
      const gradient = tf.grad((x: tf.Tensor) => loss.compute(x as tf.Tensor2D, [0]))(tf.tensor2d([row]))
      expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
    }
  })

  it('gives the plain dot products as logits', () => {
    const loss = new LargeMarginSoftmaxLoss(options)
    loss.parameters.get('W')!.assign(W)
    const logits = loss.getLogits(tf.tensor2d([[1, 2]])).dataSync()
    ;[0.5 * 2, 0.5 * 6].forEach((logit, i) => expect(logits[i]).toBeCloseTo(logit, 5))
  })

  it('wants an integer margin', () => {
    expect(() => new LargeMarginSoftmaxLoss({ ...options, margin: 2.5 })).toThrow('The margin is a factor of the angle')
  })
})
