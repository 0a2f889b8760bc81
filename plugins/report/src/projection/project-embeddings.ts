import { Random } from '@metric-learning/contracts'
import { UMAP } from 'umap-js'
import { nearestNeighbours } from '../embeddings/nearest-neighbours.js'

export interface ProjectionOptions {
  /** Equal seeds give equal pictures. Default 0. */
  readonly seed?: number
  /** Rounds of optimisation. Default 200. */
  readonly rounds?: number
  /** Told now and then how much is done, from 0 to 1. */
  readonly onProgress?: (done: number) => void
}

/** Fewer rows than this have no picture worth drawing. */
export const FEWEST_ROWS = 10

/**
 * Projects embeddings to the plane by UMAP (15 neighbours, found exactly by Euclidean distance;
 * minimal distance 0.1). Gives the event loop a turn every few rounds.
 *
 * @param values row-major [rows, dim], at least {@link FEWEST_ROWS} rows
 * @returns a point a row
 * @see McInnes, Healy and Melville, UMAP, arXiv:1802.03426.
 */
export async function projectEmbeddings(
  values: Float64Array,
  dim: number,
  { seed = 0, rounds = 200, onProgress = () => undefined }: ProjectionOptions = {},
): Promise<[number, number][]> {
  const count = values.length / dim
  const nNeighbors = Math.min(15, count - 1)
  const random = new Random(seed)
  const umap = new UMAP({ nComponents: 2, nNeighbors, minDist: 0.1, nEpochs: rounds, random: () => random.uniform() })
  const nearest = await nearestNeighbours(values, dim, nNeighbors - 1)
  umap.setPrecomputedKNN(
    nearest.map(({ rows }, row) => [row, ...rows]),
    nearest.map(({ distances }) => [0, ...distances]),
  )
  umap.initializeFit(Array.from({ length: count }, (_, row) => Array.from(values.subarray(row * dim, (row + 1) * dim))))
  for (let round = 1; round <= rounds; round++) {
    umap.step()
    if (round % 10 !== 0) continue
    onProgress(round / rounds)
    await turn()
  }
  return umap.getEmbedding().map(([x, y]) => [x!, y!])
}

const turn = () => new Promise(setImmediate)
