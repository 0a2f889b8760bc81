import type { Dataset } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { concatenated } from './concatenated.js'

/** Sample i is the number `from + i`. */
const numbers = (name: string, labels: readonly number[], from: number, more: Partial<Dataset> = {}): Dataset => ({
  name,
  labels: Int32Array.from(labels),
  classNames: ['zero', 'one', 'two'],
  sampleShape: [1],
  load: (rows) => Promise.resolve({ values: Float32Array.from(rows, (row) => from + row), shape: [rows.length, 1] }),
  ...more,
})
const a = (more?: Partial<Dataset>) => numbers('a', [0, 1, 0], 0, more)
const b = (more?: Partial<Dataset>) => numbers('b', [2, 0], 100, more)

describe('concatenated', () => {
  it('has the rows of one after those of the other, in whatever order they are asked for', async () => {
    const both = concatenated([a(), b()])
    expect([...(await both.load(Int32Array.of(4, 0, 3, 2, 4))).values]).toEqual([101, 0, 100, 2, 101])
    expect([...(await both.load(Int32Array.of(1))).values]).toEqual([1])
    expect(both.name).toBe('a + b')
    await expect(both.load(Int32Array.of(0, 5))).rejects.toThrow('wanted rows from 0 to 4, got 5')
    await expect(both.load(Int32Array.of(-1))).rejects.toThrow('got -1')
  })

  it('lets no classes collide, unless those of one name are one', () => {
    const apart = concatenated([a(), b({ classNames: ['zero', 'uno', 'due'] })])
    expect(apart.classNames).toEqual(['a/zero', 'one', 'two', 'b/zero', 'uno', 'due'])
    expect([...apart.labels]).toEqual([0, 1, 0, 5, 3])
    const shared = concatenated([a(), b({ classNames: ['two', 'uno', 'zero'] })], { sharedClasses: true })
    expect(shared.classNames).toEqual(['zero', 'one', 'two', 'uno'])
    expect([...shared.labels]).toEqual([0, 1, 0, 0, 2])
  })

  it('knows where samples are from, joins label columns, and passes positions on', async () => {
    const column = (labels: readonly number[]) => ({ columns: { kind: { labels: Int32Array.from(labels) } } })
    const seen: unknown[] = []
    const both = concatenated([a(column([0, 0, 1])), b({ ...column([0, 0]), views: 2, load: (rows, at) => { seen.push(at); return b().load(rows) } })])
    expect(both.columns!['source']).toEqual({ labels: Int32Array.of(0, 0, 0, 1, 1), classNames: ['a', 'b'] })
    expect(both.columns!['kind']).toEqual({ labels: Int32Array.of(0, 0, 1, 2, 2), classNames: ['a/0', '1', 'b/0'] })
    expect(both.views).toBe(1)
    const at = { seed: 1, epoch: 2, batch: 3, view: 0 }
    await both.load(Int32Array.of(3), at)
    expect(seen).toEqual([at])
  })

  it('keeps classes apart that one data set calls the same, or as another one is called with its data set', () => {
    const both = concatenated([a({ classNames: ['zero', 'b/zero'] }), b({ classNames: ['zero', 'two', 'two'] })])
    expect(both.classNames).toEqual(['a/zero', 'b/zero', 'b/zero', 'b/two', 'b/two'])
    expect([...both.labels]).toEqual([0, 1, 0, 4, 2])
  })

  it('takes many samples, and many classes', () => {
    const [samples, classes] = [200_000, 12_000]
    const many = (name: string, length: number) => numbers(name, [], 0, { labels: Int32Array.from({ length }, (_, i) => i % classes), classNames: undefined as never })
    const started = performance.now()
    const both = concatenated([many('a', samples), many('b', samples)])
    expect([both.labels.length, both.classNames.length]).toEqual([2 * samples, 2 * classes])
    expect(performance.now() - started).toBeLessThan(4000)
  })

  it.each<[readonly Dataset[], string]>([
    [undefined as never, 'a list of two data sets or more, got undefined'],
    [[a(), undefined as never], 'a list of two data sets or more, got undefined at position 1'],
    [[a({ sampleShape: undefined as never }), b()], 'a list of two data sets or more, got an object at position 0'],
    [[a()], 'a list of two data sets or more, got 1'],
    [[a(), a()], 'names of their own, got "a" twice'],
    [[a(), b({ sampleShape: [2] })], 'samples of [1] in b as in a, got [2]'],
    [[a(), b({ normalization: { mean: [0], std: [1] } })], 'one normalisation in b as in a'],
    [[a(), b({ columns: { kind: { labels: Int32Array.of(0, 1) } } })], 'the label column `kind` in all data sets'],
    [[a({ columns: { source: { labels: Int32Array.of(0, 1, 1) } } }), b({ columns: { source: { labels: Int32Array.of(0, 1) } } })], 'no label column called `source`'],
    [[a(), b({ labels: Int32Array.of(3, 0) })], 'labels from 0 to 2 in b, which names 3 classes, got 3'],
    [[a(), b({ labels: [0.5, 1] as never })], 'integers of 32 bits, got 0.5'],
  ])('refuses what does not go together: %#', (datasets, message) => {
    expect(() => concatenated(datasets)).toThrow(message)
  })

  it('refuses samples of two kinds, and options that are none', async () => {
    const pixels = b({ load: (rows) => Promise.resolve({ values: new Uint8Array(rows.length), shape: [rows.length, 1] }) })
    await expect(concatenated([a(), pixels]).load(Int32Array.of(0, 3))).rejects.toThrow('samples of one kind from all data sets, got Float32Array and Uint8Array')
    expect(() => concatenated([a(), b()], { shared: true } as object)).toThrow('got `shared`')
    expect(() => concatenated([a(), b()], { sharedClasses: 1 as never })).toThrow('`sharedClasses`')
  })
})
