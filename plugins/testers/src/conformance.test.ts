import type { Dataset } from '@metric-learning/contracts'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { GlobalEmbeddingSpaceTester, type GlobalEmbeddingSpaceTesterOptions } from './index.js'

/** Eight samples of two classes, of the size that the runs of the suite train on. */
const heldOut: Dataset = {
  name: 'heldOut',
  labels: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1),
  classNames: ['a', 'b'],
  sampleShape: [6],
  load: (rows) => Promise.resolve({ values: Float32Array.from({ length: rows.length * 6 }, (_, i) => Math.sin(1 + rows[Math.floor(i / 6)]! * 6 + (i % 6))), shape: [rows.length, 6] }),
}
const make = (options: Partial<GlobalEmbeddingSpaceTesterOptions> = {}) => new GlobalEmbeddingSpaceTester({ splits: { heldOut }, ...options })

describePlugin('GlobalEmbeddingSpaceTester', {
  create: () => make(),
  mistakes: { 'an unknown metric': () => make({ primaryMetric: 'precision' as never }), 'no split': () => make({ splits: {} }) },
})
