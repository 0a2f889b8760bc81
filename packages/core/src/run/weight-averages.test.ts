import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Module } from '@metric-learning/contracts'
import type { RunOptions } from '../plan/run-options.js'
import type { Plugin } from '../plugin.js'
import type { AveragedWeight, PluginOptions } from '../plugin.js'
import { linear, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

const first = (variable: tf.Variable): number => variable.dataSync()[0]!

/** Averages that are minus the weights, so that it can be seen where they are; `seen` is what a tester saw of the first weight. */
function negating(areShown?: () => boolean): Plugin & { weights: readonly AveragedWeight[]; updates: (readonly string[])[] } {
  const plugin = {
    name: 'negating',
    weights: [] as readonly AveragedWeight[],
    updates: [] as (readonly string[])[],
    apply(trainer: Parameters<Plugin['apply']>[0]) {
      const weights = trainer.keepAverages(areShown && { areShown })
      plugin.weights = weights
      trainer.hooks.updated.tap({ name: 'negating' }, ({ updates }) => {
        plugin.updates.push(updates)
        for (const { weight, average } of weights) average.assign(tf.neg(weight as tf.Tensor))
      })
    },
  }
  return plugin
}

/** What weights a tester is asked with. */
function looking(rawWeights = false): Plugin & { readonly seen: number[] } {
  const seen: number[] = []
  const name = rawWeights ? 'raw' : 'looking'
  return {
    name,
    seen,
    apply({ hooks, parameters }) {
      hooks.evaluate.tap({ name, rawWeights }, () => {
        seen.push(first(parameters.get('trunk.weight')!))
        return { tester: name, metrics: {}, seconds: 0 }
      })
    },
  }
}

const made = (options: Partial<RunOptions & PluginOptions>) => new Trainer(toyOptions(options))
const trunkOf = (trainer: Trainer) => first(trainer.parameters.get('trunk.weight')!)

describe.each([true, false])('averages of weights (compile: %s)', (compile) => {
  it('are shown to evaluations and when the run has ended, and training goes on with the weights', async () => {
    const [plain, averages] = [made({ compile }), negating()]
    const [shown, raw] = [looking(), looking(true)]
    const trainer = made({ compile, plugins: [averages, shown, raw] })
    const initial = trunkOf(trainer)
    for await (const step of trainer.steps({ epochs: 1 })) if (step.step === 1) expect(trunkOf(trainer)).not.toBe(-initial)
    expect(shown.seen).toEqual([initial, -raw.seen[1]!])
    expect(raw.seen[0]).toBe(initial)
    expect(trunkOf(trainer)).toBe(-raw.seen[1]!)
    await trainer.train({ epochs: 3 })
    await plain.train({ epochs: 3 })
    expect(trunkOf(trainer)).toBe(-trunkOf(plain))
    // Losses of others have no part in the model.
    expect(averages.weights.map(({ name }) => name)).toEqual(['trunk.weight', 'embedder.weight'])
    expect(valuesOf(trainer).at(-1)).toEqual(valuesOf(plain).at(-1))
  })

  it('are copies of the weights as they were loaded, until somebody moves them, and unseen as long as the plugin says so', async () => {
    let [areShown, seen] = [false, NaN]
    const averages = negating(() => areShown)
    const tester = looking()
    const look: Plugin = { name: 'look', apply: ({ hooks }) => { hooks.evalStart.tap({ name: 'look' }, () => { seen = Number.isNaN(seen) ? first(averages.weights[0]!.average) : seen }) } }
    const trainer = made({ compile, plugins: [averages, tester, look] })
    const trunk = trainer.parameters.get('trunk.weight')!
    trunk.assign(tf.fill(trunk.shape, 0.25))
    await trainer.train({ epochs: 1 })
    expect(seen).toBe(0.25)
    expect(tester.seen[1]).toBe(trunkOf(trainer))
    const { 'averages.trunk': saved, 'modules.trunk': weights } = await trainer.state()
    expect(first(saved!.tensors!.get('weight') as tf.Variable)).toBe(first(weights!.tensors!.get('weight') as tf.Variable))
    areShown = true
    await trainer.train({ epochs: 2 })
    expect(tester.seen[2]).toBe(trunkOf(trainer))
    expect(trunkOf(trainer)).toBe(first(averages.weights[0]!.weight))
  })

  it('are saved apart from the weights, whether or not they are shown', async () => {
    const whole = made({ compile, plugins: [negating()] })
    await whole.train({ epochs: 3 })
    const before = made({ compile, plugins: [negating()] })
    await before.train({ epochs: 1 })
    const state = await before.state()
    expect(state['averages.trunk']!.tensors!.get('weight')!.dataSync()[0]).toBe(-state['modules.trunk']!.tensors!.get('weight')!.dataSync()[0]!)
    const after = made({ compile, plugins: [negating()] })
    await after.restore(state)
    await after.train({ epochs: 3 })
    expect(valuesOf(after)).toEqual(valuesOf(whole))
    // Into a run that shows its averages, too.
    await after.restore(state)
    await after.train({ epochs: 3 })
    expect(valuesOf(after)).toEqual(valuesOf(whole))
  })

  it('begin as copies of the weights in a run that had none, and may go', async () => {
    const plain = made({ compile })
    await plain.train({ epochs: 1 })
    const averages = negating()
    const later = made({ compile, plugins: [averages] })
    await later.restore(await plain.state())
    expect(first(averages.weights[0]!.average)).toBe(trunkOf(plain))
    const without = made({ compile })
    await later.train({ epochs: 2 })
    await without.restore(await later.state())
    expect(trunkOf(without)).toBe(-trunkOf(later))
  })

  it('do not move in a step that is held, and hear of the updates that were not', async () => {
    const holding: Plugin = {
      name: 'holding',
      apply({ hooks }) {
        hooks.exchange.tap({ name: 'holding' }, ({ step, hold }) => {
          if (step % 2 === 0) hold()
        })
      },
    }
    const averages = negating()
    const trainer = made({ compile: false, plugins: [averages, holding] })
    await trainer.train({ epochs: 1 })
    expect(averages.updates).toEqual([['MetricLossOnly'], ['MetricLossOnly']])
  })

  it('cover buffers, and leave no tensor behind', async () => {
    const options = toyOptions()
    const trunk = options.trunk
    const count = tf.variable(tf.scalar(0), false)
    const counting: Module = { ...trunk, buffers: new Map([['count', count as tf.Variable]]), call: (x, mode) => { if (mode.training) count.assign(tf.add(count, 1)); return trunk.call(x, mode) } }
    const before = tf.memory().numTensors
    const averages = negating()
    const trainer = new Trainer({ ...options, trunk: counting, compile, plugins: [averages, looking()] })
    await trainer.train({ epochs: 1 })
    expect(averages.weights.map(({ name, isBuffer }) => [name, isBuffer])).toEqual([['trunk.weight', false], ['trunk.count', true], ['embedder.weight', false]])
    expect(first(count as tf.Variable)).toBe(-4)
    await trainer.train({ epochs: 2 })
    expect(first(count as tf.Variable)).toBe(-8)
    trainer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('keepAverages', () => {
  it('is for one plugin, while it is applied', () => {
    expect(() => made({ plugins: [negating(), { ...negating(), name: 'another' }] })).toThrow('Trainer.keepAverages: wanted to be called from `apply`, by one plugin, got a second call')
    expect(() => made({}).keepAverages()).toThrow('got a call after that')
  })

  it('leaves out what training does not change', () => {
    const [trunk, embedder, teacher] = [linear('trunk', 6, 5, 1), linear('embedder', 5, 3, 2), linear('teacher', 6, 3, 3)]
    const { dataset, sampler, objectives } = toyOptions()
    const averages = negating()
    const forward = (batch: { readonly samples: tf.Tensor }, mode: { readonly training: boolean }) => ({ embeddings: embedder.call(trunk.call(batch.samples, mode), mode) as tf.Tensor2D })
    new Trainer({ dataset, sampler, scheme: { name: 'taught', modules: { trunk, embedder, teacher }, forward, updates: [{ name: 'all', modules: ['trunk', 'embedder'], objectives: objectives! }] }, plugins: [averages] })
    expect(averages.weights.map(({ name }) => name)).toEqual(['trunk.weight', 'embedder.weight'])
  })
})
