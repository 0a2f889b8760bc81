import * as tf from '@tensorflow/tfjs-core'
import type { TripletRule } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { gatherColumns, mapRowBlocks, mapRule, option, rowsOfBlock, scalars, type FormulaNumber } from '@metric-learning/ops'
import { unreachable } from './base/extreme.js'
import { metricMiner, type MinerInputs, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link AngularMiner}. */
export type AngularMinerOptions = OptionsOf<typeof AngularMiner>

/**
 * Keeps triplets by the angle at the negative: that of a right triangle whose legs are half of the distance of anchor and positive, and the
 * distance of the negative to their middle. It has to be larger than `angle`.
 *
 * Distance: {@link LpDistance} with p 2 and power 1, of normalised embeddings. Triplets by a rule, in blocks of [n, k, m]; within a batch
 * memory O(n m) beside them. The median of the triangle comes from its sides.
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
function tripletsOf(inputs: MinerInputs, { normalizeEmbeddings }: Settings, weightOf: (of: Triangles) => tf.Tensor): TripletRule {
  const { embeddings, references, relations } = inputs
  const { positiveIndex, positiveIndexMask, referenceCount } = relations
  const ready = (rows: tf.Tensor2D) => (normalizeEmbeddings ? inputs.distance.normalize(rows) : tf.clone(rows))
  const { constants, whole, of } = references === embeddings ? squaresAmong(ready(embeddings), inputs) : squaresBetween(ready(embeddings), ready(references), inputs)
  return {
    kind: 'tripletRule',
    positiveIndex,
    referenceCount,
    constants: [positiveIndex, positiveIndexMask, ...constants],
    whole,
    weights({ constants: [index, isPositive, ...ofAnchors], whole: ofAll }) {
      const { an, pn, isNegative } = of(index as tf.Tensor2D, ofAnchors, ofAll)
      const ap = tf.expandDims(gatherColumns(an, index as tf.Tensor2D), 2)
      // Apollonius: the median to (a, p) from the sides of the triangle.
      const median = tf.maximum(tf.sub(tf.mul(tf.add(tf.expandDims(an, 1), pn), 2), ap), 0)
      const weights = weightOf({ squaredSide: ap, squaredMedian: median })
      return tf.mul(tf.mul(weights, tf.expandDims(isPositive!, 2)), tf.expandDims(isNegative, 1))
    },
  }
}

/** Of some anchors the squares of distances to all references, [rows, m], and of those of their positives, [rows, k, m]; where there is a negative. */
interface Squares {
  readonly an: tf.Tensor2D
  readonly pn: tf.Tensor
  readonly isNegative: tf.Tensor2D
}

/** How they come from tensors of which each anchor has a row, and from others. */
interface SquaresBySome extends Pick<TripletRule, 'constants' | 'whole'> {
  of(index: tf.Tensor2D, constants: readonly tf.Tensor[], whole: readonly tf.Tensor[]): Squares
}

const distance = new LpDistance({ normalizeEmbeddings: false })

/** Within a batch: all distances are there. */
function squaresAmong(rows: tf.Tensor2D, { relations }: MinerInputs): SquaresBySome {
  const squares = tf.square<tf.Tensor2D>(distance.matrix(rows))
  return {
    constants: [squares, relations.negatives()],
    whole: [tf.clone(squares)],
    of: (index, [an, isNegative], [all]) => ({ an: an as tf.Tensor2D, pn: tf.gather(all!, index), isNegative: isNegative as tf.Tensor2D }),
  }
}

/** To references, of which there may be very many: distances of some anchors and their positives at a time. */
function squaresBetween(rows: tf.Tensor2D, references: tf.Tensor2D, { relations }: MinerInputs): SquaresBySome {
  const labels = relations.byBlocks()
  const own = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => tf.clone(tensor))
  // Some references at a time: all of a large memory would take several times as much memory in between.
  const squares = (from: tf.Tensor2D, all: tf.Tensor2D) =>
    tf.transpose(mapRowBlocks(rowsOfBlock(all.shape[1]), [all], ([some]) => tf.square(distance.matrix(some!, from))))
  return {
    constants: [rows, ...own(labels.constants)],
    whole: [references, ...own(labels.whole)],
    of(index, [some, ...ofSome], [all, ...ofAll]) {
      const positives = tf.gather<tf.Tensor>(all!, index)
      const fromPositives = squares(tf.reshape(positives, [-1, all!.shape[1]!]), all as tf.Tensor2D)
      return {
        an: squares(some as tf.Tensor2D, all as tf.Tensor2D),
        pn: tf.reshape(fromPositives, [...index.shape, all!.shape[0]!]),
        isNegative: labels.of({ constants: ofSome, whole: ofAll }).negatives(),
      }
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
