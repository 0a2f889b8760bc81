import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset, type Loss } from '@metric-learning/contracts'
import { Trainer, type EvaluatedSplit, type RunOptions } from '@metric-learning/core'
import { stepCompiler } from '@metric-learning/ops'
import { ConvNet, Embedder } from '@metric-learning/models'
import { describe, expect, it, onTestFinished } from 'vitest'
import { GlobalEmbeddingSpaceTester } from './global-embedding-space-tester.js'

const SIDE = 8

/** Noisy pictures of bytes in four classes. */
function pictures(count: number, seed: number): Dataset {
  const random = new Random(seed)
  const labels = Int32Array.from({ length: count }, (_, row) => row % 4)
  const pixels = Array.from(labels, (label) => Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i % 4 === label ? 120 : 0) + random.int(100)))
  return {
    name: 'pictures',
    labels,
    classNames: ['a', 'b', 'c', 'd'],
    sampleShape: [SIDE, SIDE, 1],
    normalization: { mean: [0.3], std: [0.2] },
    load: (rows) =>
      Promise.resolve({ values: Uint8Array.from([...rows].flatMap((row) => [...pixels[row]!])), shape: [rows.length, SIDE, SIDE, 1] }),
  }
}

const loss: Loss = { name: 'size', parameters: new Map(), compute: (x) => tf.mean<tf.Scalar>(tf.square(tf.sub(x, 1))) }
const val = pictures(53, 1)
const other = pictures(30, 2)
const sessions = () => (tf.backend() as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels()

/** Trains with an evaluation before and after each of five epochs; gives the embeddings of each. */
async function evaluations(options: Partial<RunOptions>, testerOptions: object = {}) {
  const trunk = new ConvNet({ width: 4, blocks: 2, seed: 3 })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 5, seed: 4 })
  const tester = new GlobalEmbeddingSpaceTester({ splits: { val, other }, batchSize: 16, ...testerOptions })
  const seen: (readonly EvaluatedSplit[])[] = []
  const open: number[] = []
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset: val,
    sampler: { name: 'first', batchSize: 16, batchesPerEpoch: 4, batch: ({ batch }) => Int32Array.from({ length: 16 }, (_, row) => 12 * batch + row) },
    objectives: [{ loss }],
    plugins: [
      tester,
      {
        name: 'watch',
        apply: ({ hooks }) => {
          hooks.evalEnd.tap({ name: 'watch' }, ({ splits }) => {
            seen.push(splits)
            if (stepCompiler()) open.push(sessions())
          })
        },
      },
    ],
    ...options,
  })
  onTestFinished(() => {
    trunk.dispose()
    embedder.dispose()
  })
  await trainer.train({ epochs: 5 })
  trainer.dispose()
  return { seen, open }
}

describe('GlobalEmbeddingSpaceTester', () => {
  it('embeds as a graph what it embeds eagerly, with the weights and running statistics of the moment', async () => {
    const [compiled, eager] = [await evaluations({}), await evaluations({}, { compile: false })]
    expect(compiled.seen).toHaveLength(6)
    compiled.seen.forEach((splits, at) =>
      splits.forEach(({ embeddings }, i) => {
        const wanted = eager.seen[at]![i]!.embeddings
        expect(embeddings.length).toBe(wanted.length)
        embeddings.forEach((value, j) => expect(Math.abs(value - wanted[j]!)).toBeLessThan(1e-6))
      }),
    )
    const first = compiled.seen.map((splits) => splits[0]!.embeddings[0])
    expect(new Set(first).size).toBe(6)
  })

  it.runIf(stepCompiler())('has one graph a size of split during the run, and none after it', async () => {
    const before = sessions()
    const { open } = await evaluations({ compile: 'require' })
    // One of each split, and from the first epoch on one of the training step.
    expect(open.map((count) => count - before)).toEqual([2, 3, 3, 3, 3, 3])
    expect(sessions()).toBe(before)
    expect((await evaluations({ compile: false })).open.every((count) => count === before)).toBe(true)
  })

  it.runIf(stepCompiler())('keeps graphs from test to test without a trainer, until it is disposed or the model is another', async () => {
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, batchSize: 16 })
    const [trunk, another] = [1, 2].map((seed) => new ConvNet({ width: 4, blocks: 2, seed }))
    const before = [sessions(), tf.memory().numTensors]
    await tester.test({ trunk: trunk! })
    await tester.test({ trunk: trunk! })
    expect(sessions()).toBe(before[0]! + 1)
    await tester.test({ trunk: another! })
    expect(sessions()).toBe(before[0]! + 1)
    tester.dispose()
    expect([sessions(), tf.memory().numTensors]).toEqual(before)
    trunk!.dispose()
    another!.dispose()
  })
})
