import type { DistanceOptions } from './base-distance.js'
import { InnerProductSimilarity } from './inner-product-similarity.js'

/** {@link DistanceOptions}; a cosine always normalises. */
export type CosineSimilarityOptions = Omit<DistanceOptions, 'normalizeEmbeddings'>

/**
 * The cosine of the angle between embeddings, x · y / (‖x‖_p ‖y‖_p) to a power: in [-1, 1] for the default p = 2 and power = 1, larger for what is
 * closer. From float32 [n, dim] and [m, dim] to [n, m].
 *
 * A zero embedding has similarity 0 to everything, with gradient 0.
 *
 * @formula s(x, y) = \left( \frac{x \cdot y}{\lVert x \rVert_p \, \lVert y \rVert_p} \right)^{\text{power}}
 * @useWhen Direction alone should count: losses of a softmax of similarities, and search by angle. Of normalised embeddings it ranks as {@link LpDistance} does.
 * @example
 * await useBackend('auto')
 * const similarity = new CosineSimilarity()
 * const matrix = similarity.matrix(tf.tensor2d([[1, 0], [3, 4]])) // [[1, 0.6], [0.6, 1]]
 * @throws {OptionError} when an option is unknown (`normalizeEmbeddings` included), p is below 1, or
 * power is not positive.
 */
export class CosineSimilarity extends InnerProductSimilarity {
  constructor(options: CosineSimilarityOptions = {}) {
    super('CosineSimilarity', options, { measure: 'CosineSimilarity', isInverted: true, options: ['p', 'power'] })
  }
}
