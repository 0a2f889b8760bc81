import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { constant, shared } from './by-anchor.js'
import { overTriplets } from './over-triplets.js'

const distances = tf.tensor2d([[0, 1, 2], [1, 0, 3], [2, 3, 0]])
const triplets = {
  positiveIndex: tf.tensor2d([[1], [0], [0]], [3, 1], 'int32'),
  parts: [tf.tensor2d([[1], [1], [0]]), tf.tensor2d([[0, 0, 1], [0, 0, 1], [1, 1, 0]])] as const,
}

describe('overTriplets', () => {
  it('hands over the distances within triplets, and how often each counts', () => {
    const { values, weights } = overTriplets(triplets, { distances, amongReferences: distances }, {}, ({ ap, an, pn }) => tf.add(tf.sub(ap, an), pn!))
    expect(weights!.arraySync()).toEqual([[[0, 0, 1]], [[0, 0, 1]], [[0, 0, 0]]])
    // 0 with its positive 1 and the negative 2: 1 - 2 + 3.
    expect((values.arraySync() as number[][][])[0]![0]![2]).toBe(2)
  })

  it('takes operands of any name', () => {
    const named = { index: constant(tf.tensor3d([[[7]], [[7]], [[7]]])), first: shared(tf.scalar(1)) }
    const { values } = overTriplets(triplets, { distances }, named, ({ ap, index, first }) => tf.add(tf.add(tf.mul(ap, 0), index), first))
    expect(values.arraySync()).toEqual([[[8]], [[8]], [[8]]])
    // @ts-expect-error an is what the negative's distance is called
    overTriplets(triplets, { distances }, { an: shared(tf.scalar(1)) }, ({ ap }) => ap)
  })
})
