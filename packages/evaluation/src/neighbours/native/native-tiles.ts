import type { MatchRequest, NeighbourTile, RankTile } from '@metric-learning/contracts'
import type { HostReferences } from '../host-references.js'
import { classesAmong } from '../ranks/match-ranker.js'
import type { NearestTile } from './native-search.js'
import type { ProductFormula } from '../product-formula.js'

/** What a search looks at. */
interface Ranked {
  readonly references: HostReferences
  readonly formula: ProductFormula
}

/** Neighbours by their ids and distances, of a tile that has scores. */
export function neighboursOf({ firstRow, rowCount, rows, scores }: NearestTile, { references, formula }: Ranked): NeighbourTile {
  const ids = rows.map((row) => (row === -1 ? -1 : references.ids[row]!))
  return { firstRow, rowCount, k: rows.length / rowCount, ids, distances: scores!.map((score) => formula.toDistance(score)) }
}

/** Ranks to a depth k among the nearest, of which some are named besides if the request wants neighbours. */
export async function* ranksOfNearest(tiles: AsyncGenerator<NearestTile>, ranked: Ranked, request: MatchRequest, k: number, kept: number): AsyncGenerator<RankTile> {
  const isMatch = new Uint8Array(classesAmong(request.referenceClasses))
  for await (const tile of tiles) {
    const { firstRow, rowCount } = tile
    const found = { firstRow, rowCount, k, ...ranksAmong(tile, request, isMatch, k) }
    yield request.neighbours === undefined ? found : { ...found, nearest: firstNeighbours(neighboursOf(tile, ranked), kept) }
  }
}

/** The first neighbours of each query. */
function firstNeighbours(tile: NeighbourTile, kept: number): NeighbourTile {
  const { firstRow, rowCount, k } = tile
  if (kept === k) return tile
  const [ids, distances] = [new Int32Array(rowCount * kept), new Float64Array(rowCount * kept)]
  for (let row = 0; row < rowCount; row++) {
    ids.set(tile.ids.subarray(row * k, row * k + kept), row * kept)
    distances.set(tile.distances.subarray(row * k, row * k + kept), row * kept)
  }
  return { firstRow, rowCount, k: kept, ids, distances }
}

/** Ranks of the matches among neighbours that are sorted: rows int32 [rowCount, k]. */
function ranksAmong(
  { firstRow, rowCount, rows }: NearestTile,
  { referenceClasses, matchingClasses }: Pick<MatchRequest, 'referenceClasses' | 'matchingClasses'>,
  isMatch: Uint8Array,
  depth: number,
): Pick<RankTile, 'offsets' | 'ranks'> {
  const k = rows.length / rowCount
  const [offsets, ranks] = [new Int32Array(rowCount + 1), new Int32Array(rowCount * depth)]
  let count = 0
  for (let row = 0; row < rowCount; row++) {
    const matching = matchingClasses(firstRow + row)
    for (let i = 0; i < matching.length; i++) isMatch[matching[i]!] = 1
    for (let i = 0, at = row * k; i < depth && rows[at] !== -1; i++, at++) if (isMatch[referenceClasses[rows[at]!]!]) ranks[count++] = i + 1
    for (let i = 0; i < matching.length; i++) isMatch[matching[i]!] = 0
    offsets[row + 1] = count
  }
  return { offsets, ranks: ranks.slice(0, count) }
}
