import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import { OptionError, PluginError, ShapeError, type Batch, type Loss, type Module } from '@metric-learning/contracts'
import { drawIntegers, firstDrawPosition, nextDrawPosition } from '@metric-learning/ops'
import { SGD } from '../optimizers/sgd.js'
import type { DefaultSchemeOptions, RunOptions } from '../plan/run-options.js'
import type { Plugin } from '../plugin.js'
import type { PluginOptions } from '../plugin.js'
import type { Scheme } from '../schemes/scheme.js'
import { centreLoss, clusters, everyRow, linear, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import type { TrainerOptions } from '../trainer/trainer-options.js'
import { Trainer } from '../trainer/trainer.js'

type Options = Partial<RunOptions & DefaultSchemeOptions & PluginOptions>

/** Row by row against each other, so that no sample stands alone. */
const spread: Loss = { name: 'spread', parameters: new Map(), compute: (x) => tf.mean(tf.square(tf.sub(tf.tanh(tf.mul(tf.matMul(x, x, false, true), 0.01)), 1))) }
const towardsOne: Loss = { name: 'towardsOne', labels: 'refused', parameters: new Map(), compute: (x) => tf.mean(tf.square(tf.sub(x, 1))) }
const total: Loss = { name: 'total', parameters: new Map(), compute: (x) => tf.sum(x) }

/** A plugin that taps. */
const tapping = (apply: Plugin['apply']): Plugin => ({ name: 'tapping', apply })

/** The gradients and losses of the first step, by names. */
async function firstStep(options: TrainerOptions): Promise<{ readonly gradients: Readonly<Record<string, readonly number[]>>; readonly losses: Readonly<Record<string, number>> }> {
  const gradients: Record<string, readonly number[]> = {}
  const plugin: Plugin = {
    name: 'reader',
    apply({ hooks }) {
      hooks.exchange.tap({ name: 'reader' }, (context) => {
        for (const [name, gradient] of context.gradients) gradients[`${context.update} ${name}`] = [...gradient.dataSync()]
        return undefined
      })
    },
  }
  const trainer = new Trainer({ ...options, plugins: [...(options.plugins ?? []), plugin] })
  try {
    for await (const step of trainer.steps({ epochs: 1 })) return { gradients, losses: await step.losses() }
    throw new Error('no step')
  } finally {
    trainer.dispose()
  }
}

function expectClose(got: Awaited<ReturnType<typeof firstStep>>, wanted: typeof got): void {
  expect(Object.keys(got.gradients)).toEqual(Object.keys(wanted.gradients))
  expect(Object.keys(got.losses)).toEqual(Object.keys(wanted.losses))
  for (const [name, loss] of Object.entries(wanted.losses)) expect(got.losses[name], name).toBeCloseTo(loss, 5)
  for (const [name, gradient] of Object.entries(wanted.gradients)) {
    const largest = Math.max(...gradient.map(Math.abs))
    expect(largest, name).toBeGreaterThan(0)
    gradient.forEach((value, i) => expect(Math.abs(value - got.gradients[name]![i]!) / largest, name).toBeLessThan(1e-5))
  }
}

/** Leaves out one number in four, by draws. */
const dropOut = (y: tf.Tensor, position: tf.Tensor1D): tf.Tensor => {
  const drawn = tf.mod(drawIntegers(y.size, { position, purpose: 'dropOut', seed: 0 }), tf.scalar(4, 'int32'))
  return tf.mul(y, tf.reshape(tf.cast(tf.greater(drawn, 0), 'float32'), y.shape))
}

/** A trunk that keeps a running mean, and leaves features out at random; where draws stand is a buffer. */
function restless(): Module & { readonly mean: tf.Variable } {
  const plain = linear('trunk', 6, 5, 1)
  const mean = tf.variable(tf.zeros([5]), false)
  const draws = tf.variable<tf.Rank.R1>(firstDrawPosition(), false)
  return {
    ...plain,
    mean,
    buffers: new Map([['mean', mean], ['draws', draws as tf.Variable]]),
    call: (x, mode) => {
      const y = plain.call(x, mode)
      if (!mode.training) return y
      mean.assign(tf.add(tf.mul(mean, 0.9), tf.mul(tf.mean(y, 0), 0.1)))
      return dropOut(y, nextDrawPosition(draws))
    },
  }
}

describe.each([true, false])('Batches in chunks (compile: %s)', (compile) => {
  const dataset = clusters(10)
  const options = (extra: Options = {}): TrainerOptions => toyOptions({ dataset, sampler: everyRow(dataset, 20), compile: compile && 'require', ...extra })

  it.each<[string, () => Options]>([
    ['a loss with weights of its own', () => ({ objectives: [{ loss: centreLoss() }] })],
    ['two objectives, weighted, one of them without labels', () => ({ objectives: [{ loss: spread, weight: 0.3 }, { loss: towardsOne, weight: 2, of: 'features' }] })],
    ['terms of hooks.loss that look at outputs and at parameters themselves', () => {
      const trunk = linear('trunk', 6, 5, 1)
      const decay = tapping(({ hooks }) => {
        hooks.loss.tap({ name: 'tapping' }, ({ add, outputs, relations, batch }) => {
          add('decay', tf.sum(tf.square(trunk.parameters.get('weight')!)), 0.1)
          add('features', tf.mean(tf.square(outputs['features']!)))
          add('labels', tf.mean(tf.mul(tf.cast(relations.queryLabelTensor, 'float32'), tf.mean(outputs['embeddings']!, 1))))
          add('rows', tf.mean(tf.mul(tf.cast(batch.rows, 'float32'), tf.mean(outputs['embeddings']!, 1))))
        })
      })
      return { trunk, objectives: [{ loss: spread }], plugins: [decay] }
    }],
    ['a frozen trunk', () => {
      const trunk = linear('trunk', 6, 5, 1)
      trunk.parameters.get('weight')!.trainable = false
      return { trunk, objectives: [{ loss: centreLoss() }, { loss: spread }] }
    }],
    ['no embedder, so that two outputs are one', () => ({ embedder: undefined as never, trunk: linear('trunk', 6, 3, 1), objectives: [{ loss: centreLoss() }, { loss: towardsOne, of: 'features' }] })],
  ])('have the gradients and losses of the batch as a whole: %s', async (_, make) => {
    const whole = await firstStep(options(make()))
    for (const chunkSize of compile ? [7] : [5, 7, 19]) expectClose(await firstStep(options({ ...make(), chunkSize })), whole)
  })

  it('are smaller than the option, or as large: nothing is different', async () => {
    expect(await firstStep(options({ chunkSize: 20 }))).toEqual(await firstStep(options()))
  })

  it.each(['buffer', 'position'])('go forward with the same draws both times, by a %s', async (by) => {
    const [trunk, embedder] = [by === 'buffer' ? restless() : linear('trunk', 6, 5, 1), linear('embedder', 5, 3, 2)]
    const weights = [trunk, embedder].map(({ name, parameters }) => [name, parameters.get('weight')!.dataSync().slice()] as const)
    const scheme: Scheme = {
      name: 'MetricLossOnly',
      modules: { trunk, embedder },
      forward({ samples, position }, mode) {
        const features = trunk.call(samples, mode)
        return { embeddings: embedder.call(by === 'buffer' ? features : dropOut(features, position), mode) }
      },
    }
    const { sampler } = options()
    const { gradients, losses } = await firstStep({ scheme, dataset, sampler, compile: compile && 'require', objectives: [{ loss: total }], chunkSize: 6 })
    // The loss is linear in either weight, so that it is Σ weight · gradient: only where both saw the same features left out.
    for (const [name, weight] of weights) {
      const parts = gradients[`MetricLossOnly ${name}.weight`]!.map((gradient, i) => gradient * weight[i]!)
      const sum = (of: (part: number) => number) => parts.reduce((all, part) => all + of(part), 0)
      expect(Math.abs(sum((part) => part) - losses['total']!) / sum(Math.abs), name).toBeLessThan(1e-6)
    }
  })

  it('move running statistics and draws once a chunk', async () => {
    const values = async (sampler: RunOptions['sampler'], chunkSize?: number) => {
      const trunk = restless()
      const still = { trunk: new SGD({ learningRate: 0 }), embedder: new SGD({ learningRate: 0 }) }
      const trainer = new Trainer(options({ trunk, sampler, objectives: [{ loss: total }], optimizers: still, ...(chunkSize && { chunkSize }) }))
      await trainer.train({ epochs: 1 })
      trainer.dispose()
      return [...trunk.buffers.values()].map((variable) => [...variable.dataSync()])
    }
    const inOrder = (batchSize: number) => ({ ...everyRow(dataset, batchSize), batch: ({ batch }: { batch: number }) => Int32Array.from({ length: batchSize }, (_, i) => batch * batchSize + i) })
    expect(await values(inOrder(20), 5)).toEqual(await values(inOrder(5)))
  })

  it('hand the gradients of the whole batch to taps, once, which may assign what they remember', async () => {
    const seen = tf.variable(tf.scalar(0), false)
    const counted = tf.variable(tf.scalar(0), false)
    const run = async (chunkSize?: number) => {
      seen.assign(tf.scalar(0))
      counted.assign(tf.scalar(0))
      const plugin = tapping(({ hooks }) => {
        hooks.loss.tap({ name: 'tapping' }, ({ embeddings, add }) => {
          counted.assign(tf.add(counted, embeddings.shape[0]))
          add('none', tf.mul(tf.mean(embeddings), 0))
        })
        hooks.gradients.tap({ name: 'tapping' }, ({ gradients }) => {
          seen.assign(tf.add(seen, counted))
          return { gradients: new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, 2)])) }
        })
      })
      const found = await firstStep(options({ plugins: [plugin], ...(chunkSize && { chunkSize }) }))
      return { found, seen: seen.dataSync()[0], counted: counted.dataSync()[0] }
    }
    const [chunked, whole] = [await run(8), await run()]
    expectClose(chunked.found, whole.found)
    expect([chunked.seen, chunked.counted, whole.seen, whole.counted]).toEqual([20, 20, 20, 20])
  })

  it('train in several updates, also where one is frozen; when a later one fails, nothing has changed', async () => {
    const make = (chunkSize?: number) => {
      const [trunk, embedder] = [linear('trunk', 6, 5, 1), linear('embedder', 5, 3, 2)]
      const failing = { on: false }
      const scheme: Scheme = {
        name: 'TwoUpdates',
        modules: { trunk, embedder },
        forward: ({ samples }: Batch) => ({ embeddings: embedder.call(trunk.call(samples, { training: true }), { training: true }) }),
        updates: [
          { name: 'first', modules: ['trunk'], objectives: [{ name: 'one', loss: spread }] },
          { name: 'second', modules: ['embedder'], objectives: [{ name: 'two', loss: { ...towardsOne, name: 'two' } }] },
        ],
      }
      const plugin = tapping(({ hooks }) => {
        hooks.exchange.tap({ name: 'tapping' }, ({ update }) => {
          if (failing.on && update === 'second') throw new Error('a rank is gone')
          return undefined
        })
      })
      const optimizers = { trunk: new SGD({ learningRate: 0.01 }), embedder: new SGD({ learningRate: 0.01 }) }
      const { sampler } = options()
      const trainer = new Trainer({ scheme, dataset, sampler, optimizers, compile: compile && 'require', plugins: [plugin], ...(chunkSize && { chunkSize }) })
      return { trainer, trunk, failing }
    }
    const [chunked, whole] = [make(8), make()]
    for (const epochs of [1, 2]) {
      for (const { trainer } of [chunked, whole]) await trainer.train({ epochs })
      const [got, wanted] = [chunked, whole].map(({ trainer }) => valuesOf(trainer).map(([, ...numbers]) => numbers as number[]))
      wanted!.forEach((numbers, i) => numbers.forEach((value, j) => expect(got![i]![j]).toBeCloseTo(value, 4)))
      for (const { trunk } of [chunked, whole]) trunk.parameters.get('weight')!.trainable = false
    }
    const before = valuesOf(chunked.trainer)
    chunked.failing.on = true
    await expect(chunked.trainer.train({ epochs: 3 })).rejects.toThrow('a rank is gone')
    expect(valuesOf(chunked.trainer)).toEqual(before)
    for (const { trainer } of [chunked, whole]) trainer.dispose()
  })

  it.each<[string, (trunk: Module) => Options]>([
    ['in a loss', () => ({ objectives: [{ loss: { ...total, compute: (x) => tf.div(tf.sum(x), 0) } }] })],
    ['in a tap of the gradients', () => ({ plugins: [tapping(({ hooks }) => hooks.gradients.tap({ name: 'tapping' }, (): never => { throw new Error('no') }))] })],
    ['in an exchange', () => ({ plugins: [tapping(({ hooks }) => hooks.exchange.tap({ name: 'tapping' }, (): never => { throw new Error('no') }))] })],
  ])('change nothing in a step that fails %s, and leave nothing behind', async (_, make) => {
    const trunk = restless()
    const trainer = new Trainer(options({ objectives: [{ loss: centreLoss() }], ...make(trunk), trunk, chunkSize: 6 }))
    const all = () => [...valuesOf(trainer), ...[...trunk.buffers.values()].map((variable) => [...variable.dataSync()])]
    const before = all()
    const { numTensors } = tf.memory()
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow()
    expect(all()).toEqual(before)
    expect(tf.memory().numTensors).toBe(numTensors)
    trainer.dispose()
  })

  it('leave no tensor behind', async () => {
    const held: number[] = []
    const trainer = new Trainer(options({ trunk: restless(), chunkSize: 6 }))
    for await (const { step } of trainer.steps({ epochs: 4 })) if (step % 2 === 0) held.push(tf.memory().numTensors)
    expect(new Set(held.slice(1)).size).toBe(1)
    trainer.dispose()
  })

  it('go on from the middle of an epoch, bit for bit', async () => {
    const make = () => {
      const trunk = restless()
      const trainer = new Trainer(options({ trunk, sampler: everyRow(dataset, 10), chunkSize: 4 }))
      return { trainer, all: () => [...valuesOf(trainer), ...[...trunk.buffers.values()].map((variable) => [...variable.dataSync()])] }
    }
    const [whole, first, second] = [make(), make(), make()]
    await whole.trainer.train({ epochs: 2 })
    for await (const { step } of first.trainer.steps({ epochs: 2 })) if (step === 5) break
    await second.trainer.restore(await first.trainer.state())
    await second.trainer.train({ epochs: 2 })
    expect(second.all()).toEqual(whole.all())
    for (const { trainer } of [whole, first, second]) trainer.dispose()
  })

  it.each<[string, Options, new (...args: never[]) => Error, string]>([
    ['an update that no parameter has a say in', { objectives: [{ loss: { ...total, compute: () => tf.scalar(1) } }] }, PluginError, 'wanted a loss that follows from the parameters of trunk, embedder, got "total", which does not'],
    ['terms of one name', { objectives: [{ loss: total }], plugins: [tapping(({ hooks }) => hooks.loss.tap({ name: 'tapping' }, ({ add, embeddings }) => (add('total', tf.sum(embeddings)), undefined)))] }, PluginError, 'got "total" twice'],
    ['a tap of hooks.loss that asks for samples', { plugins: [tapping(({ hooks }) => hooks.loss.tap({ name: 'tapping' }, ({ add, batch }) => (add('pixels', tf.mean(batch.samples)), undefined)))] }, OptionError, 'one that asks for the samples of the batch, which are not on the device as a whole'],
  ])('refuse %s', async (_, extra, kind, message) => {
    const run = firstStep(options({ ...extra, chunkSize: 8 }))
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toBeInstanceOf(kind)
  })

  it('refuse an output that is not there, in the first step where the scheme did not say before', async () => {
    const trunk = linear('trunk', 6, 5, 1)
    const scheme: Scheme = { name: 'Own', modules: { trunk }, forward: ({ samples }, mode) => ({ embeddings: trunk.call(samples, mode) }) }
    const { sampler } = options()
    const run = firstStep({ scheme, dataset, sampler, objectives: [{ loss: total, of: 'logits' }], compile: compile && 'require', chunkSize: 8 })
    await expect(run).rejects.toThrow('wanted an output out of embeddings, got "logits"')
    await expect(run).rejects.toBeInstanceOf(OptionError)
  })

  it.each<[string, (batch: Batch, y: tf.Tensor) => tf.Tensor, new (...args: never[]) => Error, string]>([
    ['goes by the relations of the batch', (batch, y) => tf.mul(y, tf.mean(tf.cast(batch.relations().queryLabelTensor, 'float32'))), OptionError, 'wanted a scheme whose outputs follow from each sample by itself'],
    ['gives one row for all samples', (_, y) => tf.mean(y, 0, true), ShapeError, 'wanted the output embeddings with a row for each sample, as `chunkSize` needs it: [8, …], got [1, 5]'],
  ])('refuse a scheme that %s', async (_, of, kind, message) => {
    const trunk = linear('trunk', 6, 5, 1)
    const scheme: Scheme = { name: 'Own', modules: { trunk }, forward: (batch) => ({ embeddings: of(batch, trunk.call(batch.samples, { training: true })) }) }
    const { sampler } = options()
    const run = firstStep({ scheme, dataset, sampler, objectives: [{ loss: total }], compile: compile && 'require', chunkSize: 8 })
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toBeInstanceOf(kind)
  })
})

describe('chunkSize', () => {
  it.each([0, -1, 2.5, NaN, '8', null])('is refused as %s', (chunkSize) => {
    expect(() => new Trainer(toyOptions({ chunkSize: chunkSize as number }))).toThrow(OptionError)
    expect(() => new Trainer(toyOptions({ chunkSize: chunkSize as number }))).toThrow('`chunkSize`')
  })

  it('has one chunk in memory at a time', async () => {
    /** Bytes of tensors when the trunk begins, and when it is through. */
    const seen: [before: number, after: number][] = []
    const plain = linear('trunk', 6, 5, 1)
    const trunk: Module = {
      ...plain,
      call: (x, mode) => {
        const before = tf.memory().numBytes
        const wide = tf.sigmoid(tf.tile(plain.call(x, mode), [1, 1000]))
        seen.push([before, tf.memory().numBytes])
        return tf.mean(tf.reshape(wide, [-1, 1000, 5]), 1)
      },
    }
    const trainer = new Trainer(toyOptions({ trunk, compile: false, chunkSize: 2 }))
    await trainer.train({ epochs: 1 })
    trainer.dispose()
    // Four steps of twice four chunks.
    expect(seen).toHaveLength(32)
    const ofChunk = 2 * 5000 * 4
    for (let from = 0; from < 32; from += 4) {
      const pass = seen.slice(from, from + 4)
      for (const [before, after] of pass) expect(after - before).toBeGreaterThanOrEqual(2 * ofChunk)
      const starts = pass.map(([before]) => before)
      expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(ofChunk / 4)
    }
  })

  it('has each chunk draw otherwise', async () => {
    const trunk = linear('trunk', 6, 3, 1)
    const drawn: number[] = []
    const scheme: Scheme = {
      name: 'Drawing',
      modules: { trunk },
      forward: ({ samples, rows, position }) => ({ embeddings: trunk.call(samples, { training: true }), draws: drawIntegers(rows.size, { position, purpose: 'test', seed: 0 }) }),
    }
    const reading = tapping(({ hooks }) => hooks.loss.tap({ name: 'tapping' }, ({ outputs }) => void drawn.push(...outputs['draws']!.dataSync())))
    const { dataset, sampler } = toyOptions()
    await firstStep({ scheme, dataset, sampler, compile: false, objectives: [{ loss: total }], plugins: [reading], chunkSize: 3 })
    expect([drawn.length, new Set(drawn).size]).toEqual([8, 8])
  })

  it('is said where a run goes on with another one', async () => {
    const [first, second] = [new Trainer(toyOptions({ chunkSize: 4 })), new Trainer(toyOptions({ chunkSize: 2 }))]
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await second.restore(await first.state())
    expect(warn.mock.calls.flat()).toEqual(['The run that is restored had other options: chunkSize was 4 and is 2.'])
    warn.mockRestore()
    for (const trainer of [first, second]) trainer.dispose()
  })
})
