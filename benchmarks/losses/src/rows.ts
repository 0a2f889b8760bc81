/** The losses that are measured, the same on both sides. */
export const measuredLosses = [
  'TripletMarginLoss',
  'MultiSimilarityMiner + TripletMarginLoss',
  'MultiSimilarityLoss',
  'ContrastiveLoss',
  'NTXentLoss',
  'SupConLoss',
  'CircleLoss',
  'LiftedStructureLoss',
  'ArcFaceLoss, 200 classes',
  'ArcFaceLoss, 10000 classes',
  'ProxyAnchorLoss, 200 classes',
  'ProxyAnchorLoss, 10000 classes',
] as const

export type MeasuredLoss = (typeof measuredLosses)[number]

/** Size of an embedding, and samples of a class. */
export const [embeddingSize, samplesPerClass] = [512, 4]

/** What one process measured. */
export interface Measurement {
  /** Milliseconds of each forward and backward pass. */
  readonly times: readonly number[]
  /** The most memory that was resident, beyond what was before the first pass, in MiB. */
  readonly memory: number
}

/** What did not come to an end, and why. */
export interface Unfinished {
  readonly reason: string
}

/** All runs of a loss at a batch size. PML has none where only we were asked. */
export interface Row {
  readonly loss: MeasuredLoss
  readonly n: number
  readonly ours: (Measurement | Unfinished)[]
  readonly pml: (Measurement | Unfinished)[]
}
