/** What is measured: miners with a loss that they are meant for, and a memory; the same on both sides. */
export const measuredPairs = [
  'AngularMiner + AngularLoss',
  'BatchEasyHardMiner + ContrastiveLoss',
  'BatchHardMiner + TripletMarginLoss',
  'DistanceWeightedMiner + MarginLoss',
  'HDCMiner + ContrastiveLoss',
  'MultiSimilarityMiner + MultiSimilarityLoss',
  'MultiSimilarityMiner + TripletMarginLoss',
  'PairMarginMiner + ContrastiveLoss',
  'TripletMarginMiner, semihard + TripletMarginLoss',
  'UniformHistogramMiner + ContrastiveLoss',
  'CrossBatchMemory + ContrastiveLoss',
] as const

export type MeasuredPair = (typeof measuredPairs)[number]

/** Samples of a class, in a batch and in a memory. */
export const samplesPerClass = 4

/** Rows of a batch, and of the memory that it is compared with; 0 for none. In the order in which they cost more. */
export const sizes = [[256, 0], [1024, 0], [256, 8192], [256, 65536]] as const

/** The sizes of a pair; a memory alone has no batch by itself. */
export const sizesOf = (pair: MeasuredPair): readonly (readonly [n: number, memory: number])[] =>
  pair.startsWith('CrossBatchMemory') ? sizes.filter(([, memory]) => memory > 0) : sizes

/** What one process measured of one size. */
export interface Measurement {
  readonly n: number
  readonly memory: number
  /** Milliseconds of each pass: mining, loss, gradient. */
  readonly times: readonly number[]
  /** The most memory that was resident so far, in all, in MiB. */
  readonly peak: number
}

/** Why there is no measurement. */
export interface Unfinished {
  readonly reason: string
}

export interface Row {
  readonly pair: MeasuredPair
  readonly dim: number
  readonly n: number
  readonly memory: number
  readonly ours: Measurement | Unfinished
  readonly pml: Measurement | Unfinished
}
