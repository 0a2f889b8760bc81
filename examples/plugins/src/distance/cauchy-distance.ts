import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber } from '@metric-learning/contracts'
import { BaseDistance, LpDistance, type DistanceOptions } from '@metric-learning/distances'

export interface CauchyDistanceOptions extends DistanceOptions {
  /** c in the formula: how far apart embeddings are from where on more distance counts ever less. Above 0. Default 1. */
  readonly scale?: number
}

/**
 * d(x, y) = log(1 + ‖x - y‖² / 2c²): outliers are far, and not so far that they are all that counts. Embeddings are normalised by default. It is
 * made of a distance that there is, whose matrix is fast and exact for equal embeddings.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Barron 2019, A General and Adaptive Robust Loss Function, with α = 0.
 */
export class CauchyDistance extends BaseDistance {
  readonly scale: number
  readonly #squared = new LpDistance({ normalizeEmbeddings: false, power: 2 })

  constructor(options: CauchyDistanceOptions = {}) {
    super('CauchyDistance', options, { isInverted: false, options: ['normalizeEmbeddings', 'p', 'power', 'scale'] })
    const { scale = 1 } = options
    expectFixedNumber(this.name, 'scale', scale, { min: 0, exclusiveMin: true })
    this.scale = scale
  }

  protected override computeMatrix(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor2D {
    return this.#ofSquared(this.#squared.matrix(query, references))
  }

  protected override computeRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return this.#ofSquared(this.#squared.betweenRows(query, references))
  }

  override pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return tf.tidy(() => this.computeRows(query, references))
  }

  #ofSquared<Result extends tf.Tensor>(squared: Result): Result {
    return tf.log1p<Result>(tf.div<Result>(squared, 2 * this.scale ** 2))
  }
}
