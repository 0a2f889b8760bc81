import * as tf from '@tensorflow/tfjs-core'
import type { JudgeObserver, Loss, Miner, PairSelection } from '@metric-learning/contracts'
import { asRelations, selectAllPairs } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { ContrastiveLoss } from '../contrastive-loss.js'
import { NTXentLoss } from '../nt-xent-loss.js'
import { TripletMarginLoss } from '../triplet-margin-loss.js'
import { CrossBatchMemory } from './cross-batch-memory/cross-batch-memory.js'
import { MultipleLosses } from './multiple-losses.js'
import { SelfSupervisedLoss } from './self-supervised-loss.js'

const embeddings = tf.tensor2d([[1, 0.1], [-1, 0.2], [1, -0.1], [-1, -0.3]])
const labels = [0, 0, 1, 1]

/** So many times the pairs of either kind, and records how many positive ones. */
const miner = (positives: number, negatives: number): Miner => ({
  name: 'miner',
  statistics: ['numPosPairs'],
  mine(_, given, { record } = {}): PairSelection {
    const { positive, negative } = selectAllPairs(asRelations(given))
    const selection = { kind: 'pairs', positive: tf.mul<tf.Tensor2D>(positive, positives), negative: tf.mul<tf.Tensor2D>(negative, negatives) } as const
    record?.({ numPosPairs: tf.sum(selection.positive) })
    return selection
  },
})

/** What is told of each loss within: whether it found nothing, and what its miner recorded. */
function observed(compute: (observer: JudgeObserver) => tf.Scalar) {
  const told: Record<string, { isEmpty?: number; recorded?: number }> = {}
  const observerAt = (path: string): JudgeObserver => ({
    record: ({ numPosPairs }) => void (told[path] = { ...told[path], recorded: numPosPairs!.dataSync()[0]! }),
    countEmpty: (isEmpty) => void (told[path] = { ...told[path], isEmpty: isEmpty.dataSync()[0]! }),
    within: (name) => observerAt(path === '' ? name : `${path}.${name}`),
  })
  tf.tidy(() => compute(observerAt('')))
  return told
}
const pathsOf = ({ nested }: Loss): string[] => Object.entries(nested ?? {}).flatMap(([name, { loss }]) => (loss.nested ? pathsOf(loss).map((path) => `${name}.${path}`) : [name]))

describe('Whoever observes is told of each loss within', () => {
  it('MultipleLosses', () => {
    const loss = new MultipleLosses({ losses: { a: new TripletMarginLoss(), b: new ContrastiveLoss(), c: new TripletMarginLoss() }, miners: { a: miner(1, 0), b: miner(1, 0) } })
    const told = observed((observer) => loss.compute(embeddings, labels, { observer }))
    expect(told).toEqual({ 'losses.a': { isEmpty: 1, recorded: 4 }, 'losses.b': { isEmpty: 0, recorded: 4 }, 'losses.c': { isEmpty: 0 } })
    expect(pathsOf(loss)).toEqual(Object.keys(told))
  })

  it('CrossBatchMemory, where the miner is without the rows themselves', () => {
    const memory = (of: Miner | undefined) => new CrossBatchMemory({ loss: new TripletMarginLoss(), embeddingSize: 2, memorySize: 8, ...(of && { miner: of }) })
    const told = (of: Miner | undefined, rows = labels) => observed((observer) => memory(of).compute(embeddings, rows, { observer }))
    expect(told(miner(1, 1))).toEqual({ loss: { isEmpty: 0, recorded: 4 } })
    expect(told(miner(1, 0))).toEqual({ loss: { isEmpty: 1, recorded: 4 } })
    expect(told(undefined)).toEqual({ loss: { isEmpty: 0 } })
    // Each class once, and nothing remembered yet.
    expect(told(undefined, [0, 1, 2, 3])).toEqual({ loss: { isEmpty: 1 } })
    const filled = memory(undefined)
    filled.compute(embeddings, [0, 1, 2, 3])
    expect(observed((observer) => filled.compute(embeddings, [0, 1, 2, 3], { observer }))).toEqual({ loss: { isEmpty: 0 } })
    expect(pathsOf(filled)).toEqual(['loss'])
  })

  it('SelfSupervisedLoss, and losses within losses', () => {
    const loss = new SelfSupervisedLoss({ loss: new MultipleLosses({ losses: [new NTXentLoss(), new TripletMarginLoss()], miners: [null, miner(0, 1)] }) })
    const references = { refEmbeddings: tf.neg<tf.Tensor2D>(embeddings) }
    for (const symmetric of [true, false]) {
      const one = new SelfSupervisedLoss({ loss: loss.loss, symmetric })
      const told = observed((observer) => one.compute(embeddings, undefined, { references, observer }))
      expect(told).toEqual({ 'loss.losses.0': { isEmpty: 0 }, 'loss.losses.1': { isEmpty: 1, recorded: 0 } })
      expect(pathsOf(one)).toEqual(Object.keys(told))
    }
  })
})
