import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { toHostMatrix } from './embedding-matrix.js'

it('toHostMatrix takes tensors, also those of another copy of tfjs, and arrays', async () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6)
  const own = tf.tensor2d(values, [3, 2])
  const others = { dataId: {}, rank: 2, shape: [3, 2], data: () => Promise.resolve(values) } as unknown as tf.Tensor2D
  for (const matrix of [own, others, { embeddings: values, dim: 2 }]) {
    expect(await toHostMatrix('test', 'query', matrix)).toEqual({ values, rows: 3, dim: 2 })
  }
  own.dispose()
})
