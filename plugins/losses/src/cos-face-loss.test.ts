import * as tf from '@tensorflow/tfjs-core'
import { LpRegularizer, RegularFaceRegularizer } from '@metric-learning/regularizers'
import { MultipleReducers, SumReducer } from '@metric-learning/reducers'
import { describe, expect, it } from 'vitest'
import { CosFaceLoss, type CosFaceLossOptions } from './cos-face-loss.js'

const make = (options: Partial<CosFaceLossOptions> = {}) => new CosFaceLoss({ numClasses: 2, embeddingSize: 2, scale: 2, ...options })
const withWeights = (loss: CosFaceLoss) => {
  loss.parameters.get('W')!.assign(tf.tensor2d([[1, 0], [0, 3]]))
  return loss
}
const x = tf.tensor2d([[3, 4], [0, 2]])
const first = Math.log(Math.exp(2 * 0.25) + Math.exp(2 * 0.8)) - 2 * 0.25
const second = Math.log(Math.exp(0) + Math.exp(2 * 0.65)) - 2 * 0.65

describe('CosFaceLoss', () => {
  it('is the cross entropy with the margin taken off the cosine of the class', () => {
    expect(withWeights(make()).compute(x, [0, 1]).arraySync()).toBeCloseTo((first + second) / 2, 5)
    const logits = withWeights(make()).getLogits(x).dataSync()
    ;[1.2, 1.6, 0, 2].forEach((logit, i) => expect(logits[i]).toBeCloseTo(logit, 6))
  })

  it('adds regularizers as terms of their own, whatever the reducer', () => {
    const regularized = withWeights(
      make({
        embeddingRegularizer: new LpRegularizer(),
        embeddingRegWeight: 0.1,
        weightRegularizer: new LpRegularizer(),
        weightRegWeight: 10,
        reducer: new SumReducer(),
      }),
    )
    const { weightRegLoss, embeddingRegLoss } = regularized.terms(x, [0, 1])
    expect(weightRegLoss!.values.dataSync()[0]).toBeCloseTo(10 * 2, 5)
    expect(embeddingRegLoss!.values.dataSync()[0]).toBeCloseTo(0.1 * 3.5, 6)
    expect(regularized.compute(x, [0, 1]).arraySync()).toBeCloseTo(first + second + 20.35, 4)
  })

  it('takes a reducer a term, and knows the terms', () => {
    const reducer = new MultipleReducers({ reducers: { loss: new SumReducer() } })
    expect(withWeights(make({ reducer })).compute(x, [0, 1]).arraySync()).toBeCloseTo(first + second, 5)
    const misspelt = new MultipleReducers({ reducers: { los: new SumReducer() } })
    expect(() => make({ reducer: misspelt, weightRegularizer: new RegularFaceRegularizer() }).compute(x, [0, 1])).toThrow(
      'only the options loss, weightRegLoss, got `los`',
    )
  })

  it('begins with the weights that it is told to', () => {
    const loss = make({ weightInitFunc: ([rows, columns]) => new Float32Array(rows * columns).fill(7) })
    expect(Array.from(loss.parameters.get('W')!.dataSync())).toEqual([7, 7, 7, 7])
  })

  it('trains with one class', () => {
    const loss = new CosFaceLoss({ numClasses: 1, embeddingSize: 2 })
    expect(loss.compute(x, [0, 0]).arraySync()).toBe(0)
  })

  it('says what is wrong', () => {
    expect(() => make({ margin: 28.6 })).toThrow('The margin is in units of a cosine, not an angle.')
    expect(() => make({ weightRegWeight: NaN })).toThrow('`weightRegWeight` to be a number, got NaN')
    expect(() => make().compute(x, undefined)).toThrow('CosFaceLoss: wanted `labels`, got undefined')
  })
})
