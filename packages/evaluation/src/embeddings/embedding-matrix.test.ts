import * as tf from '@tensorflow/tfjs-core'
import { DataError, ShapeError } from '@metric-learning/contracts'
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

it('toHostMatrix makes float32 of numbers of any kind', async () => {
  const values = Float32Array.of(1, 0, 0, 1, 1, 1)
  const numbers = [1, 0, 0, 1, 1, 1]
  const tensors = [tf.tensor2d(numbers, [3, 2], 'int32'), tf.tensor2d(numbers, [3, 2], 'bool')]
  const rows = [[1, 0], Float32Array.of(0, 1), [true, true]] as never
  for (const matrix of [...tensors, { embeddings: Float64Array.from(numbers), dim: 2 }, { embeddings: Uint8Array.from(numbers), dim: 2 }, { embeddings: numbers, dim: 2 }, rows]) {
    const found = await toHostMatrix('test', 'query', matrix)
    expect(found).toEqual({ values, rows: 3, dim: 2 })
    expect(found.values).toBeInstanceOf(Float32Array)
  }
  tf.dispose(tensors)
})

it.each<[string, unknown, typeof ShapeError | typeof DataError, string]>([
  ['undefined', undefined, ShapeError, 'got undefined'],
  ['a number', 3, ShapeError, 'got 3'],
  ['an object of something else', { values: [1], dim: 1 }, ShapeError, 'got an object'],
  ['texts', { embeddings: ['1', '2'], dim: 1 }, ShapeError, 'got "1" in row 0'],
  ['bigints', { embeddings: BigInt64Array.of(1n), dim: 1 }, ShapeError, 'got 1n in row 0'],
  ['a hole', [[1, 2], [3, undefined]], ShapeError, 'got undefined in row 1'],
  ['rows of several lengths', [[1, 2], [3]], ShapeError, 'got 1 numbers in row 1, 2 in row 0'],
  ['rows without numbers', [[], []], ShapeError, 'got 0 numbers in row 0'],
  ['numbers in place of rows', [1, 2], ShapeError, 'got 1 as row 0'],
  ['no rows', [], ShapeError, 'at least one row'],
  ['a width that is a text', { embeddings: [1, 2], dim: '2' }, ShapeError, '2 values in rows of "2"'],
  ['what float32 does not hold', [[1], [1e300]], DataError, 'got 1e+300, which float32 does not hold, in row 1'],
  ['NaN', [[1], [NaN]], DataError, 'got NaN in row 1'],
])('toHostMatrix refuses %s', async (_, matrix, kind, message) => {
  await expect(toHostMatrix('test', 'query', matrix as never)).rejects.toThrow(kind)
  await expect(toHostMatrix('test', 'query', matrix as never)).rejects.toThrow(message)
})

it('toHostMatrix refuses tensors that are no matrix of numbers, or are gone', async () => {
  const gone = tf.zeros([2, 2])
  gone.dispose()
  await expect(toHostMatrix('test', 'query', gone as tf.Tensor2D)).rejects.toThrow('got a tensor that was disposed')
  const texts = tf.tensor2d(['a'], [1, 1])
  await expect(toHostMatrix('test', 'query', texts)).rejects.toThrow('got a tensor of type string')
  texts.dispose()
})
