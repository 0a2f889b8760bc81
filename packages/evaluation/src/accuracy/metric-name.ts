/** The metrics of an `AccuracyCalculator`, in alphabetical order. */
export const METRIC_NAMES = [
  'AMI',
  'NMI',
  'meanAveragePrecision',
  'meanAveragePrecisionAtR',
  'meanReciprocalRank',
  'precisionAt1',
  'rPrecision',
] as const

export type MetricName = (typeof METRIC_NAMES)[number]

/** Metrics that judge clusters; the others judge rankings. */
export type ClusteringMetricName = 'AMI' | 'NMI'

/** Metrics that judge the ranking of each query. */
export type RankingMetricName = Exclude<MetricName, ClusteringMetricName>

/** One number a metric that was asked for. */
export type Metrics<Name extends MetricName = MetricName> = Partial<Readonly<Record<Name, number>>>
