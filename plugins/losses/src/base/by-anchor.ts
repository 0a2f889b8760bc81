import type * as tf from '@tensorflow/tfjs-core'
import { blockwise, rowsOfBlock } from '@metric-learning/ops'

/**
 * What each anchor gives by its row of distances, and of constants beside them: the joined results of `f`, [n] or [n, …],
 * in blocks of anchors where [n, m] is larger than {@link blockBytes}.
 *
 * @param distances float32 [n, m]
 * @param constants of n rows each
 * @param f row by row; knows no tensors but those that it is given, and is called more than once
 */
export function byAnchor<C extends readonly tf.Tensor[]>(
  distances: tf.Tensor2D,
  constants: readonly [...C],
  f: (distances: tf.Tensor2D, ...constants: C) => tf.Tensor,
): tf.Tensor {
  return blockwise({ rows: [distances], constants }, rowsOfBlock(distances.shape[1]), (block) =>
    f(block.rows[0] as tf.Tensor2D, ...(block.constants as unknown as C)),
  )
}
