import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Dataset, Loss, Module } from '@metric-learning/contracts'
import { expectFinite, FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { Trainer } from './trainer.js'

/** Two samples, of which the second turns into NaN when it is loaded for the given time. */
function spoiledFrom(load: number): Dataset {
  let loads = 0
  return {
    name: 'two',
    labels: Int32Array.of(0, 1),
    classNames: ['a', 'b'],
    sampleShape: [2],
    load: () => Promise.resolve({ values: Float32Array.of(1, 2, 3, ++loads >= load ? NaN : 4), shape: [2, 2] }),
  }
}

const scaling = (name: string): Module => {
  const weight = tf.variable(tf.tensor1d([1, 1]))
  return {
    name,
    parameters: new Map([['weight', weight as tf.Variable]]),
    buffers: new Map(),
    outputSize: 2,
    call: (x) => tf.mul(x, weight),
    dispose: () => {
      weight.dispose()
    },
  }
}

const loss: Loss = {
  name: 'picky',
  parameters: new Map(),
  compute(embeddings) {
    expectFinite('picky', 'embeddings', embeddings)
    return tf.mean(tf.square(embeddings))
  },
}

describe.runIf(hasFusedKernel(FusedKernel.expectFinite))('Trainer, given embeddings that are not finite', () => {
  it.each([
    { compile: false, load: 1, when: 'step 1 of epoch 1' },
    { compile: true, load: 1, when: 'step 1 of epoch 1' },
    { compile: true, load: 8, when: 'step 8 of epoch 4' },
  ])('ends with the error of the loss, which says when: $when, compile: $compile', async ({ compile, load, when }) => {
    const sampler = { name: 'all', batchSize: 2, batchesPerEpoch: 2, batch: () => Int32Array.of(0, 1) }
    const [trunk, embedder] = [scaling('trunk'), scaling('embedder')]
    const trainer = new Trainer({ trunk, embedder, dataset: spoiledFrom(load), sampler, objectives: [{ loss }], compile, prefetch: 0 })
    const run = trainer.train({ epochs: 6 })
    await expect(run).rejects.toMatchObject({ code: 'ML_NOT_FINITE', what: 'embeddings', parts: { who: 'picky' } })
    await expect(run).rejects.toThrow(`picky: wanted \`embeddings\` of finite numbers, got NaN or infinity in ${when}. Lower the learning rate`)
    expect(trainer.step).toBe(load - 1)
    expect(trunk.parameters.get('weight')!.dataSync().every(Number.isFinite)).toBe(true)
    trainer.dispose()
  })
})
