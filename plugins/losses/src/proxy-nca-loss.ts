import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { classVectorsLoss } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { crossEntropy, labelSmoothingOption, smoothed } from './numerics/cross-entropy.js'
import { overElements, weighed } from './terms/over-elements.js'

/** Options of {@link ProxyNCALoss}. */
export type ProxyNCALossOptions = OptionsOf<typeof ProxyNCALoss>

/**
 * Neighbourhood component analysis against one proxy a class: `-log softmax_c(-softmaxScale · d(x, p_c))` at the class
 * of the embedding x; a similarity s counts as it is, +s.
 *
 * One term, `loss`, over elements [n]. Default distance {@link LpDistance} with `power` 2, default reducer
 * {@link MeanReducer}. Parameter `proxies` [numClasses, embeddingSize], from N(0, 1). A selection weighs embeddings
 * by how often they are anchors in it. {@link getLogits} gives the distances themselves, smaller for likelier classes.
 *
 * Movshovitz-Attias et al.: No Fuss Distance Metric Learning using Proxies (ICCV 2017), eq. 5, with the own proxy in
 * the denominator.
 *
 * @formula -\log\frac{e^{-b \, d(x, p_y)}}{\sum_c e^{-b \, d(x, p_c)}}, \qquad b = \mathrm{softmaxScale}
 * @useWhen Labelled classes, where there are too many triplets to mine: a proxy stands for all samples of its class.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ProxyNCALoss extends classVectorsLoss({
  name: 'ProxyNCALoss',
  distance: () => new LpDistance({ power: 2 }),
  reducer: () => new MeanReducer(),
  parameter: 'proxies',
  layout: 'rows',
  options: {
    /** Factor of distances in the softmax. Default 1. May be scheduled. */
    softmaxScale: option.number({ default: 1, above: 0 }),
    /** How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled. */
    labelSmoothing: labelSmoothingOption,
  },
  logits: (embeddings, _options, proxies) => proxies.distancesFrom(embeddings),
  terms(inputs, { softmaxScale, labelSmoothing }, proxies) {
    const logits = tf.mul<tf.Tensor2D>(inputs.distance.margin(0, proxies.distancesFrom(inputs.embeddings)), softmaxScale)
    const entropy = crossEntropy(logits, smoothed(proxies.isTarget(inputs.relations), labelSmoothing))
    return { loss: overElements(weighed(entropy, inputs.anchorWeights())) }
  },
}) {}
