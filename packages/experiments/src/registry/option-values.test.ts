import { describe, expect, it } from 'vitest'
import { fits, wordsOf } from './option-values.js'

describe('fits', () => {
  it.each<[type: string, fitting: readonly unknown[], others: readonly unknown[]]>([
    ['number', [0, -1.5, { uniform: [0, 1] }, { choice: [1, 2] }], ['1', true, null, [1], {}, { choice: [1, 'b'] }]],
    ['Schedulable', [0.1], ['0.1', null]],
    ['boolean', [true, false, { choice: [true, false] }], [{ uniform: [0, 1] }, { integer: [0, 1] }, { choice: [true, 'no'] }, 'no', 'yes', 'false', 0, 1, null]],
    ['string', ['', 'x'], [3, true, null]],
    ["'all' | 'hard'", ['all', 'hard'], ['easy', 1, null]],
    ['1 | 3', [1, 3, { choice: [1, 3] }], [2, '3', null, { integer: [1, 3] }]],
    ["number | 'all'", [3, 'all'], ['some', null]],
    ['readonly number[]', [[], [1, 2]], [3, '3', ['3'], { 0: 1 }, null]],
    ['string | readonly string[]', ['labels', ['a', 'b']], [3, [3], null]],
    // What nothing is known of is left to the part.
    ["readonly ('AMI' | 'NMI')[]", [['AMI'], 3], [null]],
    ['BootstrapOptions', [{}, 3], [null]],
  ])('%s', (type, fitting, others) => {
    expect(fitting.filter((value) => !fits(type, value))).toEqual([])
    expect(others.filter((value) => fits(type, value))).toEqual([])
  })
})

it('says types in words', () => {
  expect(wordsOf("number | 'all'")).toBe("a number or 'all'")
  expect(wordsOf('boolean')).toBe('true or false')
  expect(wordsOf('BootstrapOptions')).toBe('BootstrapOptions')
})
