import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import { ShapeError, type Loss } from '@metric-learning/contracts'
import { Adam } from '../optimizers/adam.js'
import type { Plugin } from '../plugin.js'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import { TRAINER_CHANNEL, type TrainerAnnouncement } from './announce-trainer.js'
import { centreLoss, clusters, everyRow, lossKeeper, toyOptions, valuesOf } from './toy-trainer.fixture.js'
import { Trainer } from './trainer.js'

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
    // Compiled, the taps inside the step fire when it is recorded.
    await new Trainer(toyOptions({ dataset, sampler: everyRow(dataset), plugins: [recorder], compile: false })).train({ epochs: 2 })
    const epoch = ['epochStart', 'batchStart', 'mine', 'loss', 'gradients', 'batchEnd', 'epochEnd']
    expect(order).toEqual(['setup', ...epoch, ...epoch, 'done'])
  })

  it('lowers the loss, and trains the parameters of trunk, embedder and loss', async () => {
    const { plugin: watch, losses } = lossKeeper()
    const trainer = new Trainer(toyOptions({ plugins: [watch], optimizers: { trunk: new Adam({ learningRate: 0.01 }) } }))
    const before = valuesOf(trainer)
    await trainer.train({ epochs: 10 })
    expect(losses.length).toBe(40)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2)
    expect([...trainer.parameters.keys()]).toEqual(['trunk.weight', 'embedder.weight', 'losses.centre.centres'])
    valuesOf(trainer).forEach((after, i) => expect(after).not.toEqual(before[i]))
  })

  it('gives the same weights from the same seed', async () => {
    const run = async (seed: number) => {
      const trainer = new Trainer(toyOptions({ seed }))
      await trainer.train({ epochs: 2 })
      return valuesOf(trainer)
    }
    expect(await run(4)).toEqual(await run(4))
    expect(await run(4)).not.toEqual(await run(5))
  })

  it('goes on where it was when it is called again', async () => {
    const parts = new Trainer(toyOptions())
    await parts.train({ epochs: 1 })
    await parts.train({ epochs: 3 })
    const whole = new Trainer(toyOptions())
    await whole.train({ epochs: 3 })
    expect(valuesOf(parts)).toEqual(valuesOf(whole))
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
      await new Trainer(toyOptions({ plugins: [guard] })).train({ epochs: 30 })
    } finally {
      tf.Tensor.prototype.dataSync = real
    }
    expect(held.length).toBe(120)
    expect(new Set(held.slice(1)).size).toBe(1)
  })

  it.each(['mine', 'loss', 'gradients', 'exchange'] as const)('leaks no tensor when a tap of %s throws', async (hook) => {
    const thrower: Plugin = {
      name: 'thrower',
      apply({ hooks }) {
        hooks[hook].tap({ name: 'thrower' }, () => {
          throw new Error('on purpose')
        })
      },
    }
    const trainer = new Trainer(toyOptions({ plugins: [thrower], compile: false }))
    const before = tf.memory().numTensors
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow(`Plugin "thrower" in hooks.${hook}: wanted to finish, got on purpose.`)
    expect(tf.memory().numTensors).toBe(before)
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
    const trainer = new Trainer(toyOptions({ plugins: [freeze] }))
    const [trunk, embedder] = valuesOf(trainer)
    await trainer.train({ epochs: 1 })
    expect(valuesOf(trainer)[0]).toEqual(trunk)
    expect(valuesOf(trainer)[1]).not.toEqual(embedder)
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
    await new Trainer(toyOptions({ plugins: [stopper] })).train({ epochs: 3 })
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
      await new Trainer(toyOptions({ dataset, prefetch, plugins: [watch] })).train({ epochs: 1 })
      return ahead
    }
    expect(await aheadWith(0)).toEqual([0, 0, 0, 0])
    expect(await aheadWith(3)).toEqual([3, 2, 1, 0])
    expect(() => new Trainer(toyOptions({ prefetch: -1 }))).toThrow('Trainer: wanted `prefetch` to be an integer of at least 0, got -1')
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
      await new Trainer(toyOptions()).train({ epochs: 1 })
    } finally {
      unsubscribe(TRAINER_CHANNEL, listen)
    }
    await new Trainer(toyOptions()).train({ epochs: 1 })
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
    await new Trainer(toyOptions({ dataset, sampler: everyRow(dataset), objectives, plugins: [watch] })).train({ epochs: 1 })
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
    const run = new Trainer(toyOptions({ objectives: [{ loss: nan }], plugins: [watch] })).train({ epochs: 1 })
    await expect(run).rejects.toThrow('Loss term "nan": wanted `value` of finite numbers, got NaN or infinity in step 1 of epoch 1.')
    expect(failed).toMatchObject({ code: 'ML_NOT_FINITE' })
  })

  it('asks each loss about the labels of the whole data set, once', () => {
    const seen: number[][] = []
    const loss: Loss = { ...centreLoss(), checkLabels: (labels) => seen.push([...new Set(labels)]) }
    new Trainer(toyOptions({ objectives: [{ loss }] }))
    expect(seen).toEqual([[0, 1, 2, 3]])
  })

  it('explains wrong set-ups', async () => {
    expect(() => new Trainer(toyOptions({ epochs: 3 } as object))).toThrow('got `epochs`')
    expect(() => new Trainer({ ...toyOptions(), sampler: undefined as never })).toThrow('got no `sampler`')
    expect(() => new Trainer(toyOptions({ objectives: [{ loss: centreLoss() }, { loss: centreLoss() }] }))).toThrow(
      'got "centre" twice. Objectives with equal losses want a `name` each.',
    )
    expect(() => new Trainer(toyOptions({ objectives: [] }))).toThrow('at least one of `objectives`, or a plugin that taps hooks.loss, got none')
    const trainer = new Trainer(toyOptions())
    const first = trainer.train({ epochs: 1 })
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('a second one while the first runs')
    await first
  })

  it('hands on what is wrong in a loss or a tap as it is, with objective or hook beside it', async () => {
    const refusing = (): never => {
      throw new ShapeError({ who: 'ArcFaceLoss', wanted: '`embeddings` of shape [batch, 64]', got: '[8, 3]', fix: 'Check `embeddingSize`.' })
    }
    const message = 'ArcFaceLoss: wanted `embeddings` of shape [batch, 64], got [8, 3]. Check `embeddingSize`.'
    const inLoss = new Trainer(toyOptions({ objectives: [{ name: 'arc', loss: { ...centreLoss(), compute: refusing } }] })).train({ epochs: 1 })
    await expect(inLoss).rejects.toBeInstanceOf(ShapeError)
    await expect(inLoss).rejects.toThrow(`${message} (in objective "arc")`)
    const plugin: Plugin = { name: 'extra', apply: ({ hooks }) => hooks.loss.tap({ name: 'extra' }, refusing) }
    const inTap = new Trainer(toyOptions({ plugins: [plugin] })).train({ epochs: 1 })
    await expect(inTap).rejects.toMatchObject({ code: 'ML_SHAPE', message: `${message} (in hooks.loss of plugin "extra")` })
  })

  it('passes on what testers report, with where the run is', async () => {
    const told: unknown[] = []
    const tester: Plugin = {
      name: 'tester',
      apply: ({ hooks }) => {
        hooks.evaluate.tap({ name: 'tester' }, ({ report }) => {
          report({ tester: 'tester', task: 'embedding val', done: 1, total: 2 })
          return undefined
        })
        hooks.evalProgress.tap({ name: 'tester' }, ({ trainer, ...progress }) => {
          told.push(progress)
          if (trainer.epoch === 1) throw new Error('no bar')
        })
      },
    }
    const run = new Trainer(toyOptions({ plugins: [tester] })).train({ epochs: 3 })
    await expect(run).rejects.toThrow('Plugin "tester" in hooks.evalProgress: wanted to finish, got no bar')
    expect(told[0]).toEqual({ tester: 'tester', task: 'embedding val', done: 1, total: 2, epoch: 0, epochs: 3, step: 0, withinEpoch: false })
    expect(told).toHaveLength(2)
  })

  it('asks testers within an epoch that want to be, before the step is reported, and no others', async () => {
    const told: string[] = []
    const tester = (name: string, everySteps?: number): Plugin => ({
      name,
      apply: ({ hooks }) => {
        hooks.evaluate.tap({ name, ...(everySteps !== undefined && { everySteps }) }, ({ epoch, step, withinEpoch }) => {
          told.push(`${name} ${withinEpoch ? 'in' : 'after'} epoch ${epoch} at ${step}`)
          return { tester: name, metrics: { val: { found: step } }, seconds: 0 }
        })
      },
    })
    const listener: Plugin = {
      name: 'listener',
      apply: ({ hooks }) => {
        hooks.batchEnd.tap({ name: 'listener' }, ({ step, stepInEpoch }) => void told.push(`step ${step}, ${stepInEpoch} of its epoch`) as undefined)
        hooks.evalEnd.tap({ name: 'listener' }, ({ tester: of, metrics }) => void told.push(`${of} found ${metrics['val']!['found']}`) as undefined)
      },
    }
    // Four steps an epoch.
    await new Trainer(toyOptions({ plugins: [tester('often', 3), tester('rarely'), listener] })).train({ epochs: 2 })
    expect(told.filter((what) => what.startsWith('often') && !what.includes('found'))).toEqual([
      'often after epoch 0 at 0',
      'often in epoch 1 at 3',
      'often after epoch 1 at 4',
      'often in epoch 2 at 6',
      'often after epoch 2 at 8',
    ])
    expect(told.filter((what) => what.startsWith('rarely') && !what.includes('found'))).toHaveLength(3)
    const at = told.indexOf('often in epoch 1 at 3')
    expect(told.slice(at, at + 3)).toEqual(['often in epoch 1 at 3', 'often found 3', 'step 3, 3 of its epoch'])
  })

  it('refuses a tester that is asked every half step', () => {
    const half: Plugin = { name: 'half', apply: ({ hooks }) => hooks.evaluate.tap({ name: 'half', everySteps: 0.5 }, () => undefined) }
    expect(() => new Trainer(toyOptions({ plugins: [half] }))).toThrow('Plugin "half" in hooks.evaluate: wanted `everySteps`')
  })

  it('refuses to log what is no entry', () => {
    const trainer = new Trainer(toyOptions())
    expect(() => trainer.log({ kind: 'scalar', tag: 'lr', step: 0, value: undefined as never })).toThrow('Trainer.log: wanted `value` of "lr" to be a number, got undefined')
    trainer.dispose()
  })

  it('says that there is nothing to train when all parameters are frozen', async () => {
    const trainer = new Trainer(toyOptions({ objectives: [{ loss: { name: 'mean', parameters: new Map(), compute: (x) => tf.mean(x) } }] }))
    for (const variable of trainer.parameters.values()) variable.trainable = false
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('Trainer, update "MetricLossOnly": wanted at least one parameter that may change, got only frozen ones')
  })

  it('makes no optimizer for a loss without parameters', () => {
    const plain: Loss = { name: 'mean', parameters: new Map(), compute: (x) => tf.mean(x) }
    const options = toyOptions({ objectives: [{ loss: plain }] })
    const before = tf.memory().numTensors
    const trainer = new Trainer(options)
    expect([...trainer.optimizers.keys()]).toEqual(['trunk', 'embedder'])
    trainer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('lets the error that ended a run through, whatever taps of failed do', async () => {
    const seen: unknown[] = []
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const plugin = (name: string, failed: () => undefined): Plugin => ({ name, apply: ({ hooks }) => hooks.failed.tap({ name }, failed) })
    const breaks: Plugin = {
      name: 'breaks',
      apply: ({ hooks }) =>
        hooks.batchEnd.tap({ name: 'breaks' }, () => {
          throw new Error('disk full')
        }),
    }
    const hides = plugin('hides', () => {
      throw new Error('could not close')
    })
    const run = new Trainer(toyOptions({ plugins: [breaks, hides, plugin('later', () => void seen.push('later'))] })).train({ epochs: 1 })
    await expect(run).rejects.toThrow('Plugin "breaks" in hooks.batchEnd: wanted to finish, got disk full')
    expect(seen).toEqual(['later'])
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('could not close'))
    warn.mockRestore()
  })

  it('takes either a scheme or its parts, and losses that can take what they are given', () => {
    const { trunk, embedder, ...rest } = toyOptions()
    expect(() => new Trainer({ ...rest } as never)).toThrow('wanted either `trunk` and `embedder`, or a `scheme`, got no `trunk`')
    expect(() => new Trainer({ ...rest, trunk, scheme: metricLossOnly({ trunk, embedder: embedder! }) } as never)).toThrow('got both')
    const { updates, ...scheme } = { ...metricLossOnly({ trunk }), updates: [{ name: 'all', modules: ['trunk', 'head'], objectives: rest.objectives! }] }
    expect(() => new Trainer({ ...rest, objectives: [], scheme: { ...scheme, updates } })).toThrow('wanted modules out of trunk, got "head"')
    expect(() => new Trainer({ ...rest, scheme: { ...scheme, updates: [{ name: 'all', modules: ['trunk'], objectives: [] }] } })).toThrow('whose updates have their own')
    const miner = { name: 'Miner', mine: () => undefined as never }
    const picky = { ...centreLoss(), takesSelections: false, takesReferences: false }
    expect(() => new Trainer({ ...rest, trunk, objectives: [{ loss: picky, miner }] })).toThrow('Objective "centre": wanted no `miner` with centre, got Miner')
    expect(() => new Trainer({ ...rest, trunk, objectives: [{ loss: picky, against: 'features' }] })).toThrow('wanted no `against` with centre')
    expect(() => new Trainer({ ...rest, trunk, objectives: [{ loss: centreLoss(), labels: 'species' }] })).toThrow('Objective "centre"')
  })

  it('names the outputs there are when an objective wants another, in the first step where the scheme did not say before', async () => {
    const { trunk, embedder, ...rest } = toyOptions()
    const { outputs: _, ...scheme } = metricLossOnly({ trunk, embedder: embedder! })
    const run = new Trainer({ ...rest, scheme, objectives: [{ loss: centreLoss(), of: 'logits' }] }).train({ epochs: 1 })
    await expect(run).rejects.toThrow('Objective "centre": wanted an output out of embeddings, features, got "logits".')
  })

  it('refuses epochs without a batch, weights that are no numbers, and a stateful plugin that another trainer has', () => {
    expect(() => new Trainer(toyOptions({ sampler: { ...everyRow(clusters()), batchesPerEpoch: 0 } }))).toThrow('everyRow: wanted `batchesPerEpoch` to be an integer of at least 1, got 0. An epoch without a batch trains nothing')
    expect(() => new Trainer(toyOptions({ objectives: [{ loss: centreLoss(), weight: NaN }] }))).toThrow('Objective "centre": wanted `weight` to be a number, got NaN')
    const plugin: Plugin = { name: 'counter', apply: () => undefined, state: () => ({}), restore: () => undefined }
    new Trainer(toyOptions({ plugins: [plugin] }))
    expect(() => new Trainer(toyOptions({ plugins: [plugin] }))).toThrow('counter: wanted one trainer, got a second one')
  })

  it.each([0, -1, 1.5, NaN, Infinity, '4' as never, undefined as never])('takes batches of an epoch for a count: not %j', (batchesPerEpoch) => {
    expect(() => new Trainer(toyOptions({ sampler: { ...everyRow(clusters()), batchesPerEpoch } }))).toThrow('everyRow: wanted `batchesPerEpoch` to be an integer of at least 1')
  })

  it.each([-1, 1.5, NaN, Infinity, '4' as never, undefined as never])('takes epochs for a count: not %j', async (epochs) => {
    const trainer = new Trainer(toyOptions())
    await expect(trainer.train({ epochs })).rejects.toThrow('Trainer.train: wanted `epochs` to be an integer of at least 0')
    expect(trainer.step).toBe(0)
  })

  it('counts epochs over all calls, and those of 0 evaluate without a step', async () => {
    const trainer = new Trainer(toyOptions())
    const steps: number[] = []
    for (const epochs of [0, 2, 2, 1, 3]) {
      await trainer.train({ epochs })
      steps.push(trainer.step)
    }
    expect(steps).toEqual([0, 8, 8, 8, 12])
  })

  it('guards the fields of a plugin whatever its taps are called', async () => {
    const plugin = {
      name: 'health',
      isOn: true,
      apply({ hooks }: Pick<Trainer, 'hooks'>) {
        hooks.loss.tap({ name: 'health:loss' }, ({ embeddings, add }) => {
          if (plugin.isOn) add('size', tf.mean<tf.Scalar>(tf.square(embeddings)))
        })
      },
    }
    const trainer = new Trainer(toyOptions({ plugins: [plugin] }))
    const terms: number[] = []
    for await (const { losses, step } of trainer.steps({ epochs: 2 })) {
      terms.push(Object.keys(await losses()).length)
      if (step === 6) plugin.isOn = false
    }
    expect(terms).toEqual([2, 2, 2, 2, 2, 2, 1, 1])
  })
})
