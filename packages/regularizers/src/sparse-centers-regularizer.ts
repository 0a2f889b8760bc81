import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, ShapeError } from '@metric-learning/contracts'
import { CosineSimilarity, elementwisePower, expectDistance } from '@metric-learning/distances'
import { DivisorReducer } from '@metric-learning/reducers'
import { BaseRegularizer, type RegularizerOptions, type RegularizerTerm } from './base-regularizer.js'

/** Options of {@link SparseCentersRegularizer}. */
export interface SparseCentersRegularizerOptions extends RegularizerOptions {
  /** Classes whose centres are compared. */
  readonly numClasses: number
  /** Rows of each class, at least 2. */
  readonly centersPerClass: number
}

/**
 * The distance on the unit sphere of every two centres of one class. It draws
 * the centres of a class together, so that it keeps as many as it needs.
 *
 * The rows of class c are c · centersPerClass … (c + 1) · centersPerClass - 1. Distance {@link CosineSimilarity}, no
 * other; default reducer {@link DivisorReducer} with twice the number of pairs, which gives half the mean. The gradient
 * where two centres coincide is 0. Memory O(numClasses · centersPerClass²).
 *
 * Qian et al.: SoftTriple Loss (ICCV 2019), eq. 9.
 *
 * @formula r_{kl} = \sqrt{2 - 2 \cos(x_k, x_l)}, \quad k < l
 * @useWhen {@link SoftTripleLoss} with more centres than classes need.
 * @example
 * const sizes = { numClasses: 10, centersPerClass: 5 }
 * const loss = new SoftTripleLoss({ ...sizes, embeddingSize: 64, weightRegularizer: new SparseCentersRegularizer(sizes), weightRegWeight: 0.2 })
 * @throws {OptionError} when an option is unknown or out of range, or the distance another.
 * @throws {ShapeError} in {@link compute} when there are not numClasses · centersPerClass rows.
 */
export class SparseCentersRegularizer extends BaseRegularizer {
  readonly numClasses: number
  readonly centersPerClass: number

  constructor(options: SparseCentersRegularizerOptions) {
    super('SparseCentersRegularizer', options, {
      options: ['numClasses', 'centersPerClass'],
      distance: () => new CosineSimilarity(),
      reducer: () => new DivisorReducer(),
    })
    const { numClasses, centersPerClass } = options
    expectNumber(this.name, 'numClasses', numClasses, { min: 1, integer: true })
    expectNumber(this.name, 'centersPerClass', centersPerClass, { min: 2, integer: true })
    expectDistance(this.name, this.distance, 'CosineSimilarity')
    this.numClasses = numClasses
    this.centersPerClass = centersPerClass
  }

  protected computeTerm(rows: tf.Tensor2D): RegularizerTerm {
    const { numClasses, centersPerClass } = this
    this.#expectRows(rows)
    const centers = tf.reshape(this.distance.maybeNormalize(rows), [numClasses, centersPerClass, -1])
    const cosines = elementwisePower(tf.matMul(centers, centers, false, true), this.distance.power)
    const pairs = pairsWithin(centersPerClass)
    const ofPairs = tf.gather(tf.reshape(cosines, [numClasses, centersPerClass ** 2]), pairs, 1)
    const values = tf.reshape(lengths(tf.mul(tf.sub(1, ofPairs), 2)), [-1])
    const classes = Int32Array.from({ length: values.size }, (_, i) => Math.floor(i / pairs.length))
    return { values, classes, divisor: tf.scalar(2 * values.size) }
  }

  #expectRows(rows: tf.Tensor2D): void {
    const wanted = this.numClasses * this.centersPerClass
    if (rows.shape[0] === wanted) return
    throw new ShapeError({
      who: this.name,
      wanted: `numClasses · centersPerClass = ${wanted} rows`,
      got: String(rows.shape[0]),
      fix: 'Give it the numbers of the loss whose weights it regularizes.',
    })
  }
}

/** Where the pairs k < l are in a flattened [count, count] matrix. */
const pairsWithin = (count: number): number[] =>
  Array.from({ length: count ** 2 }, (_, i) => i).filter((i) => Math.floor(i / count) < i % count)

/** The root of squared lengths; at 0, and where rounding makes them negative, it is 0 with gradient 0. */
const lengths = (squares: tf.Tensor): tf.Tensor => elementwisePower(tf.relu(squares), 0.5)
