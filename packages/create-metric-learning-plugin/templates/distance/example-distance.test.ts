import * as tf from '@tensorflow/tfjs-core'
import { describeDistance } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { ExampleDistance } from './example-distance.js'

describeDistance('ExampleDistance', { create: () => new ExampleDistance() })
describeDistance('ExampleDistance of embeddings as they are', { create: () => new ExampleDistance({ normalizeEmbeddings: false, power: 2 }) })

it('has the value that its formula gives', () => {
  const [x, y] = [tf.tensor2d([[1, 5]]), tf.tensor2d([[4, 9]])]
  const distance = new ExampleDistance({ normalizeEmbeddings: false, delta: 1 })
  expect(distance.matrix(x, y).dataSync()[0]).toBeCloseTo(Math.sqrt(10) - 1 + Math.sqrt(17) - 1, 5)
})

it('refuses options that it does not know, or that are out of range', () => {
  expect(() => new ExampleDistance({ dleta: 1 } as never)).toThrow('`dleta`')
  expect(() => new ExampleDistance({ delta: 0 })).toThrow('`delta`')
})
