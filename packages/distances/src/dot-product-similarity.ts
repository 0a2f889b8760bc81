import type { DistanceOptions } from './base-distance.js'
import { InnerProductSimilarity } from './inner-product-similarity.js'

/**
 * s(x, y) = (x · y) ^ power, by default 1. From float32 [n, dim] and [m, dim] to [n, m].
 *
 * It normalises by default, which makes it the cosine; pass `normalizeEmbeddings: false` for the
 * plain dot product.
 *
 * @throws {OptionError} when an option is unknown, p is below 1, or power is not positive.
 */
export class DotProductSimilarity extends InnerProductSimilarity {
  constructor(options: DistanceOptions = {}) {
    super('DotProductSimilarity', options, { measure: 'DotProductSimilarity', isInverted: true, options: ['normalizeEmbeddings', 'p', 'power'] })
  }
}
