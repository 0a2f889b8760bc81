import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { ArcFaceLoss } from './arc-face-loss.js'

const make = (options = {}) => new ArcFaceLoss({ numClasses: 3, embeddingSize: 2, ...options })
const setWeights = (loss: ArcFaceLoss, values: number[][]) => loss.parameters.get('W')!.assign(tf.tensor2d(values))
const gradients = (loss: ArcFaceLoss, x: tf.Tensor2D, labels: number[]) => {
  const weights = loss.parameters.get('W')!
  return tf.grads((rows: tf.Tensor) => loss.compute(rows as tf.Tensor2D, labels))([x, weights])
}

describe('ArcFaceLoss', () => {
  it('is the cross entropy with the margin added to the angle of the class', () => {
    const loss = make({ margin: 30, scale: 2 })
    setWeights(loss, [[1, 0, -1], [0, 1, 0]])
    // At 60° to class 0: the logits are 2 cos 90°, 2 cos 30°, 2 cos 120°.
    const x = tf.tensor2d([[Math.cos(Math.PI / 3), Math.sin(Math.PI / 3)]])
    const expected = Math.log(1 + Math.exp(2 * Math.cos(Math.PI / 6)) + Math.exp(-1))
    expect(loss.compute(x, [0]).arraySync()).toBeCloseTo(expected, 5)
    expect(loss.getLogits(x).arraySync()[0]![2]).toBeCloseTo(-1, 5)
  })

  it('goes on falling where the angle and the margin pass 180°', () => {
    const loss = make({ margin: 30, scale: 1 })
    const [radians, at] = [Math.PI / 6, (170 * Math.PI) / 180]
    setWeights(loss, [[1, 0, -1], [0, 1, 0]])
    const x = tf.tensor2d([[Math.cos(at), Math.sin(at)]])
    const target = Math.cos(at) - radians * Math.sin(radians)
    const expected = Math.log(Math.exp(target) + Math.exp(Math.sin(at)) + Math.exp(-Math.cos(at))) - target
    expect(loss.compute(x, [0]).arraySync()).toBeCloseTo(expected, 5)
  })

  it('has finite gradients where an embedding points along its class, or against it', () => {
    const loss = make()
    setWeights(loss, [[1, 0, -1], [0, 1, 0]])
    for (const row of [[5, 0], [-5, 0], [0, 0], [1e4, 1]]) {
      const both = gradients(loss, tf.tensor2d([row]), [0])
      expect(both.every((gradient) => gradient.dataSync().every(Number.isFinite))).toBe(true)
    }
  })

  it('begins with the weights that the seed gives', () => {
    const weights = (seed: number) => Array.from(make({ seed }).parameters.get('W')!.dataSync())
    expect(weights(1)).toEqual(weights(1))
    expect(weights(2)).not.toEqual(weights(1))
  })

  it('frees its weights', () => {
    const before = tf.memory().numTensors
    make().dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('says what is wrong', () => {
    const x = tf.tensor2d([[1, 2]])
    expect(() => make().compute(x, [3])).toThrow('labels in [0, numClasses) = [0, 3), got 3')
    expect(() => make().compute(tf.zeros([1, 4]), [0])).toThrow('`embeddings` of shape [batch, 2], got [1, 4]')
    expect(() => make({ margin: 0.5 })).toThrow('If 0.5 is in radians, pass 28.6')
    expect(() => make({ distance: new LpDistance() })).toThrow('`distance` to be CosineSimilarity, got LpDistance')
    expect(() => make({ embeddingSize: 0 })).toThrow('`embeddingSize` to be an integer of at least 1, got 0')
    const references = { refEmbeddings: x, refLabels: [0] }
    expect(() => make().compute(x, [0], { references })).toThrow('no `references`')
  })
})
