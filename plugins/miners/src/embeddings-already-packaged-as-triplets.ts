import * as tf from '@tensorflow/tfjs-core'
import { OptionError, ShapeError, type LabelRelations } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { metricMiner } from './base/metric-miner.js'

/**
 * Takes a batch for triplets, one after the other: rows 0, 1, 2 are an anchor, its positive and its negative, rows 3, 4, 5 the next.
 *
 * Labels are not looked at. In a reference set, such as another view of the same rows, positive and negative are the references of
 * these rows; the slots of a memory are of other rows, and refused. Triplets that are picked, [n, 1].
 *
 * Statistics: `numTriplets`, a third of the rows.
 *
 * `EmbeddingsAlreadyPackagedAsTriplets` of PyTorch Metric Learning.
 *
 * @formula (0, 1, 2),\; (3, 4, 5),\; \dots
 * @useWhen Triplets that are known beforehand, as from a sampler of fixed triplets.
 * @throws {ShapeError} when the number of rows is no multiple of three, or there are fewer references than rows.
 * @throws {OptionError} against a memory, whose labels are on the device alone.
 */
export class EmbeddingsAlreadyPackagedAsTriplets extends metricMiner({
  name: 'EmbeddingsAlreadyPackagedAsTriplets',
  selects: 'triplets',
  distance: () => new LpDistance(),
  options: {},
  select({ relations }) {
    expectTriples(relations)
    const { queryCount: rows, referenceCount } = relations
    const row = tf.range(0, rows, 1, 'int32')
    const isAnchor = tf.equal(tf.mod(row, tf.scalar(3, 'int32')), 0)
    // In rows that are no anchor any reference will do.
    const following = (by: number) => tf.expandDims(tf.mul(tf.add(row, tf.scalar(by, 'int32')), tf.cast(isAnchor, 'int32')), 1) as tf.Tensor2D
    return {
      kind: 'pickedTriplets',
      positiveIndex: following(1),
      negativeIndex: following(2),
      weights: tf.cast(tf.expandDims(isAnchor, 1), 'float32') as tf.Tensor2D,
      referenceCount,
    }
  },
}) {}

function expectTriples({ queryCount: rows, referenceCount: references, referenceLabels, sameSet }: LabelRelations): void {
  const who = 'EmbeddingsAlreadyPackagedAsTriplets'
  if (rows % 3 !== 0) throw new ShapeError({ who, wanted: 'a batch of whole triplets, a multiple of 3 rows', got: String(rows), fix: 'Pass rows as anchor, positive, negative, anchor, …' })
  if (!sameSet && referenceLabels.length === 0) {
    throw new OptionError({ who, wanted: 'references of the same rows', got: 'slots of a memory', fix: 'Mine within the batch, or with a miner that goes by labels.' })
  }
  if (references < rows) throw new ShapeError({ who, wanted: `a reference of each of the ${rows} rows`, got: String(references), fix: 'Pass references of the same rows, or none.' })
}
