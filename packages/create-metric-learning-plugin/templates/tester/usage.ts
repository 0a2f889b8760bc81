import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from '@metric-learning/backend'
import type { Dataset, Module } from '@metric-learning/contracts'
import { ExampleTester } from './example-tester.js'

await useBackend('auto')
const val: Dataset = {
  name: 'val',
  labels: Int32Array.of(0, 0, 1, 1),
  classNames: ['a', 'b'],
  sampleShape: [2],
  load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [row, 1])), shape: [rows.length, 2] }),
}
const trunk: Module = { name: 'identity', parameters: new Map(), buffers: new Map(), outputSize: 2, call: (x) => tf.clone(x), dispose: () => undefined }
const tester = new ExampleTester({ splits: { val } }) // new Trainer({ …, plugins: [tester] })
console.log((await tester.test({ trunk })).metrics)
