import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Batch, BatchSampler, Dataset, Loss } from '@metric-learning/contracts'
import { SGD } from '../optimizers/sgd.js'
import type { DefaultSchemeOptions, RunOptions } from '../plan/run-options.js'
import type { Plugin } from '../plugin.js'
import type { PluginOptions } from '../plugin.js'
import type { Scheme } from '../schemes/scheme.js'
import { centreLoss, clusters, linear, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

const sgd = (learningRate: number) => ({ trunk: new SGD({ learningRate }), embedder: new SGD({ learningRate }) })
const exchanging = (exchange: Parameters<Trainer['hooks']['exchange']['tap']>[1]): Plugin => ({
  name: 'exchange',
  apply({ hooks }) {
    hooks.exchange.tap({ name: 'exchange' }, exchange)
  },
})

/** A mean over samples, so that gradients of batches add up. */
const towardsOne: Loss = { name: 'towardsOne', parameters: new Map(), compute: (x) => tf.mean(tf.square(tf.sub(x, 1))) }

/** Rows in order, the same in every epoch. */
const inOrder = ({ labels }: Dataset, batchSize: number): BatchSampler => ({
  name: 'inOrder',
  batchSize,
  batchesPerEpoch: labels.length / batchSize,
  batch: ({ batch }) => Int32Array.from({ length: batchSize }, (_, i) => batch * batchSize + i),
})

async function trained(options: Partial<RunOptions & DefaultSchemeOptions & PluginOptions>, epochs = 2) {
  const trainer = new Trainer(toyOptions(options))
  await trainer.train({ epochs })
  const values = valuesOf(trainer).map(([, ...numbers]) => numbers as number[])
  trainer.dispose()
  return { values, step: trainer.step }
}

/** Sums gradients over `count` steps, and takes the step with their mean. */
function accumulating(count: number): Plugin {
  let sums: ReadonlyMap<string, tf.Tensor> = new Map()
  let steps = 0
  return exchanging(({ gradients, replace, hold }) => {
    const before = sums
    sums = new Map([...gradients].map(([name, gradient]) => [name, tf.keep(tf.tidy(() => (before.has(name) ? tf.add(before.get(name)!, gradient) : tf.clone(gradient))))]))
    tf.dispose([...before.values()])
    steps += 1
    if (steps % count !== 0) {
      hold()
      return undefined
    }
    replace(new Map([...sums].map(([name, sum]) => [name, tf.div(sum, count)])))
    tf.dispose([...sums.values()])
    sums = new Map()
    return undefined
  })
}

describe.each([true, false])('hooks.exchange (compile: %s)', (compile) => {
  it.each<[string, Parameters<typeof exchanging>[0]]>([
    ['before they are given', ({ gradients, replace }) => {
      const others = new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, 2)]))
      tf.dispose([...others.values()])
      replace(others)
    }],
    ['by the tidy in which they are given', ({ gradients, replace }) => {
      tf.tidy(() => replace(new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, 2)]))))
    }],
  ])('names the plugin whose gradients are freed %s', async (_, exchange) => {
    await expect(trained({ compile, plugins: [exchanging(exchange)] })).rejects.toMatchObject({
      code: 'ML_SHAPE',
      message:
        'hooks.exchange, replace: wanted the gradient of trunk.weight to be a tensor, got one that was disposed. Return it from `tf.tidy`, or `tf.keep` it in ' +
        'hooks.exchange, and do not dispose it: the trainer does. (in hooks.exchange of plugin "exchange")',
    })
  })

  it('stands between gradients and update: twice the gradients are twice the rate', async () => {
    const doubling = exchanging(({ gradients, replace }) => {
      replace(new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, 2)])))
      return undefined
    })
    const objectives = [{ loss: towardsOne }]
    const { values } = await trained({ compile, objectives, optimizers: sgd(0.01), plugins: [doubling] })
    const wanted = await trained({ compile, objectives, optimizers: sgd(0.02) })
    values.forEach((numbers, i) => numbers.forEach((value, j) => expect(value).toBeCloseTo(wanted.values[i]![j]!, 6)))
  })

  it('changes nothing when it only looks, bit for bit', async () => {
    const looking = exchanging(({ gradients, update }) => {
      expect(update).toBe('MetricLossOnly')
      expect([...gradients.keys()]).toEqual(['trunk.weight', 'embedder.weight', 'losses.centre.centres'])
      return undefined
    })
    expect(await trained({ compile, plugins: [looking] })).toEqual(await trained({ compile }))
  })

  it('accumulates: four batches are one of four times the size', async () => {
    const dataset = clusters()
    const run = (batchSize: number, plugins: readonly Plugin[]) =>
      trained({ compile, dataset, sampler: inOrder(dataset, batchSize), objectives: [{ loss: towardsOne }], optimizers: sgd(0.005), plugins }, 3)
    const [parts, whole] = [await run(4, [accumulating(4)]), await run(16, [])]
    parts.values.forEach((numbers, i) => numbers.forEach((value, j) => expect(Math.abs(value - whole.values[i]![j]!)).toBeLessThan(1e-6)))
    expect([parts.step, whole.step]).toEqual([24, 6])
  })

  it('leaves no tensor behind', async () => {
    const held: number[] = []
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.batchEnd.tap({ name: 'watch' }, ({ step }) => {
          if (step % 4 === 0) held.push(tf.memory().numTensors)
        })
      },
    }
    await trained({ compile, objectives: [{ loss: towardsOne }], plugins: [accumulating(4), watch] }, 6)
    expect(new Set(held.slice(1)).size).toBe(1)
  })

  it('refuses gradients of other names or shapes, and changes nothing then', async () => {
    const dropping = exchanging(({ replace }) => {
      replace(new Map())
      return undefined
    })
    const trainer = new Trainer(toyOptions({ compile, plugins: [dropping] }))
    const before = valuesOf(trainer)
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('hooks.exchange, replace: wanted a gradient of trunk.weight, float32 [6, 5], got none.')
    expect(valuesOf(trainer)).toEqual(before)
    expect(trainer.step).toBe(0)
  })

  it('keeps running statistics and slots apart from a step that is held', async () => {
    const mean = tf.variable(tf.zeros([5]), false)
    const plain = linear('trunk', 6, 5, 1)
    const trunk = {
      ...plain,
      buffers: new Map([['mean', mean]]),
      call: (x: tf.Tensor, mode: { readonly training: boolean }) => {
        const y = plain.call(x, mode)
        if (mode.training) mean.assign(tf.mean(y, 0))
        return y
      },
    }
    const trainer = new Trainer(toyOptions({ compile, trunk, objectives: [{ loss: centreLoss() }], plugins: [exchanging(({ hold }) => hold() as undefined)] }))
    const before = valuesOf(trainer)
    await trainer.train({ epochs: 1 })
    expect(valuesOf(trainer)).toEqual(before)
    expect(mean.dataSync().some((value) => value !== 0)).toBe(true)
    const { tensors } = trainer.optimizers.get('trunk')!.state()
    expect([...tensors!.values()].flatMap((tensor) => [...tensor.dataSync()]).every((value) => value === 0)).toBe(true)
  })

  it('takes several updates in order, also where one is frozen; when a later one fails, nothing has changed', async () => {
    const [trunk, embedder] = [linear('trunk', 6, 5, 1), linear('embedder', 5, 3, 2)]
    const forward = ({ samples }: Batch) => ({ embeddings: embedder.call(trunk.call(samples, { training: true }), { training: true }) })
    const failing = { on: false }
    const scheme: Scheme = {
      name: 'TwoUpdates',
      modules: { trunk, embedder },
      forward,
      updates: [
        { name: 'first', modules: ['trunk'], objectives: [{ name: 'one', loss: towardsOne }] },
        { name: 'second', modules: ['embedder'], objectives: [{ name: 'two', loss: { ...towardsOne, name: 'two' } }] },
      ],
    }
    const seen: string[] = []
    const plugin = exchanging(({ update }) => {
      seen.push(update)
      if (failing.on && update === 'second') throw new Error('a rank is gone')
      return undefined
    })
    const { dataset, sampler } = toyOptions()
    const rest = { dataset, sampler }
    const trainer = new Trainer({ ...rest, objectives: [], scheme, optimizers: sgd(0.01), compile, plugins: [plugin] })
    const plain = new Trainer({ ...rest, objectives: [], scheme: { ...scheme }, optimizers: sgd(0.01), compile })
    const start = valuesOf(trainer)
    await plain.train({ epochs: 1 })
    const wanted = valuesOf(plain)
    plain.dispose()
    for (const [i, variable] of [...trainer.parameters.values()].entries()) variable.assign(tf.tensor(start[i]!.slice(1) as number[], variable.shape))
    await trainer.train({ epochs: 1 })
    expect(valuesOf(trainer)).toEqual(wanted)
    expect(seen.slice(0, 4)).toEqual(['first', 'second', 'first', 'second'])
    trunk.parameters.get('weight')!.trainable = false
    await trainer.train({ epochs: 2 })
    const [frozen, moved] = valuesOf(trainer)
    expect([frozen]).toEqual(wanted.slice(0, 1))
    expect(moved).not.toEqual(wanted[1])
    failing.on = true
    await expect(trainer.train({ epochs: 3 })).rejects.toThrow('a rank is gone')
    expect(valuesOf(trainer)).toEqual([frozen, moved])
  })
})
