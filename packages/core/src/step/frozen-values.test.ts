import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import type { Dataset, Loss } from '@metric-learning/contracts'
import { Scheduled, stepCompiler, tensorOf, type Schedulable } from '@metric-learning/ops'
import type { Plugin } from '../plugin.js'
import { lossKeeper, toyOptions } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

/** Four steps an epoch. */
const STEPS = 4

const lossOf = (compute: (x: tf.Tensor) => tf.Tensor, fields: object = {}): Loss & Record<string, unknown> => ({
  name: 'toy',
  parameters: new Map(),
  compute: (x) => compute(x) as tf.Scalar,
  ...fields,
})
const size = (x: tf.Tensor) => tf.mean(tf.square(x))

async function lossesOf(make: () => { readonly loss: Loss; readonly plugin?: Plugin; readonly weight?: Schedulable }, compile: 'require' | false, epochs = 3) {
  const { plugin: watch, losses } = lossKeeper()
  const { loss, plugin, weight = 1 } = make()
  const trainer = new Trainer(toyOptions({ compile, objectives: [{ loss, weight }], plugins: [plugin, watch] }))
  await trainer.train({ epochs })
  trainer.dispose()
  return losses
}

const atEpoch = (wanted: number, change: () => void): Plugin => ({
  name: 'change',
  apply({ hooks }) {
    hooks.epochStart.tap({ name: 'change' }, ({ epoch }) => {
      if (epoch === wanted) change()
      return undefined
    })
  },
})
const atStep = (wanted: number, change: () => void): Plugin => ({
  name: 'change',
  apply({ hooks }) {
    hooks.batchStart.tap({ name: 'change' }, ({ step }) => {
      if (step === wanted) change()
      return undefined
    })
  },
})

describe.runIf(stepCompiler())('A compiled step', () => {
  const cases: Readonly<Record<string, () => { loss: Loss; plugin?: Plugin; weight?: Schedulable }>> = {
    'a field of the loss, set at the start of an epoch': () => {
      const loss = lossOf((x) => tf.mul(size(x), loss['scale'] as number), { scale: 1 })
      return { loss, plugin: atEpoch(2, () => Object.assign(loss, { scale: 0 })) }
    },
    'a field of an object in the loss, set in the middle of an epoch': () => {
      const distance = { power: 1 }
      return { loss: lossOf((x) => tf.pow(size(x), distance.power), { distance }), plugin: atStep(6, () => Object.assign(distance, { power: 2 })) }
    },
    'a list that grows': () => {
      const shifts = [1]
      return { loss: lossOf((x) => tf.addN(shifts.map((shift) => size(tf.add(x, shift)))), { shifts }), plugin: atStep(5, () => void shifts.push(2)) }
    },
    'an object that is replaced': () => {
      const loss = lossOf((x) => (loss['measure'] as { of: (y: tf.Tensor) => tf.Tensor }).of(x), { measure: { of: size } })
      return { loss, plugin: atStep(7, () => Object.assign(loss, { measure: { of: (y: tf.Tensor) => tf.mean(tf.abs(y)) } })) }
    },
    'a flag of a plugin that its tap of `loss` reads': () => {
      const plugin = {
        name: 'extra',
        isOn: true,
        apply({ hooks }: Trainer) {
          hooks.loss.tap({ name: 'extra' }, ({ embeddings, add }) => {
            if (plugin.isOn) add('extra', size(embeddings) as tf.Scalar)
          })
          hooks.batchStart.tap({ name: 'extra' }, ({ step }) => {
            if (step === 6) plugin.isOn = false
          })
        },
      }
      return { loss: lossOf((x) => tf.mean(tf.abs(x))), plugin: plugin as Plugin }
    },
    'the weight of an objective, scheduled': () => {
      const weight = new Scheduled(1)
      return { loss: lossOf(size), weight, plugin: atStep(3, () => void (weight.value = 0.25)) }
    },
    'a scheduled number in a formula': () => {
      const scale = new Scheduled(1)
      let step = 0
      return { loss: lossOf((x) => tf.mul(size(x), tensorOf(scale)), { scale }), plugin: everyStep(() => void (scale.value = 1 / ++step)) }
    },
    'a closure, set at the start of an epoch': () => {
      let scale = 1
      return { loss: lossOf((x) => tf.mul(size(x), scale)), plugin: atEpoch(2, () => void (scale = 0)) }
    },
    'a private field, set at the start of an epoch': () => {
      class Private {
        #scale = 1
        readonly name = 'private'
        readonly parameters = new Map()
        compute = (x: tf.Tensor2D) => tf.mul(size(x), this.#scale) as tf.Scalar
        switchOff(): void {
          this.#scale = 0
        }
      }
      const loss = new Private()
      return { loss, plugin: atEpoch(3, () => loss.switchOff()) }
    },
  }

  it.each(Object.entries(cases))('gives the eager numbers where this changes: %s', async (_, make) => {
    const [compiled, eager] = [await lossesOf(make, 'require'), await lossesOf(make, false)]
    expect(compiled).toEqual(eager)
    expect(new Set(compiled).size).toBeGreaterThan(STEPS)
  })

  it.each<[string, object]>([
    ['in one graph', {}],
    ['in two phases', { plugins: [{ name: 'looks', apply: ({ hooks }: Trainer) => hooks.exchange.tap({ name: 'looks' }, () => undefined) }] }],
    ['chunk by chunk', { chunkSize: 4 }],
  ])('normalises as the data set says at each step, %s', async (_, { plugins = [], ...options }: { plugins?: Plugin[] }) => {
    const lossesWith = async (compile: 'require' | false, options: object = {}) => {
      const { plugin: watch, losses } = lossKeeper()
      const { dataset, ...given } = toyOptions()
      const pixels: Dataset = { ...dataset!, sampleShape: [6], load: (rows) => Promise.resolve({ values: Uint8Array.from({ length: rows.length * 6 }, (_, i) => (40 * rows[Math.floor(i / 6)]! + 7 * i) % 256), shape: [rows.length, 6] }) }
      const normalize = (mean: number) => Object.assign(pixels, { normalization: { mean: Array(6).fill(mean), std: Array(6).fill(0.5) } })
      normalize(0)
      const trainer = new Trainer({ ...given, dataset: pixels, compile, ...options, plugins: [...plugins, atStep(6, () => normalize(0.9)), watch] })
      await trainer.train({ epochs: 3 })
      trainer.dispose()
      return losses
    }
    const [compiled, eager] = [await lossesWith('require', options), await lossesWith(false)]
    compiled.forEach((loss, i) => expect(loss).toBeCloseTo(eager[i]!, 5))
  })

  it('warns once, by name, of a value that changes in each step', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const loss = lossOf((x) => tf.mul(size(x), loss['scale'] as number), { scale: 1 })
    const trainer = new Trainer(toyOptions({ objectives: [{ loss }], plugins: [everyStep(() => Object.assign(loss, { scale: (loss['scale'] as number) * 0.9 }))] }))
    await trainer.train({ epochs: 3 })
    trainer.dispose()
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]![0]).toContain('objectives.toy.loss.scale')
    expect(warn.mock.calls[0]![0]).toMatch(/scheduled number/i)
    warn.mockRestore()
  })
})

const everyStep = (change: () => void): Plugin => ({
  name: 'change',
  apply({ hooks }) {
    hooks.batchStart.tap({ name: 'change' }, () => {
      change()
      return undefined
    })
  },
})
