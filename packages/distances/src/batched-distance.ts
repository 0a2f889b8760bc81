import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectNumber, expectShape, type Distance } from '@metric-learning/contracts'

/**
 * Takes one block of a matrix.
 *
 * @param block float32 [rows, m], between queries `start` to `start + rows` and all references; freed after the call
 * @param end `start` + `batchSize`, beyond the last query in the last block
 */
export type BlockFunction = (block: tf.Tensor2D, start: number, end: number) => void

/** Options of {@link BatchedDistance}. */
export interface BatchedDistanceOptions {
  /** How embeddings are compared. */
  readonly distance: Distance
  /** Takes the blocks one by one. */
  readonly iterFn: BlockFunction
  /** Queries in a block, at least 1. Default 32. */
  readonly batchSize?: number
}

/**
 * Compares queries with references block by block, where the whole matrix does not fit: memory
 * O(batchSize · m) in place of O(n m).
 *
 * @useWhen The matrix of all queries and references is too large for memory, and what is wanted of it can be taken block by block.
 * @example
 * await useBackend('auto')
 * const [queries, references] = [tf.randomNormal<tf.Rank.R2>([100, 8]), tf.randomNormal<tf.Rank.R2>([1000, 8])]
 * const nearest: number[] = []
 * const iterFn = (block: tf.Tensor2D) => void nearest.push(...tf.argMin(block, 1).dataSync())
 * new BatchedDistance({ distance: new LpDistance(), iterFn }).forEachBlock(queries, references)
 * @throws {OptionError} when an option is unknown, or `batchSize` is not an integer of at least 1.
 */
export class BatchedDistance {
  readonly name = 'BatchedDistance'
  readonly distance: Distance
  readonly batchSize: number
  readonly #iterFn: BlockFunction

  constructor(options: BatchedDistanceOptions) {
    expectKnownOptions(this.name, options, ['distance', 'iterFn', 'batchSize'])
    const { distance, iterFn, batchSize = 32 } = options
    expectNumber(this.name, 'batchSize', batchSize, { min: 1, integer: true })
    this.distance = distance
    this.batchSize = batchSize
    this.#iterFn = iterFn
  }

  /**
   * Calls `iterFn` for one block of queries after the other.
   *
   * @param query float32 [n, dim]
   * @param references float32 [m, dim]; default: all queries
   * @throws {ShapeError} when these are not matrices of one width.
   */
  forEachBlock(query: tf.Tensor2D, references: tf.Tensor2D = query): void {
    expectShape(this.name, 'query', query, ['n', 'dim'])
    for (let start = 0; start < query.shape[0]; start += this.batchSize) {
      const rows = Math.min(this.batchSize, query.shape[0] - start)
      tf.tidy(() => {
        this.#iterFn(this.distance.matrix(tf.slice(query, start, rows), references), start, start + this.batchSize)
      })
    }
  }
}
