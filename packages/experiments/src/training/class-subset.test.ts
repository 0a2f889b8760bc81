import { concatenated, ImageDataset } from '@metric-learning/datasets'
import { expect, it } from 'vitest'
import { classSubset } from './class-subset.js'

it('keeps label columns of the samples, of whatever kind the data set is', async () => {
  const made = (name: string, classNames: readonly string[], kinds: readonly number[]) =>
    new ImageDataset({ name, pixels: Uint8Array.of(1, 2, 3, 4), sampleShape: [1, 1, 1], labels: Int32Array.of(0, 0, 1, 1), classNames, columns: { kind: { labels: Int32Array.from(kinds), classNames: ['x', 'y'] } }, normalization: { mean: [0], std: [1] } })
  const both = concatenated([made('one', ['a', 'b'], [0, 1, 1, 0]), made('two', ['c', 'd'], [1, 1, 0, 0])], { sharedClasses: true })
  const some = classSubset(both, 'some', [3, 1])
  expect([some.labels, some.classNames]).toEqual([Int32Array.of(1, 1, 0, 0), ['d', 'b']])
  expect(some.columns).toEqual({
    source: { labels: Int32Array.of(0, 0, 1, 1), classNames: ['one', 'two'] },
    kind: { labels: Int32Array.of(1, 0, 0, 0), classNames: ['x', 'y'] },
  })
  expect([...(await some.load(Int32Array.of(0, 3))).values]).toEqual([3, 4])
  const marked = { ...both, columns: { tags: { labelRows: both.labels.length === 8 ? Array.from(both.labels, (label) => [label]) : [], labelComparison: () => true } } }
  expect(classSubset(marked, 'some', [2]).columns).toMatchObject({ tags: { labelRows: [[2], [2]] } })
})
