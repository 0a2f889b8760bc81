import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { relationsOf } from './relations.js'
import { compareEmbeddings } from './compare-embeddings.js'

const embeddings = tf.tensor2d([[1, 0], [0, 1], [1, 1]])
const refEmbeddings = tf.tensor2d([[2, 0], [0, 2]])

describe('compareEmbeddings', () => {
  it('compares a batch with itself unless told otherwise', () => {
    const { references, relations } = compareEmbeddings('me', embeddings, [0, 0, 1])
    expect(references).toBe(embeddings)
    expect(relations.sameSet).toBe(true)
  })

  it('takes a reference set, and relations that were worked out before', () => {
    const given = { refEmbeddings, refLabels: [0, 1] }
    const relations = relationsOf([0, 0, 1], given)
    const comparison = compareEmbeddings('me', embeddings, relations, given)
    expect(comparison.references).toBe(refEmbeddings)
    expect(comparison.relations).toBe(relations)
  })

  it('says what does not fit', () => {
    const wide = tf.zeros([2, 3]) as tf.Tensor2D
    const missing = undefined as unknown as number[]
    expect(() => compareEmbeddings('me', embeddings, [0, 1])).toThrow('one label for each of the 3 rows of `embeddings`, got 2')
    expect(() => compareEmbeddings('me', embeddings, missing)).toThrow('me: wanted `labels`, got undefined')
    expect(() => compareEmbeddings('me', embeddings, [0, 0, 1], { refEmbeddings: wide, refLabels: [0, 1] })).toThrow('[references, 2]')
    expect(() => compareEmbeddings('me', embeddings, [0, 0, 1], { refEmbeddings, refLabels: [0] })).toThrow('2 rows of `refEmbeddings`')
    const square = relationsOf([0, 0, 1], { refLabels: [0, 1, 2] })
    expect(() => compareEmbeddings('me', embeddings, square)).toThrow('`references`')
  })
})
