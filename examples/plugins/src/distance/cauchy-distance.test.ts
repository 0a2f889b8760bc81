import * as tf from '@tensorflow/tfjs-core'
import { describeDistance } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { CauchyDistance } from './cauchy-distance.js'

describeDistance('CauchyDistance', { create: () => new CauchyDistance() })
describeDistance('CauchyDistance of embeddings as they are', { create: () => new CauchyDistance({ normalizeEmbeddings: false, scale: 2 }) })

it('has the value that its formula gives', () => {
  const distance = new CauchyDistance({ normalizeEmbeddings: false, scale: 5 })
  expect(distance.matrix(tf.tensor2d([[1, 5]]), tf.tensor2d([[4, 9]])).dataSync()[0]).toBeCloseTo(Math.log(1.5), 5)
})

it('refuses options that it does not know, or that are out of range', () => {
  expect(() => new CauchyDistance({ c: 1 } as never)).toThrow('`c`')
  expect(() => new CauchyDistance({ scale: 0 })).toThrow('`scale`')
})
