import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, Module } from '@metric-learning/contracts'
import { Trainer, type Plugin } from '@metric-learning/core'
import { SignalToNoiseRatioContrastiveLoss } from '@metric-learning/losses'
import { FusedKernel, hasFusedKernel, stepCompiler } from '@metric-learning/ops'
import { MPerClassSampler } from '@metric-learning/samplers'
import { describe, expect, it } from 'vitest'

/** Vectors of which the first does not vary within itself. */
const vectors = [[1, 1, 1, 1], [1, 2, 3, 4], [4, 1, 2, 2], [0, 1, 0, 2]]
const dataset: Dataset = {
  name: 'vectors',
  labels: Int32Array.of(0, 0, 1, 1),
  classNames: ['a', 'b'],
  sampleShape: [4],
  load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => vectors[row]!)), shape: [rows.length, 4] }),
}

/** Embeds each vector as it is. */
function identity(): Module {
  const weight = tf.variable(tf.scalar(1))
  return {
    name: 'identity',
    parameters: new Map([['weight', weight as tf.Variable]]),
    buffers: new Map(),
    outputSize: 4,
    call: (x) => tf.mul(x, weight),
    dispose: () => {
      weight.dispose()
    },
  }
}

const looking: Plugin = {
  name: 'looking',
  apply({ hooks }) {
    hooks.batchEnd.tapPromise({ name: 'looking' }, async ({ loss }) => {
      await loss()
    })
  },
}

const modes = [false, ...(stepCompiler() ? [true] : [])]
describe.runIf(hasFusedKernel(FusedKernel.expectFinite))('A loss that is infinite', () => {
  it.each(modes.flatMap((compile) => [{ compile, plugins: [] }, { compile, plugins: [{ ...looking }] }]))(
    'ends the run in its step, whoever looks, and changes nothing: $compile, $plugins.length',
    async ({ compile, plugins }) => {
      const trunk = identity()
      const trainer = new Trainer({
        trunk,
        dataset,
        sampler: new MPerClassSampler({ labels: dataset.labels, m: 2, batchSize: 4 }),
        objectives: [{ loss: new SignalToNoiseRatioContrastiveLoss() }],
        compile,
        plugins,
      })
      const run = trainer.train({ epochs: 1 })
      await expect(run).rejects.toMatchObject({ code: 'ML_NOT_FINITE' })
      await expect(run).rejects.toThrow('step 1 of epoch 1')
      expect(trainer.step).toBe(0)
      expect([...trunk.parameters.get('weight')!.dataSync()]).toEqual([1])
      trainer.dispose()
      trunk.dispose()
    },
  )
})
