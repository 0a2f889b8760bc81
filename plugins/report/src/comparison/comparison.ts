import { orderMetrics, type MetricDescriptions, type ReportedMetric } from '../metrics/metric-description.js'
import { finalEvaluation, untrainedEvaluation } from '../record/final-evaluation.js'
import type { RunRecord } from '../record/run-record.js'
import type { Method } from './method.js'
import { spreadOf, type Spread } from './spread.js'

/** By metric. */
export type Spreads = Readonly<Record<string, Spread>>

/** What is compared: untrained models or the result of a method. */
export interface ComparisonColumn {
  readonly name: string
  /** Absent for untrained models. */
  readonly method?: Method
  /** Of the runs that were evaluated; empty when none was. */
  readonly metrics: Spreads
  /** Column of the untrained models that the method began with, if those were evaluated. */
  readonly baseline?: number
}

export interface ComparisonRow {
  readonly metric: ReportedMetric
  /** By column; `undefined` where there is no value. */
  readonly values: readonly (Spread | undefined)[]
  /** By column: whether the mean of no other is better at the precision that is shown. */
  readonly best: readonly boolean[]
}

/** The metrics of one split, side by side. */
export interface Comparison {
  readonly split: string
  readonly columns: readonly ComparisonColumn[]
  readonly rows: readonly ComparisonRow[]
}

/** Splits in the order in which they were evaluated, the one whose embeddings were kept first. */
export function evaluatedSplits(runs: readonly RunRecord[]): string[] {
  const kept = runs.flatMap(({ embeddings }) => (embeddings ? [embeddings.split] : []))
  const evaluated = runs.flatMap(({ evaluations }) => evaluations.flatMap(({ metrics }) => Object.keys(metrics)))
  return [...new Set([...kept, ...evaluated])]
}

/**
 * Puts methods side by side: the untrained models (one column for all methods that began with the same metrics), then each method;
 * means over the runs of a method.
 *
 * @param split default the first of {@link evaluatedSplits}
 */
export function compareMethods(methods: readonly Method[], split = evaluatedSplits(methods.flatMap(({ runs }) => runs))[0] ?? ''): Comparison {
  const baselines: { metrics: Spreads; names: string[] }[] = []
  const baselineOf = methods.map(({ name, runs }) => {
    const metrics = spreadsOf(runs.map((run) => untrainedEvaluation(run, split)?.metrics[split]))
    if (Object.keys(metrics).length === 0) return undefined
    const equal = baselines.findIndex((other) => looksEqual(other.metrics, metrics))
    if (equal !== -1) baselines[equal]!.names.push(name)
    return equal === -1 ? baselines.push({ metrics, names: [name] }) - 1 : equal
  })
  const columns: ComparisonColumn[] = [
    ...baselines.map(({ metrics, names }) => ({
      name: baselines.length === 1 ? 'Untrained' : `Untrained (${names.join(', ')})`,
      metrics,
    })),
    ...methods.map((method, i) => ({
      name: method.name,
      method,
      metrics: spreadsOf(method.runs.map((run) => finalEvaluation(run, split)?.metrics[split])),
      ...(baselineOf[i] === undefined ? {} : { baseline: baselineOf[i] }),
    })),
  ]
  const keys = columns.flatMap(({ metrics }) => Object.keys(metrics))
  const rows = orderMetrics(keys, descriptionsOf(methods)).map((metric) => {
    const values = columns.map(({ metrics }) => metrics[metric.key])
    return { metric, values, best: bestOf(values, metric) }
  })
  return { split, columns, rows }
}

/** What the runs of some methods say of their metrics. */
export const descriptionsOf = (methods: readonly Method[]): MetricDescriptions =>
  Object.assign({}, ...methods.flatMap(({ runs }) => runs.map(({ descriptions }) => descriptions ?? {}))) as MetricDescriptions

/** A metric as it is shown: three decimals. */
export const formatMetric = (value: number | undefined): string => value?.toFixed(3) ?? '–'

/** The same of several runs: `0.353 ± 0.004`. */
export const formatSpread = (spread: Spread | undefined): string =>
  spread?.deviation === undefined ? formatMetric(spread?.mean) : `${formatMetric(spread.mean)} ± ${formatMetric(spread.deviation)}`

/** What a metric gained, as it is shown: `+0.242`, `−0.010`. */
export function formatGain(value: number, baseline: number): string {
  const gain = Number(formatMetric(value)) - Number(formatMetric(baseline))
  return `${gain < -0.0005 ? '−' : '+'}${Math.abs(gain).toFixed(3)}`
}

function bestOf(values: readonly (Spread | undefined)[], { better }: ReportedMetric): boolean[] {
  const shown = values.map((value) => (value === undefined ? NaN : Number(formatMetric(value.mean))))
  const numbers = shown.filter((value) => Number.isFinite(value))
  const best = better === 'larger' ? Math.max(...numbers) : Math.min(...numbers)
  return shown.map((value) => numbers.length > 1 && value === best)
}

/** Of the evaluations of some runs; those that had none, or not of a metric, do not count there. */
function spreadsOf(evaluations: readonly (Readonly<Record<string, number>> | undefined)[]): Spreads {
  const found = evaluations.flatMap((metrics) => (metrics === undefined ? [] : [metrics]))
  const keys = [...new Set(found.flatMap((metrics) => Object.keys(metrics)))]
  return Object.fromEntries(keys.map((key) => [key, spreadOf(found.flatMap((metrics) => metrics[key] ?? []))!]))
}

function looksEqual(a: Spreads, b: Spreads): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => isNear(a[key]!, b[key]))
}

const isNear = (a: Spread, b: Spread | undefined): boolean =>
  b !== undefined && a.count === b.count && Math.abs(a.mean - b.mean) < 5e-4 && Math.abs((a.deviation ?? 0) - (b.deviation ?? 0)) < 5e-4
