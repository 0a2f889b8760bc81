import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { classVectorsLoss } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { labelSmoothingOption } from './numerics/cross-entropy.js'
import { marginCrossEntropy } from './numerics/margin-cross-entropy.js'
import { overElements, weighed } from './terms/over-elements.js'

/** Options of {@link CosFaceLoss}. */
export type CosFaceLossOptions = OptionsOf<typeof CosFaceLoss>

/**
 * Additive cosine margin: cross entropy over scale · cos θ_c, where θ_c is the angle between an embedding and the
 * vector of class c, and cos θ_y - margin takes the place of cos θ_y at the class y of the embedding.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * Wang et al.: CosFace (CVPR 2018), eq. 4.
 *
 * @formula -\log\frac{e^{s (\cos\theta_y - m)}}{e^{s (\cos\theta_y - m)} + \sum_{c \ne y} e^{s \cos\theta_c}}, \qquad s =
 *   \mathrm{scale},\; m = \mathrm{margin}
 * @useWhen Labelled classes, as in face recognition, with no pairs to mine. The margin is the same at every cosine,
 *   where that of {@link ArcFaceLoss} is the same at every angle.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class CosFaceLoss extends classVectorsLoss({
  name: 'CosFaceLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  options: {
    /** Taken off the cosine of the angle between an embedding and the vector of its class. In [0, 2]. Default 0.35. May be scheduled. */
    margin: option.number({ default: 0.35, min: 0, max: 2, hint: 'The margin is in units of a cosine, not an angle.' }),
    /** Factor of all logits. Default 64. May be scheduled. */
    scale: option.number({ default: 64, above: 0 }),
    /** How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled. */
    labelSmoothing: labelSmoothingOption,
  },
  logits: (embeddings, { scale }, vectors) => tf.mul(vectors.cosinesFrom(embeddings), scale),
  terms(inputs, { margin, scale, labelSmoothing }, vectors) {
    const cosines = vectors.cosinesFrom(inputs.embeddings)
    const entropy = marginCrossEntropy(cosines, inputs.relations.queryLabelTensor, { scale, labelSmoothing, margin: (cosine) => ({ value: tf.sub(cosine, margin), slope: 1 }) })
    return { loss: overElements(weighed(entropy, inputs.elementWeights())) }
  },
}) {}
