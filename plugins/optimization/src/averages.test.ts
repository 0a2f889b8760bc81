import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset, type Loss } from '@metric-learning/contracts'
import { SGD, Trainer, type Plugin, type PluginOptions, type RunOptions } from '@metric-learning/core'
import { ConvNet, Embedder } from '@metric-learning/models'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { asRelations, Scheduled } from '@metric-learning/ops'
import { describe, expect, it, vi } from 'vitest'
import { accumulateGradients } from './accumulate-gradients.js'
import { exponentialMovingAverage } from './exponential-moving-average.js'
import { stochasticWeightAveraging } from './stochastic-weight-averaging.js'

/** Images of 8 x 8 pixels in four classes: noise around one picture each. */
function noisyPictures(seed: number, perClass = 8): Dataset {
  const pictures = new Random(1)
  const centres = Array.from({ length: 4 }, () => Array.from({ length: 64 }, () => pictures.normal()))
  const random = new Random(seed)
  const labels = Int32Array.from({ length: 4 * perClass }, (_, row) => row % 4)
  const samples = Array.from(labels, (label) => centres[label]!.map((value) => value + 2 * random.normal()))
  return {
    name: 'pictures',
    labels,
    classNames: ['a', 'b', 'c', 'd'],
    sampleShape: [8, 8, 1],
    load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => samples[row]!)), shape: [rows.length, 8, 8, 1] }),
  }
}

/** Softmax cross entropy: embeddings are logits. */
const crossEntropy: Loss = {
  name: 'crossEntropy',
  parameters: new Map(),
  compute: (logits, labels) => tf.losses.softmaxCrossEntropy(tf.oneHot(asRelations(labels!).queryLabelTensor, 4), logits) as tf.Scalar,
}

const STEPS = 4
const first = (variable: tf.Tensor) => variable.dataSync()[0]!
type Weights = ReadonlyMap<string, Float32Array>

function made(options: Partial<RunOptions & PluginOptions> = {}) {
  const dataset = noisyPictures(2)
  const trunk = new ConvNet({ inputChannels: 1, width: 4, blocks: 2, seed: 0 })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 4, seed: 1 })
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset,
    sampler: {
      name: 'shuffled',
      batchSize: 8,
      batchesPerEpoch: STEPS,
      batch: ({ seed, epoch, batch }) => Random.at(seed, 'shuffled', epoch).shuffle(Int32Array.from(dataset.labels.keys())).slice(8 * batch, 8 * batch + 8),
    },
    objectives: [{ loss: crossEntropy }],
    optimizers: { trunk: new SGD({ learningRate: 0.05, momentum: 0.9 }), embedder: new SGD({ learningRate: 0.05, momentum: 0.9 }) },
    ...options,
  })
  const held = (): Weights =>
    new Map(Object.entries({ trunk, embedder }).flatMap(([owner, { parameters, buffers }]) => [...parameters, ...buffers].map(([name, variable]) => [`${owner}.${name}`, variable.dataSync().slice() as Float32Array])))
  return { trainer, trunk, embedder, held }
}

/** The weights after each step, from the first before any on. */
function noting(): { readonly plugin: Plugin; readonly notes: Float32Array[][] } {
  const notes: Float32Array[][] = []
  const plugin: Plugin = {
    name: 'noting',
    apply({ hooks, scheme }) {
      const note = (): undefined => {
        const modules = Object.values(scheme.modules).flatMap(({ parameters, buffers }) => [...parameters.values(), ...buffers.values()])
        notes.push(modules.map((variable) => variable.dataSync().slice() as Float32Array))
      }
      hooks.setup.tap({ name: 'noting' }, note)
      hooks.batchEnd.tap({ name: 'noting' }, note)
    },
  }
  return { plugin, notes }
}

function expectClose(found: Weights, wanted: readonly ArrayLike<number>[], tolerance = 1e-5): void {
  let i = 0
  for (const [name, values] of found) {
    const other = wanted[i++]!
    values.forEach((value, j) => {
      if (Math.abs(value - other[j]!) > tolerance * (1 + Math.abs(value))) throw new Error(`${name}[${j}] is ${value}, not ${other[j]}`)
    })
  }
}

describe.each(['require', false] as const)('exponentialMovingAverage (compile: %s)', (compile) => {
  it.each([true, false])('is what the formula says, of parameters and running statistics (warmUp: %s)', async (warmUp) => {
    const { plugin, notes } = noting()
    const { trainer, held } = made({ compile, plugins: [exponentialMovingAverage({ decay: 0.7, warmUp }), plugin] })
    await trainer.train({ epochs: 2 })
    const averages = notes[0]!.map((values) => Float64Array.from(values))
    notes.slice(1).forEach((weights, t) => {
      const decay = warmUp ? Math.min(0.7, (1 + t) / (10 + t)) : 0.7
      weights.forEach((values, i) => values.forEach((value, j) => (averages[i]![j]! += (1 - decay) * (value - averages[i]![j]!))))
    })
    expectClose(held(), averages)
  })

  it('changes nothing of the training', async () => {
    const [plain, averaged] = [noting(), noting()]
    await made({ compile, plugins: [plain.plugin] }).trainer.train({ epochs: 2 })
    await made({ compile, plugins: [exponentialMovingAverage(), averaged.plugin] }).trainer.train({ epochs: 2 })
    expect(averaged.notes).toEqual(plain.notes)
  })

  it('goes on in a resumed run, bit for bit', async () => {
    const whole = made({ compile, plugins: [exponentialMovingAverage({ decay: 0.9 })] })
    await whole.trainer.train({ epochs: 3 })
    const [before, after] = [1, 2].map(() => made({ compile, plugins: [exponentialMovingAverage({ decay: 0.9 })] }))
    for await (const { step } of before!.trainer.steps({ epochs: 3 })) if (step === STEPS + 2) break
    await after!.trainer.restore(await before!.trainer.state())
    await after!.trainer.train({ epochs: 3 })
    expect(after!.held()).toEqual(whole.held())
  })

  it('takes a decay that is scheduled', async () => {
    const decay = new Scheduled(0, 'decay')
    const { plugin, notes } = noting()
    const { trainer, held } = made({ compile, plugins: [exponentialMovingAverage({ decay, warmUp: false }), plugin] })
    await trainer.train({ epochs: 1 })
    expectClose(held(), notes.at(-1)!)
    expect([...trainer.scheduled]).toEqual([['plugins.exponentialMovingAverage.decay', decay]])
    decay.value = 0.5
    await trainer.train({ epochs: 2 })
    const averages = notes[STEPS]!.map((values) => Float64Array.from(values))
    for (const weights of notes.slice(STEPS + 1)) weights.forEach((values, i) => values.forEach((value, j) => (averages[i]![j]! += 0.5 * (value - averages[i]![j]!))))
    expectClose(held(), averages)
    expect(() => (decay.value = 1.5)).toThrow('`decay`')
  })
})

describe('exponentialMovingAverage', () => {
  it('moves when the weights do, behind accumulateGradients', async () => {
    const average = exponentialMovingAverage()
    const { trainer } = made({ compile: false, plugins: [average, accumulateGradients({ every: 2 })] })
    await trainer.train({ epochs: 1 })
    expect(first(average.state().tensors!.get('steps')!)).toBe(STEPS / 2)
  })
})

describe.each(['require', false] as const)('stochasticWeightAveraging (compile: %s)', (compile) => {
  it.each([
    [1, 1, [2, 3, 4, 5]],
    [0, 2, [1, 3, 5]],
    [3, 5, [4]],
  ])('is the mean of the weights after epochs: from %i, every %i', async (from, every, epochs) => {
    const { plugin, notes } = noting()
    const { trainer, held } = made({ compile, plugins: [stochasticWeightAveraging({ from, every, statisticsBatches: 0 }), plugin] })
    await trainer.train({ epochs: 5 })
    const names = [...held().keys()]
    const wanted = notes[0]!.map((values, i) => {
      // Running statistics are those of the last weights that came in.
      if (names[i]!.includes('running')) return notes[STEPS * epochs.at(-1)!]![i]!
      return Float64Array.from(values, (_, j) => epochs.reduce((sum, epoch) => sum + notes[STEPS * epoch]![i]![j]!, 0) / epochs.length)
    })
    expectClose(held(), wanted)
  })

  it('gathers running statistics anew, by weights that stay as they are', async () => {
    const run = async (statisticsBatches: number) => {
      const { trainer, held, trunk, embedder } = made({ compile, plugins: [stochasticWeightAveraging({ from: 0, statisticsBatches })] })
      await trainer.train({ epochs: 3 })
      return { held: held(), trunk, embedder }
    }
    const [kept, anew] = [await run(0), await run(150)]
    const { labels, load } = noisyPictures(2)
    const { values, shape } = await load(Int32Array.from(labels.keys()))
    const samples = tf.tensor(values, [...shape])
    // Of the whole data set, as training sees it at once: with running statistics that fit, inference gives the same.
    const off = ({ trunk, embedder }: typeof anew) => {
      const [training, inference] = [true, false].map((mode) => embedder.call(trunk.call(samples, { training: mode }), { training: mode }))
      return tf.mean(tf.abs(tf.sub(training!, inference!))).dataSync()[0]!
    }
    const changed = [...anew.held].filter(([name, now]) => String(now) !== String(kept.held.get(name)))
    expect(changed.length).toBeGreaterThan(0)
    expect(changed.every(([name]) => name.includes('running'))).toBe(true)
    expect(off(anew)).toBeLessThan(off(kept))
  })

  it('goes on in a resumed run, bit for bit', async () => {
    const create = () => made({ compile, plugins: [stochasticWeightAveraging({ from: 1, statisticsBatches: 3 })] })
    const [whole, before, after] = [create(), create(), create()]
    await whole.trainer.train({ epochs: 4 })
    for await (const { step } of before.trainer.steps({ epochs: 4 })) if (step === 2 * STEPS + 2) break
    await after.trainer.restore(await before.trainer.state())
    await after.trainer.train({ epochs: 4 })
    expect(after.held()).toEqual(whole.held())
  })

  it('says that nothing was averaged, where a run ends before it begins', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await made({ plugins: [stochasticWeightAveraging({ from: 2 })] }).trainer.train({ epochs: 2 })
    const said = warn.mock.calls.map(([warning]) => String(warning)).filter((warning) => warning.startsWith('stochasticWeightAveraging'))
    warn.mockClear()
    await made({ plugins: [stochasticWeightAveraging({ from: 1, statisticsBatches: 0 })] }).trainer.train({ epochs: 2 })
    const later = warn.mock.calls.length
    warn.mockRestore()
    expect(said).toEqual(['stochasticWeightAveraging: nothing was averaged. The run ended with epoch 2, and averaging begins after 3: take a smaller `from`, or more epochs.'])
    expect(later).toBe(0)
  })

  it('goes on in a run that was saved before there was a mean, bit for bit', async () => {
    const create = () => made({ compile, plugins: [stochasticWeightAveraging({ from: 1, statisticsBatches: 0 })] })
    const [whole, before, after] = [create(), create(), create()]
    await whole.trainer.train({ epochs: 2 })
    for await (const { step } of before.trainer.steps({ epochs: 2 })) if (step === STEPS + 2) break
    await after.trainer.restore(await before.trainer.state())
    await after.trainer.train({ epochs: 2 })
    expect(after.held()).toEqual(whole.held())
  })

  it('gathers running statistics from those of training, whenever it did before', async () => {
    const create = () => made({ compile, plugins: [stochasticWeightAveraging({ from: 0, every: 2, statisticsBatches: 1 })] })
    const [whole, stopped] = [create(), create()]
    await whole.trainer.train({ epochs: 2 })
    for await (const { step } of stopped.trainer.steps({ epochs: 2 })) if (step === STEPS + 2) break
    await stopped.trainer.train({ epochs: 2 })
    expect(stopped.held()).toEqual(whole.held())
  })

  it('gathers them by batches that fit into memory, as training has them', async () => {
    const sizes: number[] = []
    const { load, ...dataset } = noisyPictures(2)
    const plugins = [stochasticWeightAveraging({ from: 0, statisticsBatches: 3 })]
    const { trainer } = made({ compile, chunkSize: 4, plugins, dataset: { ...dataset, load: (rows, at) => { sizes.push(rows.length); return load(rows, at) } } })
    await trainer.train({ epochs: 1 })
    expect(sizes.slice(-3)).toEqual([4, 4, 4])
  })

  it('leaves the running statistics of a module that is not trained', async () => {
    const dataset = noisyPictures(2)
    const [trunk, second] = [new ConvNet({ inputChannels: 1, width: 4, blocks: 2, seed: 0 }), new ConvNet({ inputChannels: 1, width: 4, blocks: 1, seed: 1 })]
    const embedder = { name: 'embedder', inputSize: trunk.outputSize, outputSize: second.outputSize, parameters: second.parameters, buffers: second.buffers, dispose: () => undefined,
      call: (x: tf.Tensor, mode: Parameters<typeof second.call>[1]) => second.call(tf.tile(tf.reshape(x, [-1, x.shape[1]!, 1, 1]), [1, 1, 8, 1]), mode) }
    const trainer = new Trainer({
      dataset,
      compile,
      sampler: { name: 'first', batchSize: 8, batchesPerEpoch: 2, batch: ({ batch }) => Int32Array.from({ length: 8 }, (_, i) => 8 * batch + i) },
      scheme: {
        name: 'on top',
        modules: { trunk, embedder },
        forward: ({ samples }, mode) => ({ embeddings: embedder.call(trunk.call(samples, { training: false }), mode) as tf.Tensor2D }),
        updates: [{ name: 'embedder', modules: ['embedder'], objectives: [{ loss: { name: 'square', parameters: new Map(), compute: (embeddings) => tf.mean(tf.square(embeddings)) } }] }],
      },
      plugins: [stochasticWeightAveraging({ from: 0, statisticsBatches: 3 })],
    })
    const values = () => [...trunk.buffers.values()].map((buffer) => [...buffer.dataSync()])
    const before = values()
    await trainer.train({ epochs: 1 })
    expect(values()).toEqual(before)
  })
})

describe('averages, evaluated', () => {
  it('are the model before there is a mean, too: then the weights themselves', async () => {
    const { plugin, notes } = noting()
    const { trainer, held } = made({ plugins: [stochasticWeightAveraging({ from: 5 }), plugin] })
    await trainer.train({ epochs: 1 })
    expect([...held().values()]).toEqual(notes.at(-1))
  })

  it('lie flatter than the weights on noise: their loss on held-out samples is lower', async () => {
    const heldOut = noisyPictures(3, 64)
    const { values, shape } = await heldOut.load(Int32Array.from(heldOut.labels.keys()))
    const samples = tf.tensor(values, [...shape])
    const lossOf = ({ trunk, embedder }: ReturnType<typeof made>) => first(crossEntropy.compute(embedder.call(trunk.call(samples, { training: false }), { training: false }) as tf.Tensor2D, heldOut.labels))
    const optimizers = () => ({ trunk: new SGD({ learningRate: 0.3 }), embedder: new SGD({ learningRate: 0.3 }) })
    const losses: Record<string, number> = {}
    for (const plugin of [undefined, exponentialMovingAverage({ decay: 0.95 }), stochasticWeightAveraging({ from: 5 })]) {
      const run = made({ compile: false, optimizers: optimizers(), plugins: [plugin] })
      await run.trainer.train({ epochs: 15 })
      losses[plugin?.name ?? 'weights'] = lossOf(run)
    }
    expect(losses['exponentialMovingAverage']).toBeLessThan(losses['weights']!)
    expect(losses['stochasticWeightAveraging']).toBeLessThan(losses['weights']!)
  })
})

const leftAlone = 'modules hold averages when the run has ended, which is what it is for; a test of its own sees that training is the same'
describePlugin('exponentialMovingAverage', {
  create: () => exponentialMovingAverage({ decay: 0.9 }),
  dispose: (plugin) => {
    ;(plugin as ReturnType<typeof exponentialMovingAverage>).dispose()
  },
  mistakes: {
    'a decay above 1': () => exponentialMovingAverage({ decay: 1.1 }),
    'a decay of 1': () => exponentialMovingAverage({ decay: 1 }),
    'a decay that is none': () => exponentialMovingAverage({ decay: NaN }),
    'a text for a truth value': () => exponentialMovingAverage({ warmUp: 'yes' as never }),
    'an unknown option': () => exponentialMovingAverage({ momentum: 0.9 } as never),
  },
  skip: { watching: leftAlone },
})
describePlugin('stochasticWeightAveraging', {
  create: () => stochasticWeightAveraging({ from: 0 }),
  mistakes: {
    'no beginning': () => stochasticWeightAveraging({} as never),
    'a beginning before the first epoch': () => stochasticWeightAveraging({ from: -1 }),
    'no epochs between': () => stochasticWeightAveraging({ from: 1, every: 0 }),
    'half an epoch between': () => stochasticWeightAveraging({ from: 1, every: 0.5 }),
    'a number of batches that is none': () => stochasticWeightAveraging({ from: 1, statisticsBatches: Infinity }),
    'an unknown option': () => stochasticWeightAveraging({ from: 1, start: 2 } as never),
  },
  skip: { watching: leftAlone },
})
