import type { DistanceOptions } from './base-distance.js'
import { InnerProductSimilarity } from './inner-product-similarity.js'

/** {@link DistanceOptions}; a cosine always normalises. */
export type CosineSimilarityOptions = Omit<DistanceOptions, 'normalizeEmbeddings'>

/**
 * s(x, y) = (x · y / (‖x‖_p ‖y‖_p)) ^ power, in [-1, 1] for the default p = 2 and power = 1. From float32 [n, dim] and
 * [m, dim] to [n, m].
 *
 * A zero embedding has similarity 0 to everything, with gradient 0.
 *
 * @throws {OptionError} when an option is unknown (`normalizeEmbeddings` included), p is below 1, or
 * power is not positive.
 */
export class CosineSimilarity extends InnerProductSimilarity {
  constructor(options: CosineSimilarityOptions = {}) {
    super('CosineSimilarity', options, { measure: 'CosineSimilarity', isInverted: true, options: ['p', 'power'] })
  }
}
