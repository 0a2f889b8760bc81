/** The metrics that every `AccuracyCalculator` has, in alphabetical order. */
export const METRIC_NAMES = [
  'AMI',
  'NMI',
  'meanAveragePrecision',
  'meanAveragePrecisionAtR',
  'meanReciprocalRank',
  'precisionAt1',
  'rPrecision',
] as const

/** One of them. */
export type MetricName = (typeof METRIC_NAMES)[number]

/** One number a metric that was asked for; null where there is no value. */
export type Metrics<Name extends string = MetricName> = Partial<Readonly<Record<Name, number | null>>>
