import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { logSumExp, option, scalars, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { byAnchor, constant } from './terms/by-anchor.js'
import { overElements, weighed } from './terms/over-elements.js'

/** Options of {@link NCALoss}. */
export type NCALossOptions = OptionsOf<typeof NCALoss>

/**
 * `-log Σ_p exp(c s_ip) / Σ_j exp(c s_ij)` for each embedding i with a positive, where p runs over the
 * references of its class and j over all but itself; a distance d counts as s = -d.
 *
 * One term, `loss`, over elements [n]; embeddings without a positive take no part, and without any the
 * loss is 0. A selection makes embeddings count less the less often they occur in it
 * ({@link LossInputs.elementWeights}). Takes reference sets. Default distance {@link LpDistance} squared, default
 * reducer {@link MeanReducer}. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Goldberger et al.: Neighbourhood Components Analysis (NIPS 2004), eq. 6, of embeddings in place of a linear map.
 *
 * @formula -\log\frac{\sum_p e^{c \, s_{ip}}}{\sum_j e^{c \, s_{ij}}}, \qquad c = \mathrm{softmaxScale}
 * @useWhen Embeddings for classification by nearest neighbours: it raises the chance that a neighbour, drawn by
 *   closeness, is of the same class.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class NCALoss extends metricLoss({
  name: 'NCALoss',
  distance: () => new LpDistance({ power: 2 }),
  reducer: () => new MeanReducer(),
  compares: 'batch',
  options: {
    /** Multiplies the similarities. Above 0. Default 1. May be scheduled. */
    softmaxScale: option.number({ default: 1, above: 0 }),
  },
  terms(inputs, { softmaxScale }) {
    const positive = inputs.relations.positives()
    const others = tf.add(positive, inputs.relations.negatives())
    const { isInverted } = inputs.distance
    const operands = { d: inputs.distances(), positives: constant(positive), all: constant(others) }
    const entropy = byAnchor(operands, ({ d, positives, all }) => {
      const logits = tf.mul(d, isInverted ? softmaxScale : scalars.neg(softmaxScale))
      return tf.sub(logSumExp(logits, all), logSumExp(logits, positives))
    })
    const hasPositives = withoutGradient(() => tf.max(positive, 1))
    return { loss: overElements(weighed(entropy, inputs.elementWeights()), { weights: hasPositives }) }
  },
}) {}
