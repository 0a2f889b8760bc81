import { orderMetrics, type MetricDescription } from '../metrics/metric-description.js'
import { finalEvaluation, untrainedEvaluation } from '../record/final-evaluation.js'
import type { RunRecord } from '../record/run-record.js'

/** What is compared: an untrained model or the result of a run. */
export interface ComparisonColumn {
  readonly name: string
  /** Absent for an untrained model. */
  readonly run?: RunRecord
  /** By metric; empty when nothing was evaluated. */
  readonly metrics: Readonly<Record<string, number>>
  /** Column of the untrained model that the run began with, if that was evaluated. */
  readonly baseline?: number
}

export interface ComparisonRow {
  readonly metric: MetricDescription
  /** By column; `undefined` where there is no value. */
  readonly values: readonly (number | undefined)[]
  /** By column: whether no other is better at the precision that is shown. */
  readonly best: readonly boolean[]
}

/** The metrics of one split, side by side. Higher is better for all of them. */
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
 * Puts runs side by side: the untrained model (one column for all runs that began with the same
 * metrics), then each run.
 *
 * @param split default the first of {@link evaluatedSplits}
 */
export function compareRuns(runs: readonly RunRecord[], split = evaluatedSplits(runs)[0] ?? ''): Comparison {
  const baselines: { metrics: Readonly<Record<string, number>>; names: string[] }[] = []
  const baselineOf = runs.map((run) => {
    const metrics = untrainedEvaluation(run, split)?.metrics[split]
    if (!metrics) return undefined
    const equal = baselines.findIndex((other) => looksEqual(other.metrics, metrics))
    if (equal !== -1) baselines[equal]!.names.push(run.name)
    return equal === -1 ? baselines.push({ metrics, names: [run.name] }) - 1 : equal
  })
  const columns: ComparisonColumn[] = [
    ...baselines.map(({ metrics, names }) => ({
      name: baselines.length === 1 ? 'Untrained' : `Untrained (${names.join(', ')})`,
      metrics,
    })),
    ...runs.map((run, i) => ({
      name: run.name,
      run,
      metrics: finalEvaluation(run, split)?.metrics[split] ?? {},
      ...(baselineOf[i] === undefined ? {} : { baseline: baselineOf[i] }),
    })),
  ]
  const rows = orderMetrics(columns.flatMap(({ metrics }) => Object.keys(metrics))).map((metric) => {
    const values = columns.map(({ metrics }) => metrics[metric.key])
    return { metric, values, best: bestOf(values) }
  })
  return { split, columns, rows }
}

/** A metric as it is shown: three decimals. */
export const formatMetric = (value: number | undefined): string => value?.toFixed(3) ?? '–'

/** What a metric gained, as it is shown: `+0.242`, `−0.010`. */
export function formatGain(value: number, baseline: number): string {
  const gain = Number(formatMetric(value)) - Number(formatMetric(baseline))
  return `${gain < -0.0005 ? '−' : '+'}${Math.abs(gain).toFixed(3)}`
}

function bestOf(values: readonly (number | undefined)[]): boolean[] {
  const shown = values.map((value) => (value === undefined ? NaN : Number(formatMetric(value))))
  const numbers = shown.filter((value) => Number.isFinite(value))
  const best = Math.max(...numbers)
  return shown.map((value) => numbers.length > 1 && value === best)
}

function looksEqual(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Math.abs(a[key]! - (b[key] ?? NaN)) < 5e-4)
}
