import * as tf from '@tensorflow/tfjs-core'
import type { BatchSampler, Dataset, Loss } from '@metric-learning/contracts'
import { SGD, Trainer, type Plugin } from '@metric-learning/core'
import { Embedder } from '@metric-learning/models'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { describe, expect, it } from 'vitest'
import { clipGradients } from './clip-gradients.js'

const dataset: Dataset = {
  name: 'points',
  labels: Int32Array.of(0, 1, 0, 1),
  classNames: ['a', 'b'],
  sampleShape: [3],
  load: (rows) => Promise.resolve({ values: Float32Array.from({ length: 3 * rows.length }, (_, i) => Math.sin(i) + 1), shape: [rows.length, 3] }),
}
const sampler: BatchSampler = { name: 'all', batchSize: 4, batchesPerEpoch: 1, batch: () => Int32Array.of(0, 1, 2, 3) }
const steep: Loss = { name: 'steep', parameters: new Map(), compute: (x) => tf.mul(tf.sum(tf.square(x)), 50) }

/** By what one step of rate 1 changed the numbers of each parameter: its gradient, as it was applied. */
async function applied(...plugins: Plugin[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const trunk = new Embedder({ inputSize: 3, embeddingSize: 4, seed: 1 })
  const embedder = new Embedder({ inputSize: 4, embeddingSize: 2, seed: 2 })
  const trainer = new Trainer({ trunk, embedder, dataset, sampler, objectives: [{ loss: steep }], optimizers: { trunk: new SGD({ learningRate: 1 }), embedder: new SGD({ learningRate: 1 }) }, plugins })
  const numbers = () => [...trainer.parameters].map(([name, variable]) => [name, [...variable.dataSync()]] as const)
  const before = new Map(numbers())
  await trainer.train({ epochs: 1 })
  const changes = new Map(numbers().map(([name, values]) => [name, values.map((value, i) => before.get(name)![i]! - value)]))
  trainer.dispose()
  return changes
}
const normOf = (changes: ReadonlyMap<string, readonly number[]>, prefix = '') => Math.hypot(...[...changes].flatMap(([name, values]) => (name.startsWith(prefix) ? values : [])))

describe('clipGradients', () => {
  it('scales all gradients of an update down to a norm', async () => {
    const [plain, clipped] = [await applied(), await applied(clipGradients({ maxNorm: 2 }))]
    expect(normOf(plain)).toBeGreaterThan(100)
    expect(normOf(clipped)).toBeCloseTo(2, 4)
    const scale = 2 / normOf(plain)
    for (const [name, values] of clipped) values.forEach((value, i) => expect(value).toBeCloseTo(plain.get(name)![i]! * scale, 4))
    const shorter = await applied(clipGradients({ maxNorm: 1e6 }))
    expect(shorter).toEqual(plain)
  })

  it('bounds each number, before the norm is taken', async () => {
    const plain = await applied()
    const bounded = await applied(clipGradients({ maxValue: 3 }))
    for (const [name, values] of bounded) values.forEach((value, i) => expect(value).toBeCloseTo(Math.max(-3, Math.min(3, plain.get(name)![i]!)), 4))
    const both = await applied(clipGradients({ maxValue: 3, maxNorm: 1 }))
    for (const [name, values] of both) values.forEach((value, i) => expect(value).toBeCloseTo(bounded.get(name)![i]! / normOf(bounded), 4))
  })

  it('clips each group by its own norm, where there are several', async () => {
    const plain = await applied()
    const clipped = await applied(clipGradients({ maxNorm: 1, of: ['trunk'], name: 'trunk' }), clipGradients({ maxNorm: 0.5, of: ['embedder.weight'], name: 'embedder' }))
    expect(normOf(clipped, 'trunk')).toBeCloseTo(1, 4)
    expect(normOf(clipped, 'embedder.weight')).toBeCloseTo(0.5, 4)
    expect(clipped.get('embedder.bias')).toEqual(plain.get('embedder.bias'))
  })

  it('refuses a path that leads to nothing', async () => {
    await expect(applied(clipGradients({ maxNorm: 1, of: ['trunk.wight'] }))).rejects.toThrow('such as trunk.weight, trunk.bias, embedder.weight, got `trunk.wight`')
  })
})

describePlugin('clipGradients', {
  create: () => clipGradients({ maxNorm: 1e-3 }),
  mistakes: {
    'nothing to clip': () => clipGradients({}),
    'a norm of 0': () => clipGradients({ maxNorm: 0 }),
    'a value below 0': () => clipGradients({ maxValue: -1 }),
    'no options': () => clipGradients(undefined as never),
    'a path that is not in a list': () => clipGradients({ maxNorm: 1, of: 'trunk' as never }),
    'no path at all': () => clipGradients({ maxNorm: 1, of: [] }),
    'a path that is no text': () => clipGradients({ maxNorm: 1, of: [1 as never] }),
    'a name that is none': () => clipGradients({ maxNorm: 1, name: '' }),
    'an unknown option': () => clipGradients({ maxNorm: 1, norm: 2 } as never),
  },
  skip: { watching: 'it changes what parameters are changed by' },
})
