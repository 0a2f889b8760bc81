import * as tf from '@tensorflow/tfjs-core'

/** How many rows fit into a budget when each takes `bytesPerRow`; at least one. */
export function rowsWithin(budgetBytes: number, bytesPerRow: number): number {
  return Math.max(1, Math.floor(budgetBytes / Math.max(1, bytesPerRow)))
}

/**
 * Calls `f` with the same block of rows of several matrices and its first row, block after block, and stacks
 * what it returns. What a block needs in between is freed before the next one.
 */
export function mapRowBlocks(
  rows: number,
  matrices: readonly tf.Tensor2D[],
  f: (blocks: tf.Tensor2D[], start: number) => tf.Tensor2D,
): tf.Tensor2D {
  const count = matrices[0]!.shape[0]
  if (rows >= count) return f([...matrices], 0)
  const results: tf.Tensor2D[] = []
  for (let start = 0; start < count; start += rows) {
    const size = Math.min(rows, count - start)
    results.push(tf.tidy(() => f(matrices.map((matrix) => tf.slice(matrix, [start, 0], [size, -1])), start)))
  }
  return tf.concat(results, 0)
}
