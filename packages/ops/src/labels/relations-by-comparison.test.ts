import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { equalAtLevel, LabelError, sharesLabel } from '@metric-learning/contracts'
import { relationsByComparison, relationsInColumn, relationsOf } from './relations.js'

describe('relationsByComparison', () => {
  it('takes samples that share a label for positives, which need not be transitive', () => {
    const labelRows = [[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 0]]
    const relations = relationsByComparison({ labelRows, labelComparison: sharesLabel })
    expect(relations.positives().arraySync()).toEqual([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
    expect(relations.negatives().arraySync()).toEqual([[0, 0, 1, 1], [0, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 0]])
    expect(relations.positiveIndex.arraySync()).toEqual([[1, 0], [0, 2], [1, 0], [0, 0]])
    expect(relations.positiveIndexMask.arraySync()).toEqual([[1, 0], [1, 1], [1, 0], [0, 0]])
  })

  it('compares levels of a hierarchy, and whole rows by default', () => {
    const labelRows = [[0, 7], [1, 7], [0, 7]]
    const coarse = relationsByComparison({ labelRows, labelComparison: equalAtLevel(1) })
    expect([coarse.hasNegatives, coarse.maxPositives]).toEqual([false, 2])
    const whole = relationsByComparison({ labelRows })
    const plain = relationsOf([0, 1, 0])
    expect(whole.positives().arraySync()).toEqual(plain.positives().arraySync())
    expect(whole.negatives().arraySync()).toEqual(plain.negatives().arraySync())
    expect(whole.positiveIndex.arraySync()).toEqual(plain.positiveIndex.arraySync())
    expect([coarse, whole, plain].map(({ byComparison }) => byComparison)).toEqual([true, true, false])
  })

  it('compares with a reference set', () => {
    const relations = relationsByComparison({ labelRows: [[1, 0]], refLabelRows: [[1, 1], [0, 1]], labelComparison: sharesLabel })
    expect(relations.positives().arraySync()).toEqual([[1, 0]])
    expect(relations.negatives().arraySync()).toEqual([[0, 1]])
  })

  it('frees its tensors, and says what is wrong with rows', () => {
    const before = tf.memory().numTensors
    relationsByComparison({ labelRows: [[1], [2]] }).dispose()
    expect(tf.memory().numTensors).toBe(before)
    expect(() => relationsByComparison({ labelRows: [[1, 2], [3]] })).toThrow('rows of integers of 32 bits, as many in each, got [3] in row 1')
  })
})

describe('relationsInColumn', () => {
  it('relates the rows of a batch by equal classes, or by the comparison of the column', () => {
    const rows = Int32Array.of(3, 0, 1)
    const classes = relationsInColumn({ labels: Int32Array.of(5, 6, 7, 5) }, rows)
    expect([...classes.queryLabels]).toEqual([5, 5, 6])
    expect(classes.positives().arraySync()).toEqual([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    const labelRows = [[1, 0], [0, 1], [0, 0], [1, 1]]
    const shared = relationsInColumn({ labelRows, labelComparison: sharesLabel }, rows)
    expect(shared.positives().arraySync()).toEqual([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    expect(relationsInColumn({ labelRows }, rows).hasPositives).toBe(false)
  })

  it('takes a row for a positive of itself against another view', () => {
    const rows = Int32Array.of(1, 0)
    const classes = relationsInColumn({ labels: Int32Array.of(5, 6) }, rows, true)
    expect(classes.positives().arraySync()).toEqual([[1, 0], [0, 1]])
    const shared = relationsInColumn({ labelRows: [[1, 0], [0, 1]], labelComparison: sharesLabel }, rows, true)
    expect(shared.positives().arraySync()).toEqual([[1, 0], [0, 1]])
  })

  it('refuses rows that have no entry', () => {
    expect(() => relationsInColumn({ labels: Int32Array.of(5) }, Int32Array.of(0, 1))).toThrow(LabelError)
    expect(() => relationsInColumn({ labelRows: [[5]] }, Int32Array.of(0, 1))).toThrow('got undefined in row 1')
  })
})
