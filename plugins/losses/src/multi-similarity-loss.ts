import * as tf from '@tensorflow/tfjs-core'
import { logSumExp, option } from '@metric-learning/ops'
import { CosineSimilarity } from '@metric-learning/distances'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { byAnchor, constant } from './terms/by-anchor.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link MultiSimilarityLoss}. */
export type MultiSimilarityLossOptions = OptionsOf<typeof MultiSimilarityLoss>

/**
 * `(1/α) log(1 + Σ_p exp(-α (s(a, p) - base))) + (1/β) log(1 + Σ_n exp(β (s(a, n) - base)))` for each
 * anchor; for a distance the differences turn round.
 *
 * One term, `loss`, over elements [n]; an anchor without pairs counts as 0. Default distance
 * {@link CosineSimilarity}, default reducer {@link MeanReducer}. Takes pairs, triplets (as their pairs)
 * and reference sets; a pair counts once, however often it is selected. Memory O(n m), in blocks of anchors beyond
 * {@link blockBytes}.
 *
 * Wang et al.: Multi-Similarity Loss with General Pair Weighting (CVPR 2019), section 4, over all pairs unless mined.
 *
 * @formula \frac{1}{\alpha} \log\Bigl(1 + \sum_p e^{-\alpha (s(a, p) - \mathrm{base})}\Bigr) + \frac{1}{\beta} \log\Bigl(1 + \sum_n
 *   e^{\beta (s(a, n) - \mathrm{base})}\Bigr)
 * @useWhen Batches of several samples a class: a pair weighs by its own similarity and by those of the other pairs of
 *   its anchor. The paper takes it with `MultiSimilarityMiner` of `@metric-learning/miners`.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class MultiSimilarityLoss extends metricLoss({
  name: 'MultiSimilarityLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  byAnchor: 'pairs',
  labels: 'unlessSelected',
  options: {
    /** How sharply positives are weighed against each other. Above 0. Default 2. May be scheduled. */
    alpha: option.number({ default: 2, above: 0 }),
    /** How sharply negatives are weighed against each other. Above 0. Default 50. May be scheduled. */
    beta: option.number({ default: 50, above: 0 }),
    /** Where positives and negatives should part, in units of the distance. Default 0.5. May be scheduled. */
    base: option.distanceUnits({ default: 0.5 }),
  },
  terms(inputs, { alpha, beta, base }) {
    const { distance } = inputs
    const { positive, negative } = inputs.pairMasks()
    const operands = { s: inputs.distances(), positives: constant(positive), negatives: constant(negative) }
    const values = byAnchor(operands, ({ s, positives, negatives }) => {
      const ofPositives = logSumExp(tf.mul(distance.margin(s, base), alpha), positives, { addOne: true })
      const ofNegatives = logSumExp(tf.mul(distance.margin(base, s), beta), negatives, { addOne: true })
      return tf.add(tf.div(ofPositives, alpha), tf.div(ofNegatives, beta))
    })
    return { loss: overElements(values) }
  },
}) {}
