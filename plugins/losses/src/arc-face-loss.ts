import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { classVectorsLoss } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { addAngle, toRadians } from './numerics/angles.js'
import { labelSmoothingOption } from './numerics/cross-entropy.js'
import { marginCrossEntropy } from './numerics/margin-cross-entropy.js'
import { overElements, weighed } from './terms/over-elements.js'

/** Options of {@link ArcFaceLoss}. */
export type ArcFaceLossOptions = OptionsOf<typeof ArcFaceLoss>

/**
 * Additive angular margin: cross entropy over scale · cos θ_c, where θ_c is the angle between an
 * embedding and the vector of class c, and cos(θ_y + margin) takes the place of cos θ_y at the class
 * y of the embedding. Where θ_y + margin passes 180° it is cos θ_y - margin sin(margin), margin in
 * radians, which goes on falling.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * The margin is added by cos(θ + m) = cos θ cos m - sin θ sin m with sin²θ = max(1 - cos²θ, 1e-12), so
 * that the gradient is finite at θ = 0 and 180°, where that of the arc cosine is not.
 *
 * Deng et al.: ArcFace (2019), eq. 3.
 *
 * @formula -\log\frac{e^{s \cos(\theta_y + m)}}{e^{s \cos(\theta_y + m)} + \sum_{c \ne y} e^{s \cos\theta_c}}, \qquad s =
 *   \mathrm{scale},\; m = \mathrm{margin}
 * @useWhen Labelled classes, as in face recognition, with no pairs to mine. The margin is the same at every angle,
 *   where that of {@link CosFaceLoss} is the same at every cosine.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ArcFaceLoss extends classVectorsLoss({
  name: 'ArcFaceLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  options: {
    /** Added to the angle between an embedding and the vector of its class. In degrees. Default 28.6 (0.5 rad). May be scheduled. */
    margin: option.degrees({ default: 28.6 }),
    /** Factor of all logits. The default is for tens of thousands of classes; hundreds take a smaller one. Default 64. May be scheduled. */
    scale: option.number({ default: 64, above: 0 }),
    /** How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled. */
    labelSmoothing: labelSmoothingOption,
  },
  logits: (embeddings, { scale }, vectors) => tf.mul(vectors.cosinesFrom(embeddings), scale),
  terms(inputs, { margin, scale, labelSmoothing }, vectors) {
    const cosines = vectors.cosinesFrom(inputs.embeddings)
    const entropy = marginCrossEntropy(cosines, inputs.relations.queryLabelTensor, { scale, labelSmoothing, margin: (cosine) => addAngle(cosine, toRadians(margin)) })
    return { loss: overElements(weighed(entropy, inputs.elementWeights())) }
  },
}) {}
