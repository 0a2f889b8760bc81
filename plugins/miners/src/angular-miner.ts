import * as tf from '@tensorflow/tfjs-core'
import type { TripletRule } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { gatherColumns, mapRule, option, scalars, type FormulaNumber } from '@metric-learning/ops'
import { unreachable } from './base/extreme.js'
import { metricMiner, type MinerInputs, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link AngularMiner}. */
export type AngularMinerOptions = OptionsOf<typeof AngularMiner>

/**
 * Keeps triplets by the angle at the negative: that of a right triangle whose legs are half of the distance of anchor and positive, and the
 * distance of the negative to their middle. It has to be larger than `angle`.
 *
 * Distance: {@link LpDistance} with p 2 and power 1, of normalised embeddings. Triplets by a rule; memory O(n m) beside blocks of
 * [n, k, m]. The median of the triangle comes from its sides.
 *
 * Statistics: `numTriplets`, those that are selected; of the angles of all triplets, in degrees, their mean `averageAngle`, that of those
 * above `angle` and of the others, `averageAngleAboveThreshold` and `averageAngleBelowThreshold`, and `minAngle`, `maxAngle`, `stdOfAngle`.
 *
 * Wang et al.: Deep Metric Learning with Angular Loss (ICCV 2017), section 3.2 and figure 3: the triplets which that loss would pull at.
 *
 * @formula \arctan\frac{d(a, p)}{2\, d\bigl(n, \tfrac{a + p}{2}\bigr)} > \mathrm{angle}
 * @useWhen With AngularLoss, or where triplets should be told by shape, not by size.
 * @throws {OptionError} when an option is unknown, the angle is not in degrees, or the distance is another.
 */
export class AngularMiner extends metricMiner({
  name: 'AngularMiner',
  selects: 'triplets',
  distance: () => new LpDistance(),
  onlyDistance: { normalizeEmbeddings: true, p: 2, power: 1 },
  options: {
    /** The largest angle that is left alone. In degrees, at most 89. Default 20. May be scheduled. */
    angle: option.degrees({ default: 20, max: 89 }),
    /**
     * Whether embeddings are normalised; with false they are taken as they are, so that the angles depend on how long each is, as
     * those of PyTorch Metric Learning. Default true.
     */
    normalizeEmbeddings: option.flag({ default: true }),
  },
  select: (inputs, options): TripletRule => tripletsOf(inputs, options, ({ squaredSide, squaredMedian }) => {
    const squaredTangent = scalars.square(scalars.tan(scalars.mul(options.angle, Math.PI / 180)))
    return tf.cast(tf.greater(squaredSide, tf.mul(squaredMedian, squaredTangent)), 'float32')
  }),
  // Of the angles of all triplets, in degrees.
  statistics: {
    averageAngle: (_, inputs, options) => meanAngle(inputs, options, tf.onesLike),
    averageAngleAboveThreshold: (_, inputs, options) => meanAngle(inputs, options, (angles) => tf.greater(angles, options.angle)),
    averageAngleBelowThreshold: (_, inputs, options) => meanAngle(inputs, options, (angles) => tf.lessEqual(angles, options.angle)),
    minAngle: (_, inputs, options) => tf.sub(0, maxOver(inputs, options, tf.neg)),
    maxAngle: (_, inputs, options) => maxOver(inputs, options, (angles) => angles),
    stdOfAngle(_, inputs, options) {
      const mean = meanAngle(inputs, options, tf.onesLike)
      const [count, squares] = sumsOver(inputs, options, (angles) => [tf.onesLike(angles), tf.square(tf.sub(angles, mean))])
      return tf.sqrt(tf.divNoNan(squares!, tf.maximum(tf.sub(count!, 1), 0)) as tf.Scalar)
    },
  },
}) {}

type Settings = { readonly angle: FormulaNumber; readonly normalizeEmbeddings: boolean }

/** Squares of the distance of anchor and positive, and of twice that of the negative to their middle: [rows, k, 1] and [rows, k, m]. */
interface Triangles {
  readonly squaredSide: tf.Tensor
  readonly squaredMedian: tf.Tensor
}

/** All triplets, with weights that follow from their shape. */
function tripletsOf({ embeddings, references, relations }: MinerInputs, { normalizeEmbeddings }: Settings, weightOf: (of: Triangles) => tf.Tensor): TripletRule {
  const distance = new LpDistance({ normalizeEmbeddings })
  const squares = (from: tf.Tensor2D, to?: tf.Tensor2D) => tf.square(distance.matrix(from, to))
  const isSelf = references === embeddings
  const toReferences = squares(embeddings, references)
  const { positiveIndex, positiveIndexMask, referenceCount } = relations
  /** From the positives of some anchors to all references. */
  const fromPositives = (index: tf.Tensor2D, whole: tf.Tensor2D) => {
    const rows = tf.gather<tf.Tensor>(whole, index)
    return isSelf ? rows : tf.reshape(squares(tf.reshape(rows, [-1, whole.shape[1]]), whole), [...index.shape, referenceCount])
  }
  return {
    kind: 'tripletRule',
    positiveIndex,
    referenceCount,
    constants: [positiveIndex, positiveIndexMask, gatherColumns(toReferences, positiveIndex), toReferences, relations.negatives()],
    whole: [isSelf ? toReferences : tf.clone(references)],
    weights: ({ constants: [index, isPositive, ofPositives, ofNegatives, isNegative], whole: [whole] }) => {
      const [ap, an] = [tf.expandDims(ofPositives!, 2), tf.expandDims(ofNegatives!, 1)]
      const pn = fromPositives(index as tf.Tensor2D, whole as tf.Tensor2D)
      // Apollonius: the median to (a, p) from the sides of the triangle.
      const median = tf.maximum(tf.sub(tf.mul(tf.add(an, pn), 2), ap), 0)
      const weights = weightOf({ squaredSide: ap, squaredMedian: median })
      return tf.mul(tf.mul(weights, tf.expandDims(isPositive!, 2)), tf.expandDims(isNegative!, 1))
    },
  }
}

/** What a function makes of the angles of the triplets of some anchors and where there are triplets, a row an anchor, joined. */
function overAngles(inputs: MinerInputs, settings: Settings, f: (angles: tf.Tensor, isTriplet: tf.Tensor) => tf.Tensor2D): tf.Tensor2D {
  // Above 0, so that they can be told from what is no triplet.
  const oneMore = tripletsOf(inputs, settings, ({ squaredSide, squaredMedian }) => {
    const degrees = tf.mul(tf.atan(tf.sqrt(tf.div(squaredSide, squaredMedian))), 180 / Math.PI)
    return tf.add(tf.where(tf.greater(tf.broadcastTo(squaredSide, squaredMedian.shape), 0), degrees, 0), 1)
  })
  return mapRule(oneMore, (given) => f(tf.sub(given, 1), tf.greater(given, 0)))
}

/** Sums over all triplets: float32 [] each. */
function sumsOver(inputs: MinerInputs, settings: Settings, summands: (angles: tf.Tensor) => readonly tf.Tensor[]): tf.Tensor[] {
  const ofAnchors = overAngles(inputs, settings, (angles, isTriplet) =>
    tf.stack(summands(angles).map((each) => tf.sum(tf.where(isTriplet, each, 0), [1, 2])), 1) as tf.Tensor2D)
  return tf.unstack(tf.sum(ofAnchors, 0))
}

/** The mean of the angles for which a condition holds, 0 of none. */
function meanAngle(inputs: MinerInputs, settings: Settings, condition: (angles: tf.Tensor) => tf.Tensor): tf.Scalar {
  const [sum, count] = sumsOver(inputs, settings, (angles) => {
    const holds = tf.cast(condition(angles), 'float32')
    return [tf.mul(angles, holds), holds]
  })
  return tf.divNoNan(sum!, count!)
}

/** The largest of what follows from angles, 0 of none. */
function maxOver(inputs: MinerInputs, settings: Settings, f: (angles: tf.Tensor) => tf.Tensor): tf.Scalar {
  const ofAnchors = overAngles(inputs, settings, (angles, isTriplet) => tf.expandDims(tf.max(tf.where(isTriplet, f(angles), -unreachable), [1, 2]), 1))
  const found = tf.max<tf.Scalar>(ofAnchors)
  return tf.where(tf.greater(found, -unreachable), found, 0) as tf.Scalar
}
