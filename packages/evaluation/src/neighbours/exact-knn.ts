import * as tf from '@tensorflow/tfjs-core'
import {
  expectFixedNumber,
  expectKnownOptions,
  expectNumber,
  ShapeError,
  type Knn,
  type KnnRequest,
  type Neighbours,
  type NeighbourTile,
  type ScoreTile,
} from '@metric-learning/contracts'
import { toHostMatrix, type HostMatrix } from '../embeddings/embedding-matrix.js'
import { rowTiles, type RowTile } from '../embeddings/row-tiles.js'
import { squaredEuclideanScorer } from './squared-euclidean-scorer.js'
import { distanceScorer, type KnnDistance, type TileScorer } from './tile-scorer.js'

export interface ExactKnnOptions {
  /**
   * What neighbours are ranked by. Default: the squared Euclidean distance of the embeddings as they are, as in
   * PyTorch Metric Learning's `FaissKNN`; with a distance it is its `CustomKNN`.
   */
  readonly distance?: KnnDistance
  /** Bytes that the working memory of a tile may take. Default 64 MiB. */
  readonly tileBytes?: number
}

/** Below every score that counts: a finite number, so that a sum with 0 stays one. */
const excluded = -3e38

/**
 * Exact nearest neighbours: a tile of queries at a time is compared with all references on the device, and the k best
 * are taken there.
 *
 * Nearest first; of equals the reference with the lowest row comes first (on the native backend, wasm and cpu).
 * Distances are squared by default. A query is never its own neighbour when the references include it. Memory is
 * O(tile · references), besides the embeddings themselves.
 *
 * @throws {OptionError} when an option is unknown or `tileBytes` is not positive.
 * @example
 * const { indices } = await new ExactKnn().search({ query, reference, k: 10 })
 */
export class ExactKnn implements Knn {
  readonly #distance: KnnDistance | undefined
  readonly #tileBytes: number

  constructor(options: ExactKnnOptions = {}) {
    expectKnownOptions('ExactKnn', options, ['distance', 'tileBytes'])
    const { distance, tileBytes = 64 * 2 ** 20 } = options
    expectFixedNumber('ExactKnn', 'tileBytes', tileBytes, { min: 1, hint: 'It is a number of bytes.' })
    this.#distance = distance
    this.#tileBytes = tileBytes
  }

  /**
   * @throws {ShapeError} when the matrices differ in width, or there are more queries than references that include them.
   * @throws {OptionError} when k is no positive integer.
   * @throws {DataError} when a value is not finite.
   */
  async *tiles(request: KnnRequest): AsyncGenerator<NeighbourTile> {
    expectNumber('ExactKnn', 'k', request.k, { min: 1, integer: true })
    const { query, reference, refIncludesQuery } = await readRequest(request)
    const k = Math.min(request.k, reference.rows - (refIncludesQuery ? 1 : 0))
    // Scores, two more of their size on the way, and what comes out with its copy on the host.
    const bytesPerRow = 4 * (3 * reference.rows + 4 * k)
    const scorer = this.#scorer(query, reference)
    try {
      for (const tile of rowTiles(query.rows, bytesPerRow, this.#tileBytes)) {
        yield { ...tile, k, ...(await nearest(scorer, tile, k, refIncludesQuery)) }
      }
    } finally {
      scorer.dispose()
    }
  }

  /** Errors as in {@link tiles}. */
  async *scoreTiles(request: Omit<KnnRequest, 'k'>): AsyncGenerator<ScoreTile> {
    const { query, reference } = await readRequest(request)
    const scorer = this.#scorer(query, reference)
    try {
      for (const tile of rowTiles(query.rows, 4 * 4 * reference.rows, this.#tileBytes)) {
        const scores = tf.tidy(() => scorer.score(tile))
        try {
          yield { ...tile, scores: await scores.data<'float32'>() }
        } finally {
          scores.dispose()
        }
      }
    } finally {
      scorer.dispose()
    }
  }

  /** The neighbours of all queries at once: [n, k], so mind its size. Errors as in {@link tiles}. */
  async search(request: KnnRequest): Promise<Neighbours> {
    const tiles: NeighbourTile[] = []
    for await (const tile of this.tiles(request)) tiles.push(tile)
    const k = tiles[0]?.k ?? 0
    const rowCount = tiles.reduce((rows, tile) => rows + tile.rowCount, 0)
    const indices = new Int32Array(rowCount * k)
    const distances = new Float32Array(rowCount * k)
    for (const tile of tiles) {
      indices.set(tile.indices, tile.firstRow * k)
      distances.set(tile.distances, tile.firstRow * k)
    }
    return { rowCount, k, indices, distances }
  }

  #scorer(query: HostMatrix, reference: HostMatrix): TileScorer {
    return this.#distance ? distanceScorer(this.#distance, query, reference) : squaredEuclideanScorer(query, reference)
  }
}

async function readRequest(request: Omit<KnnRequest, 'k'>) {
  const query = await toHostMatrix('ExactKnn', 'query', request.query)
  const reference = request.reference ? await toHostMatrix('ExactKnn', 'reference', request.reference) : query
  const refIncludesQuery = request.refIncludesQuery ?? !request.reference
  expectFit(query, reference, refIncludesQuery)
  return { query, reference, refIncludesQuery }
}

async function nearest(
  scorer: TileScorer,
  tile: RowTile,
  k: number,
  refIncludesQuery: boolean,
): Promise<Pick<NeighbourTile, 'indices' | 'distances'>> {
  if (k === 0) return { indices: new Int32Array(), distances: new Float32Array() }
  const [indices, distances] = tf.tidy(() => {
    const scores = scorer.score(tile)
    const others = refIncludesQuery ? tf.add<tf.Tensor2D>(scores, selfMask(tile, scores.shape[1])) : scores
    const best = tf.topk(others, k, true)
    return [best.indices, scorer.toDistances(best.values)] as const
  })
  try {
    return { indices: await indices.data<'int32'>(), distances: await distances.data<'float32'>() }
  } finally {
    tf.dispose([indices, distances])
  }
}

/** {@link excluded} where a query meets itself, 0 elsewhere: float32 [rowCount, m]. */
function selfMask({ firstRow, rowCount }: RowTile, references: number): tf.Tensor {
  return tf.oneHot(tf.range(firstRow, firstRow + rowCount, 1, 'int32'), references, excluded, 0, 'float32')
}

function expectFit(query: HostMatrix, reference: HostMatrix, refIncludesQuery: boolean): void {
  if (query.dim !== reference.dim) {
    throw new ShapeError({
      who: 'ExactKnn',
      wanted: `\`reference\` of shape [rows, ${query.dim}], as wide as \`query\``,
      got: `[${reference.rows}, ${reference.dim}]`,
      fix: 'Embed both with the same model.',
    })
  }
  if (refIncludesQuery && reference.rows < query.rows) {
    throw new ShapeError({
      who: 'ExactKnn',
      wanted: `at least the ${query.rows} queries among the references when \`refIncludesQuery\` is true`,
      got: `${reference.rows} references`,
      fix: 'Put the queries first among the references, or pass `refIncludesQuery: false`.',
    })
  }
}
