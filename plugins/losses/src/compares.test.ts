import * as tf from '@tensorflow/tfjs-core'
import { isMetricLearningError, type ComputeOptions, type Loss, type PairSelection } from '@metric-learning/contracts'
import { comparedBy, isEmptySelection, relationsOf, selectAllPairs } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import * as all from './index.js'

/** Losses that take labels, with the options that they want. */
const losses = Object.entries(all).flatMap(([name, member]): [string, Loss][] => {
  if (!/Loss$/.test(name) || name === 'metricLoss' || name === 'classVectorsLoss') return []
  for (const options of [{}, { numClasses: 6, embeddingSize: 2 }, { l: 2 }, { descriptorsDim: 2 }]) {
    try {
      const loss = new (member as unknown as new (of: object) => Loss)(options)
      return loss.labels === 'refused' ? [] : [[name, loss]]
    } catch (error) {
      if (!isMetricLearningError(error)) throw error
    }
  }
  return []
})

/** Classes far apart within, and close to each other: everything violates. */
const embeddings = tf.tensor2d([[1, 0.1], [-1, 0.2], [0.1, 1], [1, -0.1], [-1, -0.3], [0.2, 1]])
const labels = [0, 0, 0, 1, 1, 1]
const relations = relationsOf(labels)
const pairs = selectAllPairs(relations)
const everyone = [0, 1, 2, 3, 4, 5]
const ofAnchors = (matrix: tf.Tensor2D, anchors: readonly number[]) => tf.mul<tf.Tensor2D>(matrix, tf.tensor2d(everyone.map((row) => [anchors.includes(row) ? 1 : 0])))
const selecting = (positives: readonly number[], negatives: readonly number[]): PairSelection => ({
  kind: 'pairs',
  positive: ofAnchors(pairs.positive, positives),
  negative: ofAnchors(pairs.negative, negatives),
})
const selections = {
  'positive pairs alone': selecting(everyone, []),
  'negative pairs alone': selecting([], everyone),
  'pairs of different anchors': selecting([0, 1, 2], [3, 4, 5]),
  'nothing': selecting([], []),
  'everything': selecting(everyone, everyone),
}

function valueAndGradient(loss: Loss, of: readonly number[], options: ComputeOptions) {
  const { value, grad } = tf.valueAndGrad((x) => loss.compute(x as tf.Tensor2D, [...of], options))(embeddings)
  return { value: value.dataSync()[0]!, gradient: Math.max(...tf.abs(grad).dataSync()) }
}

it('All losses that take labels are here', () => {
  expect(losses.length).toBeGreaterThanOrEqual(29)
})

describe.each(losses)('What %s says that it compares', (_, loss) => {
  const compares = comparedBy(loss)

  it.skipIf(loss.takesSelections === false || compares === 'embeddings' || compares === 'batch')('is what a selection has to have', () => {
    for (const [what, selection] of Object.entries(selections)) {
      const isEmpty = isEmptySelection(selection, relations, compares).dataSync()[0] === 1
      const { value, gradient } = valueAndGradient(loss, labels, { selection })
      if (isEmpty) expect([what, value, gradient]).toEqual([what, expect.closeTo(0, 6), expect.closeTo(0, 6)])
    }
    const least = { pairs: ['positive pairs alone', 'negative pairs alone'], bothPairs: ['pairs of different anchors'], triplets: ['everything'] }[compares as 'pairs'] as (keyof typeof selections)[]
    expect(Math.max(...least.map((what) => valueAndGradient(loss, labels, { selection: selections[what] }).value))).toBeGreaterThan(0)
  })

  it.skipIf(compares === 'embeddings')('is what a batch has to have', () => {
    for (const of of [everyone, everyone.map(() => 0), labels]) {
      const isEmpty = isEmptySelection(undefined, relationsOf(of), compares).dataSync()[0] === 1
      const { value, gradient } = valueAndGradient(loss, of, {})
      // One class alone may have a value, from which nothing follows.
      if (isEmpty) expect([of, gradient]).toEqual([of, expect.closeTo(0, 6)])
      else if (of === labels) expect(value).toBeGreaterThan(0)
    }
  })
})
