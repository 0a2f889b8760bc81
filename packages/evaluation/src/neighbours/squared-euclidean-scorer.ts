import * as tf from '@tensorflow/tfjs-core'
import { columnMeans } from '../embeddings/column-means.js'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import { duplicateGroups } from './duplicate-groups.js'
import type { TileScorer } from './tile-scorer.js'

/** Where there are duplicates, everything else is at least this far. */
const nearestOther = 1e-30

/**
 * Scores by -‖q - r‖² = 2 q·r - ‖q‖² - ‖r‖², one matrix product a tile: the norms ride in two columns of their own,
 *
 *     [q, -‖q‖², 1] · [2r, 1, -‖r‖²]
 *
 * The mean of the references is taken off both sides first, which changes no distance but keeps the three parts
 * small, and so the error of their difference. Rounding never makes a distance negative, and equal rows, found on
 * the host, are at exactly 0 and before everything else.
 */
export function squaredEuclideanScorer(query: HostMatrix, reference: HostMatrix): TileScorer {
  const centre = columnMeans(reference)
  const dim = reference.dim + 2
  const references = tf.tensor2d(withNorms(reference, centre, 2, 'reference'), [reference.rows, dim])
  const groups = duplicateGroups(query, reference)
  const referenceGroups = groups && tf.tensor2d(groups.reference, [1, reference.rows], 'int32')
  return {
    score({ firstRow, rowCount }) {
      const values = query.values.subarray(firstRow * query.dim, (firstRow + rowCount) * query.dim)
      const part = { values, rows: rowCount, dim: query.dim }
      const queries = tf.tensor2d(withNorms(part, centre, 1, 'query'), [rowCount, dim])
      const scores = tf.matMul(queries, references, false, true)
      if (!groups || !referenceGroups) return tf.minimum(scores, 0)
      const queryGroups = tf.tensor2d(groups.query.subarray(firstRow, firstRow + rowCount), [rowCount, 1], 'int32')
      const different = tf.cast(tf.notEqual(queryGroups, referenceGroups), 'float32')
      return tf.mul(tf.minimum(scores, -nearestOther), different)
    },
    toDistances: (scores) => tf.sub(0, scores),
    dispose: () => {
      tf.dispose([references, ...(referenceGroups ? [referenceGroups] : [])])
    },
  }
}

/** Rows less the centre, times `scale`, with the column of their negative squared norms and the column of ones. */
function withNorms(
  { values, rows, dim }: HostMatrix,
  centre: Float64Array,
  scale: number,
  side: 'query' | 'reference',
): Float32Array {
  const [normColumn, oneColumn] = side === 'query' ? [dim, dim + 1] : [dim + 1, dim]
  const extended = new Float32Array(rows * (dim + 2))
  for (let row = 0; row < rows; row++) {
    const start = row * (dim + 2)
    let norm = 0
    for (let column = 0; column < dim; column++) {
      const value = Math.fround(values[row * dim + column]! - centre[column]!)
      norm += value * value
      extended[start + column] = scale * value
    }
    extended[start + normColumn] = -norm
    extended[start + oneColumn] = 1
  }
  return extended
}
