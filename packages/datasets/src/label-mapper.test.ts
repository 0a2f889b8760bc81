import { describe, expect, it } from 'vitest'
import { LabelMapper, mapLabels } from './label-mapper.js'

const samples = <L extends string | number>(labels: readonly L[]) => ({
  name: 'samples',
  labels,
  sampleShape: [1],
  load: (rows: Int32Array) => Promise.resolve({ values: Float32Array.from(rows), shape: [rows.length, 1] }),
})

describe('LabelMapper', () => {
  it('numbers classes from 0: integers by value, texts by code units, as np.unique sorts them', () => {
    const sparse = new LabelMapper([900, -3, 17, 900, 2 ** 40])
    expect(sparse.labels).toEqual([-3, 17, 900, 2 ** 40])
    expect(sparse.map([17, 2 ** 40, -3])).toEqual(Int32Array.of(1, 3, 0))
    const names = new LabelMapper(['dog', 'Cat', 'ant', 'dog'])
    expect([names.classNames, [...names.map(['ant', 'dog', 'Cat'])]]).toEqual([['Cat', 'ant', 'dog'], [1, 2, 0]])
    expect(sparse.classNames).toEqual(['-3', '17', '900', '1099511627776'])
    expect([...new LabelMapper(Int32Array.of(5, 9, 5)).map(Int32Array.of(9, 5))]).toEqual([1, 0])
  })

  it('knows no label that it was not made for', () => {
    expect(() => new LabelMapper<string>(['a', 'b']).map(['b', 'c'])).toThrow('one of the 2 labels that it was made for, such as "a", "b", got "c" at position 1')
    expect(() => new LabelMapper<string | number>(['1']).map([1])).toThrow('got 1 at position 0')
  })

  it.each<[unknown, string]>([[5, 'got 5'], [null, 'got null'], ['ab', 'got "ab"'], [new Set(['a']), 'got an object']])('maps lists alone: %#', (labels, message) => {
    expect(() => new LabelMapper(['a', 'b']).map(labels as never)).toThrow(message)
  })

  it.each<[unknown, string]>([
    [[], 'an empty list'],
    ['cat', 'got "cat"'],
    [null, 'got null'],
    [['a', ''], 'got "" at position 1'],
    [['a', 1], 'got 1 at position 1'],
    [[1, 1.5], 'got 1.5 at position 1'],
    [[1, NaN], 'got NaN at position 1'],
    [[1n], 'got 1n at position 0'],
    [[1, undefined], 'got undefined at position 1'],
  ])('refuses %#', (labels, message) => {
    expect(() => new LabelMapper(labels as never)).toThrow(message)
    expect(() => mapLabels({ ...samples([0]), labels: labels as never })).toThrow(message)
  })

  it('makes a data set, whose mapping is part of a run', () => {
    const dataset = mapLabels(samples(['dog', 'cat', 'dog']))
    expect([[...dataset.labels], dataset.classNames]).toEqual([[1, 0, 1], ['cat', 'dog']])
    const state = JSON.parse(JSON.stringify(dataset.state())) as ReturnType<typeof dataset.state>
    mapLabels(samples(['cat', 'dog', 'cat'])).restore(state)
    // The same integers, of other classes: nothing else would notice.
    expect(() => mapLabels(samples(['dog', 'ant', 'dog'])).restore(state)).toThrow('a run whose class 0 is "ant", got one where it is "cat"')
    expect(() => mapLabels(samples(['dog', 'cat', 'eel'])).restore(state)).toThrow('whose class 2 is "eel", got one where it is not there')
    expect(mapLabels(samples(['cat', 'cat']), dataset.mapper).labels).toEqual(Int32Array.of(0, 0))
    expect(() => mapLabels(samples(['eel']), dataset.mapper)).toThrow('got "eel"')
  })
})
