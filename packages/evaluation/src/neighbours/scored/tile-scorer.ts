import type * as tf from '@tensorflow/tfjs-core'
import type { Distance } from '@metric-learning/contracts'
import type { HostMatrix } from '../../embeddings/embedding-matrix.js'
import type { RowTile } from '../../embeddings/row-tiles.js'

/** What neighbours can be ranked by: every distance of `@metric-learning/distances`, and whatever has a matrix. */
export type RankingDistance = Pick<Distance, 'isInverted' | 'matrix'> &
  Partial<Pick<Distance, 'name' | 'measure' | 'normalizeEmbeddings' | 'p' | 'power'>>

/** Scores queries against all references: larger = nearer. Holds the references on the device. */
export interface TileScorer {
  /** Whether scores are products, and so numbers, whatever the embeddings are. A distance of one's own may give NaN. */
  readonly isProduct: boolean
  /** Whether it was sharpened. */
  readonly isSharp: boolean
  /** Gets a tile of queries ready. */
  prepare(queries: HostMatrix, tile: RowTile): ScoredTile
  /**
   * Makes windows of the tiles to come smaller, at the cost of slower scores; absent where that can't be. Tiles whose scores are there
   * keep the windows of these.
   */
  sharpen?(): void
  /** From an exact score to the distance or similarity that it stands for. */
  toDistance(score: number): number
  dispose(): void
}

/** A tile of queries, with what is known of its scores. */
export interface ScoredTile {
  /** float32 [rowCount, m], of products in whole groups; belongs to the surrounding `tf.tidy`. To be called before the scorer is sharpened. */
  scores(): tf.Tensor2D
  /**
   * How far to trust the scores of a query.
   *
   * @param row of the tile
   * @param scores what came of `scores()` for this row: float32 [m]
   */
  trust(row: number, scores: Float32Array): Trust
}

/**
 * How far to trust the scores of one query: of two that are further apart than the window of the lower one, the higher is nearer
 * without doubt. The window is min(base + slope · |score|, most), and 0 below `settled`: what is in doubt there is less than the bound
 * that an index states.
 */
export interface Trust {
  readonly base: number
  readonly slope: number
  readonly most: number
  readonly settled: number
  /** The score in float64, in a scale of its own. Of equals the lower row is nearer. */
  exact(reference: number): number
}

/** The window of a score; infinite ones have none. */
export const windowAt = (score: number, { base, slope, most, settled }: Trust): number =>
  score < settled || !Number.isFinite(score) ? 0 : Math.min(base + slope * Math.abs(score), most)

/** All references of a query by row, with their scores. */
export interface AllReferences {
  /** float32 [m] */
  readonly scores: Float32Array
  readonly trust: Trust
  /** The reference that the query is; -1 for none. */
  readonly itself: number
  /** 1 for each reference that is left out. */
  readonly excluded: Uint8Array | undefined
}

/** References of a query that include all that may be among its k nearest, highest score first; none that it may not find. */
export interface LeadingReferences {
  readonly rows: Int32Array
  readonly scores: Float32Array
  readonly trust: Trust
}
