import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, Module } from '@metric-learning/contracts'
import { AccuracyCalculator, fnmrAtFmr, recallAtK, type RankMetric } from '@metric-learning/evaluation'
import { Trainer, type EvalEndContext, type Plugin } from '@metric-learning/core'
import { describe, expect, it } from 'vitest'
import { GlobalEmbeddingSpaceTester } from './global-embedding-space-tester.js'

const POINTS = [0, 1, 2, 3, 10, 11, 12, 13]
const val: Dataset = {
  name: 'val',
  labels: Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3),
  classNames: ['a', 'b', 'c', 'd'],
  sampleShape: [1],
  load: (rows) => Promise.resolve({ values: Float32Array.from(rows, (row) => POINTS[row]!), shape: [rows.length, 1] }),
}

/** x → (x, 1). */
function trunk(): Module {
  const weight = tf.variable(tf.scalar(0))
  return {
    name: 'trunk',
    parameters: new Map([['weight', weight]]),
    buffers: new Map(),
    outputSize: 2,
    call: (x) => tf.concat([tf.add(x, tf.mul(weight, 0)), tf.onesLike(x)], 1),
    dispose: () => {
      weight.dispose()
    },
  }
}

describe('metrics of one’s own in a tester', () => {
  it('are tested, logged and described like the others', async () => {
    const accuracyCalculator = new AccuracyCalculator({ metrics: [recallAtK(3), fnmrAtFmr(0.5)], include: ['precisionAt1', 'recallAt3', 'fnmrAtFmr0.5'] })
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, accuracyCalculator, primaryMetric: 'fnmrAtFmr0.5', normalizeEmbeddings: false })
    const { metrics, reasons, descriptions } = await tester.test({ trunk: trunk() })
    tester.dispose()
    expect(Object.keys(metrics.val!)).toEqual(['precisionAt1', 'recallAt3', 'fnmrAtFmr0.5'])
    expect(metrics.val!.recallAt3).toBe(1)
    expect(reasons).toEqual({ val: {} })
    expect(descriptions['fnmrAtFmr0.5']).toMatchObject({ label: 'FNMR@0.5', better: 'smaller' })
  })

  it('are given with the ends of their confidence intervals, where these are asked for', async () => {
    const accuracyCalculator = new AccuracyCalculator({ include: ['precisionAt1', 'NMI'], bootstrap: { resamples: 50 } })
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, accuracyCalculator, primaryMetric: 'precisionAt1' })
    const { metrics, descriptions, accuracies } = await tester.test({ trunk: trunk() })
    const { lower, upper } = accuracies['val']!.intervals!.precisionAt1!
    expect(metrics['val']).toMatchObject({ 'precisionAt1/lower': lower, 'precisionAt1/upper': upper })
    expect(Object.keys(metrics['val']!)).toEqual(['NMI', 'precisionAt1', 'precisionAt1/lower', 'precisionAt1/upper'])
    expect(descriptions['precisionAt1/lower']).toMatchObject({ label: 'P@1 lower', better: 'larger' })
    tester.dispose()
    const entries = new Map<string, number>()
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.log.tap({ name: 'watch' }, (entry) => {
          if (entry.kind === 'scalar') entries.set(entry.tag, entry.value)
        })
      },
    }
    const trainer = new Trainer({
      trunk: trunk(),
      dataset: val,
      sampler: { name: 'pair', batchSize: 2, batchesPerEpoch: 1, batch: () => Int32Array.of(0, 1) },
      objectives: [{ loss: { name: 'none', parameters: new Map(), compute: (embeddings) => tf.mul(tf.sum(embeddings), 0) as tf.Scalar } }],
      plugins: [tester, watch],
    })
    await trainer.train({ epochs: 1 })
    trainer.dispose()
    expect([entries.get('val/precisionAt1/lower'), entries.get('val/precisionAt1/upper')]).toEqual([lower, upper])
  })

  it('know whether the larger or the smaller is the best', async () => {
    const values = [0.5, 0.2, 0.2, 0.7, 0.1]
    let at = 0
    const own = (better: 'larger' | 'smaller'): RankMetric<'own'> => ({ name: 'own', better, judges: 'ranks', depth: 1, compute: () => values[Math.floor(at++ / POINTS.length)]! })
    const bestOf = async (better: 'larger' | 'smaller') => {
      at = 0
      const accuracyCalculator = new AccuracyCalculator({ metrics: [own(better)], include: ['own'] })
      const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, accuracyCalculator, primaryMetric: 'own' })
      const found: EvalEndContext[] = []
      const watch: Plugin = {
        name: 'watch',
        apply({ hooks }) {
          hooks.evalEnd.tap({ name: 'watch' }, (context) => {
            found.push(context)
          })
        },
      }
      const model = trunk()
      const trainer = new Trainer({
        trunk: model,
        dataset: val,
        sampler: { name: 'pair', batchSize: 2, batchesPerEpoch: 1, batch: () => Int32Array.of(0, 1) },
        objectives: [{ loss: { name: 'none', parameters: new Map(), compute: (embeddings) => tf.mul(tf.sum(embeddings), 0) as tf.Scalar } }],
        plugins: [tester, watch],
      })
      await trainer.train({ epochs: 4 })
      trainer.dispose()
      return { epoch: tester.best?.epoch, isBest: found.map((one) => one.isBest) }
    }
    expect(await bestOf('smaller')).toEqual({ epoch: 4, isBest: [true, true, false, false, true] })
    expect(await bestOf('larger')).toEqual({ epoch: 3, isBest: [true, false, false, true, false] })
  })
})
