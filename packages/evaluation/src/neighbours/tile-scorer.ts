import * as tf from '@tensorflow/tfjs-core'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import type { RowTile } from '../embeddings/row-tiles.js'

/** What neighbours can be ranked by; every distance of `@metric-learning/distances` is one. */
export interface KnnDistance {
  /** True for similarities: larger = nearer. */
  readonly isInverted: boolean
  /** float32 [n, m] */
  matrix(query: tf.Tensor2D, reference: tf.Tensor2D): tf.Tensor2D
}

/** Scores queries against all references: larger = nearer. Holds the references on the device. */
export interface TileScorer {
  /** float32 [tile.rowCount, m]; belongs to the surrounding `tf.tidy`. */
  score(tile: RowTile): tf.Tensor2D
  /** From scores, or some of them, to the distances or similarities they stand for. */
  toDistances(scores: tf.Tensor2D): tf.Tensor2D
  dispose(): void
}

/** Scores by a distance of the caller's choice, on the embeddings as they are. */
export function distanceScorer(distance: KnnDistance, query: HostMatrix, reference: HostMatrix): TileScorer {
  const { isInverted } = distance
  const references = tf.tensor2d(reference.values, [reference.rows, reference.dim])
  return {
    score({ firstRow, rowCount }) {
      const values = query.values.subarray(firstRow * query.dim, (firstRow + rowCount) * query.dim)
      const distances = distance.matrix(tf.tensor2d(values, [rowCount, query.dim]), references)
      return isInverted ? distances : tf.neg(distances)
    },
    toDistances: (scores) => (isInverted ? scores : tf.sub(0, scores)),
    dispose: () => {
      references.dispose()
    },
  }
}
