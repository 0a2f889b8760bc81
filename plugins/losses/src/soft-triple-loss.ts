import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, expectSimilarity } from '@metric-learning/distances'
import { option, sumOver, type FormulaNumber } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { classVectorsLoss, type ClassVectors } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { kaimingUniform } from './base/weight-init.js'
import { crossEntropy } from './numerics/cross-entropy.js'
import { overElements, weighed } from './terms/over-elements.js'

/** Options of {@link SoftTripleLoss}. */
export type SoftTripleLossOptions = OptionsOf<typeof SoftTripleLoss>

/**
 * Cross entropy over la · S_c with several centres a class, where S_c = Σ_k softmax_k(s_ck / gamma) · s_ck is the
 * similarity of an embedding to class c, and S_y - margin takes the place of S_y at its own.
 *
 * One term, `loss`, over elements [n]. Default distance {@link CosineSimilarity}; it has to be a similarity. Default
 * reducer {@link MeanReducer}. Parameter `fc` [embeddingSize, numClasses · centersPerClass], uniform over
 * ±1 / √(numClasses · centersPerClass); class c owns the columns c · centersPerClass … (c + 1) · centersPerClass - 1.
 * {@link SparseCentersRegularizer} as `weightRegularizer` merges centres.
 *
 * Qian et al.: SoftTriple Loss (ICCV 2019), eq. 6 to 8.
 *
 * @formula -\log\frac{e^{\lambda (S_y - \delta)}}{e^{\lambda (S_y - \delta)} + \sum_{c \ne y} e^{\lambda S_c}}, \qquad \lambda =
 *   \mathrm{la},\; \delta = \mathrm{margin}
 * @formula S_c = \sum_k \frac{e^{s_{ck} / \gamma}}{\sum_j e^{s_{cj} / \gamma}} \, s_{ck}, \qquad \gamma = \mathrm{gamma}
 * @useWhen Labelled classes that are made of several kinds: each class has several centres.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is not a similarity.
 */
export class SoftTripleLoss extends classVectorsLoss({
  name: 'SoftTripleLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  parameter: 'fc',
  init: kaimingUniform,
  options: {
    /** Centres of each class, at least 1. Default 10. */
    centersPerClass: option.integer({ default: 10, min: 1 }),
    /** Factor of the logits, λ of the paper. Default 20. May be scheduled. */
    la: option.number({ default: 20, above: 0 }),
    /** Temperature of the choice among the centres of a class. Default 0.1. May be scheduled. */
    gamma: option.number({ default: 0.1, above: 0 }),
    /** Taken off the similarity to the own class. In units of the similarity. Default 0.01. May be scheduled. */
    margin: option.distanceUnits({ default: 0.01 }),
  },
  vectorsPerClass: ({ centersPerClass }) => centersPerClass,
  checkOptions(who, _options, distance) {
    expectSimilarity(who, distance)
  },
  logits: similarities,
  terms(inputs, options, centers) {
    const { la, margin } = options
    const isTarget = centers.isTarget(inputs.relations)
    const toClasses = similarities(inputs.embeddings, options, centers)
    const entropy = crossEntropy(tf.mul(tf.sub(toClasses, tf.mul(isTarget, margin)), la), isTarget)
    return { loss: overElements(weighed(entropy, inputs.elementWeights())) }
  },
}) {}

/** S_c, the similarity to each class: float32 [n, numClasses]. */
function similarities(
  embeddings: tf.Tensor2D,
  { gamma, centersPerClass }: { readonly gamma: FormulaNumber; readonly centersPerClass: number },
  centers: ClassVectors,
): tf.Tensor2D {
  const byClass = tf.reshape(centers.distancesFrom(embeddings), [embeddings.shape[0], centers.numClasses, centersPerClass])
  return sumOver<tf.Tensor2D>(tf.mul(tf.softmax(tf.div(byClass, gamma)), byClass), 2)
}
