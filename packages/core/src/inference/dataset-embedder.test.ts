import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Dataset, Normalization } from '../contracts/dataset.js'
import type { Module } from '../contracts/module.js'
import { stepCompiler } from '../contracts/step-compiler.js'
import { clusters, linear, toyOptions } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'
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
    const { trunk, embedder, dataset, ...rest } = toyOptions()
    const trainer = new Trainer({ trunk, embedder, dataset, ...rest })
    const [compiled, eager] = [true, false].map((compile) => new DatasetEmbedder({ trunk, embedder, batchSize: 5, compile }))
    const seen: number[] = []
    for (let epochs = 1; epochs <= 4; epochs++) {
      await trainer.train({ epochs })
      const [one, other] = [await compiled!.embed(dataset), await eager!.embed(dataset)]
      other.embeddings.forEach((value, i) => expect(one.embeddings[i]!).toBeCloseTo(value, 6))
      seen.push(one.embeddings[0]!)
    }
    expect(new Set(seen).size).toBe(4)
    compiled!.dispose()
    trainer.dispose()
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
    const dataset = clusters()
    const trunk = linear('trunk', 6, 4, 1)
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
