import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { identityMatrix, isAbove, logOfZero, logSumExp, option, relu, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { logAddExp } from './numerics/log-add-exp.js'
import { byAnchor, constant, shared } from './terms/by-anchor.js'
import { overPairs } from './terms/over-pairs.js'

/** Options of {@link LiftedStructureLoss}. */
export type LiftedStructureLossOptions = OptionsOf<typeof LiftedStructureLoss>

/**
 * `½ max(0, log Σ_n exp(negMargin - d_n) + d(a, p) - posMargin)²` for every positive pair, where n runs over
 * the negatives of the anchor and of the positive; for a similarity the differences turn round.
 *
 * One term, `loss`, over pairs [n, m]. A reference has no negatives of its own, so that with a reference
 * set (unless it is the same set) n runs over the negatives of the anchor. A sum over no negatives
 * counts as 0, and without any negative at all the loss is 0. Default distance {@link LpDistance}, default
 * reducer {@link MeanReducer}. Takes pairs and triplets (as their pairs). Memory O(n m), in blocks of anchors beyond
 * {@link blockBytes}.
 *
 * Oh Song et al.: Deep Metric Learning via Lifted Structured Feature Embedding (CVPR 2016), eq. 4.
 *
 * @formula \frac{1}{2} \max\Bigl(0,\; \log\sum_n e^{\mathrm{negMargin} - d_n} + d(a, p) - \mathrm{posMargin}\Bigr)^2
 * @useWhen Batches of several samples a class, without a miner: a positive pair is judged against all negatives of
 *   both its samples, of which the hardest weigh most.
 * @throws {OptionError} when an option is unknown, or a margin is no finite number or no cosine where the distance is one.
 */
export class LiftedStructureLoss extends metricLoss({
  name: 'LiftedStructureLoss',
  distance: () => new LpDistance(),
  reducer: () => new MeanReducer(),
  labels: 'unlessSelected',
  compares: 'bothPairs',
  options: {
    /** How far negatives should be. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled. */
    negMargin: option.distanceUnits({ default: 1 }),
    /** How close positives should be. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled. */
    posMargin: option.distanceUnits({ default: 0 }),
    /**
     * Whether a negative pair that the selection holds more than once counts more than once in the sum
     * over negatives. Triplets repeat a negative for every positive of its anchor, and PyTorch Metric Learning
     * sums it as often; with false each negative counts once, in whatever form it is selected. Default false.
     */
    countRepeats: option.flag({ default: false }),
  },
  terms(inputs, { negMargin, posMargin, countRepeats }) {
    const { distance } = inputs
    const { positive, negative } = inputs.pairs(countRepeats)
    const distances = inputs.distances()
    const ofAnchors = byAnchor({ d: distances, negatives: constant(negative) }, ({ d, negatives }) => logSumExp(distance.margin(negMargin, d), negatives))
    const hasNegatives = withoutGradient(() => tf.step(tf.sum(negative)))
    const violations = { d: distances, ...negativeSums(ofAnchors, negative, inputs.relations) }
    const loss = overPairs(tf.mul(positive, hasNegatives), violations, ({ d, ...sums }) =>
      tf.div(tf.square(relu(tf.add(ofEitherSide(sums), distance.margin(d, posMargin)))), 2),
    )
    return { loss }
  },
}) {}

/**
 * Log-sums over the negatives of the anchors [n, 1] and, where a positive is an anchor itself, of the positives [1, m], and who
 * is the same.
 *
 * @param ofAnchors log-sums over the negatives of each anchor, float32 [n]
 */
function negativeSums(ofAnchors: tf.Tensor, negative: tf.Tensor2D, { sameSet, queryCount, referenceCount }: LabelRelations) {
  if (!sameSet) return { ofAnchors: tf.expandDims(ofAnchors, 1) }
  const hasNegatives = withoutGradient(() => isAbove(tf.max(negative, 1), 0))
  const sums = tf.where(tf.cast(hasNegatives, 'bool'), ofAnchors, tf.fill(ofAnchors.shape, logOfZero))
  const ofPositives = tf.expandDims(tf.pad(sums, [[0, referenceCount - queryCount]], logOfZero), 0)
  return { ofAnchors: tf.expandDims(sums, 1), ofPositives: shared(ofPositives), isSame: constant(identityMatrix(queryCount, referenceCount)) }
}

/** Log-sums over the negatives of anchor and positive: [n, m], or [n, 1] where a positive is no anchor itself. */
function ofEitherSide({ ofAnchors, ofPositives, isSame }: Readonly<Record<'ofAnchors', tf.Tensor> & Partial<Record<'ofPositives' | 'isSame', tf.Tensor | undefined>>>): tf.Tensor {
  if (!ofPositives) return ofAnchors
  // An anchor that is its own positive has its negatives once.
  return tf.sub(logAddExp(ofAnchors as tf.Tensor2D, ofPositives as tf.Tensor2D), tf.mul(isSame!, Math.LN2))
}
