import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { isAbove, option, relu, withoutGradient } from '@metric-learning/ops'
import { DivisorReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { drawBuffers, tripletsPerAnchor } from './base/drawn-triplets.js'
import { shared } from './terms/by-anchor.js'
import { overElements, reduced } from './terms/over-elements.js'
import { overTriplets, tripletCounts } from './terms/over-triplets.js'

/** Options of {@link MarginLoss}. */
export type MarginLossOptions = OptionsOf<typeof MarginLoss>

/**
 * `max(0, d(a, p) - β + margin) + max(0, β - d(a, n) + margin)` for every triplet; for a similarity the
 * differences turn round.
 *
 * Two terms. `marginLoss` is over triplets [n, k, m]; its divisor, which the default reducer
 * {@link DivisorReducer} divides by, is the number of summands above 0. `betaRegLoss` is ν β: one number,
 * or with a β a class over elements [n], counted once for every triplet of the anchor. Default
 * distance {@link LpDistance}. Takes pairs (those of an anchor are joined), triplets and reference sets.
 * Memory O(n k m), in blocks of anchors beyond {@link blockBytes}. With `tripletsPerAnchor` as a number t the term is over
 * drawn triplets [n, t, 1]; where no run counts them the buffer `draws` says how far they are. Memory O(n (m + t)).
 *
 * Wu et al.: Sampling Matters in Deep Embedding Learning (ICCV 2017), the margin based loss and its regularisation of β, over
 * triplets as in PyTorch Metric Learning.
 *
 * @formula \max(0,\; d(a, p) - \beta + \mathrm{margin}) + \max(0,\; \beta - d(a, n) + \mathrm{margin})
 * @useWhen In place of a triplet loss, where distances should be comparable across anchors: one boundary β parts near
 *   from far. It may be learnt, also one for each class.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class MarginLoss extends metricLoss({
  name: 'MarginLoss',
  distance: () => new LpDistance(),
  reducer: () => new DivisorReducer(),
  overClasses: true,
  compares: 'triplets',
  options: {
    /** How far from the boundary β pairs have to be. In units of the distance. Default 0.2. May be scheduled. */
    margin: option.distanceUnits({ default: 0.2 }),
    /** Weight of the regularisation ν β; it takes effect with `learnBeta`. Default 0. May be scheduled. */
    nu: option.number({ default: 0, min: 0 }),
    /**
     * The boundary between positives and negatives, or its initial value. In units of the distance. Default 1.2. May be scheduled
     * unless it is learnt.
     */
    beta: option.distanceUnits({ default: 1.2 }),
    /** Makes β the parameter `beta`. Default false. */
    learnBeta: option.flag({ default: false }),
    /** Gives every class a β of its own; labels are then integers in [0, numClasses). Default: one β for all. */
    numClasses: option.integer({ optional: true, min: 1 }),
    /**
     * How many triplets of each anchor are looked at: all, or so many that are drawn anew in every call, positives and negatives
     * uniformly and with replacement. Holds where no selection is given. Default `'all'`.
     */
    tripletsPerAnchor,
    /** Fixes the draws. Default 0. */
    seed: option.integer({ default: 0 }),
  },
  labels: ({ numClasses }) => (numClasses === undefined ? 'unlessSelected' : 'needed'),
  numClasses: ({ numClasses }) => numClasses,
  checkOptions(who, { learnBeta, beta }) {
    if (learnBeta) expectFixedNumber(who, 'beta', beta as number)
  },
  parameters: ({ learnBeta, beta, numClasses = 1 }) => ({ beta: learnBeta ? () => tf.fill<tf.Rank.R1>([numClasses], beta as number) : undefined }),
  buffers: drawBuffers,
  terms(inputs, options, variables) {
    const { margin, nu, beta, numClasses } = options
    const { distance } = inputs
    const triplets = inputs.triplets(options, variables.draws)
    const learnt = variables.beta && (numClasses === undefined ? variables.beta : tf.gather(variables.beta, inputs.relations.queryLabelTensor))
    const ofAnchors = learnt && (numClasses === undefined ? shared(tf.reshape(learnt, [1, 1, 1])) : tf.reshape(learnt, [-1, 1, 1]))
    const marginLoss = overTriplets(
      triplets,
      { distances: inputs },
      { bound: ofAnchors },
      ({ ap, an, weights, bound = beta }) => {
        const pull = relu(tf.add(distance.margin(ap, bound), margin))
        const push = relu(tf.add(distance.margin(bound, an), margin))
        const divisor = withoutGradient(() => tf.sum<tf.Scalar>(tf.mul(weights, tf.add(isAbove(pull, 0), isAbove(push, 0)))))
        return { values: tf.add(pull, push), divisor }
      },
    )
    if (!learnt) return { marginLoss, betaRegLoss: reduced(tf.scalar(0)) }
    const price = tf.mul(learnt, nu)
    const counts = withoutGradient(() => tripletCounts(triplets))
    if (numClasses !== undefined) return { marginLoss, betaRegLoss: overElements(price, { weights: counts, divisor: marginLoss.divisor! }) }
    const hasTriplets = withoutGradient(() => isAbove(tf.sum(counts), 0))
    return { marginLoss, betaRegLoss: reduced(tf.mul(tf.reshape(price, []), hasTriplets)) }
  },
}) {}
