import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { MarginLoss } from './margin-loss.js'

// On a line: the distance of two embeddings is the difference of their numbers.
const distance = new LpDistance({ normalizeEmbeddings: false })
const line = tf.tensor2d([[0], [1], [1.5]])
const labels = [0, 0, 1]

describe('MarginLoss', () => {
  it('divides by the number of summands above 0', () => {
    // (0, 1, 2): 1 - 1.2 + 0.4 and 1.2 - 1.5 + 0.4. (1, 0, 2): 0.2 again and 1.2 - 0.5 + 0.4.
    const loss = new MarginLoss({ margin: 0.4, distance })
    expect(loss.compute(line, labels).arraySync()).toBeCloseTo((0.2 + 0.1 + 0.2 + 1.1) / 4, 5)
  })

  it('learns a boundary for each class', () => {
    const loss = new MarginLoss({ margin: 0.4, learnBeta: true, numClasses: 2, distance })
    const beta = loss.parameters.get('beta')!
    expect(Array.from(beta.dataSync())).toEqual([Math.fround(1.2), Math.fround(1.2)])
    const [, gradient] = tf.grads((x: tf.Tensor, _: tf.Tensor) => loss.compute(x as tf.Tensor2D, labels))([line, beta])
    expect(Array.from(gradient!.dataSync())).toEqual([0, 0]) // two positives pull, two negatives push
    expect(() => loss.compute(line, [0, 0, 2])).toThrow('labels in [0, numClasses) = [0, 2), got 2')
  })

  it('has a price on a boundary that it learns', () => {
    const loss = new MarginLoss({ margin: 0, beta: 3, nu: 0.5, learnBeta: true, distance })
    const { marginLoss, betaRegLoss } = loss.terms(line, labels)
    expect(betaRegLoss!.values.arraySync()).toBeCloseTo(1.5, 6)
    expect(marginLoss!.divisor!.arraySync()).toBe(2)
    expect(loss.compute(line, [0, 1, 2]).arraySync()).toBe(0)
  })
})
