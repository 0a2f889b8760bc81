import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { Adam } from './adam.js'

const start = { a: [[1, -2], [3, 0.5]], b: [0.1, 0.2, 0.3] }
const variables = () =>
  new Map<string, tf.Variable>([
    ['a', tf.variable(tf.tensor2d(start.a))],
    ['b', tf.variable(tf.tensor1d(start.b))],
  ])
const gradientsAt = (step: number) =>
  new Map<string, tf.Tensor>([
    ['a', tf.tensor2d(start.a.map((row) => row.map((x) => Math.sin(x + step))))],
    ['b', tf.tensor1d(start.b.map((x) => Math.cos(x * step)))],
  ])

describe('Adam', () => {
  it('takes the steps of tf.train.adam', () => {
    const ours = variables()
    const theirs = variables()
    const adam = new Adam({ learningRate: 0.05 })
    const reference = tf.train.adam(0.05, 0.9, 0.999, 1e-8)
    for (let step = 0; step < 5; step++) {
      const gradients = gradientsAt(step)
      adam.apply(ours, gradients)
      reference.applyGradients([...gradients].map(([name, tensor]) => ({ name: theirs.get(name)!.name, tensor })))
    }
    for (const name of ['a', 'b']) {
      const expected = theirs.get(name)!.dataSync()
      ours.get(name)!.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))
    }
  })

  it('leaves parameters without a gradient alone', () => {
    const parameters = variables()
    const adam = new Adam()
    adam.apply(parameters, new Map([['b', tf.ones([3])]]))
    expect(parameters.get('a')!.arraySync()).toEqual(start.a)
    expect(parameters.get('b')!.dataSync()[0]).toBeCloseTo(0.1 - 1e-3, 6)
  })

  it('obeys a changed learning rate at the next step', () => {
    const parameters = variables()
    const adam = new Adam({ learningRate: 1 })
    adam.learningRate = 0
    adam.apply(parameters, gradientsAt(1))
    expect(parameters.get('a')!.arraySync()).toEqual(start.a)
  })

  it('keeps no tensor but its slots, and frees those', () => {
    const parameters = variables()
    const gradients = gradientsAt(1)
    const before = tf.memory().numTensors
    const adam = new Adam()
    adam.apply(parameters, gradients)
    const held = tf.memory().numTensors
    for (let step = 0; step < 100; step++) adam.apply(parameters, gradients)
    expect(tf.memory().numTensors).toBe(held)
    adam.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('joins vectors as they are, without an operation for each', async () => {
    const parameters = new Map(['a', 'b', 'c'].map((name) => [name, tf.variable(tf.ones([3]))] as const))
    const gradients = new Map(['a', 'b', 'c'].map((name) => [name, tf.ones([3])] as const))
    const adam = new Adam()
    const { kernelNames } = await tf.profile(() => {
      adam.apply(parameters, gradients)
    })
    expect(kernelNames).toContain('Concat')
    expect(kernelNames).not.toContain('Reshape')
  })

  it('rejects options that make no sense', () => {
    expect(() => new Adam({ learningRate: -1 })).toThrow('`learningRate` to be a number of at least 0, got -1')
    expect(() => new Adam({ lr: 1 } as object)).toThrow('got `lr`')
  })
})
