import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { classVectorsLoss, type ClassVectors } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { angleMultiple } from './terms/angle-multiple.js'

/** Options of {@link LargeMarginSoftmaxLoss}. */
export type LargeMarginSoftmaxLossOptions = OptionsOf<typeof LargeMarginSoftmaxLoss>

/**
 * Cross entropy over scale · ‖x‖ ‖w_c‖ cos θ_c = scale · x · w_c, with ψ(θ_y) in place of cos θ_y at the class y of
 * the embedding x: ψ(θ) = (-1)^k cos(margin · θ) - 2k for θ between kπ / margin and (k + 1)π / margin.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * Liu et al.: Large-Margin Softmax Loss (ICML 2016), eq. 4 and 6.
 *
 * @formula -\log\frac{e^{s \lVert x \rVert \lVert w_y \rVert \psi(\theta_y)}}{e^{s \lVert x \rVert \lVert w_y \rVert \psi(\theta_y)} +
 *   \sum_{c \ne y} e^{s \lVert x \rVert \lVert w_c \rVert \cos\theta_c}}, \qquad s = \mathrm{scale},\; m = \mathrm{margin}
 * @formula \psi(\theta) = (-1)^k \cos(m \theta) - 2k \quad \text{for } \theta \text{ from } \frac{k \pi}{m} \text{ to } \frac{(k + 1)
 *   \pi}{m}
 * @useWhen Labelled classes, where the norms of embeddings and of the vectors of classes should stay part of the
 *   logits. The larger the integer `margin`, the harder the task.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class LargeMarginSoftmaxLoss extends classVectorsLoss({
  name: 'LargeMarginSoftmaxLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  options: {
    /** Factor of the angle between an embedding and the vector of its class: an integer of at least 1. Default 4. */
    margin: option.integer({ default: 4, min: 1, hint: 'The margin is a factor of the angle, an integer.' }),
    /** Factor of all logits. Default 1. May be scheduled. */
    scale: option.number({ default: 1, above: 0 }),
  },
  ...angleMultiple(lengths),
}) {}

/** ‖x‖ ‖w_c‖ of each embedding x and vector w_c: float32 [n, numClasses]. */
function lengths(embeddings: tf.Tensor2D, vectors: ClassVectors): tf.Tensor2D {
  const { distance } = vectors
  return tf.mul(tf.expandDims(distance.norm(embeddings), 1), tf.expandDims(distance.norm(vectors.rows()), 0))
}
