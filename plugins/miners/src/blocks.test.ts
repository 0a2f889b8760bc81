import * as tf from '@tensorflow/tfjs-core'
import { Random, type MineOptions, type Miner, type PairSelection, type Selection } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { firstDrawPosition, relationsByComparison, relationsOf, ruleOf, toPairSelection } from '@metric-learning/ops'
import { describe, expect, it, vi } from 'vitest'
import * as all from './index.js'

const blocks = vi.hoisted(() => ({ rows: Infinity }))
vi.mock('@metric-learning/ops', async (original) => {
  const ops = await original<object>()
  return { ...ops, rowsOfBlock: () => blocks.rows }
})

const random = new Random(3)
const matrix = (rows: number) => tf.tensor2d(Float32Array.from({ length: rows * 4 }, () => random.normal()), [rows, 4])
const labels = Array.from({ length: 24 }, (_, row) => row % 6)
const embeddings = matrix(labels.length)
const references = { refEmbeddings: matrix(30), refLabels: Array.from({ length: 30 }, (_, row) => row % 7) }
const relations = relationsOf(labels)
const overlapping = relationsByComparison({ labelRows: labels.map((label) => [label, label % 2]), labelComparison: (a, b) => a[1] === b[1] && a[0] !== b[0]! + 2 })

const miners: Readonly<Record<string, () => Miner>> = {
  'AngularMiner': () => new all.AngularMiner({ angle: 30 }),
  'AngularMiner of embeddings as they are': () => new all.AngularMiner({ normalizeEmbeddings: false }),
  'BatchEasyHardMiner': () => new all.BatchEasyHardMiner(),
  'BatchEasyHardMiner of a range': () => new all.BatchEasyHardMiner({ posStrategy: 'semihard', negStrategy: 'hard', allowedNegRange: [0.2, 1.5] }),
  'BatchHardMiner': () => new all.BatchHardMiner(),
  'BatchHardMiner of cosines': () => new all.BatchHardMiner({ distance: new CosineSimilarity() }),
  'DistanceWeightedMiner': () => new all.DistanceWeightedMiner(),
  'HDCMiner': () => new all.HDCMiner({ filterPercentage: 0.3 }),
  'MultiSimilarityMiner': () => new all.MultiSimilarityMiner(),
  'PairMarginMiner': () => new all.PairMarginMiner({ posMargin: 0.5, negMargin: 1.2 }),
  'CappedMiner': () => new all.CappedMiner({ miner: miners['PairMarginMiner']!(), maxTuples: 40 }),
  'IntersectionMiner': () => new all.IntersectionMiner({ miners: [miners['MultiSimilarityMiner']!(), miners['PairMarginMiner']!()] }),
  'UnionMiner': () => new all.UnionMiner({ miners: [miners['MultiSimilarityMiner']!(), miners['PairMarginMiner']!()] }),
  'UniformHistogramMiner': () => new all.UniformHistogramMiner({ numBins: 5 }),
}

const selected = (create: () => Miner, of: typeof relations | typeof labels, options: MineOptions = {}): number[][] =>
  tf.tidy(() => {
    const { positive, negative } = toPairSelection(create().mine(embeddings, of, { position: firstDrawPosition(), ...options }) as Selection)
    return [[...positive.dataSync()], [...negative.dataSync()]]
  })

it.each(['BatchEasyHardMiner', 'CappedMiner', 'HDCMiner', 'IntersectionMiner', 'MultiSimilarityMiner', 'PairMarginMiner', 'UnionMiner', 'UniformHistogramMiner'])('%s gives pairs of large batches by a rule, and leaves no tensor behind', (name) => {
  blocks.rows = 7
  try {
    const before = tf.memory().numTensors
    const miner = miners[name]!()
    tf.tidy(() => {
      const selection = miner.mine(embeddings, relations, { position: firstDrawPosition() }) as PairSelection
      expect(ruleOf(selection)).toBeDefined()
      expect(selection.positive.shape).toEqual([labels.length, labels.length])
    })
    const stateful = miner as Partial<{ dispose(): void }>
    stateful.dispose?.()
    expect(tf.memory().numTensors).toBe(before)
    const selection = miners['PairMarginMiner']!().mine(embeddings, relations)
    tf.dispose(selection as unknown as tf.TensorContainer)
    expect([tf.memory().numTensors, embeddings.isDisposed]).toEqual([before, false])
  } finally {
    blocks.rows = Infinity
  }
})

describe.each(Object.entries(miners))('%s', (_, create) => {
  it.each([
    ['a batch', relations, {}],
    ['references', labels, { references }],
    ['labels that are compared', overlapping, {}],
  ] as const)('selects the same of %s in blocks of anchors', (_of, of, options) => {
    const whole = selected(create, of, options)
    expect(whole[1]!.some((weight) => weight > 0)).toBe(true)
    for (const rows of [1, 7]) {
      blocks.rows = rows
      try {
        const inBlocks = selected(create, of, options)
        inBlocks.forEach((weights, i) => weights.forEach((weight, j) => expect(weight).toBeCloseTo(whole[i]![j]!, 5)))
      } finally {
        blocks.rows = Infinity
      }
    }
  })
})
