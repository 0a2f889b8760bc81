/** How a metric is called and what it says. */
export interface MetricDescription {
  /** As in the results of an evaluation: `precisionAt1`. */
  readonly key: string
  /** As in papers: `P@1`. */
  readonly label: string
  /** In full; empty for metrics that are not known here. */
  readonly name: string
  /** What it measures, in one sentence; empty for metrics that are not known here. */
  readonly meaning: string
}

/** The seven metrics of an AccuracyCalculator, in the order of the tables. */
export const METRICS: readonly MetricDescription[] = [
  {
    key: 'AMI',
    label: 'AMI',
    name: 'adjusted mutual information',
    meaning: 'How well k-means clusters agree with the classes, corrected for chance.',
  },
  {
    key: 'NMI',
    label: 'NMI',
    name: 'normalised mutual information',
    meaning: 'How well k-means clusters agree with the classes.',
  },
  {
    key: 'meanAveragePrecision',
    label: 'MAP',
    name: 'mean average precision',
    meaning: 'Average precision of each query’s ranking, averaged over queries.',
  },
  {
    key: 'meanAveragePrecisionAtR',
    label: 'MAP@R',
    name: 'mean average precision at R',
    meaning: 'As MAP, over the R nearest, R being the number of samples of the query’s class.',
  },
  {
    key: 'meanReciprocalRank',
    label: 'MRR',
    name: 'mean reciprocal rank',
    meaning: 'One over the rank of the first neighbour of the same class, averaged over queries.',
  },
  {
    key: 'precisionAt1',
    label: 'P@1',
    name: 'precision at 1',
    meaning: 'How often the nearest neighbour is of the same class.',
  },
  {
    key: 'rPrecision',
    label: 'R-Precision',
    name: 'precision at R',
    meaning: 'Share of the same class among the R nearest, R being the number of samples of the query’s class.',
  },
]

/** What is known of a metric; one that is not known is called by its key. */
export function describeMetric(key: string): MetricDescription {
  const known = METRICS.find((metric) => metric.key.toLowerCase() === key.toLowerCase())
  return known ? { ...known, key } : { key, label: key, name: '', meaning: '' }
}

/** Metrics in the order of {@link METRICS}, others after them as they come. */
export function orderMetrics(keys: Iterable<string>): MetricDescription[] {
  const place = (key: string) => {
    const index = METRICS.findIndex((metric) => metric.key.toLowerCase() === key.toLowerCase())
    return index === -1 ? METRICS.length : index
  }
  return [...new Set(keys)].sort((a, b) => place(a) - place(b)).map(describeMetric)
}
