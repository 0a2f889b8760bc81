import * as tf from '@tensorflow/tfjs-core'
import { OptionError, ShapeError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { Embedder } from './embedder.js'
import { Conv2d } from './layers/conv2d.js'
import { Linear } from './layers/linear.js'
import { MLP } from './mlp.js'

describe('Embedder', () => {
  it('is x · weight + bias', async () => {
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 3, seed: 0 })
    embedder.parameters.get('weight')!.assign(tf.tensor2d([[1, 2, 3], [4, 5, 6]]))
    embedder.parameters.get('bias')!.assign(tf.tensor1d([0.5, 0, -0.5]))
    expect(await embedder.call(tf.tensor2d([[1, 10]])).array()).toEqual([[41.5, 52, 62.5]])
    expect(embedder.outputSize).toBe(3)
  })

  it('is called with a mode as every module is, and so are the layers that have no use for one', () => {
    const rows = tf.ones<tf.Rank.R2>([2, 4])
    for (const module of [new Embedder({ inputSize: 4, embeddingSize: 3 }), new Linear({ inputSize: 4, outputSize: 3 }), new MLP({ inputSize: 4, hiddenSizes: [3] })]) {
      expect([...module.call(rows, { training: true }).dataSync()]).toEqual([...module.call(rows).dataSync()])
    }
    const [conv, pixels] = [new Conv2d({ inputChannels: 1, outputChannels: 2, kernelSize: 3 }), tf.ones([1, 4, 4, 1])]
    expect([...conv.call(pixels, { training: true }).dataSync()]).toEqual([...conv.call(pixels).dataSync()])
  })

  it.each([0, -1, 2.5, NaN])('rejects an embedding size of %s', (embeddingSize) => {
    expect(() => new Embedder({ inputSize: 8, embeddingSize })).toThrow(OptionError)
    expect(() => new Embedder({ inputSize: 8, embeddingSize })).toThrow(
      `Embedder: wanted \`embeddingSize\` to be an integer of at least 1, got ${embeddingSize}. Usual sizes are 64 to 512.`,
    )
  })

  it('is called as every module is', () => {
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 3, seed: 0 })
    expect(embedder.call(tf.zeros([4, 2]), { training: true }).shape).toEqual([4, 3])
    expect(embedder.inputSize).toBe(2)
  })

  it('rejects features of another size', () => {
    expect(() => new Embedder({ inputSize: 8, embeddingSize: 2 }).call(tf.zeros([1, 9]))).toThrow(ShapeError)
  })
})
