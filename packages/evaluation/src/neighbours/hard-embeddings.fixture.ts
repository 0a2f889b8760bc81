import type { Random} from '@metric-learning/contracts';
import { type Embeddings } from '@metric-learning/contracts'

export const matrix = (rows: readonly (readonly number[])[]): Embeddings => ({ embeddings: Float32Array.from(rows.flat()), dim: rows[0]!.length })
export const rowsOf = ({ embeddings, dim }: Embeddings): number[][] =>
  Array.from({ length: embeddings.length / dim }, (_, row) => Array.from(embeddings.subarray(row * dim, (row + 1) * dim)))

/** -‖q - r‖² and q · r in float64: larger = nearer. */
export type Score = (query: readonly number[], reference: readonly number[]) => number
export const euclidean: Score = (q, r) => -q.reduce((sum, value, i) => sum + (value - r[i]!) ** 2, 0)
export const product: Score = (q, r) => q.reduce((sum, value, i) => sum + value * r[i]!, 0)
/** As `normalize` of distances does: norms below 1e-12 count as this. */
export const normalized = (row: readonly number[]) => row.map((value) => value / Math.max(Math.hypot(...row), 1e-12))

/** Embeddings of the kinds that float32 fails on, from a seed. */
export const KINDS: Readonly<Record<string, (random: Random, rows: number, dim: number) => number[][]>> = {
  'an offset': (random, rows, dim) => {
    const offset = 10 ** random.int(7)
    return fill(rows, dim, () => offset + random.normal())
  },
  'a scale': (random, rows, dim) => {
    const scale = 10 ** (random.int(37) - 18)
    return fill(rows, dim, () => scale * random.normal())
  },
  'scales that differ from row to row': (random, rows, dim) =>
    fill(rows, 1, () => 10 ** (random.int(37) - 18)).map(([scale]) => fill(1, dim, () => scale! * random.normal())[0]!),
  'clusters of clusters': (random, rows, dim) => {
    const centre = () => fill(1, dim, () => random.normal())[0]!
    const [large, small] = [[centre(), centre()], [centre(), centre(), centre()]]
    return fill(rows, dim, () => 0).map(() => {
      const [a, b] = [large[random.int(2)]!, small[random.int(3)]!]
      return a.map((value, i) => 1000 * value + b[i]! + 1e-3 * random.normal())
    })
  },
  'duplicates': (random, rows, dim) => {
    const few = fill(4, dim, () => random.normal())
    return fill(rows, 1, () => 0).map(() => few[random.int(4)]!)
  },
  'near duplicates': (random, rows, dim) => {
    const few = fill(3, dim, () => random.normal())
    return fill(rows, 1, () => 0).map(() => few[random.int(3)]!.map((value) => value * (1 + 2 ** -22 * random.int(3))))
  },
  'a grid': (random, rows, dim) => fill(rows, dim, () => random.int(3) - 1),
  'numbers as large as float32 goes': (random, rows, dim) => fill(rows, dim, () => (random.uniform() - 0.5) * 6.8e38),
}

export const fill = (rows: number, dim: number, value: () => number): number[][] => Array.from({ length: rows }, () => Array.from({ length: dim }, value))

