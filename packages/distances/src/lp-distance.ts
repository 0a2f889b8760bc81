import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { BaseDistance, type DistanceOptions } from './base-distance.js'
import { fusedDistancesAt } from './fused-distances-at.js'
import { lpMatrix } from './lp-matrix.js'
import { lpNorm } from './lp-norm.js'

/**
 * ‖x - y‖_p to a power, by default the Euclidean distance of normalised embeddings: p 2, power 1. From float32
 * [n, dim] and [m, dim] to [n, m].
 *
 * Equal embeddings are at exactly 0 with gradient 0. For p = 2 the matrix comes of a matrix product on the native backend, in float64 for rows
 * that are near to others; elsewhere, and for other p, of differences, of which at most 16 MiB are there at a time.
 *
 * @formula d(x, y) = \lVert x - y \rVert_p^{\,\text{power}}
 * @useWhen Losses and miners whose margins are lengths, such as those over triplets; with `power: 2` squared distances, as many papers have them.
 * @example
 * await useBackend('auto')
 * const distance = new LpDistance({ power: 2 })
 * const matrix = distance.matrix(tf.tensor2d([[1, 0], [0, 2]])) // of normalised rows: [[0, 2], [2, 0]]
 * @throws {OptionError} when an option is unknown, p is below 1, or power is not positive.
 */
export class LpDistance extends BaseDistance {
  constructor(options: DistanceOptions = {}) {
    super('LpDistance', options, { measure: 'LpDistance', isInverted: false, options: ['normalizeEmbeddings', 'p', 'power'] })
  }

  /**
   * ‖x_i - y_i + 1e-6‖_p of the embeddings as they are, with PyTorch's offset of 1e-6 in every
   * coordinate: equal rows are 1e-6 · dim^(1/p) apart. {@link betweenRows} is exact.
   */
  pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return tf.tidy(() => this.computeRows(tf.add(query, 1e-6), references))
  }

  protected override computeAt(query: tf.Tensor2D, references: tf.Tensor2D, index: tf.Tensor2D): tf.Tensor2D | undefined {
    return this.p === 2 && hasFusedKernel(FusedKernel.euclideanDistancesAt) ? fusedDistancesAt(query, references, index, this.normalizeEmbeddings) : undefined
  }

  protected computeMatrix(query: tf.Tensor2D, references: tf.Tensor2D, diagonal?: number): tf.Tensor2D {
    return lpMatrix(query, references, this.p, diagonal)
  }

  protected computeRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return lpNorm(tf.sub(query, references), this.p) as tf.Tensor1D
  }
}
