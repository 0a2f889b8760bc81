import type { Dataset } from '@metric-learning/contracts'
import { describePlugin, describeTester } from '@metric-learning/plugin-testkit'
import { describe } from 'vitest'
import { GlobalEmbeddingSpaceTester, GlobalTwoStreamEmbeddingSpaceTester, WithSameParentLabelTester, type AccuracyTesterOptions } from './index.js'

/** Eight samples of two classes, of the size that the runs of the suite train on. */
const heldOut: Dataset = {
  name: 'heldOut',
  labels: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1),
  classNames: ['a', 'b'],
  columns: { family: { labels: new Int32Array(8) } },
  sampleShape: [6],
  views: 2,
  load: (rows, at) =>
    Promise.resolve({
      values: Float32Array.from({ length: rows.length * 6 }, (_, i) => Math.sin(1 + rows[Math.floor(i / 6)]! * 6 + (i % 6) + 0.1 * (at?.view ?? 0))),
      shape: [rows.length, 6],
    }),
}
const labels = ['labels', 'family']

describe.each([
  ['GlobalEmbeddingSpaceTester', (options: object) => new GlobalEmbeddingSpaceTester({ splits: { heldOut }, ...options })],
  ['GlobalEmbeddingSpaceTester of files and components', (options: object) => new GlobalEmbeddingSpaceTester({ splits: { heldOut }, pca: 2, embeddingBytes: 0, everySteps: 3, ...options })],
  ['WithSameParentLabelTester', (options: object) => new WithSameParentLabelTester({ splits: { heldOut }, labels, ...options })],
  ['GlobalTwoStreamEmbeddingSpaceTester', (options: object) => new GlobalTwoStreamEmbeddingSpaceTester({ splits: { heldOut }, labels, ...options })],
] as const)('%s', (name, make) => {
  describePlugin(`${name} in a run`, {
    create: () => make({}),
    mistakes: { 'an unknown metric': () => make({ primaryMetric: 'precision' }), 'no split': () => make({ splits: {} }), 'a misspelt option': () => make({ split: heldOut } as Partial<AccuracyTesterOptions>) },
  })
  describeTester(name, { create: (splits) => make({ splits }) })
})
