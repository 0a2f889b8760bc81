import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { asRelations, relationsOf, relationsToDeviceLabels } from './relations.js'

describe('LabelRelations', () => {
  it('says what takes relations where labels are wanted', () => {
    const relations = relationsOf([0, 0, 1])
    expect(() => relationsOf(relations as never)).toThrow('got an object of type HeldRelations. These are relations, as the trainer gives them to losses and miners: `asRelations(labels)`')
    expect(asRelations(relations)).toBe(relations)
  })

  it('finds positives and negatives of a batch compared with itself', () => {
    const relations = relationsOf([0, 0, 1, 0])
    expect(relations.positives().arraySync()).toEqual([
      [0, 1, 0, 1],
      [1, 0, 0, 1],
      [0, 0, 0, 0],
      [1, 1, 0, 0],
    ])
    expect(relations.negatives().arraySync()).toEqual([
      [0, 0, 1, 0],
      [0, 0, 1, 0],
      [1, 1, 0, 1],
      [0, 0, 1, 0],
    ])
    expect(relations.maxPositives).toBe(2)
    expect(relations.positiveIndex.arraySync()).toEqual([[1, 3], [0, 3], [0, 0], [0, 1]])
    expect(relations.positiveIndexMask.arraySync()).toEqual([[1, 1], [1, 1], [0, 0], [1, 1]])
  })

  it('counts (i, i) as a positive when the references are another set', () => {
    const relations = relationsOf([5, 7], { refLabels: [5, 7, 5] })
    expect(relations.positives().arraySync()).toEqual([[1, 0, 1], [0, 1, 0]])
    expect(relations.positiveIndex.arraySync()).toEqual([[0, 2], [1, 0]])
  })

  it('leaves (i, i) out when the references begin with the queries', () => {
    const relations = relationsOf([5, 7], { refLabels: [5, 7, 5], sameSet: true })
    expect(relations.positives().arraySync()).toEqual([[0, 0, 1], [0, 0, 0]])
  })

  it('knows when there is no positive or no negative, and keeps shapes', () => {
    const distinct = relationsOf([1, 2, 3])
    expect([distinct.hasPositives, distinct.hasNegatives, distinct.maxPositives]).toEqual([false, true, 1])
    const equal = relationsOf([1, 1])
    expect([equal.hasPositives, equal.hasNegatives]).toEqual([true, false])
  })

  it('passes relations through, and frees its tensors', () => {
    const before = tf.memory().numTensors
    const relations = relationsOf([0, 1], { refLabels: [1, 0] })
    expect(asRelations(relations)).toBe(relations)
    relations.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('says what is wrong with labels', () => {
    expect(() => relationsOf([])).toThrow('wanted `labels` to be a non-empty list of integers of 32 bits, got an empty list')
    expect(() => relationsOf([0, 1.5])).toThrow('got 1.5 at position 1')
    expect(() => relationsOf([0, 1], { refLabels: [0], sameSet: true })).toThrow('2 queries and 1 references')
    expect(() => relationsOf([0, 1], { refLabels: [0, 2], sameSet: true })).toThrow('label 2 against 1 in row 1')
  })
})

describe('references whose labels are on the device only', () => {
  const memory = { refLabelTensor: tf.tensor1d([7, 8, 7, 7, 0], 'int32'), isFilled: tf.tensor1d([1, 1, 1, 1, 0]), maxPositives: 2 }

  it('have the positives and negatives of the rows that are filled', () => {
    const relations = relationsToDeviceLabels([7, 0], memory)
    expect(relations.positives().arraySync()).toEqual([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0]])
    expect(relations.negatives().arraySync()).toEqual([[0, 1, 0, 0, 0], [1, 1, 1, 1, 0]])
  })

  it('have room for the first positives of each query', () => {
    const relations = relationsToDeviceLabels(relationsOf([8, 7]), memory)
    expect(relations.positiveIndex.arraySync()).toEqual([[1, 0], [0, 2]])
    expect(relations.positiveIndexMask.arraySync()).toEqual([[1, 0], [1, 1]])
    expect(relations.queryLabelTensor.arraySync()).toEqual([8, 7])
  })

  it('leave nothing behind once disposed', () => {
    const before = tf.memory().numTensors
    relationsToDeviceLabels([7, 0], memory).dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
