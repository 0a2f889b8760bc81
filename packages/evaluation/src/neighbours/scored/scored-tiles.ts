import * as tf from '@tensorflow/tfjs-core'
import type { QueryRequest } from '@metric-learning/contracts'
import { turnOfEventLoop } from '@metric-learning/ops'
import type { RowTile } from '../../embeddings/row-tiles.js'
import type { AskedQueries, HostReferences } from '../host-references.js'
import { leadingCount, leadingReferences } from './leading-references.js'
import { SCORE_BYTES } from '../memory-plan.js'
import type { AllReferences, LeadingReferences, ScoredTile, TileScorer } from './tile-scorer.js'

/** A scorer that is freed once nobody needs it: the index, and searches under way. */
export class SharedScorer {
  #users: number

  /** @param users who need it already: the index, or nobody */
  constructor(
    readonly scorer: TileScorer,
    users: number,
  ) {
    this.#users = users
  }

  take(): TileScorer {
    this.#users++
    return this.scorer
  }

  letGo(): void {
    if (--this.#users === 0) this.scorer.dispose()
  }
}

/** Scores tile by tile, and what is made of each. Where few neighbours are wanted, the device picks those that may be among them. */
export async function* scored<T>(
  { references: all, queries, itself }: AskedQueries & { readonly references: HostReferences },
  shared: SharedScorer,
  { exclude, onProgress }: QueryRequest,
  k: number,
  { tileRows, firstRows = tileRows }: { readonly tileRows: number; readonly firstRows?: number },
  reduce: (tile: RowTile, references: (row: number) => AllReferences | LeadingReferences) => T,
): AsyncGenerator<T> {
  const { size } = all
  const scorer = shared.take()
  const isFew = scorer.isProduct && !exclude && isPicked(k, size)
  try {
    for (let firstRow = 0, rowCount = 0; firstRow < queries.rows; firstRow += rowCount) {
      rowCount = Math.min(firstRow === 0 && !isFew ? firstRows : tileRows, queries.rows - firstRow)
      const prepared = scorer.prepare(queries, { firstRow, rowCount })
      const itselfAt = (row: number) => itself?.[firstRow + row] ?? -1
      const onDevice = tf.tidy(() => prepared.scores())
      try {
        const leading = isFew ? await leadingReferences(onDevice, prepared, size, k, itselfAt) : []
        const pieceRows = isFew ? rowCount : Math.max(1, Math.floor(SCORE_BYTES / (4 * size)))
        for (let first = 0; first < rowCount; first += pieceRows) {
          const rows = Int32Array.from({ length: Math.min(pieceRows, rowCount - first) }, (_, i) => first + i)
          const whole = await rowsOnHost(onDevice, rows.filter((row) => !leading[row]), size)
          const references = (row: number) => {
            const excluded = all.excluded(exclude, firstRow + first + row)
            return allReferences(prepared, first + row, whole(first + row), itselfAt(first + row), excluded)
          }
          yield reduce({ firstRow: firstRow + first, rowCount: rows.length }, (row) => leading[first + row] ?? references(row))
          onProgress?.(firstRow + first + rows.length, queries.rows)
          await turnOfEventLoop()
        }
      } finally {
        onDevice.dispose()
      }
    }
  } finally {
    shared.letGo()
  }
}

/** Some consecutive or few rows of a matrix, by their number: the first numbers of each. */
async function rowsOnHost(matrix: tf.Tensor2D, rows: Int32Array, size: number): Promise<(row: number) => Float32Array> {
  if (rows.length === 0) return () => new Float32Array()
  const [count, width] = matrix.shape
  const [from, to] = [rows[0]!, rows[rows.length - 1]! + 1]
  const some = tf.tidy(() => {
    if (rows.length === count) return tf.clone(matrix)
    return to - from === rows.length ? tf.slice(matrix, [from, 0], [to - from, width]) : tf.gather(matrix, tf.tensor1d(rows, 'int32'))
  })
  const values = await some.data<'float32'>()
  some.dispose()
  const places = new Map(Array.from(rows, (row, i) => [row, i]))
  return (row) => values.subarray(places.get(row)! * width, places.get(row)! * width + size)
}

/** Whether the k nearest are so few that the device picks those that may be among them. */
export const isPicked = (k: number, size: number): boolean => k > 0 && 8 * leadingCount(k, size) <= size

function allReferences(tile: ScoredTile, row: number, scores: Float32Array, itself: number, excluded: Uint8Array | undefined): AllReferences {
  return { scores, trust: tile.trust(row, scores), itself, excluded }
}
