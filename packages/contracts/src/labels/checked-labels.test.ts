import { describe, expect, it } from 'vitest'
import type { LabelColumn } from '../dataset.js'
import { LabelError } from '../errors/metric-learning-error.js'
import { checkedLabels, labelColumn } from './checked-labels.js'
import { sharesLabel } from './label-comparison.js'

const check = (labels: unknown, columns?: unknown) =>
  checkedLabels('Trainer', { labels, ...(columns !== undefined && { columns }) } as Parameters<typeof checkedLabels>[1])

/** What an Int32Array makes of labels that nobody looked at. */
const unchecked = (labels: unknown) => {
  const rows = Int32Array.of(0, 1)
  return [...rows.map((row) => (labels as number[])[row]!)]
}

describe('checkedLabels', () => {
  it.each<[string, unknown, string]>([
    ['names', ['cat', 'dog'], '"cat" at position 0'],
    ['NaN', [NaN, 0], 'NaN at position 0'],
    ['fractions', [0.5, 0.25], '0.5 at position 0'],
    ['more than int32 holds', [0, 2 ** 32], '4294967296 at position 1'],
    ['nothing', [null, undefined], 'null at position 0'],
    ['holes', [0, , 0], 'undefined at position 1'],
    ['infinity', Float32Array.of(0, Infinity), 'Infinity at position 1'],
  ])('refuses %s, all of which an Int32Array takes for class 0', (_, labels, got) => {
    expect(unchecked(labels)).toEqual([0, 0])
    expect(() => check(labels)).toThrow(LabelError)
    expect(() => check(labels)).toThrow(`Trainer: wanted \`dataset.labels\` to be a non-empty list of integers of 32 bits, got ${got}. Number`)
  })

  it.each<[string, unknown, string]>([
    ['numbers in words', ['1', '2'], '"1" at position 0'],
    ['2^32 + 1', [1, 2 ** 32 + 1], '4294967297 at position 1'],
    ['numbers past the last of int32', Uint32Array.of(0, 2 ** 31), '2147483648 at position 1'],
    ['bigints', BigInt64Array.of(0n, 3n), '0n at position 0'],
    ['rows', [[0], [1]], 'an array at position 0'],
    ['an empty list', new Int32Array(), 'an empty list'],
    ['no labels', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a name', 'cat', '"cat"'],
    ['a tensor', { dataId: {}, shape: [2] }, 'a tensor'],
  ])('refuses %s', (_, labels, got) => {
    expect(() => check(labels)).toThrow(LabelError)
    expect(() => check(labels)).toThrow(`got ${got}. `)
  })

  it.each<[string, ArrayLike<number>]>([
    ['an array', [2, 0, -1]],
    ['an Int32Array', Int32Array.of(2, 0, -1)],
    ['a Float32Array of whole numbers', Float32Array.of(2, -0, -1)],
    ['an Int8Array', Int8Array.of(2, 0, -1)],
  ])('takes %s, and hands out an Int32Array of its own', (_, labels) => {
    const checked = check(labels)
    expect(checked).toEqual({ sampleCount: 3, labels: Int32Array.of(2, 0, -1), columns: new Map() })
    expect(checked.labels).not.toBe(labels)
  })

  it('checks each column likewise, classes and rows', () => {
    const columns = { coarse: { labels: [1, 1], classNames: ['a', 'b'] }, tags: { labelRows: [Uint8Array.of(0, 1), [1, 1]], labelComparison: sharesLabel } }
    expect([...check([0, 1], columns).columns]).toEqual([
      ['coarse', { labels: Int32Array.of(1, 1), classNames: ['a', 'b'] }],
      ['tags', { labelRows: [[0, 1], [1, 1]], labelComparison: sharesLabel }],
    ])
  })

  it.each<[string, unknown, string]>([
    ['of names', { labels: ['a', 'b'] }, 'wanted `dataset.columns.coarse.labels` to be a non-empty list of integers of 32 bits, got "a" at position 0'],
    ['of another length', { labels: [0] }, 'wanted one entry in the label column `coarse` for each of 2 samples, got 1'],
    ['of rows of another length', { labelRows: [[0], [1], [2]] }, 'for each of 2 samples, got 3'],
    ['of rows with a fraction', { labelRows: [[0, 1], [1, 0.5]] }, 'wanted `dataset.columns.coarse.labelRows` to be rows of integers of 32 bits, as many in each, got [1, 0.5] in row 1'],
    ['of rows of two widths', { labelRows: [[0, 1], [1]] }, 'got [1] in row 1'],
    ['of rows with holes', { labelRows: [[0, 1], [1, ,]] }, 'in row 1'],
    ['of nothing', {}, 'wanted `dataset.columns.coarse` to be { labels } or { labelRows }, got an object'],
    ['of both', { labels: [0, 1], labelRows: [[0], [1]] }, 'got both'],
    ['that is a list', Int32Array.of(0, 1), 'to be { labels } or { labelRows }, got an object of type Int32Array'],
    ['that is null', null, 'got null'],
    ['with no function to compare', { labelRows: [[0], [1]], labelComparison: 'equal' }, 'to be a function of two rows, got "equal"'],
  ])('refuses a column %s', (_, coarse, message) => {
    expect(() => check([0, 1], { coarse })).toThrow(LabelError)
    expect(() => check([0, 1], { coarse })).toThrow(message)
  })
})

describe('labelColumn', () => {
  it('finds a column by name, and the classes without one', () => {
    const coarse: LabelColumn = { labels: Int32Array.of(1, 1) }
    const checked = check([0, 1], { coarse })
    expect(labelColumn('Trainer', checked, 'coarse')).toEqual(coarse)
    expect(labelColumn('Trainer', checked)).toEqual({ labels: Int32Array.of(0, 1) })
  })

  it('says which there are', () => {
    const columns = { coarse: { labels: [1, 1] }, tags: { labelRows: [[0], [1]] } }
    expect(() => labelColumn('triplet', check([0, 1], columns), 'fine')).toThrow('triplet: wanted one of the label columns coarse, tags, got "fine"')
    expect(() => labelColumn('triplet', check([0, 1]), 'fine')).toThrow('which is none, got "fine"')
  })
})
