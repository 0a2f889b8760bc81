import * as tf from '@tensorflow/tfjs-core'
import { OptionError, ShapeError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { Embedder } from './embedder.js'

describe('Embedder', () => {
  it('is x · weight + bias', async () => {
    const embedder = new Embedder({ inputSize: 2, embeddingSize: 3, seed: 0 })
    embedder.parameters.get('weight')!.assign(tf.tensor2d([[1, 2, 3], [4, 5, 6]]))
    embedder.parameters.get('bias')!.assign(tf.tensor1d([0.5, 0, -0.5]))
    expect(await embedder.call(tf.tensor2d([[1, 10]])).array()).toEqual([[41.5, 52, 62.5]])
    expect(embedder.outputSize).toBe(3)
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
