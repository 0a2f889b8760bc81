import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber } from '@metric-learning/contracts'
import { BaseDistance, type DistanceOptions } from '@metric-learning/distances'

export interface ExampleDistanceOptions extends DistanceOptions {
  /** δ in the formula: differences far below it count by their square, those far above by their size. Above 0. Default 0.1. */
  readonly delta?: number
}

/**
 * Like the squared Euclidean distance where embeddings are close, and like the city-block distance where they are far:
 *
 *     d(x, y) = Σ δ² (√(1 + ((x - y) / δ)²) - 1), the sum over coordinates
 *
 * Embeddings are normalised by default. Memory O(n m dim), for n embeddings against m references.
 *
 * The pseudo-Huber function: Barron 2019, A General and Adaptive Robust Loss Function. (Put your own formula here, and where it is from.)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ExampleDistance extends BaseDistance {
  readonly delta: number

  constructor(options: ExampleDistanceOptions = {}) {
    super('ExampleDistance', options, { isInverted: false, options: ['normalizeEmbeddings', 'p', 'power', 'delta'] })
    const { delta = 0.1 } = options
    expectFixedNumber(this.name, 'delta', delta, { min: 0, exclusiveMin: true })
    this.delta = delta
  }

  protected override computeMatrix(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor2D {
    return this.#ofDifferences(tf.sub(tf.expandDims(query, 1), tf.expandDims(references, 0)))
  }

  protected override computeRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return this.#ofDifferences(tf.sub(query, references))
  }

  override pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return tf.tidy(() => this.computeRows(query, references))
  }

  /** Sums over the last axis. */
  #ofDifferences<Result extends tf.Tensor>(differences: tf.Tensor): Result {
    const roots = tf.sqrt(tf.add(1, tf.square(tf.div(differences, this.delta))))
    return tf.mul(this.delta ** 2, tf.sum(tf.sub(roots, 1), -1))
  }
}
