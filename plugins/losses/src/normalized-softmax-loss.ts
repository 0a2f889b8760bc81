import * as tf from '@tensorflow/tfjs-core'
import { DotProductSimilarity } from '@metric-learning/distances'
import { option, type FormulaNumber } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { classVectorsLoss, type ClassVectors } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { crossEntropy, labelSmoothingOption, smoothed } from './numerics/cross-entropy.js'
import { overElements, weighed } from './terms/over-elements.js'

/** Options of {@link NormalizedSoftmaxLoss}. */
export type NormalizedSoftmaxLossOptions = OptionsOf<typeof NormalizedSoftmaxLoss>

/**
 * Cross entropy over s(x, ŵ_c) / temperature, where ŵ_c is the vector of class c divided by its norm; distances d
 * count as -d.
 *
 * One term, `loss`, over elements [n]. Default distance {@link DotProductSimilarity} (which normalises embeddings by
 * default), default reducer {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * Zhai, Wu: Classification is a Strong Baseline for Deep Metric Learning (BMVC 2019), eq. 3.
 *
 * @formula -\log\frac{e^{s(x, \hat w_y) / \tau}}{\sum_c e^{s(x, \hat w_c) / \tau}}, \qquad \tau = \mathrm{temperature}
 * @useWhen Labelled classes, and a strong baseline: softmax over normalised vectors, with nothing to tune but a
 *   temperature.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class NormalizedSoftmaxLoss extends classVectorsLoss({
  name: 'NormalizedSoftmaxLoss',
  distance: () => new DotProductSimilarity(),
  reducer: () => new MeanReducer(),
  options: {
    /** Logits are divided by it. Default 0.05. May be scheduled. */
    temperature: option.number({ default: 0.05, above: 0 }),
    /** How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled. */
    labelSmoothing: labelSmoothingOption,
  },
  logits,
  terms(inputs, options, vectors) {
    const entropy = crossEntropy(logits(inputs.embeddings, options, vectors), smoothed(vectors.isTarget(inputs.relations), options.labelSmoothing))
    return { loss: overElements(weighed(entropy, inputs.elementWeights())) }
  },
}) {}

/** s(x, ŵ_c) / temperature: float32 [n, numClasses]. */
function logits(embeddings: tf.Tensor2D, { temperature }: { readonly temperature: FormulaNumber }, vectors: ClassVectors): tf.Tensor2D {
  const { distance } = vectors
  const distances = distance.matrix(embeddings, distance.normalize(vectors.rows()))
  return tf.div<tf.Tensor2D>(distance.margin(0, distances), temperature)
}
