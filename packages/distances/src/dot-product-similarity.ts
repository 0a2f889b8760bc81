import type { DistanceOptions } from './base-distance.js'
import { InnerProductSimilarity } from './inner-product-similarity.js'

/**
 * x · y to a power, by default 1, larger for what is closer. From float32 [n, dim] and [m, dim] to [n, m].
 *
 * It normalises by default, which makes it the cosine; pass `normalizeEmbeddings: false` for the
 * plain dot product.
 *
 * @formula s(x, y) = (x \cdot y)^{\text{power}}
 * @useWhen Norms should count, as where they stand for how sure or how frequent something is; without that take {@link CosineSimilarity}.
 * @example
 * await useBackend('auto')
 * const similarity = new DotProductSimilarity({ normalizeEmbeddings: false })
 * const matrix = similarity.matrix(tf.tensor2d([[1, 0], [3, 4]])) // [[1, 3], [3, 25]]
 * @throws {OptionError} when an option is unknown, p is below 1, or power is not positive.
 */
export class DotProductSimilarity extends InnerProductSimilarity {
  constructor(options: DistanceOptions = {}) {
    super('DotProductSimilarity', options, { measure: 'DotProductSimilarity', isInverted: true, options: ['normalizeEmbeddings', 'p', 'power'] })
  }
}
