import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { Dataset } from '@metric-learning/contracts'
import { SGD, type Plugin } from '@metric-learning/core'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inOrder, layer, lossOf, smallTrainer, stripes, tapping, unitLoss, type BrokenRun } from './broken-run.fixture.js'
import { health, type HealthPlugin } from './health.js'

const base = mkdtempSync(join(tmpdir(), 'health-'))
afterAll(() => {
  rmSync(base, { recursive: true })
})

const warned: { message: string; type: string; code: string }[] = []
beforeEach(() => {
  warned.length = 0
  vi.spyOn(process, 'emitWarning').mockImplementation(((message: string, options?: { type: string; code: string }) => {
    if (options?.type === 'HealthWarning') warned.push({ message, ...options })
  }) as never)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Trains for some epochs, and gives what was found. */
async function found(options: BrokenRun, epochs = 3): Promise<HealthPlugin> {
  const plugin = health({ folder: join(base, 'none') })
  const trainer = smallTrainer({ compile: false, ...options, plugins: [...(options.plugins ?? []), plugin] })
  await trainer.train({ epochs })
  trainer.dispose()
  return plugin
}

/** A tester that finds something of a split. */
const judging = (metrics: Readonly<Record<string, number | null>>, dataset: Dataset, split = 'val', labels = dataset.labels): Plugin =>
  tapping('judging', ({ hooks }) => {
    hooks.evaluate.tap({ name: 'judging' }, () => ({
      tester: 'judging',
      metrics: { [split]: metrics },
      reasons: { [split]: Object.fromEntries(Object.entries(metrics).flatMap(([name, value]) => (value === null ? [[name, 'Nothing to find.']] : []))) },
      splits: [{ name: split, dataset, embeddings: new Float32Array(3 * labels.length), labels, dim: 3 }],
      seconds: 0,
    }))
  })

const heldOut = (): Dataset => ({ ...stripes('held out'), labels: stripes().labels.map((label) => 3 - label) })

describe('health, of a run that is well', () => {
  it('says nothing', async () => {
    const plugin = await found({ plugins: [judging({ precisionAt1: 0.5 }, heldOut())] }, 12)
    expect(plugin.findings).toEqual([])
    expect(warned).toEqual([])
  })
})

describe('health warns once, and says what to do, where', () => {
  const once = (plugin: HealthPlugin, condition: string, subject: string, text: string | RegExp): void => {
    expect(plugin.findings).toMatchObject([{ condition, subject }])
    expect(plugin.findings[0]!.message).toMatch(text)
    expect(warned).toEqual([{ message: plugin.findings[0]!.message, type: 'HealthWarning', code: condition }])
  }

  it('all learning rates are 0', async () => {
    once(await found({ learningRate: 0 }, 12), 'rateOfZero', '', 'All learning rates are 0')
  })

  it('the rate of one group is 0, which is not frozen', async () => {
    const optimizers = { trunk: new SGD({ learningRate: 0 }), embedder: new SGD({ learningRate: 0.05 }) }
    once(await found({ optimizers }, 12), 'rateOfZero', 'trunk', 'The learning rate of trunk is 0, and it is not frozen')
  })

  it('classes are never sampled', async () => {
    const three = [...stripes().labels.keys()].filter((row) => row % 4 !== 2)
    const sampler = { ...inOrder(), batch: ({ batch }: { batch: number }) => Int32Array.from({ length: 8 }, (_, i) => three[(batch * 8 + i) % three.length]!) }
    const plugin = await found({ sampler }, 12)
    once(plugin, 'classesNeverSampled', '', '1 of 4 classes were never sampled in 16 batches: lower. Nothing is learned of them')
    expect(plugin.findings[0]).toMatchObject({ epoch: 4, step: 16 })
  })

  it('steps wait for their data', async () => {
    const dataset = stripes()
    // By a clock that stands still but for the loading of a batch, so that a busy machine changes nothing.
    let clock = performance.now()
    vi.spyOn(performance, 'now').mockImplementation(() => clock)
    const load: Dataset['load'] = (rows) => {
      clock += 60
      return dataset.load(rows)
    }
    const plugin = await found({ dataset: { ...dataset, load }, prefetch: 0 })
    once(plugin, 'dataWait', '', 'Steps wait for their data for 100 % of their time (60.0 ms each). Load more ahead')
    // It is no part of the run, which would be another one each time.
    expect(JSON.stringify(plugin.state())).not.toMatch(/dataWait|60\.0/)
  })

  it('embeddings meet in one point while the loss sits at the margin', async () => {
    // The value of a triplet loss over equal distances.
    const loss = lossOf('triplet', (embeddings) => tf.add(0.2, tf.mul(0, tf.sum(embeddings))), { margin: 0.2 })
    const embedder = layer('embedder', 5, 3, (x) => tf.add(1, tf.mul(x, 1e-6)))
    once(await found({ embedder, objectives: [{ loss, weight: 2 }] }), 'collapse', 'embeddings', /The embeddings have met in one point: .* and the loss of "triplet" sits at its margin/)
  })

  it('embeddings meet in one point and the loss stays, without a margin', async () => {
    const embedder = layer('embedder', 5, 3, (x) => tf.add(1, tf.mul(x, 1e-6)))
    once(await found({ embedder, objectives: [{ loss: unitLoss() }] }), 'collapse', 'embeddings', 'and the loss stays at 4')
  })

  it('what is judged is what is trained on, loaded twice', async () => {
    once(await found({ plugins: [judging({ precisionAt1: 0.5 }, stripes('val'))] }), 'certainMetric', 'val', 'Metrics of val are those of the samples that are trained on')
  })

  it('all metrics are perfect, from the untrained network on', async () => {
    const plugin = await found({ plugins: [judging({ precisionAt1: 1, AMI: null }, heldOut())] }, 6)
    once(plugin, 'certainMetric', 'val', 'All metrics of val have been perfect in all 3 evaluations')
    expect(plugin.findings[0]).toMatchObject({ epoch: 2 })
  })

  it('no metric ever has a value', async () => {
    once(await found({ plugins: [judging({ precisionAt1: null }, heldOut())] }, 6), 'certainMetric', 'val', 'No metric of val has had a value in 3 evaluations (Nothing to find.)')
  })

  it.each([
    ['one class', [0, 0, 0, 0], { precisionAt1: 1 }, 'it has one class'],
    ['a sample of each class', [0, 1, 2, 3], { precisionAt1: null }, 'no class has two samples'],
  ])('what is judged has %s', async (_, labels, metrics, text) => {
    const plugin = await found({ plugins: [judging(metrics, { ...heldOut(), labels: Int32Array.from(labels) })] }, 1)
    once(plugin, 'certainMetric', 'val', `Metrics of val cannot fail: ${text}`)
    expect(plugin.findings[0]!.step).toBe(0)
  })
})

describe('health does not warn where', () => {
  const silent = async (options: BrokenRun, epochs?: number): Promise<void> => {
    const { findings } = await found(options, epochs)
    expect(findings).toEqual([])
  }

  it('a group of rate 0 is frozen', async () => {
    const trunk = layer('trunk', 16, 5)
    trunk.parameters.get('weight')!.trainable = false
    await silent({ trunk, optimizers: { trunk: new SGD({ learningRate: 0 }), embedder: new SGD({ learningRate: 0.05 }) } }, 12)
  })

  it('a rate of 0 passes, as in a warm-up', async () => {
    const warmUp = tapping('warm-up', ({ hooks }) => {
      hooks.batchStart.tap({ name: 'warm-up' }, ({ trainer, step }) => {
        for (const optimizer of trainer.optimizers.values()) optimizer.learningRate = step < 4 ? 0 : 0.05
        return undefined
      })
    })
    await silent({ plugins: [warmUp] })
  })

  it('training data are judged beside others, and called so', async () => {
    const beside = tapping('beside', ({ hooks }) => {
      hooks.evaluate.tap({ name: 'beside' }, () => ({
        tester: 'beside',
        metrics: { train: { precisionAt1: 0.9 }, val: { precisionAt1: 0.5 } },
        splits: [['train', stripes()], ['val', heldOut()]].map(([name, dataset]) => ({ name: name as string, dataset: dataset as Dataset, embeddings: new Float32Array(3 * 32), labels: (dataset as Dataset).labels, dim: 3 })),
        seconds: 0,
      }))
    })
    await silent({ plugins: [beside] })
  })

  it('a perfect metric was not perfect before', async () => {
    let evaluations = 0
    const rising = tapping('rising', ({ hooks }) => {
      hooks.evaluate.tap({ name: 'rising' }, () => ({ tester: 'rising', metrics: { val: { precisionAt1: ++evaluations === 1 ? 0.9 : 1 } }, seconds: 0 }))
    })
    await silent({ plugins: [rising] }, 8)
  })

  it('classes are rare, and may yet come', async () => {
    await silent({ sampler: inOrder(2, 1) }, 5)
  })
})

describe('health, of selections that stay empty', () => {
  it('has a finding, and leaves the warning to the trainer', async () => {
    const none = {
      name: 'none',
      mine: (embeddings: tf.Tensor2D) => ({ kind: 'pairs' as const, positive: tf.zeros<tf.Rank.R2>([embeddings.shape[0], embeddings.shape[0]]), negative: tf.zeros<tf.Rank.R2>([embeddings.shape[0], embeddings.shape[0]]) }),
    }
    const plugin = await found({ objectives: [{ name: 'mined', loss: unitLoss(), miner: none }] })
    expect(plugin.findings).toMatchObject([{ condition: 'emptySelection', subject: 'mined' }])
    expect(warned).toEqual([])
    expect(process.emitWarning).toHaveBeenCalledTimes(1)
  })
})

describe('what health remembers', () => {
  /** Finds things before, at and after the middle of a run. */
  const options = (): BrokenRun => {
    const three = [...stripes().labels.keys()].filter((row) => row % 4 !== 2)
    return {
      compile: false,
      optimizers: { trunk: new SGD({ learningRate: 0 }), embedder: new SGD({ learningRate: 0.05 }) },
      sampler: { ...inOrder(), batch: ({ batch }) => Int32Array.from({ length: 8 }, (_, i) => three[(batch * 8 + i) % three.length]!) },
      plugins: [judging({ precisionAt1: 1 }, heldOut())],
    }
  }

  it.each([3, 5, 9, 18])('goes on in a run that is resumed after step %i, and says nothing twice', async (at) => {
    const whole = await found(options(), 6)
    expect(whole.findings.map(({ condition, step }) => [condition, step])).toEqual([['rateOfZero', 6], ['certainMetric', 8], ['classesNeverSampled', 16]])

    warned.length = 0
    const first = health({ folder: join(base, 'none') })
    const own = options()
    const trainer = smallTrainer({ ...own, plugins: [...own.plugins!, first] })
    for await (const { step } of trainer.steps({ epochs: 6 })) if (step === at) break
    const state = await trainer.state()
    const second = health({ folder: join(base, 'none') })
    const others = options()
    const resumed = smallTrainer({ ...others, plugins: [...others.plugins!, second] })
    const { values } = state['plugins.health']!
    await resumed.restore({ ...state, 'plugins.health': { values: JSON.parse(JSON.stringify(values)) as never } })
    await resumed.train({ epochs: 6 })
    expect(second.findings).toEqual(whole.findings)
    expect(warned).toHaveLength(3)
    const reached = await resumed.state()
    expect(reached['plugins.health']!.values).toEqual(whole.state().values)
    trainer.dispose()
    resumed.dispose()
  })
})
