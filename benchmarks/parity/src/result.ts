/** Metrics that both libraries measure, by our names. */
export const METRICS = {
  AMI: 'AMI',
  NMI: 'NMI',
  meanAveragePrecision: 'MAP',
  meanAveragePrecisionAtR: 'MAP@R',
  meanReciprocalRank: 'MRR',
  precisionAt1: 'P@1',
  rPrecision: 'R-Precision',
} as const

export type Metric = keyof typeof METRICS
export const METRIC_NAMES = Object.keys(METRICS) as readonly Metric[]

export const LIBRARIES = ['ours', 'PML'] as const
export type Library = (typeof LIBRARIES)[number]

/** One finished run of one library. */
export interface RunResult {
  readonly library: Library
  readonly loss: string
  readonly seed: number
  readonly untrained: Readonly<Record<Metric, number>>
  readonly trained: Readonly<Record<Metric, number>>
  /** Images trained on per second, evaluation not counted. */
  readonly imagesPerSecond: number
}
