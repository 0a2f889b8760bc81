import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { indicesFromSelection, relationsOf, Scheduled, stepCompiler, type StepFunction } from '@metric-learning/ops'
import { describe, expect, it, vi } from 'vitest'
import { MultiSimilarityMiner } from './multi-similarity-miner.js'

// On a line: the distance of two embeddings is the difference of their numbers.
const line = tf.tensor2d([[0], [1], [1.5], [4]])
const labels = [0, 0, 1, 1]
const distance = new LpDistance({ normalizeEmbeddings: false })

describe('MultiSimilarityMiner', () => {
  it('keeps positives beyond the nearest negative and negatives before the farthest positive', async () => {
    const miner = new MultiSimilarityMiner({ epsilon: 0, distance })
    // 0: positive at 1, nearest negative at 1.5. 1: positive at 1, negatives at 0.5 and 3.
    // 2: positive at 2.5, negatives at 1.5 and 0.5. 3: positive at 2.5, negatives at 4 and 3.
    const { anchor1, positive, anchor2, negative } = await indicesFromSelection(miner.mine(line, labels))
    expect([anchor1, positive]).toEqual([[1, 2], [0, 3]])
    expect([anchor2, negative]).toEqual([[1, 2, 2], [2, 0, 1]])
  })

  it('is strict about ties, and epsilon widens the choice', () => {
    const tied = tf.tensor2d([[0], [1], [-1]])
    const positives = (epsilon: number) =>
      new MultiSimilarityMiner({ epsilon, distance }).mine(tied, [0, 0, 1]).positive.arraySync()[0]
    expect(positives(0)).toEqual([0, 0, 0])
    expect(positives(0.1)).toEqual([0, 1, 0])
  })

  it('takes an epsilon that is scheduled as it changes, in one graph', () => {
    const epsilon = new Scheduled(0, 'epsilon')
    const miner = new MultiSimilarityMiner({ epsilon, distance })
    expect(miner.epsilon).toBe(epsilon)
    const relations = relationsOf(labels)
    let runs = 0
    const step: StepFunction = (x) => {
      runs += 1
      const { positive, negative } = miner.mine(x as tf.Tensor2D, relations)
      return [positive, negative]
    }
    const compiled = stepCompiler()?.(step, { fallback: 'throw' })
    const seen = [0, 0, 0, 0.6, 2, 0].map((value) => {
      epsilon.value = value
      const [positive, negative] = (compiled ?? step)(line, ...relations.tensors).map((tensor) => tensor.arraySync())
      const plain = new MultiSimilarityMiner({ epsilon: value, distance }).mine(line, labels)
      expect([positive, negative]).toEqual([plain.positive.arraySync(), plain.negative.arraySync()])
      return JSON.stringify([positive, negative])
    })
    expect(new Set(seen).size).toBe(3)
    // Two to capture it, and one that is compared with the graph.
    if (compiled) expect(runs).toBe(3)
    compiled?.dispose()
  })

  it.each([[[0, 0, 0, 0]], [[0, 1, 2, 3]], [[7]]])('selects nothing for the labels %j', (of) => {
    const { positive, negative } = new MultiSimilarityMiner().mine(tf.slice(line, 0, of.length), of)
    expect([tf.sum(positive).arraySync(), tf.sum(negative).arraySync()]).toEqual([0, 0])
  })

  it('selects without a gradient, and leaves its two tensors behind', () => {
    const miner = new MultiSimilarityMiner({ distance })
    const f = (x: tf.Tensor) => tf.sum(tf.mul(miner.mine(x as tf.Tensor2D, labels).positive, tf.square(tf.sub(x, tf.transpose(x)))))
    expect(tf.grad(f)(line).dataSync().every(Number.isFinite)).toBe(true)
    const before = tf.memory().numTensors
    const { positive, negative } = miner.mine(line, labels)
    expect(tf.memory().numTensors).toBe(before + 2)
    tf.dispose([positive, negative])
  })

  it('reads nothing back from the device', () => {
    // Kernels in plain JavaScript and wasm read memory as they compute; there, only reads through tensors count.
    const read = vi.spyOn(tf.getBackend() === 'tensorflow' ? tf.backend() : tf.engine(), 'readSync')
    tf.dispose(Object.values(new MultiSimilarityMiner().mine(line, labels)).filter((value) => value instanceof tf.Tensor))
    expect(read).not.toHaveBeenCalled()
    read.mockRestore()
  })

  it('says what it does not know', () => {
    expect(() => new MultiSimilarityMiner({ margin: 1 } as never)).toThrow('only the options epsilon, distance, collectStats, got `margin`')
    expect(() => new MultiSimilarityMiner({ epsilon: NaN })).toThrow('`epsilon` to be a number, got NaN')
    expect(() => new MultiSimilarityMiner().mine(line, [0, 1])).toThrow('one label for each of the 4 rows')
  })
})
