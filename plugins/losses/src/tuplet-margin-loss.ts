import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { logOfZero, logSumExp, option, scalars } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { toRadians } from './numerics/angles.js'
import { constant } from './terms/by-anchor.js'
import { overPairs } from './terms/over-pairs.js'

/** Options of {@link TupletMarginLoss}. */
export type TupletMarginLossOptions = OptionsOf<typeof TupletMarginLoss>

/**
 * `log(1 + Σ_n exp(s (cos θ_an - cos(θ_ap - β))))` for every positive pair, with the negatives n of its
 * anchor.
 *
 * One term, `loss`, over pairs [n, m]. The gradient is finite for embeddings that are equal or
 * opposite, too; see {@link rotateCosine}. The distance is {@link CosineSimilarity} and no other; default
 * reducer {@link MeanReducer}. Takes pairs, triplets (as their pairs) and reference sets. Memory O(n m), in blocks of
 * anchors beyond {@link blockBytes}.
 *
 * Yu, Tao: Deep Metric Learning with Tuplet Margin Loss (ICCV 2019), the tuplet margin loss.
 *
 * @formula \log\Bigl(1 + \sum_n e^{s (\cos\theta_{an} - \cos(\theta_{ap} - \beta))}\Bigr), \qquad s = \mathrm{scale},\; \beta =
 *   \mathrm{margin}
 * @useWhen Positive pairs among many negatives: the slack β keeps it from fitting the hardest positives too closely.
 *   The paper adds {@link IntraPairVarianceLoss} to it.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class TupletMarginLoss extends metricLoss({
  name: 'TupletMarginLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  byAnchor: 'pairs',
  labels: 'unlessSelected',
  compares: 'triplets',
  options: {
    /** The slack β that is taken off the angle of a positive pair. In degrees. Default 5.73 (0.1 rad). May be scheduled. */
    margin: option.degrees({ default: 5.73 }),
    /** The scale s of the cosines. Above 0. Default 64. May be scheduled. */
    scale: option.number({ default: 64, above: 0 }),
    /**
     * Whether a negative pair that the selection holds more than once counts more than once in the sum
     * over negatives. Triplets repeat a negative for every positive of its anchor, and PyTorch Metric Learning
     * sums it as often; with false each negative counts once, in whatever form it is selected. Default false.
     */
    countRepeats: option.flag({ default: false }),
  },
  terms(inputs, { margin, scale, countRepeats }) {
    const { positive, negative } = inputs.pairs(countRepeats)
    const loss = overPairs(positive, { cosines: inputs.distances(), negatives: constant(negative) }, ({ cosines, negatives }) => {
      const ofNegatives = logSumExp(tf.mul(cosines, scale), negatives, { ofNone: logOfZero })
      const ofPositive = tf.mul(rotateCosine(cosines, scalars.neg(toRadians(margin))), scale)
      return tf.softplus(tf.sub(tf.expandDims(ofNegatives, 1), ofPositive))
    })
    return { loss }
  },
}) {}

/**
 * cos(θ + angle) from cos θ, for θ in [0, π]: cos θ cos(angle) - sin θ sin(angle).
 *
 * The gradient of sin θ = sqrt(1 - cos² θ) is infinite where the cosine is 1 or -1; it is 0 here.
 *
 * @param cosine float32, any shape
 * @param angle in radians
 */
function rotateCosine<T extends tf.Tensor>(cosine: T, angle: number | tf.Scalar): T {
  const sine = tf.sqrt(tf.maximum(tf.mul(tf.sub(1, cosine), tf.add(1, cosine)), 1e-12))
  return tf.sub(tf.mul(cosine, scalars.cos(angle)), tf.mul(sine, scalars.sin(angle)))
}
