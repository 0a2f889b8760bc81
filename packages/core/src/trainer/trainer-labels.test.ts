import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { LabelError, sharesLabel, type BatchSampler, type Loss } from '@metric-learning/contracts'
import { asRelations } from '@metric-learning/ops'
import type { Plugin } from '../plugin.js'
import { clusters, everyRow, toyOptions } from './toy-trainer.fixture.js'
import { Trainer } from './trainer.js'

describe('Trainer and labels', () => {
  it.each<[string, (label: number) => unknown, string]>([
    ['names', (label) => ['cat', 'dog', 'cow', 'hen'][label], '"cat" at position 0'],
    ['NaN', () => NaN, 'NaN at position 0'],
    ['fractions', (label) => label / 8, '0.125 at position 1'],
    ['numbers beyond int32', (label) => label + 2 ** 32, '4294967296 at position 0'],
  ])('refuses %s, of which an Int32Array makes classes of its own', (_, name, got) => {
    const plain = clusters()
    const dataset = { ...plain, labels: Array.from(plain.labels, name) as unknown as Int32Array }
    expect(() => new Trainer(toyOptions({ dataset }))).toThrow(LabelError)
    expect(() => new Trainer(toyOptions({ dataset }))).toThrow(`Trainer: wanted \`dataset.labels\` to be a non-empty list of integers of 32 bits, got ${got}`)
  })

  it('refuses a sampler that was made for a larger or a smaller set', () => {
    for (const perClass of [4, 16]) {
      const sampler = { ...everyRow(clusters(perClass)), sampleCount: 4 * perClass }
      expect(() => new Trainer(toyOptions({ sampler }))).toThrow(`everyRow: wanted to be made for the 32 samples of clusters, got one made for ${4 * perClass}`)
    }
  })

  it('refuses rows that the set does not have, and no rows', async () => {
    for (const [rows, got] of [[[0, 32], '32 at position 1'], [[], 'no row']] as const) {
      const sampler: BatchSampler = { name: 'stray', batchSize: 2, batchesPerEpoch: 1, batch: () => Int32Array.from(rows) }
      await expect(new Trainer(toyOptions({ sampler })).train({ epochs: 1 })).rejects.toThrow(`stray: wanted a batch of rows of the data set, integers from 0 to 31, got ${got}`)
    }
  })
})

describe('Trainer and label columns', () => {
  /** Mean squared distance of positives. */
  const pull = (name: string): Loss => ({
    name,
    parameters: new Map(),
    compute: (x, labels) => {
      const positives = asRelations(labels!).positives()
      const products = tf.matMul(x, x, false, true)
      const squares = tf.sum(tf.square(x), 1, true)
      const distances = tf.add(tf.sub(squares, tf.mul(products, 2)), tf.transpose(squares))
      return tf.div(tf.sum(tf.mul(distances, positives)), tf.add(tf.sum(positives), 1))
    },
  })
  const plain = clusters()
  const columns = {
    coarse: { labels: plain.labels.map((label) => label >> 1) },
    tags: { labelRows: Array.from(plain.labels, (label) => [label % 2, label >> 1]), labelComparison: sharesLabel },
  }
  const dataset = { ...plain, columns }

  it('goes by the column that an objective names, compiled as eagerly', async () => {
    const run = async (compile: boolean) => {
      const seen: Readonly<Record<string, number>>[] = []
      const watch: Plugin = {
        name: 'watch',
        apply({ hooks }) {
          hooks.batchEnd.tapPromise({ name: 'watch' }, async ({ losses }) => {
            seen.push(await losses())
          })
        },
      }
      const objectives = [{ loss: pull('fine') }, { loss: pull('coarse'), labels: 'coarse' }, { loss: pull('tags'), labels: 'tags' }]
      const trainer = new Trainer(toyOptions({ dataset, sampler: everyRow(dataset), objectives, compile, plugins: [watch] }))
      await trainer.train({ epochs: 2 })
      trainer.dispose()
      return seen
    }
    const [compiled, eager] = [await run(true), await run(false)]
    compiled.forEach((losses, step) => Object.entries(losses).forEach(([name, value]) => expect(value, `${name} in step ${step + 1}`).toBeCloseTo(eager[step]![name]!, 4)))
    const [{ fine, coarse, tags }] = compiled as [Record<string, number>]
    expect(new Set([fine, coarse, tags]).size).toBe(3)
    expect(fine!).toBeLessThan(coarse!)
  })

  it('lists the columns there are, and refuses several numbers a sample where a loss is over classes, or remembers those of other batches', () => {
    expect(() => new Trainer(toyOptions({ dataset, objectives: [{ loss: pull('a'), labels: 'species' }] }))).toThrow('coarse, tags')
    const overClasses = { ...pull('classes'), checkLabels: () => undefined }
    expect(() => new Trainer(toyOptions({ dataset, objectives: [{ loss: overClasses, labels: 'tags' }] }))).toThrow(
      'Objective "classes": wanted one class a sample, for classes, got the column "tags", which has several numbers a sample',
    )
    const joined = { ...pull('joined'), nested: { 'losses.0': { loss: { ...pull('memory'), remembersBatches: true, overClasses: false } } } }
    expect(() => new Trainer(toyOptions({ dataset, objectives: [{ loss: joined, labels: 'tags' }] }))).toThrow('Objective "joined": wanted one class a sample, for memory')
    expect(() => new Trainer(toyOptions({ dataset, objectives: [{ loss: joined, labels: 'coarse' }] }))).not.toThrow()
  })
})
