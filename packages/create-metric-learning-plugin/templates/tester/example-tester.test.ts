import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, Module } from '@metric-learning/contracts'
import { describePlugin, describeTester } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { ExampleTester } from './example-tester.js'

/** Two classes of two samples each, of six values, `gap` apart. */
const pairs = (gap: number): Dataset => ({
  name: 'pairs',
  labels: Int32Array.of(0, 0, 1, 1),
  classNames: ['a', 'b'],
  sampleShape: [6],
  load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [row % 2, Math.floor(row / 2) * gap, 0, 0, 0, 0])), shape: [rows.length, 6] }),
})
const identity: Module = { name: 'identity', parameters: new Map(), buffers: new Map(), outputSize: 6, call: (x) => tf.clone(x), dispose: () => undefined }

describeTester('ExampleTester', {
  create: (splits) => new ExampleTester({ splits }),
  mistakes: { 'no split': () => new ExampleTester({ splits: {} }), 'an unknown option': () => new ExampleTester({ split: pairs(1) } as never) },
})
describePlugin('ExampleTester in a run', { create: () => new ExampleTester({ splits: { val: pairs(1) } }) })

it('has the value that its formula gives', async () => {
  const between = async (gap: number) => {
    const { metrics } = await new ExampleTester({ splits: { val: pairs(gap) }, normalizeEmbeddings: false }).test({ trunk: identity })
    return metrics['val']!['between']
  }
  // Each sample is ½ from the mean of its class, which is gap / 2 from that of all.
  expect(await between(0)).toBe(0)
  expect(await between(2)).toBeCloseTo(1 / (1 + 0.25), 5)
})
