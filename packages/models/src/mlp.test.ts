import * as tf from '@tensorflow/tfjs-core'
import { OptionError, ShapeError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { MLP } from './mlp.js'

describe('MLP', () => {
  it('has a relu behind each hidden layer, none behind the output', async () => {
    const mlp = new MLP({ inputSize: 2, hiddenSizes: [2], outputSize: 1 })
    expect([...mlp.parameters.keys()]).toEqual(['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias'])
    const set = (name: string, values: tf.Tensor) => {
      mlp.parameters.get(name)!.assign(values)
    }
    set('layers.0.weight', tf.tensor2d([[1, -1], [1, -1]]))
    set('layers.0.bias', tf.zeros([2]))
    set('layers.1.weight', tf.tensor2d([[-1], [5]]))
    set('layers.1.bias', tf.tensor1d([0.5]))
    // Hidden (3, -3) → (3, 0) → -3 + 0.5; hidden (-3, 3) → (0, 3) → 15 + 0.5.
    expect(await mlp.call(tf.tensor2d([[1, 2], [-1, -2]])).array()).toEqual([[-2.5], [15.5]])
  })

  it('ends in its last hidden layer when there is no output layer, and flattens images', () => {
    const mlp = new MLP({ inputSize: 12, hiddenSizes: [5, 4] })
    const output = mlp.call(tf.randomNormal([3, 2, 3, 2], 0, 1, 'float32', 1))
    expect(output.shape).toEqual([3, 4])
    expect(mlp.outputSize).toBe(4)
    expect(Math.min(...output.dataSync())).toBe(0)
  })

  it('leaks nothing over 100 calls', () => {
    const mlp = new MLP({ inputSize: 3, hiddenSizes: [2], outputSize: 2 })
    const x = tf.ones([2, 3])
    const before = tf.memory().numTensors
    for (let i = 0; i < 100; i++) mlp.call(x).dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('rejects what does not fit', () => {
    expect(() => new MLP({ inputSize: 3, hiddenSizes: [] })).toThrow('Pass `hiddenSizes` or `outputSize`')
    expect(() => new MLP({ inputSize: 3, hiddenSizes: [4, 0] })).toThrow(OptionError)
    expect(() => new MLP({ inputSize: 3, hiddenSizes: [4] }).call(tf.zeros([2, 4]))).toThrow(ShapeError)
  })
})
