import type { MemoryPlan } from '@metric-learning/contracts'
import { nativeQueryBytes, nativeRankBlocks, nativeTileRows } from './native/native-search.js'

/** What memory goes by. */
export interface MemoryNeeds {
  /** References. */
  readonly size: number
  readonly dim: number
  readonly queries: number
  /** Neighbours that are kept of each query. */
  readonly k: number
  /** Whether scores come of products, for which references may be split in two. */
  readonly isProduct: boolean
  /** Whether the device picks the few that may be among the nearest, so that the scores of a tile never come to the host. */
  readonly isPicked: boolean
  /** Whether scores are sums of two products. */
  readonly isSharp: boolean
  /** Bytes that a tile may take. */
  readonly tileBytes: number
}

/**
 * Scores of more bytes than this are no faster by the query, as a rule: memory for them comes of the system, page by page, and goes back to
 * it, with each tile.
 */
export const SCORE_BYTES = 16 * 2 ** 20
/** Of fewer queries than this, products take longer by the query. */
const FEW_ROWS = 32

/** References of no more bytes than this native code packs for products once, as `PACKED_BYTES` of its nearest.h says. */
const PACKED_BYTES = 64 * 2 ** 20

/** How queries are cut into tiles of a budget; one query at least, however large it is. */
export function planMemory({ size, dim, queries, k, isProduct, isPicked, isSharp, tileBytes }: MemoryNeeds): MemoryPlan {
  // Scores on the device, with two more of their size on the way where they are no plain product (a search for ranks may sharpen them); the
  // largest of groups of them where the device picks, and else all on the host; the query; ids (int32) and distances (float64) of its neighbours.
  const scores = isPicked ? (isSharp ? 3 : 1) + 1 / 4 : 4
  const perQuery = 4 * scores * size + 16 * (dim + 1) + 12 * k
  const fastRows = Math.max(FEW_ROWS, Math.floor(SCORE_BYTES / (4 * size)))
  const tileRows = Math.min(Math.max(1, Math.floor(tileBytes / perQuery)), fastRows, Math.max(1, queries))
  return planOf({ size, dim, queries }, 4 * size * (dim + (isProduct ? 3 * (dim + 1) : dim)), 'on host and device', tileRows, tileRows * perQuery)
}

/**
 * How native code cuts queries into tiles. Where all references are the queries, and what is found of all of them fits the budget, it is held until
 * all pairs are compared: {@link MemoryPlan.tileBytes} says how much that is.
 */
export function planNativeMemory({ size, dim, queries, k, tileBytes }: Pick<MemoryNeeds, 'size' | 'dim' | 'queries' | 'k' | 'tileBytes'>): MemoryPlan {
  const tileRows = nativeTileRows(k, queries, tileBytes)
  const isHeld = queries === size && queries * nativeQueryBytes(k) <= tileBytes
  // Numbers of the references, their inverse norms, lengths and biases; numbers packed for products.
  const packed = 4 * size * dim <= PACKED_BYTES ? dim : 0
  return planOf({ size, dim, queries }, 4 * size * (dim + 6 + packed), 'on the host', tileRows, (isHeld ? queries : tileRows) * nativeQueryBytes(k))
}

/** How native code cuts queries into tiles where it ranks all references. */
export function planNativeRanks({ size, dim, queries, tileBytes }: Pick<MemoryNeeds, 'size' | 'dim' | 'queries' | 'tileBytes'>): MemoryPlan {
  const { threads, blockRows, bytes } = nativeRankBlocks(size, tileBytes)
  return planOf({ size, dim, queries }, 4 * size * (dim + 6), 'on the host', Math.max(1, Math.min(queries, threads * blockRows)), bytes)
}

function planOf({ size, dim, queries }: Pick<MemoryNeeds, 'size' | 'dim' | 'queries'>, referenceBytes: number, where: string, tileRows: number, bytes: number): MemoryPlan {
  const tiles = Math.ceil(queries / tileRows)
  const text =
    `${count(size)} references of ${count(dim)} numbers take up to ${mebibytes(referenceBytes)} ${where}; ` +
    `${count(queries)} queries in ${count(tiles)} ${tiles === 1 ? 'tile' : 'tiles'} of up to ${count(tileRows)} take ${mebibytes(bytes)} at a time; ` +
    `${mebibytes(referenceBytes + bytes)} in all`
  return { tileRows, tiles, referenceBytes, tileBytes: bytes, text }
}

const count = (value: number): string => value.toLocaleString('en')
const mebibytes = (bytes: number): string => `${count(Number((bytes / 2 ** 20).toPrecision(3)))} MiB`
