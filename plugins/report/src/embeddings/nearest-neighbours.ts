import { ExactNeighbourIndex } from '@metric-learning/evaluation'

/** What lies nearest to a row, nearest first, the row itself left out. */
export interface Neighbours {
  readonly rows: readonly number[]
  /** Euclidean. */
  readonly distances: readonly number[]
}

/**
 * The `k` nearest of each row, or of some rows, exactly; fewer where there are fewer.
 *
 * @param values row-major [rows, dim]
 */
export async function nearestNeighbours(values: ArrayLike<number>, dim: number, k: number, of?: readonly number[]): Promise<Neighbours[]> {
  const index = new ExactNeighbourIndex()
  const all: Neighbours[] = []
  try {
    await index.add({ embeddings: Float32Array.from(values), dim })
    for await (const { rowCount, k: found, ids, distances } of index.search({ k, ...(of && { ids: of }) })) {
      for (let row = 0; row < rowCount; row++) {
        const [from, to] = [row * found, (row + 1) * found]
        all.push({ rows: [...ids.subarray(from, to)], distances: Array.from(distances.subarray(from, to), Math.sqrt) })
      }
    }
  } finally {
    index.dispose()
  }
  return all
}
