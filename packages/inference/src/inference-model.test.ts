import * as tf from '@tensorflow/tfjs-core'
import { DataError, OptionError, Random, ShapeError, StateError, type Dataset, type Embeddings, type Module } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { ExactNeighbourIndex } from '@metric-learning/evaluation'
import { ConvNet, Embedder } from '@metric-learning/models'
import { describe, expect, it, vi } from 'vitest'
import type { InferenceModelOptions } from './inference-model-options.js'
import { InferenceModel } from './inference-model.js'
import { MatchFinder } from './match-finder.js'

/** Points are their own embeddings; counts its calls by the samples in each. */
function identity(dim: number, calls: number[] = []): Module {
  return {
    name: 'identity',
    parameters: new Map(),
    buffers: new Map(),
    outputSize: dim,
    call: (x) => (calls.push(x.shape[0]!), tf.reshape(x, [-1, dim])),
    dispose: () => undefined,
  }
}

const plain = (options: Partial<InferenceModelOptions> = {}) => new InferenceModel({ trunk: identity(2), normalizeEmbeddings: false, compile: false, ...options })
const points = (...rows: number[][]) => ({ values: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] })
const rowsOf = ({ embeddings, dim }: Embeddings) => Array.from({ length: embeddings.length / dim }, (_, row) => [...embeddings.subarray(row * dim, (row + 1) * dim)])

function noise(count: number, seed: number): Dataset {
  const random = new Random(seed)
  const pixels = Uint8Array.from({ length: count * 64 }, () => random.int(256))
  return {
    name: 'noise',
    labels: new Int32Array(count),
    classNames: ['all'],
    sampleShape: [8, 8, 1],
    normalization: { mean: [0.5], std: [0.25] },
    load: (rows) => Promise.resolve({ values: Uint8Array.from([...rows].flatMap((row) => [...pixels.subarray(row * 64, (row + 1) * 64)])), shape: [rows.length, 8, 8, 1] }),
  }
}

function network(seed = 1) {
  const trunk = new ConvNet({ inputChannels: 1, width: 4, blocks: 2, seed })
  return { trunk, embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: 5, seed }) }
}

describe('getEmbeddings', () => {
  it('takes tensors, lists of them, samples on the host and data sets, and gives the same', async () => {
    const dataset = noise(11, 1)
    const { normalization } = dataset
    const model = new InferenceModel({ ...network(), normalization: normalization!, batchSize: 4 })
    const samples = await dataset.load(Int32Array.from(dataset.labels.keys()))
    const pixels = tf.tensor4d(samples.values, [11, 8, 8, 1], 'int32')
    const told: number[][] = []
    const wanted = await model.getEmbeddings(dataset, { onProgress: (done, total) => told.push([done, total]) })
    expect(told.at(-1)).toEqual([11, 11])
    expect(wanted.dim).toBe(5)
    for (const row of rowsOf(wanted)) expect(Math.hypot(...row)).toBeCloseTo(1, 6)
    const normalized = tf.div(tf.sub(tf.div(tf.cast(pixels, 'float32'), 255), 0.5), 0.25)
    for (const inputs of [samples, pixels, tf.unstack(pixels), normalized]) {
      const { embeddings } = await model.getEmbeddings(inputs)
      embeddings.forEach((value, i) => expect(value).toBeCloseTo(wanted.embeddings[i]!, 5))
    }
    model.dispose()
  })

  it('normalises data sets as they say themselves, or all as the model says', async () => {
    const dataset = noise(3, 2)
    const own = await new InferenceModel(network()).getEmbeddings(dataset)
    const same = await new InferenceModel({ ...network(), normalization: dataset.normalization! }).getEmbeddings({ ...dataset, normalization: { mean: [0], std: [1] } })
    expect(rowsOf(same)).toEqual(rowsOf(own))
    const [pixels, model] = [await dataset.load(Int32Array.of(0)), new InferenceModel(network())]
    await expect(model.getEmbeddings(pixels)).rejects.toThrow('InferenceModel: wanted `normalization` for pixels, got none. Pass that of the data set')
  })

  it('joins requests that wait into batches of few sizes, and mixes nothing up', async () => {
    const calls: number[] = []
    const model = plain({ trunk: identity(2, calls), batchSize: 8 })
    const found = await Promise.all(Array.from({ length: 21 }, (_, i) => model.getEmbeddings(points([i, -i], [i + 0.5, 0]))))
    found.forEach((embeddings, i) => expect(rowsOf(embeddings)).toEqual([[i, -i], [i + 0.5, 0]]))
    expect(calls).toEqual([8, 8, 8, 8, 8, 2])
    calls.length = 0
    expect(rowsOf(await model.getEmbeddings(points(...Array.from({ length: 11 }, (_, i) => [i, 1]))))).toHaveLength(11)
    expect(calls).toEqual([8, 4])
  })

  it('fails for those requests alone that are at fault', async () => {
    const model = plain()
    const answers = await Promise.allSettled([model.getEmbeddings(points([1, 2])), model.getEmbeddings(points([NaN, 2])), model.getEmbeddings(points([3, 4])), model.getEmbeddings(points([1, 2, 3]))])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
    expect((answers[1] as PromiseRejectedResult).reason).toBeInstanceOf(DataError)
  })

  it('refuses samples that are not finite, which a max pool would pass over, and pixels of other channels than it normalises', async () => {
    const pooled: Module = { ...identity(2), call: (x) => tf.tidy(() => tf.reshape(tf.relu(tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid')), [-1, 2])) }
    const model = new InferenceModel({ trunk: pooled, normalizeEmbeddings: false, normalization: { mean: [0, 0], std: [1, 1] } })
    const spoiled = { values: Float32Array.of(1, 2, 3, 4, 5, NaN, 6, 7, ...new Float32Array(8)), shape: [2, 2, 2, 2] }
    const { labels, classNames } = noise(2, 1)
    const dataset: Dataset = { name: 'spoiled', labels, classNames, sampleShape: [2, 2, 2], load: () => Promise.resolve(spoiled) }
    for (const inputs of [spoiled, tf.tensor4d(spoiled.values, [2, 2, 2, 2])]) await expect(model.getEmbeddings(inputs)).rejects.toThrow('InferenceModel: wanted samples of finite numbers, got some whose sum is NaN.')
    await expect(model.getEmbeddings(dataset)).rejects.toThrow('spoiled: wanted samples of finite numbers, got NaN in sample 0 of those that were loaded.')
    await expect(model.getEmbeddings({ values: new Uint8Array(16), shape: [1, 2, 2, 4] })).rejects.toThrow('embedding: wanted pixels of 2 channels, as the normalization has, got [1, 2, 2, 4]. Leave out the channel of transparency')
    model.dispose()
  })

  it('leaves no tensor behind, also where it fails, and takes those of a caller who frees them at once', async () => {
    const model = new InferenceModel({ ...network(), normalization: { mean: [0], std: [1] } })
    const dataset = noise(3, 3)
    const samples = await dataset.load(Int32Array.of(0, 1, 2))
    const ask = async () => {
      let waiting: Promise<Embeddings>[] = []
      tf.tidy(() => {
        waiting = [samples, tf.tensor4d(samples.values, [3, 8, 8, 1], 'int32'), tf.unstack(tf.zeros([2, 8, 8, 1]))].map((inputs) => model.getEmbeddings(inputs))
      })
      await Promise.all(waiting)
      const colours = tf.zeros([2, 8, 8, 3])
      await expect(model.getEmbeddings(colours)).rejects.toThrow(ShapeError)
      colours.dispose()
    }
    for (let i = 0; i < 3; i++) await ask()
    const before = tf.memory().numTensors
    for (let i = 0; i < 3; i++) await ask()
    expect(tf.memory().numTensors).toBe(before)
    model.dispose()
  })

  it('says what it does not take', async () => {
    const model = plain()
    const cases: readonly (readonly [unknown, typeof ShapeError | typeof OptionError, string])[] = [
      [undefined, ShapeError, 'a tensor, a list of them, loaded samples or a data set, got undefined'],
      [[], ShapeError, 'at least one sample, [n, ...sample], got an empty list'],
      [tf.tensor1d([1, 2]), ShapeError, 'got a tensor of shape [2]'],
      [[tf.tensor1d([1, 2]), tf.tensor1d([1])], ShapeError, 'got float32 of [1] beside float32 of [2]'],
      [tf.tensor2d([[true, false]], [1, 2], 'bool'), ShapeError, 'wanted float32, or int32 for pixels, got bool'],
      [{ ...noise(0, 1) }, ShapeError, 'none in noise'],
    ]
    for (const [inputs, kind, message] of cases) {
      const refused = model.getEmbeddings(inputs as never)
      await expect(refused).rejects.toThrow(kind)
      await expect(refused).rejects.toThrow(message)
    }
    await expect(model.getEmbeddings({ values: Float32Array.of(1), shape: [1, 2] })).rejects.toThrow(DataError)
    expect(() => plain({ batch: 3 } as object)).toThrow('got `batch`')
    expect(() => plain({ trunk: ConvNet as never })).toThrow('`trunk` to be an object with `call`')
    expect(() => plain({ normalization: { mean: [0], std: [0] } })).toThrow(OptionError)
  })
})

describe('references', () => {
  it('are known by their numbers, which stay what they are', async () => {
    const model = plain()
    await model.fit(points([0, 0], [1, 0], [5, 0]))
    expect(await model.getNearestNeighbours(points([0.9, 0], [9, 0]), { k: 2 })).toEqual([
      [{ key: 1, distance: expect.closeTo(0.01, 6) }, { key: 0, distance: expect.closeTo(0.81, 6) }],
      [{ key: 2, distance: 16 }, { key: 1, distance: 64 }],
    ])
    expect(await model.add(points([2, 0]))).toEqual([3])
    await model.remove([0, 2])
    expect([model.keys, model.size]).toEqual([[1, 3], 2])
    expect(await model.add(points([7, 7]))).toEqual([4])
    await model.fit(points([3, 3]))
    expect([model.keys, await model.getNearestNeighbours(points([3, 3]), { k: 'all' })]).toEqual([[0], [[{ key: 0, distance: 0 }]]])
  })

  it('of a data set are known by their rows', async () => {
    const model = new InferenceModel(network())
    const dataset = noise(9, 4)
    await model.fit(dataset)
    const found = await model.getNearestNeighbours(dataset, { k: 1 })
    expect(found.map(([nearest]) => nearest!.key)).toEqual([...dataset.labels.keys()])
    model.dispose()
  })

  it('may have keys of one’s own', async () => {
    const model = plain()
    await model.fit(points([0, 0], [1, 0]), { keys: ['a', '18'] })
    expect(await model.add(points([2, 0]), { keys: ['17'] })).toEqual(['17'])
    expect((await model.getNearestNeighbours(points([2, 0]), { k: 'all' }))[0]!.map(({ key }) => key)).toEqual(['17', '18', 'a'])
    await expect(model.add(points([2, 0]))).rejects.toThrow('wanted one of `keys` for each reference, as the 3 that are there have, got 1 without')
    await expect(model.add(points([2, 0]), { keys: ['a'] })).rejects.toThrow('wanted a key of its own for each reference, got "a" twice')
    await expect(model.add(points([2, 0]), { keys: ['b', 'c'] })).rejects.toThrow('one of `keys` for each of the 1 references, got 2')
    await expect(model.add(points([2, 0], [3, 0]), { keys: ['b', 'b'] })).rejects.toThrow('"b" twice')
    for (const keys of [[0.5], [NaN], [null], [undefined], [1n], [true], null, 'b'] as never[]) await expect(model.add(points([2, 0]), { keys })).rejects.toThrow(OptionError)
    await expect(model.add(points([2, 0]), { keys: [17] })).rejects.toThrow('wanted `keys` of one kind, texts or numbers, got "a" and 17')
    await expect(model.fit(points([2, 0], [3, 0]), { keys: [1, '1'] })).rejects.toThrow('got 1 and "1"')
    await expect(model.remove([17])).rejects.toThrow('got 17, which is none')
    await expect(model.remove(['17', 'x'])).rejects.toThrow('keys of references, each once, got "x", which is none')
    await expect(model.remove(['17', '17'])).rejects.toThrow('got "17" twice')
    expect(model.keys).toEqual(['a', '18', '17'])
    await model.remove(['17', 'a'])
    expect(await model.add(points([2, 0]), { keys: ['a'] })).toEqual(['a'])
    await model.remove(['a', '18'])
    expect(await model.add(points([2, 0]))).toEqual([0])
  })

  it('are refused with a typed error where something is of another kind', async () => {
    const model = plain()
    await model.fit(points([0, 0], [1, 0]))
    for (const keys of [undefined, 0, '0', null] as never[]) await expect(model.remove(keys)).rejects.toThrow('wanted `keys` to be a list')
    for (const folder of [undefined, 5, ''] as never[]) {
      await expect(model.save(folder)).rejects.toThrow(OptionError)
      await expect(InferenceModel.load(folder, { trunk: new Embedder({ inputSize: 2, embeddingSize: 2 }) })).rejects.toThrow('`folder` to be the path of a folder')
      await expect(InferenceModel.describe(folder)).rejects.toThrow(OptionError)
    }
    await expect(model.getEmbeddings(points([0, 0]), { onProgress: 3 as never })).rejects.toThrow('`onProgress` to be a function, got 3')
    expect(() => plain({ normalization: null as never })).toThrow(OptionError)
    const odd = { name: 'odd', labels: Int32Array.of(0), classNames: ['a'], sampleShape: [2], load: () => Promise.resolve(undefined as never) }
    await expect(model.fit(odd)).rejects.toThrow(DataError)
    expect(model.keys).toEqual([0, 1])
  })

  it('stay where others can not take their place', async () => {
    const model = plain()
    await model.fit(points([0, 0], [1, 0]), { keys: ['a', 'b'] })
    for (const [inputs, keys] of [[points([NaN, 0]), ['c']], [points([1, 2, 3]), ['c']], [points([0, 0]), []]] as const) await expect(model.fit(inputs, { keys })).rejects.toThrow()
    expect([model.keys, (await model.getNearestNeighbours(points([1, 0]), { k: 1 }))[0]![0]!.key]).toEqual([['a', 'b'], 'b'])
  })

  it('stay where the index can not let go of them', async () => {
    const index = new ExactNeighbourIndex()
    const model = plain({ index })
    await model.fit(points([0, 0], [1, 0]), { keys: ['a', 'b'] })
    vi.spyOn(index, 'remove').mockRejectedValueOnce(new Error('no memory'))
    await expect(model.fit(points([1, 0]), { keys: ['c'] })).rejects.toThrow('no memory')
    expect([model.keys, (await model.getNearestNeighbours(points([1, 0]), { k: 'all' }))[0]!.map(({ key }) => key)]).toEqual([['a', 'b'], ['b', 'a']])
  })

  it('lie in any index, also one that is filled', async () => {
    const index = new ExactNeighbourIndex({ distance: new CosineSimilarity() })
    await index.add({ embeddings: Float32Array.of(1, 0, 0, 1), dim: 2 })
    const model = plain({ index })
    expect(await model.getNearestNeighbours(points([0, 9]), { k: 'all' })).toEqual([[{ key: 1, distance: 1 }, { key: 0, distance: 0 }]])
    expect(() => plain({ trunk: identity(3), index })).toThrow('an `index` of embeddings of 3 numbers, as the networks give them, got one of 2')
  })

  it('are searched before a change or after it, by many at a time, each with its own answer', async () => {
    const model = plain()
    const numbers = Array.from({ length: 60 }, (_, i) => i)
    await model.fit(points(...numbers.map((i) => [i, 0])))
    const asked = numbers.map(async (i) => {
      const k = 1 + (i % 3)
      const [found] = await model.getNearestNeighbours(points([i + 0.1, 0]), { k })
      expect(found).toHaveLength(k)
      expect(found![0]).toEqual({ key: i, distance: expect.closeTo(0.01, 4) })
    })
    await Promise.all(asked)
    const mixed = numbers.slice(0, 20).flatMap((i) => [model.remove([i]), model.add(points([i, 0])), model.getNearestNeighbours(points([i, 0]), { k: 1 }).then(([found]) => expect(Number.isSafeInteger(found![0]!.key)).toBe(true))])
    await Promise.all(mixed)
    expect(model.keys).toEqual([...numbers.slice(20), ...numbers.slice(0, 20).map((i) => 60 + i)])
  })

  it('have to be there, and k to be a number of neighbours', async () => {
    const model = plain()
    await expect(model.getNearestNeighbours(points([1, 2]), { k: 1 })).rejects.toThrow(StateError)
    await model.fit(points([0, 0]))
    for (const k of [0, -1, 1.5, NaN, 'some' as never]) await expect(model.getNearestNeighbours(points([1, 2]), { k })).rejects.toThrow(OptionError)
  })
})

describe('matches', () => {
  it('are those of the finder, of embeddings as the model gives them', async () => {
    const model = plain({ matchFinder: new MatchFinder({ distance: new LpDistance({ normalizeEmbeddings: false }), threshold: 1 }) })
    const [x, y] = [points([0, 0], [5, 0]), points([0, 1], [9, 0])]
    expect(await model.isMatch(x, y)).toEqual([true, false])
    expect(await model.isMatch(x, y, { threshold: 4 })).toEqual([true, true])
    expect(await model.getMatches(x, y)).toEqual([[true, false], [false, false]])
    expect(await model.getMatches(x, undefined, { returnTuples: true, includeSelf: false, threshold: 5 })).toEqual([[0, 1], [1, 0]])
    expect(await plain().isMatch(points([1, 0], [1, 0]), points([9, 0], [1, 1]))).toEqual([true, false])
  })
})

describe('the forward pass', () => {
  it('sees weights as training left them, while references stay', async () => {
    const { trunk, embedder } = network()
    const model = new InferenceModel({ trunk, embedder, normalizeEmbeddings: false })
    const dataset = noise(4, 5)
    await model.fit(dataset)
    const samples = tf.randomNormal([2, 8, 8, 1], 0, 1, 'float32', 1)
    const before: Embeddings[] = []
    for (let i = 0; i < 4; i++) before.push(await model.getEmbeddings(samples))
    const [weight, bias] = [...embedder.parameters.values()]
    weight!.assign(tf.mul(weight!, 2))
    bias!.assign(tf.mul(bias!, 2))
    const after = await model.getEmbeddings(samples)
    after.embeddings.forEach((value, i) => expect(value).toBeCloseTo(2 * before[3]!.embeddings[i]!, 4))
    model.dispose()
  })
})

describe('references that change', () => {
  it('have the keys that they were given at the call, whatever is written into the list after it', async () => {
    const model = plain()
    const keys = ['a', 'b']
    const fitted = model.fit(points([0, 0], [1, 0]), { keys })
    keys.fill('x')
    await fitted
    const more = ['c']
    const added = model.add(points([2, 0]), { keys: more })
    more.length = 0
    expect(await added).toEqual(['c'])
    const leaving = ['b']
    const removed = model.remove(leaving)
    leaving.length = 0
    await removed
    expect(model.keys).toEqual(['a', 'c'])
    const [found] = await model.getNearestNeighbours(points([2, 0]), { k: 'all' })
    expect(found!.map(({ key }) => key)).toEqual(['c', 'a'])
    model.dispose()
  })
})
