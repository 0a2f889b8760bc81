/** What of each split's metrics the page shows, by their names in results. */
export const METRICS = { precisionAt1: 'P@1', meanAveragePrecisionAtR: 'MAP@R', AMI: 'AMI' } as const
export type Metric = keyof typeof METRICS

export const LIBRARIES = ['ours', 'PML'] as const
export type Library = (typeof LIBRARIES)[number]

type Metrics = Readonly<Record<Metric, number>>

/** A run of one library: a line of results.jsonl. */
export interface SchemeResult {
  readonly library: Library
  readonly scheme: string
  readonly seed: number
  /** On the held-out classes, before the first step. */
  readonly untrained: Metrics
  /** After the last one. */
  readonly trained: Metrics
}

/** The runs of the page, in its order: whether PML has a trainer or a loss for each. */
export const SCHEMES = {
  metricLossOnly: true,
  trainWithClassifier: true,
  cascadedEmbeddings: true,
  deepAdversarialMetricLearning: true,
  twoStreams: true,
  simCLR: true,
  vicReg: true,
  distillation: false,
  metricLossOnlyOfTurned: false,
  fineTuning: false,
} as const
export type SchemeName = keyof typeof SCHEMES
export const SCHEME_NAMES = Object.keys(SCHEMES) as readonly SchemeName[]
