import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { compareByPolicy, type Given } from './label-policy.js'

const embeddings = tf.ones<tf.Rank.R2>([2, 3])
const refEmbeddings = tf.ones<tf.Rank.R2>([4, 3])
const given = (of: Partial<Given>): Given => ({ embeddings, labels: undefined, references: undefined, isSelected: false, ...of })

describe('compareByPolicy', () => {
  it('asks for the labels that a loss needs', () => {
    expect(() => compareByPolicy('X', 'needed', given({ isSelected: true }))).toThrow('X: wanted `labels`, got undefined')
    expect(() => compareByPolicy('X', 'unlessSelected', given({}))).toThrow('`labels` or a `selection`, got undefined')
    const references = { refEmbeddings }
    expect(() => compareByPolicy('X', 'needed', given({ labels: [0, 1], references }))).toThrow('X: wanted `refLabels`')
  })

  it('refuses labels where there must be none', () => {
    expect(() => compareByPolicy('X', 'refused', given({ labels: [0, 1] }))).toThrow('no labels, got `labels`')
    const references = { refEmbeddings, refLabels: [0, 1, 2, 3] }
    expect(() => compareByPolicy('X', 'refused', given({ references }))).toThrow('no labels, got `refLabels`')
  })

  it('counts every row as a class of its own without labels', () => {
    const { relations } = compareByPolicy('X', 'optional', given({ references: { refEmbeddings } }))
    expect([relations.queryCount, relations.referenceCount, relations.hasPositives]).toEqual([2, 4, false])
    const same = compareByPolicy('X', 'unlessSelected', given({ isSelected: true })).relations
    expect(tf.sum(same.negatives()).arraySync()).toBe(2)
  })
})
