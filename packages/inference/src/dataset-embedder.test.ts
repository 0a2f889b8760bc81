import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { OptionError, Random, type Dataset, type Module, type Normalization } from '@metric-learning/contracts'
import { stepCompiler } from '@metric-learning/ops'
import { DatasetEmbedder } from './dataset-embedder.js'
import { embedDataset } from './embed-dataset.js'

const compiles = stepCompiler() !== undefined
/** Sessions that are open in this process. */
const sessions = () => (tf.backend() as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels()
const firstRows = (count: number) => Int32Array.from({ length: count }, (_, row) => row)

/** Pixels that are their row's number. */
function bytes(count: number, normalization?: Normalization): Dataset {
  return {
    name: 'bytes',
    labels: new Int32Array(count),
    classNames: ['all'],
    sampleShape: [1, 1, 1],
    ...(normalization && { normalization }),
    load: (rows) => Promise.resolve({ values: Uint8Array.from(rows), shape: [rows.length, 1, 1, 1] }),
  }
}
const flat: Module = {
  name: 'flat',
  parameters: new Map(),
  buffers: new Map(),
  outputSize: 1,
  call: (x) => tf.mul(tf.reshape(x, [-1, 1]), 255),
  dispose: () => undefined,
}

/** Points around the origin. */
function points(count: number, dim: number): Dataset {
  const random = new Random(11)
  const values = Float32Array.from({ length: count * dim }, () => random.normal())
  return {
    name: 'points',
    labels: new Int32Array(count),
    classNames: ['all'],
    sampleShape: [dim],
    load: (rows) =>
      Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [...values.subarray(row * dim, (row + 1) * dim)])), shape: [rows.length, dim] }),
  }
}

/** x → x · weight. */
function linear(inputs: number, outputs: number, seed: number): Module & { readonly weight: tf.Variable } {
  const weight = tf.variable(tf.randomNormal([inputs, outputs], 0, 1, 'float32', seed))
  return {
    name: 'linear',
    parameters: new Map([['weight', weight]]),
    buffers: new Map(),
    outputSize: outputs,
    weight,
    call: (x) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor as tf.Tensor2D),
    dispose: () => {
      weight.dispose()
    },
  }
}

describe('DatasetEmbedder', () => {
  it('gives one embedding a row, in order, in batches of one size', async () => {
    const sizes: number[] = []
    const dataset = bytes(50)
    const counted: Dataset = { ...dataset, load: (rows) => (sizes.push(rows.length), dataset.load(rows)) }
    const embedder = new DatasetEmbedder({ trunk: flat, batchSize: 8 })
    for (const count of [0, 1, 7, 8, 9, 15, 17, 50]) {
      sizes.length = 0
      const { embeddings, dim } = await embedder.embed(counted, firstRows(count).reverse())
      expect(dim).toBe(1)
      expect(Array.from(embeddings, Math.round)).toEqual([...firstRows(count).reverse()])
      expect(new Set(sizes).size).toBe(Math.min(1, count))
      expect(sizes.length).toBe(Math.ceil(count / 8))
      expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(8)
    }
    embedder.dispose()
  })

  it('tells after each batch how many are done', async () => {
    const told: number[][] = []
    const embedder = new DatasetEmbedder({ trunk: flat, batchSize: 8 })
    await embedder.embed(bytes(20), undefined, (done, total) => told.push([done, total]))
    expect(told).toEqual([[7, 20], [14, 20], [20, 20]])
    embedder.dispose()
  })

  it('lets the event loop have a turn after each batch', async () => {
    let turns = 0
    const done: number[] = []
    const embedding = new DatasetEmbedder({ trunk: flat, batchSize: 4, compile: false }).embed(bytes(12), undefined, () => done.push(turns))
    const count = () => {
      turns++
      if (done.length < 3) setImmediate(count)
    }
    setImmediate(count)
    await embedding
    expect(new Set(done).size).toBe(3)
  })

  it('normalises each data set in its own way, captured or not', async () => {
    const embedder = new DatasetEmbedder({ trunk: flat, batchSize: 2 })
    const halved = bytes(10, { mean: [0], std: [2] })
    for (let round = 0; round < 2; round++) {
      expect(Array.from((await embedder.embed(bytes(10))).embeddings, Math.round)).toEqual([...firstRows(10)])
      expect(Array.from((await embedder.embed(halved)).embeddings, (x) => Math.round(2 * x))).toEqual([...firstRows(10)])
    }
    embedder.dispose()
  })

  it('sees weights as training left them, compiled as eagerly', async () => {
    const [trunk, embedder, dataset] = [linear(6, 5, 1), linear(5, 3, 2), points(32, 6)]
    const [compiled, eager] = [true, false].map((compile) => new DatasetEmbedder({ trunk, embedder, batchSize: 5, compile }))
    const seen: number[] = []
    for (let round = 0; round < 4; round++) {
      trunk.weight.assign(tf.mul(trunk.weight, 1.1))
      const [one, other] = [await compiled!.embed(dataset), await eager!.embed(dataset)]
      other.embeddings.forEach((value, i) => expect(one.embeddings[i]!).toBeCloseTo(value, 5))
      seen.push(one.embeddings[0]!)
    }
    expect(new Set(seen).size).toBe(4)
    compiled!.dispose()
  })

  it.runIf(compiles)('sees fields, closures and private fields of modules as they are at each call', async () => {
    const changing = { ...flat, factor: 1, call: (x: tf.Tensor) => tf.mul(flat.call(x, { training: false }), changing.factor * shown) }
    let shown = 1
    const embedder = new DatasetEmbedder({ trunk: changing, batchSize: 2, compile: 'require' })
    const last = async () => Math.round((await embedder.embed(bytes(8))).embeddings.at(-1)!)
    expect([await last(), await last()]).toEqual([7, 7])
    changing.factor = 2
    expect(await last()).toBe(14)
    shown = 3
    expect([await last(), await last()]).toEqual([42, 42])
    embedder.dispose()
  })

  it.runIf(compiles)('uses one graph again and again, a few for many sizes, and closes them', async () => {
    const [before, tensors] = [sessions(), tf.memory().numTensors]
    const embedder = new DatasetEmbedder({ trunk: flat, batchSize: 8 })
    for (let round = 0; round < 5; round++) await embedder.embed(bytes(32))
    expect(sessions() - before).toBe(1)
    for (let count = 33; count < 64; count++) await embedder.embed(bytes(count))
    expect(sessions() - before).toBeLessThanOrEqual(8)
    expect(sessions() - before).toBeGreaterThan(1)
    embedder.dispose()
    expect(sessions()).toBe(before)
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it.runIf(compiles)("fails with 'require' where a module reads on the host", async () => {
    const peeking: Module = { ...flat, call: (x) => tf.mul(flat.call(x, { training: false }), tf.max(x).dataSync()[0]!) }
    const embedder = new DatasetEmbedder({ trunk: peeking, compile: 'require' })
    await expect(embedder.embed(bytes(3))).rejects.toThrow('compileStep(embedding of a data set): wanted a pure function of tensors')
    embedder.dispose()
  })

  it('refuses options that it does not have', () => {
    expect(() => new DatasetEmbedder({ trunk: flat, batchsize: 3 } as object as { trunk: Module })).toThrow('got `batchsize`')
    expect(() => new DatasetEmbedder({ trunk: flat, batchSize: 0 })).toThrow('wanted `batchSize` to be an integer of at least 1, got 0')
  })
})

describe('embedDataset', () => {
  it('embeds once, and leaves nothing behind', async () => {
    const dataset = points(32, 6)
    const trunk = linear(6, 4, 1)
    const before = [tf.memory().numTensors, compiles && sessions()]
    const { embeddings, dim } = await embedDataset({ trunk, dataset, batchSize: 4, rows: Int32Array.of(3, 3, 0, 1, 5, 3, 9, 8, 7, 2, 4, 6) })
    expect([tf.memory().numTensors, compiles && sessions()]).toEqual(before)
    expect(dim).toBe(4)
    expect(embeddings.subarray(0, 4)).toEqual(embeddings.subarray(4, 8))
    const { values } = await dataset.load(Int32Array.of(6))
    const last = trunk.call(tf.tensor2d(values, [1, 6]), { training: false }).dataSync()
    last.forEach((value, i) => expect(embeddings[44 + i]!).toBeCloseTo(value, 5))
  })
})

it('an embedder without a trunk, and a data set that is none, are refused', async () => {
  expect(() => new DatasetEmbedder({ trunk: null as never })).toThrow(OptionError)
  const trunk = { name: 'same', parameters: new Map(), buffers: new Map(), outputSize: 2, call: (x: tf.Tensor) => x, dispose: () => undefined }
  await expect(embedDataset({ trunk, dataset: null as never })).rejects.toThrow('embedDataset: wanted `dataset` to be an object with `load`')
})
