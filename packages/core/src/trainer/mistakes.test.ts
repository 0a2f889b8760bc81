import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { PluginError, type BatchSampler, type Dataset, type Loss } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { Adam } from '../optimizers/adam.js'
import type { Plugin } from '../plugin.js'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import type { Scheme } from '../schemes/scheme.js'
import { centreLoss, clusters, everyRow, linear, toyOptions, valuesOf } from './toy-trainer.fixture.js'
import { Trainer } from './trainer.js'

type Options = Parameters<typeof toyOptions>[0]
const run = (options: Options) => new Trainer(toyOptions(options)).train({ epochs: 1 })
const lossOf = (compute: (x: tf.Tensor) => unknown): Loss => ({ name: 'mine', parameters: new Map(), compute: compute as Loss['compute'] })
const lossesOf = async (options: Options) => {
  const losses: number[] = []
  for await (const { loss } of new Trainer(toyOptions(options)).steps({ epochs: 1 })) losses.push(await loss())
  return losses
}

describe('What a loss gives', () => {
  it.each<[string, (x: tf.Tensor) => unknown, string]>([
    ['nothing', () => undefined, 'wanted `value` to be a tensor, got undefined'],
    ['a vector', (x) => tf.mean(tf.square(x), 1), 'wanted `value` of shape [], got [8]'],
    ['a promise', (x) => Promise.resolve(tf.mean(x)), 'wanted `value` to be a tensor, got an object of type Promise'],
    ['a number of the host', () => 3, 'wanted `value` to be a tensor, got 3'],
    ['an integer', (x) => tf.cast(tf.mean(x), 'int32'), 'wanted `value` of type float32, got int32'],
  ])('is no loss when it is %s', async (_, compute, message) => {
    await expect(run({ compile: false, objectives: [{ loss: lossOf(compute) }] })).rejects.toThrow(`Loss term "mine": ${message}`)
  })
})

describe('A loss of one\'s own', () => {
  const whole = lossOf((x) => tf.mean(tf.square(x)))
  it.each<[string, unknown, string]>([
    ['no parameters', { ...whole, parameters: undefined }, 'Objective "mine": wanted `loss.parameters` to be a Map of variables, got undefined. Give it `new Map()` where there is nothing.'],
    ['parameters in an object', { ...whole, parameters: {} }, 'wanted `loss.parameters` to be a Map of variables, got an object'],
    ['numbers for parameters', { ...whole, parameters: new Map([['w', 3]]) }, 'wanted `loss.parameters` to be a Map of variables, got 3 as "w". Make it with `tf.variable`.'],
    ['buffers in a list', { ...whole, buffers: [] }, 'wanted `loss.buffers` to be a Map of variables, got an array'],
    ['no name', { ...whole, name: undefined }, 'wanted `loss.name` to be a name, got undefined'],
  ])('is refused with %s', (_, loss, message) => {
    expect(() => new Trainer(toyOptions({ objectives: [{ loss: loss as Loss }] }))).toThrow(message)
  })

  it.each<[string, object, string]>([
    ['a bare loss', { objectives: [whole] }, 'Trainer, objectives: wanted objects with a `loss`, got the loss mine itself. Pass `{ loss: … }`'],
    ['no list of objectives', { objectives: { loss: whole } }, 'wanted `objectives` to be a list, got an object. Pass an array'],
    ['nothing for a number', { logEverySteps: null }, 'Trainer: wanted `logEverySteps` to be an integer of at least 1, got null'],
    ['nothing for a seed', { seed: null }, 'wanted `seed` to be an integer, got null'],
    ['no list of plugins', { plugins: { name: 'a' } }, 'wanted `plugins` to be a list, got an object'],
    ['an optimizer that is none', { optimizers: { trunk: {} } }, 'Trainer, optimizer of trunk: wanted `optimizer` to be an object with `prepare` and `apply`'],
    ['false for a miner', { objectives: [{ loss: whole, miner: false }] }, 'Trainer, objectives: wanted `miner` to be an object with `mine`'],
    ['false for an optimizer', { optimizers: { trunk: false } }, 'Trainer, optimizer of trunk: wanted `optimizer` to be an object with `prepare` and `apply`'],
    ['0 for the optimizer of a loss', { objectives: [{ loss: whole, optimizer: 0 }] }, 'Trainer, optimizer of losses.mine: wanted `optimizer` to be an object with `prepare` and `apply`'],
    ['a sampler that is none', { sampler: { name: 'x', batchSize: 8, batchesPerEpoch: 4 } }, 'wanted `sampler` to be an object with `batch`'],
    ['a data set that is none', { dataset: { ...clusters(), load: undefined } }, 'wanted `dataset` to be an object with `load`'],
  ])('is not asked for by %s', (_, options, message) => {
    expect(() => new Trainer(toyOptions(options))).toThrow(message)
  })

  it('is refused without the output that it compares with, also within another loss', () => {
    const views: Loss = { ...whole, needsReferences: true }
    const of = (loss: Loss) => () => new Trainer(toyOptions({ objectives: [{ loss }] }))
    expect(of(views)).toThrow('Objective "mine": wanted `against`, what mine compares the output `of` with, got none. Name an output')
    expect(of({ ...whole, nested: { first: { loss: views } } })).toThrow('Objective "mine": wanted `against`')
  })

  it('is refused batches that are larger than it takes, or a loss within it', () => {
    const loss: Loss = { ...whole, name: 'small', maxBatchSize: 7 }
    const wanted = 'wanted batches of at most 7 samples, for small, got 8 of everyRow'
    expect(() => new Trainer(toyOptions({ objectives: [{ loss }] }))).toThrow(`Objective "small": ${wanted}`)
    const nested = { 'losses.0': { loss: { ...whole, nested: { loss: { loss } } } } }
    expect(() => new Trainer(toyOptions({ objectives: [{ loss: { ...whole, maxBatchSize: 8, nested } }] }))).toThrow(`Objective "mine": ${wanted}`)
    expect(() => new Trainer(toyOptions({ objectives: [{ loss: { ...loss, maxBatchSize: 8 } }] }))).not.toThrow()
  })

  it.each([true, false])('is named when it does not follow from what is trained (compile: %s)', async (compile) => {
    await expect(run({ compile, objectives: [{ loss: lossOf(() => tf.scalar(1)) }] })).rejects.toThrow(
      'Trainer, update "MetricLossOnly": wanted a loss that follows from the parameters of trunk, embedder, got "mine", which does not. Compute it',
    )
  })

  it.each([true, false])('is named with its step when it throws, and so is a miner (compile: %s)', async (compile) => {
    const fails = () => {
      throw new TypeError('x.foo is not a function')
    }
    const wanted = (part: string) => ({ code: 'ML_PLUGIN', message: `Objective "mine", ${part}: wanted to finish, got x.foo is not a function. See the cause for the stack. (in step 1 of epoch 1)` })
    await expect(run({ compile, objectives: [{ loss: lossOf(fails) }] })).rejects.toMatchObject(wanted('loss'))
    await expect(run({ compile, objectives: [{ loss: whole, miner: { name: 'm', mine: fails } }] })).rejects.toMatchObject(wanted('miner'))
  })

  it('can be asked for until the next step begins', async () => {
    const asked: (() => Promise<number>)[] = []
    for await (const { loss } of new Trainer(toyOptions()).steps({ epochs: 1 })) asked.push(loss)
    await expect(asked[0]!()).rejects.toMatchObject({
      code: 'ML_STATE',
      message: 'TrainedStep.loss: wanted to be asked before the next step begins, got the question for step 1 of epoch 1 after that. Await `loss()` or `losses()` within the loop or the tap, and keep the number.',
    })
  })
})

describe('What is restored', () => {
  it.each<[unknown, string]>([
    [undefined, 'wanted a state with seed, epoch, batch and step of the `trainer`, got undefined'],
    [null, 'got null'],
    ['runs/first', 'got "runs/first"'],
    [{ trainer: null }, 'wanted sections with `values` and a Map of `tensors`, got null as trainer'],
    [{ trainer: {}, 'modules.trunk': { tensors: { weight: 1 } } }, 'got others as modules.trunk. Pass what `trainer.state()` gave'],
  ])('is no %j', async (state, message) => {
    await expect(new Trainer(toyOptions()).restore(state as never)).rejects.toThrow(message)
  })
})

describe.runIf(hasFusedKernel(FusedKernel.expectFinite))('A gradient that is NaN', () => {
  it.each([true, false])('lets no run end well, and its weights are not saved (compile: %s)', async (compile) => {
    const dataset = clusters()
    const sampler = { ...everyRow(dataset), batchesPerEpoch: 1 }
    const trainer = new Trainer(toyOptions({ compile, dataset, sampler, objectives: [{ loss: lossOf((x) => tf.mean(tf.sqrt(tf.mul(x, 0)))) }] }))
    const message = 'Trainer: wanted `trunk.weight` of finite numbers, got NaN or infinity in step 1 of epoch 1.'
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow(message)
    await expect(trainer.state()).rejects.toThrow(message)
    expect(trainer.position).toEqual({ epoch: 0, batch: 1 })
  })
})

describe('What a scheme gives', () => {
  const freed = (): tf.Tensor => {
    const tensor = tf.zeros([8, 3])
    tensor.dispose()
    return tensor
  }
  const { trunk, embedder, ...rest } = toyOptions()
  const of = (change: Partial<Scheme>) => new Trainer({ ...rest, ...('updates' in change && { objectives: [] }), scheme: { ...metricLossOnly({ trunk, embedder: embedder! }), ...change } }).train({ epochs: 1 })

  it.each<[string, Partial<Scheme>, string]>([
    ['nothing', { forward: () => undefined as never }, 'wanted tensors by name, such as `{ embeddings }`, got undefined'],
    ['a tensor', { forward: ({ samples }) => samples as never }, 'wanted tensors by name'],
    ['a promise', { forward: () => Promise.resolve({}) as never }, 'wanted tensors by name'],
    ['a number', { forward: () => ({ embeddings: 3 as never }) }, 'got 3 as embeddings'],
    ['disposed', { forward: () => ({ embeddings: freed() }) }, 'got a tensor that was disposed as embeddings'],
  ])('is no output when it is %s', async (_, change, message) => {
    await expect(of(change)).rejects.toThrow(message)
  })

  it('is asked of `call`, and an error says which scheme and step', async () => {
    await expect(of({ forward: ({ samples }, mode) => ({ embeddings: (trunk as unknown as { forward: typeof trunk.call }).forward(samples, mode) }) })).rejects.toMatchObject({
      code: 'ML_PLUGIN',
      message:
        'Scheme, forward of update "MetricLossOnly": wanted to finish, got trunk.forward is not a function. A module is called by `call(inputs, mode)`; ' +
        'a batch has `samples`, `views`, `rows` and `relations()`. See the cause for the stack. (in step 1 of epoch 1)',
      cause: expect.any(TypeError) as TypeError,
    })
  })

  it('wants updates, modules with parameters and buffers, and known names', async () => {
    await expect(async () => of({ updates: [] })).rejects.toThrow('wanted at least one update, got none')
    const bare = Object.fromEntries(Object.entries(linear('trunk', 6, 5, 1)).filter(([part]) => part !== 'buffers'))
    await expect(async () => of({ modules: { trunk: bare as never, embedder: embedder! } })).rejects.toThrow('wanted `modules.trunk.buffers` to be a Map of variables, got undefined')
    await expect(async () => of({ modules: undefined as never })).rejects.toThrow('Scheme MetricLossOnly: wanted `modules` by name, got undefined')
    await expect(async () => of({ updates: [{ name: 'a', modules: 'trunk' as never, objectives: [] }] })).rejects.toThrow('wanted `updates.a.modules` to be a list, got "trunk"')
    await expect(async () => of({ updates: [{ name: 'a', modules: ['trunk'], objectives: [], losses: [] } as never] })).rejects.toThrow('got `losses`')
    const update = (name: string, term: string) => ({ name, modules: ['trunk'], objectives: [{ name: term, loss: centreLoss() }] })
    await expect(async () => of({ updates: [update('a', 'b'), update('a', 'c')] })).rejects.toThrow('wanted updates with names of their own, got "a" twice')
    await expect(async () => of({ updates: [update('', 'b')] })).rejects.toThrow('wanted `updates.name` to be a name, got ""')
  })

  it('is made for samples of the data set, of whole numbers of views, with something to minimise', () => {
    const make = (change: Partial<Scheme>, objectives: NonNullable<Options>['objectives'] = [{ loss: centreLoss() }]) => () => new Trainer({ ...rest, objectives, scheme: { ...metricLossOnly({ trunk, embedder: embedder! }), ...change } })
    for (const views of [0, 1.5]) expect(make({ views })).toThrow(`Scheme MetricLossOnly: wanted \`views\` to be an integer of at least 1, got ${views}`)
    expect(make({ modules: { trunk: { ...trunk, inputSize: 7 }, embedder: embedder! } })).toThrow('wanted a `trunk` for the samples of clusters, [6], got trunk for 7 channels')
    expect(make({}, [])).toThrow('Trainer: wanted at least one of `objectives`, or a plugin that taps hooks.loss, got none')
  })

  it.each([true, false])('gives a row for each sample to what goes by labels (compile: %s)', async (compile) => {
    const half = metricLossOnly({ trunk, embedder: embedder! })
    const scheme: Scheme = { ...half, forward: (batch, mode) => Object.fromEntries(Object.entries(half.forward(batch, mode)).map(([name, output]) => [name, tf.slice(output, 0, 4)])) }
    await expect(new Trainer({ ...rest, compile, scheme }).train({ epochs: 1 })).rejects.toMatchObject({
      code: 'ML_SHAPE',
      message: expect.stringContaining('Objective "centre": wanted an output with a row for each of the 8 samples of the batch, whose labels it goes by, got [4, 3]') as string,
    })
  })

  it.each([[true, undefined], [false, undefined], [false, 4]])('trains each of its modules (compile: %s, chunkSize: %s)', async (compile, chunkSize) => {
    const spare = linear('spare', 3, 2, 4)
    const scheme = () => ({ ...metricLossOnly({ trunk, embedder: embedder! }), modules: { trunk, embedder: embedder!, spare } })
    const train = async () => {
      const trainer = new Trainer({ ...rest, compile, scheme: scheme(), ...(chunkSize && { chunkSize }) })
      try {
        await trainer.train({ epochs: 1 })
      } finally {
        trainer.dispose()
      }
    }
    await expect(train()).rejects.toThrow('Trainer, update "MetricLossOnly": wanted a loss that follows from the parameters of spare, got "centre", which does not. Have an objective judge')
    for (const variable of spare.parameters.values()) variable.trainable = false
    await train()
  })
})

describe('What a dataset and a sampler give', () => {
  const plain = clusters()
  const changed = (change: (samples: Awaited<ReturnType<Dataset['load']>>) => unknown): Dataset => ({ ...plain, load: async (rows) => change(await plain.load(rows)) as never })

  it('is neither cut to integers nor stretched', async () => {
    await expect(run({ dataset: changed((samples) => ({ ...samples, values: [...samples.values] })) })).rejects.toThrow(
      'clusters.load: wanted `values` as Uint8Array (pixels) or Float32Array, got Array',
    )
    await expect(run({ dataset: { ...plain, load: (rows) => plain.load(rows.subarray(0, 1)) } })).rejects.toThrow('clusters.load: wanted 8 samples, one for each row that was asked for, got `shape` [1, 6]')
    await expect(run({ dataset: changed((samples) => ({ ...samples, shape: [8, 7] })) })).rejects.toThrow('wanted 56 values for `shape` [8, 7], got 48')
  })

  it('is of the shape and type that the dataset says, and of one type in all batches', async () => {
    await expect(run({ dataset: { ...plain, sampleShape: [2, 3] } })).rejects.toThrow('clusters.load: wanted samples of [2, 3], as `sampleShape` says, got [6]')
    await expect(run({ dataset: { ...plain, normalization: { mean: [0.5], std: [0.2] } } })).rejects.toThrow('clusters.load: wanted `values` as Uint8Array, pixels for its `normalization`, got Float32Array')
    let loads = 0
    const turning = changed((samples) => (loads++ === 1 ? { ...samples, values: Uint8Array.from(samples.values) } : samples))
    await expect(run({ dataset: turning })).rejects.toThrow('clusters.load: wanted `values` as Float32Array, as in the first batch, got Uint8Array')
  })

  it('lies in memory of its own for each batch that is loaded ahead, and for each view', async () => {
    const buffer = new Float32Array(8 * 6)
    const reusing = changed(({ values, shape }) => (buffer.set(values), { values: buffer, shape }))
    await expect(run({ dataset: reusing })).rejects.toThrow('clusters.load: wanted `values` of its own for each batch, got one array for two batches, of which the first is not trained on yet')
    expect(await lossesOf({ dataset: reusing, prefetch: 0 })).toEqual(await lossesOf({ dataset: plain, prefetch: 0 }))
    const { trunk, embedder } = toyOptions()
    const scheme = { ...metricLossOnly({ trunk, embedder: embedder! }), views: 2 }
    const twice = new Trainer({ scheme, dataset: { ...reusing, views: 2 }, sampler: everyRow(plain), objectives: [{ loss: centreLoss() }] })
    await expect(twice.train({ epochs: 1 })).rejects.toThrow('wanted `values` of its own for each view, got one array for two views of the same samples')
  })

  it.each([
    [6, 8, undefined, 'batches of 8 samples, as `batchSize` says, got 6 in batch 1 of epoch 1. Have `minBatchSize` be the smallest batch, or leave smaller ones out.'],
    [12, 8, 4, 'batches of 4 to 8 samples, as `minBatchSize` and `batchSize` say, got 12 in batch 1 of epoch 1. Have `batchSize` be the largest batch.'],
  ])('is a batch as large as the sampler says: %i samples', async (size, batchSize, minBatchSize, message) => {
    const sampler: BatchSampler = { name: 'own', batchSize, ...(minBatchSize && { minBatchSize }), batchesPerEpoch: 2, batch: ({ batch }) => Int32Array.from({ length: batch === 1 ? size : 8 }, (_, row) => row) }
    await expect(run({ sampler })).rejects.toThrow(PluginError)
    await expect(run({ sampler })).rejects.toThrow(`own: wanted ${message}`)
  })

  it('keeps labels beside their samples, whoever uses or sorts an array of rows again', async () => {
    const sampler = everyRow(plain)
    const buffer = new Int32Array(8)
    const reusing: BatchSampler = { ...sampler, batch: (at) => (buffer.set(sampler.batch(at)), buffer) }
    const sorting: Plugin = {
      name: 'sorting',
      apply({ hooks }) {
        hooks.batchStart.tap({ name: 'sorting' }, ({ rows }) => {
          rows.sort()
        })
      },
    }
    const wanted = await lossesOf({ dataset: plain, sampler })
    expect(await lossesOf({ dataset: plain, sampler: reusing })).toEqual(wanted)
    expect(await lossesOf({ dataset: plain, sampler, plugins: [sorting] })).toEqual(wanted)
  })
})

describe('What a plugin gives', () => {
  const factory = () => ({ name: 'late', apply: () => undefined })
  it.each<[string, unknown, string]>([
    ['a factory that was not called', factory, 'got the function factory. Call it: `factory(…)`'],
    ['a name', 'progress', 'wanted `plugins` to be objects with `name` and `apply`, got "progress"'],
    ['an object without apply', { name: 'x' }, 'got an object'],
    ['one with an async apply', { name: 'slow', apply: () => Promise.resolve() }, 'Plugin "slow": wanted a synchronous `apply`'],
  ])('is refused when it is %s', (_, plugin, message) => {
    expect(() => new Trainer(toyOptions({ plugins: [plugin as Plugin] }))).toThrow(message)
  })

  const gradients = (change: (gradients: ReadonlyMap<string, tf.Tensor>) => unknown): Plugin => ({
    name: 'change',
    apply: ({ hooks }) => hooks.gradients.tap({ name: 'change' }, (context) => change(context.gradients) as object),
  })
  it.each<[string, (gradients: ReadonlyMap<string, tf.Tensor>) => unknown, string]>([
    ['the map itself', (map) => map, 'wanted the context for the next tap as return value, or some of update, gradients, got an object of type Map'],
    ['other names', (map) => ({ gradients: new Map([...map].map(([name, gradient]) => [`${name}.x`, gradient])) }), 'got one of trunk.weight.x'],
    ['other shapes', (map) => ({ gradients: new Map([...map].map(([name, gradient]) => [name, tf.sum(gradient)])) }), 'wanted the gradient of trunk.weight as float32 [6, 5], got float32 []'],
    ['numbers', (map) => ({ gradients: new Map([...map].map(([name]) => [name, 1])) }), 'hooks.gradients: wanted the gradient of trunk.weight to be a tensor, got 1'],
    ['disposed ones', (map) => (map.get('trunk.weight')!.dispose(), { gradients: map }), 'hooks.gradients: wanted the gradient of trunk.weight to be a tensor, got one that was disposed. Return it from `tf.tidy`, or `tf.keep` it in hooks.exchange, and do not dispose it: the trainer does. (in plugin "change")'],
    ['something else', () => ({ grads: new Map() }), 'got an object with grads'],
  ])('changes no gradients by %s', async (_, change, message) => {
    await expect(run({ compile: false, plugins: [gradients(change)] })).rejects.toThrow(message)
  })

  it.each<[unknown, string]>([
    [1, 'got 1'],
    [{}, 'got an object with nothing'],
    [{ tester: 'x', metrics: { val: 3 }, seconds: 0 }, 'got an object with tester, metrics, seconds'],
    [{ tester: 'x', metrics: { val: { p: '0.5' } }, seconds: 0 }, 'wanted an evaluation'],
  ])('is no evaluation: %j', async (answer, message) => {
    const tester: Plugin = { name: 'tester', apply: ({ hooks }) => hooks.evaluate.tap({ name: 'tester' }, () => answer as never) }
    await expect(run({ plugins: [tester] })).rejects.toThrow(message)
  })
})

describe('Trainer', () => {
  it('keeps what comes out of a step apart for batches of different sizes', async () => {
    const counts = [tf.variable(tf.scalar(0), false), tf.variable(tf.scalar(0), false)] as const
    const net = linear('trunk', 6, 5, 1)
    const trunk = {
      ...net,
      buffers: new Map(counts.map((count, i) => [`count${i}`, count as tf.Variable])),
      call: (x: tf.Tensor, mode: { readonly training: boolean }) => {
        const count = counts[x.shape[0] === 8 ? 0 : 1]
        if (mode.training) count.assign(tf.add(count, 1))
        return net.call(x, mode)
      },
    }
    const dataset = clusters()
    const size = (batch: number) => (batch % 4 === 3 ? 6 : 8)
    const sampler: BatchSampler = { ...everyRow(dataset), minBatchSize: 6, batchesPerEpoch: 20, batch: ({ batch }) => Int32Array.from({ length: size(batch) }, (_, i) => (i + batch) % 32) }
    const names: string[][] = []
    const plugin: Plugin = {
      name: 'plugin',
      apply({ hooks }) {
        hooks.exchange.tap({ name: 'plugin' }, () => undefined)
        hooks.loss.tap({ name: 'plugin' }, ({ embeddings, add }) => {
          add(embeddings.shape[0] === 8 ? 'big' : 'small', tf.mean(tf.square(embeddings)))
        })
      },
    }
    for await (const { losses } of new Trainer(toyOptions({ trunk, dataset, sampler, plugins: [plugin] })).steps({ epochs: 1 })) names.push(Object.keys(await losses()))
    expect(counts.map((count) => count.dataSync()[0])).toEqual([15, 5])
    expect(names.map(([, name]) => name)).toEqual(names.map((_, batch) => (size(batch) === 8 ? 'big' : 'small')))
  })

  it('says which sizes do not fit, also where a tester would be the first to embed', () => {
    const tester: Plugin = { name: 'tester', apply: ({ hooks }) => hooks.evaluate.tap({ name: 'tester' }, () => undefined) }
    const sized = (name: string, inputSize: number) => ({ ...linear(name, 6, 5, 1), inputSize })
    expect(() => new Trainer(toyOptions({ embedder: sized('Embedder', 7), plugins: [tester] }))).toThrow(
      "Trainer: wanted an `embedder` for the 5 features of trunk, got Embedder for 7. Pass it the trunk's `outputSize` as `inputSize`.",
    )
    expect(() => new Trainer(toyOptions({ trunk: sized('ConvNet', 3), plugins: [tester] }))).toThrow(
      'Trainer: wanted a `trunk` for the samples of clusters, [6], got ConvNet for 3 channels. Make it for 6, the last axis',
    )
    new Trainer(toyOptions({ trunk: sized('ConvNet', 6), embedder: { ...linear('embedder', 5, 3, 2), inputSize: 5 } }))
  })

  it('says when it is used after dispose, and what train takes', async () => {
    const trainer = new Trainer(toyOptions())
    await expect(trainer.train(undefined as never)).rejects.toThrow('Trainer.train: wanted an object of options, got undefined. Pass one: some of them are needed.')
    await expect(trainer.train({ epochs: 1, steps: 3 } as never)).rejects.toThrow('got `steps`')
    trainer.dispose()
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('Trainer.train: wanted a call before dispose(), got one after it')
    for (const compile of [true, false]) {
      const running = new Trainer(toyOptions({ compile }))
      const leaving = async () => {
        for await (const { step } of running.steps({ epochs: 2 })) if (step === 4) running.dispose()
      }
      await expect(leaving()).rejects.toThrow('Trainer.dispose: wanted to be called when no run is under way, got a call before step 5 of epoch 1')
    }
  })

  it('refuses an optimizer that remembers moments of another model', () => {
    const adam = new Adam()
    new Trainer(toyOptions({ optimizers: { trunk: adam } })).dispose()
    expect(() => new Trainer(toyOptions({ optimizers: { trunk: adam } }))).toThrow('Adam: wanted the parameters that it was made for, got another "trunk.weight"')
    adam.dispose()
  })

  it('refuses a miner or labels for a loss that goes by no labels', () => {
    const loss = { ...centreLoss(), labels: 'refused' as const }
    const miner = { name: 'Miner', mine: () => undefined as never }
    expect(() => new Trainer(toyOptions({ objectives: [{ loss, miner }] }))).toThrow('wanted no `miner` with centre, which goes by no labels, got Miner')
  })

  it('evaluates once for an epoch, also where what came after it failed', async () => {
    const evaluated: number[] = []
    let fails = true
    const plugin: Plugin = {
      name: 'plugin',
      apply({ hooks }) {
        hooks.evaluate.tap({ name: 'plugin' }, ({ epoch }) => {
          evaluated.push(epoch)
          return undefined
        })
        hooks.epochEnd.tap({ name: 'plugin' }, () => {
          if (fails) throw new Error('disk full')
        })
      },
    }
    const trainer = new Trainer(toyOptions({ plugins: [plugin] }))
    await expect(trainer.train({ epochs: 2 })).rejects.toThrow('disk full')
    fails = false
    await trainer.train({ epochs: 2 })
    expect(evaluated).toEqual([0, 1, 2])
    expect(valuesOf(trainer)).toHaveLength(3)
  })
})
