import * as tf from '@tensorflow/tfjs-core'
import { Random, type BatchSampler, type Dataset, type Loss } from '@metric-learning/contracts'
import { metricLossOnly, SGD, Trainer } from '@metric-learning/core'
import { Embedder, MLP } from '@metric-learning/models'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { asRelations, Scheduled } from '@metric-learning/ops'
import { describe, expect, it, vi } from 'vitest'
import { accumulateGradients } from './accumulate-gradients.js'

const [samples, size] = [48, 6]
const random = new Random(3)
const values = Float32Array.from({ length: samples * size }, () => random.normal())
const dataset: Dataset = {
  name: 'noise',
  labels: Int32Array.from({ length: samples }, (_, row) => row % 4),
  classNames: ['a', 'b', 'c', 'd'],
  sampleShape: [size],
  load: (rows) =>
    Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [...values.subarray(row * size, (row + 1) * size)])), shape: [rows.length, size] }),
}

/** Rows in order, the same in every epoch. */
const inOrder = (batchSize: number): BatchSampler => ({
  name: 'inOrder',
  batchSize,
  batchesPerEpoch: samples / batchSize,
  batch: ({ batch }) => Int32Array.from({ length: batchSize }, (_, i) => batch * batchSize + i),
})

/** Mean squared distance of each sample to the learnable centre of its class. */
function centreLoss(name = 'centre'): Loss {
  const centres = tf.variable(tf.zeros([4, 3]))
  return {
    name,
    parameters: new Map([['centres', centres]]),
    compute: (embeddings, labels) => tf.mean(tf.square(tf.sub(embeddings, tf.gather(centres, asRelations(labels).queryLabelTensor)))),
  }
}

/** A trainer whose loss is a mean over samples, so that gradients of batches add up, and what tells about it. */
function made(batchSize: number, plugin?: ReturnType<typeof accumulateGradients>, learningRate = 0.1) {
  const rate = { learningRate, momentum: 0.9 }
  const trunk = new MLP({ inputSize: size, hiddenSizes: [8], seed: 1 })
  const embedder = new Embedder({ inputSize: 8, embeddingSize: 3, seed: 2 })
  const loss = centreLoss()
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset,
    sampler: inOrder(batchSize),
    objectives: [{ loss, optimizer: new SGD(rate) }],
    optimizers: { trunk: new SGD(rate), embedder: new SGD(rate) },
    plugins: [plugin],
  })
  const numbers = () => [...trainer.parameters.values()].flatMap((variable) => [...variable.dataSync()])
  return { trainer, numbers }
}

describe('accumulateGradients', () => {
  it('makes four batches of 4 one of 16', async () => {
    const [parts, whole] = [made(4, accumulateGradients({ every: 4 })), made(16)]
    const before = parts.numbers()
    expect(before).toEqual(whole.numbers())
    await parts.trainer.train({ epochs: 2 })
    await whole.trainer.train({ epochs: 2 })
    expect(parts.numbers()).not.toEqual(before)
    parts.numbers().forEach((value, i) => expect(Math.abs(value - whole.numbers()[i]!)).toBeLessThan(1e-6))
  })

  it('clips the norm of the mean gradient over all parameters', async () => {
    const { trainer, numbers } = made(4, accumulateGradients({ every: 4, maxNorm: 0.01 }), 1)
    const before = numbers()
    for await (const { step } of trainer.steps({ epochs: 1 })) {
      // Nothing moves before the fourth batch.
      if (step < 4) expect(numbers()).toEqual(before)
      else break
    }
    expect(Math.hypot(...numbers().map((value, i) => value - before[i]!))).toBeCloseTo(0.01, 5)
  })

  it('lets an update be frozen while another one trains', async () => {
    const [trunk, embedder] = [new MLP({ inputSize: size, hiddenSizes: [8], seed: 1 }), new Embedder({ inputSize: 8, embeddingSize: 3, seed: 2 })]
    const scheme = metricLossOnly({ trunk, embedder })
    const loss = (name: string) => ({ name, loss: centreLoss(name) })
    const updates = [
      { name: 'first', modules: ['trunk'], objectives: [loss('a')] },
      { name: 'second', modules: ['embedder'], objectives: [loss('b')] },
    ]
    for (const variable of trunk.parameters.values()) variable.trainable = false
    const trainer = new Trainer({ scheme: { ...scheme, updates }, dataset, sampler: inOrder(8), plugins: [accumulateGradients({ every: 2, maxNorm: 1 })] })
    const [frozen, moving] = [trunk, embedder].map(({ parameters }) => [...parameters.values()].map((variable) => variable.dataSync().slice()))
    await trainer.train({ epochs: 1 })
    expect([...trunk.parameters.values()].map((variable) => variable.dataSync())).toEqual(frozen)
    expect([...embedder.parameters.values()].map((variable) => variable.dataSync())).not.toEqual(moving)
  })

  it('says when a run ended before the first change', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await made(4, accumulateGradients({ every: 12 })).trainer.train({ epochs: 1 })
    expect(warn).not.toHaveBeenCalled()
    await made(4, accumulateGradients({ every: 13 })).trainer.train({ epochs: 1 })
    expect(warn.mock.calls).toEqual([[expect.stringContaining('accumulateGradients: nothing was learned. The run ended after 12 steps, and parameters change in each 13th')]])
    warn.mockRestore()
  })

  it('counts no batch twice where a step failed when its gradients had been added', async () => {
    const warnings: string[] = []
    const listen = ({ message }: Error) => void warnings.push(message)
    process.on('warning', listen)
    let fails = true
    const accumulating = accumulateGradients({ every: 2 })
    const failing = { ...accumulating, apply: (trainer: Parameters<typeof accumulating.apply>[0]) => {
      accumulating.apply(trainer)
      trainer.hooks.exchange.tap({ name: 'failing' }, ({ step }) => {
        if (step !== 1 || !fails) return undefined
        fails = false
        throw new Error('a rank is gone')
      })
    } }
    const holding = { ...accumulating, name: 'holding', apply: ({ hooks }: Parameters<typeof accumulating.apply>[0]) => {
      hooks.exchange.tap({ name: 'holding' }, ({ step, hold }) => {
        if (step === 0) hold()
        return undefined
      })
    } }
    const [failed, second] = [made(4, failing), made(4, holding)]
    await expect(failed.trainer.train({ epochs: 1 })).rejects.toThrow('a rank is gone')
    for (const { trainer } of [failed, second]) for await (const { step } of trainer.steps({ epochs: 1 })) if (step === 2) break
    expect(failed.numbers()).toEqual(second.numbers())
    await new Promise(setImmediate)
    process.off('warning', listen)
    expect(warnings.filter((message) => message.startsWith('accumulateGradients'))).toEqual([
      'accumulateGradients: step 2 failed when its gradients had been added: what was gathered is dropped, and the next change follows from the batches from here on.',
    ])
  })

  it('goes on in the middle, bit for bit', async () => {
    const plugins = [1, 2, 3].map(() => accumulateGradients({ every: 8 }))
    const [uninterrupted, first, second] = plugins.map((plugin) => made(4, plugin))
    await uninterrupted!.trainer.train({ epochs: 2 })
    await first!.trainer.train({ epochs: 1 }) // 12 steps: four batches are gathered
    expect(plugins[0]!.state().tensors?.size).toBe(0)
    expect(plugins[1]!.state()).toMatchObject({ values: { MetricLossOnly: 4 } })
    await second!.trainer.restore(await first!.trainer.state())
    await second!.trainer.train({ epochs: 2 })
    expect(second!.numbers()).toEqual(uninterrupted!.numbers())
  })
})

// What every plugin must satisfy: nothing is left behind, a resumed run is the one that was not interrupted, …
describePlugin('accumulateGradients', {
  create: () => accumulateGradients({ every: 5, maxNorm: 1 }),
  dispose: (plugin) => {
    ;(plugin as ReturnType<typeof accumulateGradients>).dispose()
  },
  mistakes: {
    'no steps': () => accumulateGradients({ every: 0 }),
    'a norm of 0': () => accumulateGradients({ every: 2, maxNorm: 0 }),
    'a norm that is scheduled': () => accumulateGradients({ every: 2, maxNorm: new Scheduled(1) as never }),
    'an unknown option': () => accumulateGradients({ every: 2, norm: 1 } as never),
  },
  skip: { watching: 'it changes what parameters are changed by' },
})
