import type * as tf from '@tensorflow/tfjs-core'

/** A tensor, or a number where one will do. */
export type TensorOrNumber = tf.Tensor | number

/** Values along an axis, and where they were found. */
export interface Extreme {
  readonly values: tf.Tensor
  /** int32 */
  readonly indices: tf.Tensor
}

/**
 * How far apart embeddings are, or how similar.
 *
 * `isInverted` tells the two apart; {@link margin}, {@link closest} and {@link farthest} hide the
 * difference, so that a loss written with them works for both.
 */
export interface Distance {
  readonly name: string
  /**
   * The formula, for whoever holds for some of them only: the name of the distance of this library that computes the same,
   * before `power`, such as `'CosineSimilarity'`. Unlike a class it is the same in two copies of a package. Absent: a formula
   * of its own.
   */
  readonly measure?: string | undefined
  /** True for similarities: larger = closer. */
  readonly isInverted: boolean
  readonly normalizeEmbeddings: boolean
  readonly p: number
  readonly power: number

  /**
   * Between every query and every reference: float32 [n, m]. Embeddings are normalised first if
   * `normalizeEmbeddings`, the result is raised to `power`.
   *
   * @param query float32 [n, dim]
   * @param references float32 [m, dim]; default: the queries
   * @param diagonal that query i *is* reference i + diagonal, so that it need not be found out how near the two are; of some rows of
   * the references, say. Default: unknown
   * @throws {ShapeError} when these are not matrices of one width.
   */
  matrix(query: tf.Tensor2D, references?: tf.Tensor2D, diagonal?: number): tf.Tensor2D

  /** Between row i and row i, normalised and raised as in {@link matrix}: float32 [n]. */
  betweenRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D

  /**
   * Elements of {@link matrix} by their columns: float32 [n, t], out[i, j] = matrix[i, index[i, j]], without the others. Optional: who asks
   * for a few goes by {@link betweenRows} where it is absent, which normalises a row as often as it is asked for.
   *
   * @param references float32 [m, dim]; the very tensor `query` where they are one set
   * @param index int32 [n, t], entries in [0, m)
   */
  matrixAt?(query: tf.Tensor2D, references: tf.Tensor2D, index: tf.Tensor2D): tf.Tensor2D

  /**
   * Between row i and row i of the embeddings as they are, neither normalised nor raised: float32 [n].
   * PyTorch Metric Learning's `pairwise_distance`.
   */
  pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D

  /** Rows divided by max(p-norm, 1e-12). A zero row stays zero and gets the gradient 0. */
  normalize(embeddings: tf.Tensor2D): tf.Tensor2D
  /** {@link normalize} if `normalizeEmbeddings`, else the embeddings themselves. */
  maybeNormalize(embeddings: tf.Tensor2D): tf.Tensor2D
  /** The p-norm of each row: float32 [n]. */
  norm(embeddings: tf.Tensor2D): tf.Tensor1D

  /** How much farther x is than y: x - y, or y - x for a similarity. */
  margin(x: TensorOrNumber, y: TensorOrNumber): tf.Tensor
  /** Elementwise the closer of two. PyTorch Metric Learning's `smallest_dist`. */
  closest(x: tf.Tensor, y: tf.Tensor): tf.Tensor
  /** Elementwise the farther of two. PyTorch Metric Learning's `largest_dist`. */
  farthest(x: tf.Tensor, y: tf.Tensor): tf.Tensor
  /** The closest along an axis, the first of equals. */
  closestAlong(x: tf.Tensor, axis: number): Extreme
  /** The farthest along an axis, the first of equals. */
  farthestAlong(x: tf.Tensor, axis: number): Extreme
}
