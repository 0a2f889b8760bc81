import * as tf from '@tensorflow/tfjs-core'
import { DataError } from '@metric-learning/contracts'
import type { HostMatrix } from '../../embeddings/embedding-matrix.js'
import type { RankingDistance, TileScorer } from './tile-scorer.js'

/** Scores by the float32 numbers of a distance's own matrix, of the embeddings as they are. They are what is exact here. */
export function distanceScorer(distance: RankingDistance, reference: HostMatrix): TileScorer {
  const { isInverted } = distance
  const references = tf.tensor2d(reference.values, [reference.rows, reference.dim])
  return {
    isProduct: false,
    isSharp: false,
    prepare({ values, dim }, { firstRow, rowCount }) {
      return {
        scores: () => {
          const queries = tf.tensor2d(values.subarray(firstRow * dim, (firstRow + rowCount) * dim), [rowCount, dim])
          const distances = distance.matrix(queries, references)
          return isInverted ? distances : tf.neg(distances)
        },
        trust: (row, scores) => {
          expectNumbers(distance, firstRow + row, scores)
          return { base: 0, slope: 0, most: 0, settled: Infinity, exact: (one) => scores[one]! }
        },
      }
    },
    toDistance: (score) => (isInverted ? score : 0 - score),
    dispose: () => {
      references.dispose()
    },
  }
}

function expectNumbers({ name = 'a distance of its own' }: RankingDistance, query: number, scores: Float32Array): void {
  let at = 0
  while (at < scores.length && !Number.isNaN(scores[at]!)) at++
  if (at === scores.length) return
  throw new DataError({
    who: 'ExactNeighbourIndex',
    wanted: `a number from ${name} between any two embeddings`,
    got: `NaN between query ${query} and reference ${at}`,
    fix: 'Nothing can be ranked by NaN; mend the distance.',
  })
}
