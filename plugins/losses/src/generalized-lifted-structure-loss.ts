import * as tf from '@tensorflow/tfjs-core'
import { logSumExp, option } from '@metric-learning/ops'
import { LpDistance } from '@metric-learning/distances'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { byAnchor, constant } from './terms/by-anchor.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link GeneralizedLiftedStructureLoss}. */
export type GeneralizedLiftedStructureLossOptions = OptionsOf<typeof GeneralizedLiftedStructureLoss>

/**
 * `max(0, log Σ_p exp(d(a, p) - posMargin) + log Σ_n exp(negMargin - d(a, n)))` for each anchor; for a
 * similarity the differences turn round. A sum over no pairs counts as 0.
 *
 * One term, `loss`, over elements [n]. Default distance {@link LpDistance}, default reducer
 * {@link MeanReducer}. Takes pairs, triplets (as their pairs) and reference sets; a pair counts once,
 * however often it is selected. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Hermans, Beyer, Leibe: In Defense of the Triplet Loss for Person Re-Identification (2017), the generalised lifted
 * structure loss L_LG on page 4, with the pairs of every anchor.
 *
 * @formula \max\Bigl(0,\; \log\sum_p e^{d(a, p) - \mathrm{posMargin}} + \log\sum_n e^{\mathrm{negMargin} - d(a, n)}\Bigr)
 * @useWhen Batches of several samples a class, without a miner: an anchor is judged by all its positives and
 *   negatives at once, of which the hardest weigh most.
 * @throws {OptionError} when an option is unknown, or a margin is no finite number or no cosine where the distance is one.
 */
export class GeneralizedLiftedStructureLoss extends metricLoss({
  name: 'GeneralizedLiftedStructureLoss',
  distance: () => new LpDistance(),
  reducer: () => new MeanReducer(),
  byAnchor: 'pairs',
  labels: 'unlessSelected',
  options: {
    /** How far negatives should be. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled. */
    negMargin: option.distanceUnits({ default: 1 }),
    /** How close positives should be. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled. */
    posMargin: option.distanceUnits({ default: 0 }),
  },
  terms(inputs, { negMargin, posMargin }) {
    const { distance } = inputs
    const { positive, negative } = inputs.pairMasks()
    const operands = { d: inputs.distances(), positives: constant(positive), negatives: constant(negative) }
    const values = byAnchor(operands, ({ d, positives, negatives }) => {
      const pull = logSumExp(distance.margin(d, posMargin), positives)
      const push = logSumExp(distance.margin(negMargin, d), negatives)
      return tf.relu(tf.add(pull, push))
    })
    return { loss: overElements(values) }
  },
}) {}
