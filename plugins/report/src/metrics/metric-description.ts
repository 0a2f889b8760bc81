import type { MetricDescription } from '@metric-learning/contracts'

/** A metric of a report. */
export interface ReportedMetric extends MetricDescription {
  /** As in the results of an evaluation: `precisionAt1`. */
  readonly key: string
}

/** What runs say of their metrics, by key. */
export type MetricDescriptions = Readonly<Record<string, MetricDescription>>

/** The seven metrics that every AccuracyCalculator has, in the order of the tables. */
export const METRICS: readonly ReportedMetric[] = [
  {
    key: 'AMI',
    label: 'AMI',
    title: 'adjusted mutual information',
    meaning: 'How well k-means clusters agree with the classes, corrected for chance.',
    better: 'larger',
    inPercent: true,
  },
  {
    key: 'NMI',
    label: 'NMI',
    title: 'normalised mutual information',
    meaning: 'How well k-means clusters agree with the classes.',
    better: 'larger',
    inPercent: true,
  },
  {
    key: 'meanAveragePrecision',
    label: 'MAP',
    title: 'mean average precision',
    meaning: 'Average precision of each query’s ranking, averaged over queries.',
    better: 'larger',
    inPercent: true,
  },
  {
    key: 'meanAveragePrecisionAtR',
    label: 'MAP@R',
    title: 'mean average precision at R',
    meaning: 'As MAP, over the R nearest, R being the number of samples of the query’s class.',
    better: 'larger',
    inPercent: true,
  },
  {
    key: 'meanReciprocalRank',
    label: 'MRR',
    title: 'mean reciprocal rank',
    meaning: 'One over the rank of the first neighbour of the same class, averaged over queries.',
    better: 'larger',
    inPercent: true,
  },
  {
    key: 'precisionAt1',
    label: 'P@1',
    title: 'precision at 1',
    meaning: 'How often the nearest neighbour is of the same class.',
    better: 'larger',
    inPercent: true,
  },
  {
    key: 'rPrecision',
    label: 'R-Precision',
    title: 'precision at R',
    meaning: 'Share of the same class among the R nearest, R being the number of samples of the query’s class.',
    better: 'larger',
    inPercent: true,
  },
]

/**
 * What is known of a metric: here, or by those who measured it; one that nobody knows is called by its key. An arrow marks those of which
 * less is better.
 */
export function describeMetric(key: string, descriptions: MetricDescriptions = {}): ReportedMetric {
  const known = METRICS.find((metric) => metric.key.toLowerCase() === key.toLowerCase()) ?? descriptions[key]
  if (known) return { ...known, key, label: known.better === 'smaller' ? `${known.label} ↓` : known.label }
  return { key, label: key, title: '', meaning: '', better: 'larger' }
}

/** Metrics in the order of {@link METRICS}, others after them as they come. */
export function orderMetrics(keys: Iterable<string>, descriptions: MetricDescriptions = {}): ReportedMetric[] {
  const place = (key: string) => {
    const index = METRICS.findIndex((metric) => metric.key.toLowerCase() === key.toLowerCase())
    return index === -1 ? METRICS.length : index
  }
  return [...new Set(keys)].sort((a, b) => place(a) - place(b)).map((key) => describeMetric(key, descriptions))
}

const HEADLINE = ['precisionAt1', 'meanAveragePrecisionAtR', 'rPrecision']

/** Which metric stands for the others where one has to; `undefined` where there is none. */
export const headlineOf = (metrics: readonly ReportedMetric[]): ReportedMetric | undefined =>
  HEADLINE.flatMap((name) => metrics.filter(({ key }) => key === name))[0] ?? metrics[0]
