/** What a row of the table measures; the same on both sides. */
export interface MeasuredRow {
  /** By which `--rows` finds it. */
  readonly name: string
  /** What is computed, in words. */
  readonly work: string
  readonly task: 'rank' | 'cluster' | 'k-means' | 'approximate'
  /** Embeddings. */
  readonly n: number
  readonly dim: number
  readonly classes: number
  /** How embeddings are drawn. */
  readonly shape: Shape
  /** Metrics by our names; of k-means the inertia, of an approximate index its recall, and the seconds in which it was built. */
  readonly metrics: readonly string[]
  /** Only so many of the embeddings are queries, the first ones, of all classes alike. Default: all. */
  readonly queries?: number
  /** Whether the peer is measured. */
  readonly peer: boolean
  /** Turns of each side. */
  readonly turns: number
}

/** How embeddings of a class lie around its centre. */
export interface Shape {
  readonly name: string
  /** Standard deviation of the centres; that within a class is 1. */
  readonly spread: number
  /** How much wider than the first class the last one is. Default 1. */
  readonly widths?: number
  /** Share of embeddings in the first class beyond its part; the others are of equal size. Default 0. */
  readonly skew?: number
  /** Whether rows are scaled to norm 1. */
  readonly normalized?: boolean
  /** A number that all columns are moved by. Default 0. */
  readonly offset?: number
  /** Columns that vary; the others stay at the offset. Default: all. */
  readonly rank?: number
  /** Every embedding so many times. Default 1. */
  readonly copies?: number
}

const RANKING = ['precisionAt1', 'rPrecision', 'meanAveragePrecisionAtR']
const ALL_RANKING = [...RANKING, 'meanAveragePrecision', 'meanReciprocalRank']
const [SMALL, LARGE] = [{ n: 10_000, dim: 512, classes: 200 }, { n: 60_000, dim: 128, classes: 11_000 }]
const [CLEAR, BLURRED] = [{ name: 'clear classes', spread: 0.4 }, { name: 'blurred classes', spread: 0.8 }]

/** Shapes on which k-means is compared: ten, of which the hard ones are those that a plain draw of first centroids gets wrong. */
const K_MEANS: readonly (Pick<MeasuredRow, 'n' | 'dim' | 'classes'> & { readonly shape: Shape })[] = [
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'noise', spread: 0 } },
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'blurred groups', spread: 0.5 } },
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'clear groups', spread: 2 } },
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'groups far apart', spread: 20 } },
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'groups of many widths', spread: 2, widths: 8 } },
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'half in one group', spread: 2, skew: 0.5 } },
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'on the sphere', spread: 1, normalized: true } },
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'an offset of 100', spread: 2, offset: 100 } },
  { n: 20_000, dim: 64, classes: 100, shape: { name: 'in 2 of 64 columns', spread: 4, rank: 2 } },
  { n: 20_000, dim: 64, classes: 2000, shape: { name: 'many small groups, copies', spread: 1, copies: 2 } },
]

export const measuredRows: readonly MeasuredRow[] = [
  { name: 'rank-10k', work: 'P@1, R-precision, MAP@R', task: 'rank', ...SMALL, shape: CLEAR, metrics: RANKING, peer: true, turns: 3 },
  { name: 'rank-60k', work: 'P@1, R-precision, MAP@R', task: 'rank', ...LARGE, shape: BLURRED, metrics: RANKING, peer: true, turns: 3 },
  { name: 'cluster-10k', work: 'AMI, NMI', task: 'cluster', ...SMALL, shape: CLEAR, metrics: ['AMI', 'NMI'], peer: true, turns: 3 },
  { name: 'cluster-60k', work: 'AMI, NMI', task: 'cluster', ...LARGE, shape: BLURRED, metrics: ['AMI', 'NMI'], peer: true, turns: 1 },
  ...[12_000, undefined].map((queries): MeasuredRow => ({
    name: `bins-${queries ?? 'all'}`, work: `five ranking metrics, k = 19,999${queries === undefined ? '' : `, of ${queries.toLocaleString('en')} queries`}`,
    task: 'rank', n: 120_000, dim: 128, classes: 6, shape: { name: 'six classes', spread: 0.3 }, metrics: ALL_RANKING,
    ...(queries === undefined ? { peer: false, turns: 1 } : { queries, peer: true, turns: 3 }),
  })),
  ...[5000, 10_000].map((queries): MeasuredRow => ({
    name: `million-${queries}`, work: `P@1, R-precision, MAP@R of ${queries.toLocaleString('en')} queries`, task: 'rank', n: 1_000_000, dim: 128, classes: 100_000,
    shape: BLURRED, metrics: RANKING, queries, peer: false, turns: 1,
  })),
  {
    name: 'approximate', work: 'one query of a `UsearchIndex`, k = 10: recall, and seconds to build it', task: 'approximate', n: 1_000_000, dim: 128, classes: 50_000,
    shape: { name: 'classes apart', spread: 2 }, metrics: ['recall', 'buildSeconds'], peer: false, turns: 1,
  },
  ...K_MEANS.map((one): MeasuredRow => ({
    name: `k-means, ${one.shape.name}`, work: `k-means: ${one.shape.name}`, task: 'k-means', ...one, metrics: ['inertia'], peer: true, turns: 3,
  })),
]

/** What one process measured. */
export interface Measurement {
  readonly seconds: number
  /** The most memory that was resident, in all, in MiB. */
  readonly peak: number
  /** By the names of {@link MeasuredRow.metrics}. */
  readonly values: Readonly<Record<string, number>>
}

/** A side that came to no number, and why. */
export interface Unfinished {
  readonly reason: string
}
