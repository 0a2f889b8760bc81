import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset, type Module } from '@metric-learning/contracts'
import { describePlugin, describeTester } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { FewShotTester, type FewShotTesterOptions } from './few-shot-tester.js'

/** Eight classes of five samples, around centres `spread` apart. */
function clusters(spread: number): Dataset {
  const random = new Random(1)
  const labels = Int32Array.from({ length: 40 }, (_, row) => row % 8)
  const centres = Array.from({ length: 8 * 6 }, () => spread * random.normal())
  const values = Float32Array.from({ length: 40 * 6 }, (_, i) => centres[labels[Math.floor(i / 6)]! * 6 + (i % 6)]! + random.normal())
  return {
    name: 'clusters',
    labels,
    classNames: [...'abcdefgh'],
    sampleShape: [6],
    load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [...values.subarray(row * 6, (row + 1) * 6)])), shape: [rows.length, 6] }),
  }
}

const identity: Module = { name: 'identity', parameters: new Map(), buffers: new Map(), outputSize: 6, call: (x) => tf.clone(x), dispose: () => undefined }
const make = (options: Partial<FewShotTesterOptions> = {}) => new FewShotTester({ splits: { val: clusters(1) }, ...options })
const mistakes = { 'an episode of one class': () => make({ ways: 1 }), 'no shot': () => make({ shots: 0 }), 'an unknown option': () => make({ shot: 1 } as object) }

describeTester('FewShotTester', { create: (splits) => new FewShotTester({ splits, ways: 3 }), mistakes })
describePlugin('FewShotTester in a run', { create: () => make() })

const accuracyOf = async (spread: number, options: Partial<FewShotTesterOptions> = {}) => {
  const { metrics, reasons } = await make({ splits: { val: clusters(spread) }, ...options }).test({ trunk: identity })
  return { accuracy: metrics['val']!['fewShotAccuracy'], reasons }
}

it('tells classes apart as far as they are apart, and better from more samples', async () => {
  expect((await accuracyOf(0)).accuracy).toBeCloseTo(0.2, 1)
  expect((await accuracyOf(20)).accuracy).toBe(1)
  expect((await accuracyOf(0.7, { shots: 4 })).accuracy).toBeGreaterThan((await accuracyOf(0.7)).accuracy!)
})

it('has no result where classes are too few, and says so', async () => {
  const { accuracy, reasons } = await accuracyOf(1, { shots: 5 })
  expect(accuracy).toBeNull()
  expect(reasons).toEqual({ val: { fewShotAccuracy: '0 classes have more than 5 samples: no episode of 5.' } })
})
