import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/ops'
import { SumReducer } from '@metric-learning/reducers'
import { describe, expect, it } from 'vitest'
import { withoutFusedKernel } from '../../../tools/test-support/without-fused-kernel.js'
import { CrossEntropyLoss, type CrossEntropyLossOptions } from './cross-entropy-loss.js'

const logits = tf.tensor2d([[1, 2, 3, -1], [4, -9, 0, 1.2], [0, 0, 0, 0], [-3, 0.5, 0.25, 7], [0.1, 0.2, -0.3, 0.4]])
const labels = [1, 0, 2, 3, 3]
const weight = [1, 2, 0.5, 0]

/** Of PyTorch 2.13.0: `torch.nn.CrossEntropyLoss(weight=…, label_smoothing=…, reduction=…)(logits, labels)`, float64. */
const pytorch: readonly (readonly [Omit<CrossEntropyLossOptions, 'numClasses'>, mean: number, sum: number])[] = [
  [{}, 0.8004062232010292, 4.002031116005146],
  [{ labelSmoothing: 0.1 }, 1.0366562232010292, 5.183281116005146],
  [{ weight }, 1.0310667844090442, 3.6087337454316546],
  [{ weight, labelSmoothing: 0.3 }, 2.220291939929574, 7.77102178975351],
]

const valueOf = (options: Omit<CrossEntropyLossOptions, 'numClasses'>) =>
  new CrossEntropyLoss({ numClasses: 4, ...options }).compute(logits, labels).dataSync()[0]!

describe('CrossEntropyLoss', () => {
  it.each(pytorch)('is that of PyTorch: %o', (options, mean, sum) => {
    const near = (got: number, wanted: number) => expect(Math.abs(got - wanted)).toBeLessThan(2e-6 * Math.max(1, wanted))
    near(valueOf(options), mean)
    near(valueOf({ ...options, reducer: new SumReducer() }), sum)
    near(withoutFusedKernel(FusedKernel.softmaxCrossEntropy, () => valueOf(options)), mean)
  })

  it('has the gradient softmax - isTarget over the number of rows', () => {
    const loss = new CrossEntropyLoss({ numClasses: 4 })
    const gradient = tf.grad((x) => loss.compute(x as tf.Tensor2D, labels))(logits).arraySync() as number[][]
    expect(gradient[2]).toEqual([0.25, 0.25, -0.75, 0.25].map((slope) => expect.closeTo(slope / 5, 7)))
  })

  it('is 0 where no class of the batch has a weight', () => {
    expect(new CrossEntropyLoss({ numClasses: 4, weight: [1, 1, 1, 0] }).compute(tf.slice(logits, 3, 2), [3, 3]).dataSync()[0]).toBe(0)
  })

  it('refuses labels outside of its classes, logits of another number, and weights that are none', () => {
    const loss = new CrossEntropyLoss({ numClasses: 4 })
    expect(() => loss.compute(logits, [0, 1, 2, 3, 4])).toThrow('CrossEntropyLoss: wanted labels in [0, numClasses) = [0, 4), got 4')
    expect(() => loss.checkLabels(Int32Array.of(-1))).toThrow('got -1')
    expect(() => new CrossEntropyLoss({ numClasses: 5 }).compute(logits, labels)).toThrow('`logits` of shape [batch, 5], got [5, 4]')
    expect(() => new CrossEntropyLoss({ numClasses: 4, weight: [1, 2] })).toThrow('`weight` to be 4 numbers of at least 0, one a class, got [1, 2]')
    expect(() => new CrossEntropyLoss({ numClasses: 2, weight: [1, -2] })).toThrow('got [1, -2]')
    expect(() => new CrossEntropyLoss({ numClasses: 2, weight: 3 as never })).toThrow('list of numbers, one a class, got 3')
    expect(() => new CrossEntropyLoss({ numClasses: 2, labelSmoothing: 1.5 })).toThrow('`labelSmoothing`')
    expect(() => new CrossEntropyLoss({ numClasses: 2, distance: undefined } as never)).toThrow('`distance`')
  })
})
