import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { BatchSampler } from '../contracts/batch-sampler.js'
import type { Dataset } from '../contracts/dataset.js'
import type { Loss } from '../contracts/loss.js'
import type { Module } from '../contracts/module.js'
import { LabelRelations } from '../labels/label-relations.js'
import { Adam } from '../optimizers/adam.js'
import type { Plugin } from '../plugins/plugin.js'
import { Random } from '../random/random.js'
import { TRAINER_CHANNEL, type TrainerAnnouncement } from './announce-trainer.js'
import { Trainer } from './trainer.js'
import type { TrainerOptions } from './trainer-options.js'

const CLASSES = 4
const DIM = 6

/** Points around one random centre a class. */
function clusters(perClass = 8): Dataset {
  const random = new Random(11)
  const centres = Array.from({ length: CLASSES }, () => Array.from({ length: DIM }, () => random.normal()))
  const labels = Int32Array.from({ length: CLASSES * perClass }, (_, row) => row % CLASSES)
  const values = Float32Array.from({ length: labels.length * DIM }, (_, i) => {
    const centre = centres[labels[Math.floor(i / DIM)]!]!
    return centre[i % DIM]! + 0.5 * random.normal()
  })
  return {
    name: 'clusters',
    labels,
    classNames: ['a', 'b', 'c', 'd'],
    sampleShape: [DIM],
    load: (rows) =>
      Promise.resolve({
        values: Float32Array.from(rows.length ? [...rows].flatMap((row) => [...values.subarray(row * DIM, (row + 1) * DIM)]) : []),
        shape: [rows.length, DIM],
      }),
  }
}

function linear(name: string, inputs: number, outputs: number, seed: number): Module {
  const random = new Random(seed)
  const weight = tf.variable(tf.tensor2d(Float32Array.from({ length: inputs * outputs }, () => random.normal()), [inputs, outputs]))
  return {
    name,
    parameters: new Map([['weight', weight]]),
    buffers: new Map(),
    outputSize: outputs,
    call: (x) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D),
    dispose: () => {
      weight.dispose()
    },
  }
}

/** Squared distance of each sample to the learnable centre of its class, minus nothing: simple, and with a parameter. */
function centreLoss(name = 'centre'): Loss {
  const centres = tf.variable(tf.zeros([CLASSES, 3]))
  return {
    name,
    parameters: new Map([['centres', centres]]),
    compute: (embeddings, labels) => {
      const own = tf.gather(centres, LabelRelations.from(labels).queryLabelTensor)
      return tf.mean(tf.square(tf.sub(embeddings, own)))
    },
  }
}

function everyRow(dataset: Dataset, batchSize = 8): BatchSampler {
  return {
    name: 'everyRow',
    batchSize,
    batchesPerEpoch: Math.floor(dataset.labels.length / batchSize),
    *batches(random) {
      const rows = random.shuffle(Int32Array.from(dataset.labels.keys()))
      for (let start = 0; start + batchSize <= rows.length; start += batchSize) yield rows.slice(start, start + batchSize)
    },
  }
}

function options(extra: Partial<TrainerOptions> = {}): TrainerOptions {
  const dataset = clusters()
  return {
    trunk: linear('trunk', DIM, 5, 1),
    embedder: linear('embedder', 5, 3, 2),
    dataset,
    sampler: everyRow(dataset),
    objectives: [{ loss: centreLoss() }],
    ...extra,
  }
}

const values = (trainer: Trainer) => [...trainer.parameters].map(([name, variable]) => [name, ...variable.dataSync()])

describe('Trainer', () => {
  it('fires its hooks in the documented order', async () => {
    const order: string[] = []
    const recorder: Plugin = {
      name: 'recorder',
      apply({ hooks }) {
        for (const hook of ['setup', 'epochStart', 'batchStart', 'batchEnd', 'epochEnd', 'done'] as const) {
          hooks[hook].tap({ name: 'recorder' }, () => {
            order.push(hook)
          })
        }
        hooks.mine.tap({ name: 'recorder' }, (context) => {
          order.push('mine')
          return context
        })
        hooks.loss.tap({ name: 'recorder' }, () => {
          order.push('loss')
        })
        hooks.gradients.tap({ name: 'recorder' }, (context) => {
          order.push('gradients')
          return context
        })
      },
    }
    const dataset = clusters(2)
    await new Trainer(options({ dataset, sampler: everyRow(dataset), plugins: [recorder] })).train({ epochs: 2 })
    const epoch = ['epochStart', 'batchStart', 'mine', 'loss', 'gradients', 'batchEnd', 'epochEnd']
    expect(order).toEqual(['setup', ...epoch, ...epoch, 'done'])
  })

  it('lowers the loss, and trains the parameters of trunk, embedder and loss', async () => {
    const losses: number[] = []
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.batchEnd.tapPromise({ name: 'watch' }, async ({ loss }) => {
          losses.push(await loss())
        })
      },
    }
    const trainer = new Trainer(options({ plugins: [watch], trunkOptimizer: new Adam({ learningRate: 0.01 }) }))
    const before = values(trainer)
    await trainer.train({ epochs: 10 })
    expect(losses.length).toBe(40)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2)
    expect([...trainer.parameters.keys()]).toEqual(['trunk.weight', 'embedder.weight', 'losses.centre.centres'])
    values(trainer).forEach((after, i) => expect(after).not.toEqual(before[i]))
  })

  it('gives the same weights from the same seed', async () => {
    const run = async (seed: number) => {
      const trainer = new Trainer(options({ seed }))
      await trainer.train({ epochs: 2 })
      return values(trainer)
    }
    expect(await run(4)).toEqual(await run(4))
    expect(await run(4)).not.toEqual(await run(5))
  })

  it('goes on where it was when it is called again', async () => {
    const parts = new Trainer(options())
    await parts.train({ epochs: 1 })
    await parts.train({ epochs: 3 })
    const whole = new Trainer(options())
    await whole.train({ epochs: 3 })
    expect(values(parts)).toEqual(values(whole))
    expect([parts.epoch, parts.step]).toEqual([3, 12])
  })

  it('leaks no tensor and reads nothing from the device inside the step', async () => {
    const held: number[] = []
    const real = tf.Tensor.prototype.dataSync
    const guard: Plugin = {
      name: 'guard',
      apply({ hooks }) {
        hooks.batchStart.tap({ name: 'guard' }, () => {
          tf.Tensor.prototype.dataSync = () => {
            throw new Error('read inside the step')
          }
        })
        hooks.batchEnd.tap({ name: 'guard' }, () => {
          tf.Tensor.prototype.dataSync = real
          held.push(tf.memory().numTensors)
        })
      },
    }
    try {
      await new Trainer(options({ plugins: [guard] })).train({ epochs: 30 })
    } finally {
      tf.Tensor.prototype.dataSync = real
    }
    expect(held.length).toBe(120)
    expect(new Set(held.slice(1)).size).toBe(1)
  })

  it('lets a plugin replace gradients: dropping them freezes', async () => {
    const freeze: Plugin = {
      name: 'freeze',
      apply({ hooks }) {
        hooks.gradients.tap({ name: 'freeze' }, ({ gradients }) => ({
          gradients: new Map([...gradients].filter(([name]) => !name.startsWith('trunk.'))),
        }))
      },
    }
    const trainer = new Trainer(options({ plugins: [freeze] }))
    const [trunk, embedder] = values(trainer)
    await trainer.train({ epochs: 1 })
    expect(values(trainer)[0]).toEqual(trunk)
    expect(values(trainer)[1]).not.toEqual(embedder)
  })

  it('stops after the step under way, says why, and skips epochEnd', async () => {
    const seen: unknown[] = []
    const stopper: Plugin = {
      name: 'stopper',
      apply({ hooks }) {
        hooks.batchEnd.tap({ name: 'stopper' }, ({ trainer, step }) => {
          if (step === 2) trainer.stop('enough')
        })
        hooks.epochEnd.tap({ name: 'stopper' }, () => {
          seen.push('epochEnd')
        })
        hooks.done.tap({ name: 'stopper' }, ({ stopReason, step }) => {
          seen.push(stopReason, step)
        })
      },
    }
    await new Trainer(options({ plugins: [stopper] })).train({ epochs: 3 })
    expect(seen).toEqual(['enough', 2])
  })

  it('loads as many batches ahead as it is told, and no more', async () => {
    const aheadWith = async (prefetch: number) => {
      let loaded = 0
      const ahead: number[] = []
      const plain = clusters()
      const dataset = { ...plain, load: (rows: Int32Array) => ((loaded += 1), plain.load(rows)) }
      const watch: Plugin = {
        name: 'watch',
        apply({ hooks }) {
          hooks.batchEnd.tap({ name: 'watch' }, ({ stepInEpoch }) => {
            ahead.push(loaded - stepInEpoch)
          })
        },
      }
      await new Trainer(options({ dataset, prefetch, plugins: [watch] })).train({ epochs: 1 })
      return ahead
    }
    expect(await aheadWith(0)).toEqual([0, 0, 0, 0])
    expect(await aheadWith(3)).toEqual([3, 2, 1, 0])
    expect(() => new Trainer(options({ prefetch: -1 }))).toThrow('Trainer: wanted `prefetch` to be an integer of at least 0, got -1')
  })

  it('is announced on a diagnostics channel while it can be tapped', async () => {
    const epochs: number[] = []
    const listen = (message: unknown) => {
      const { trainer } = message as TrainerAnnouncement
      trainer.hooks.epochStart.tap({ name: 'listener' }, ({ epoch }) => {
        epochs.push(epoch)
      })
    }
    subscribe(TRAINER_CHANNEL, listen)
    try {
      await new Trainer(options()).train({ epochs: 1 })
    } finally {
      unsubscribe(TRAINER_CHANNEL, listen)
    }
    await new Trainer(options()).train({ epochs: 1 })
    expect(epochs).toEqual([1])
  })

  it('sums weighted terms, and names each', async () => {
    let losses: Readonly<Record<string, number>> = {}
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.batchEnd.tapPromise({ name: 'watch' }, async (context) => {
          losses = await context.losses()
        })
      },
    }
    const dataset = clusters(2)
    const objectives = [{ loss: centreLoss(), name: 'one' }, { loss: centreLoss(), name: 'two', weight: 10 }]
    await new Trainer(options({ dataset, sampler: everyRow(dataset), objectives, plugins: [watch] })).train({ epochs: 1 })
    expect(losses['two']! / losses['one']!).toBeCloseTo(10, 4)
  })

  it('reports a loss that is no number, to failed and to the caller', async () => {
    const nan: Loss = { name: 'nan', parameters: new Map(), compute: (x) => tf.mul(tf.mean(x), NaN) }
    let failed: unknown
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.batchEnd.tapPromise({ name: 'watch' }, async ({ loss }) => {
          await loss()
        })
        hooks.failed.tap({ name: 'watch' }, ({ error }) => {
          failed = error
        })
      },
    }
    const run = new Trainer(options({ objectives: [{ loss: nan }], plugins: [watch] })).train({ epochs: 1 })
    await expect(run).rejects.toThrow('Loss term "nan": wanted a finite loss at step 1, got NaN')
    expect(failed).toMatchObject({ code: 'ML_PLUGIN', cause: { code: 'ML_STATE' } })
  })

  it('asks each loss about the labels of the whole data set, once', () => {
    const seen: number[][] = []
    const loss: Loss = { ...centreLoss(), checkLabels: (labels) => seen.push([...new Set(labels)]) }
    new Trainer(options({ objectives: [{ loss }] }))
    expect(seen).toEqual([[0, 1, 2, 3]])
  })

  it('freezes a parameter from the next step on when it is no longer trainable', async () => {
    const trainer = new Trainer(options())
    await trainer.train({ epochs: 2 })
    const weight = trainer.options.trunk.parameters.get('weight')!
    weight.trainable = false
    const [trunk, embedder] = values(trainer)
    await trainer.train({ epochs: 4 })
    expect(values(trainer)[0]).toEqual(trunk)
    expect(values(trainer)[1]).not.toEqual(embedder)
  })

  it('takes the same steps compiled as eagerly', async () => {
    const run = async (compile: boolean) => {
      const trainer = new Trainer(options({ compile }))
      await trainer.train({ epochs: 5 })
      return values(trainer).map(([, ...numbers]) => numbers as number[])
    }
    const [compiled, eager] = [await run(true), await run(false)]
    compiled.forEach((numbers, i) => numbers.forEach((value, j) => expect(value).toBeCloseTo(eager[i]![j]!, 5)))
  })

  it('explains wrong set-ups', async () => {
    expect(() => new Trainer(options({ epochs: 3 } as object))).toThrow('got `epochs`')
    expect(() => new Trainer({ ...options(), sampler: undefined as never })).toThrow('got no `sampler`')
    expect(() => new Trainer(options({ objectives: [{ loss: centreLoss() }, { loss: centreLoss() }] }))).toThrow(
      'got "objective centre" twice. Rename one; objectives with equal losses want a `name` each.',
    )
    await expect(new Trainer(options({ objectives: [] })).train({ epochs: 1 })).rejects.toThrow('at least one loss term, got none')
    const trainer = new Trainer(options())
    const first = trainer.train({ epochs: 1 })
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('a second one while the first runs')
    await first
  })
})
