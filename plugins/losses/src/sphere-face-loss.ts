import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, lpNorm } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { classVectorsLoss } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { angleMultiple } from './terms/angle-multiple.js'

/** Options of {@link SphereFaceLoss}. */
export type SphereFaceLossOptions = OptionsOf<typeof SphereFaceLoss>

/**
 * Cross entropy over scale · ‖x‖ cos θ_c, with ψ(θ_y) in place of cos θ_y at the class y of the embedding x:
 * ψ(θ) = (-1)^k cos(margin · θ) - 2k for θ between kπ / margin and (k + 1)π / margin. The vectors of the classes
 * count as if they had norm 1.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * Liu et al.: SphereFace (CVPR 2017), eq. 7.
 *
 * @formula -\log\frac{e^{s \lVert x \rVert \psi(\theta_y)}}{e^{s \lVert x \rVert \psi(\theta_y)} + \sum_{c \ne y} e^{s \lVert x \rVert
 *   \cos\theta_c}}, \qquad s = \mathrm{scale},\; m = \mathrm{margin}
 * @formula \psi(\theta) = (-1)^k \cos(m \theta) - 2k \quad \text{for } \theta \text{ from } \frac{k \pi}{m} \text{ to } \frac{(k + 1)
 *   \pi}{m}
 * @useWhen Labelled classes, as in face recognition, where the norms of embeddings should stay part of the logits.
 *   The larger the integer `margin`, the harder the task.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class SphereFaceLoss extends classVectorsLoss({
  name: 'SphereFaceLoss',
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

/** ‖x‖ of each embedding x: float32 [n, 1]. */
function lengths(embeddings: tf.Tensor2D): tf.Tensor2D {
  return tf.expandDims(lpNorm(embeddings, 2) as tf.Tensor1D, 1)
}
