import { describeMetric, type ReportedMetric } from '@metric-learning/report'
import type { ExperimentResults, ResultRow } from '../run/results.js'
import { holm, meanInterval, pairedDifference, type MeanInterval, type PairedDifference } from './intervals.js'

/** One method in a table. */
export interface MethodSummary {
  readonly name: string
  /** A trunk before training: it is shown for comparison, and compared with nothing. */
  readonly isBaseline: boolean
  /** By metric, over repeats. */
  readonly metrics: Readonly<Record<string, MeanInterval>>
  /** Metrics in which it is better than every other method, beyond chance. */
  readonly best: readonly string[]
  /** Of a run, in seconds; absent of baselines. */
  readonly trainingSeconds?: MeanInterval
  /** In bytes. */
  readonly peakMemory?: number
  /** Why there is no number, as where runs broke. */
  readonly note?: string
}

/** Two methods in one metric. */
export interface Comparison {
  readonly metric: string
  readonly method: string
  readonly other: string
  readonly difference: PairedDifference
  /** After Holm, over all pairs of methods in this metric; absent of a single repeat. */
  readonly adjusted?: number
}

/** A column of a table. */
export interface MetricColumn extends Pick<ReportedMetric, 'label' | 'better'> {
  readonly name: string
  readonly inPercent: boolean
  /** Behind the point: one in percent, else four digits of the largest value. */
  readonly decimals: number
}

/** A table: all methods, judged in one way. */
export interface Summary {
  /** How: `apart`, `joined`, `run`. */
  readonly view: ResultRow['view']
  readonly metrics: readonly MetricColumn[]
  readonly methods: readonly MethodSummary[]
  readonly comparisons: readonly Comparison[]
}

/** Differences with an adjusted p below this are beyond chance. */
export const SIGNIFICANCE = 0.05

/**
 * Sums up results: of each method and metric the mean over repeats with its interval, of each two methods the paired difference, and who is
 * best beyond chance. What a repeat gives is the mean over its folds; nothing, where one of them has no value.
 */
export function summaries({ rows, metrics }: ExperimentResults): readonly Summary[] {
  const views = [...new Set(rows.map(({ view }) => view))]
  return views.map((view) => summarised(rows.filter((row) => row.view === view), view, metrics))
}

function summarised(rows: readonly ResultRow[], view: Summary['view'], descriptions: ExperimentResults['metrics']): Summary {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))].map((name) => columnOf(describeMetric(name, descriptions), rows))
  const metrics = columns.map(({ name }) => name)
  const names = [...new Set(rows.map(({ method }) => method))]
  const ofMethod = (name: string) => rows.filter(({ method }) => method === name)
  const trained = names.filter((name) => !ofMethod(name).some(({ isBaseline }) => isBaseline))
  const comparisons = metrics.flatMap((metric) => compared(metric, trained.map((name) => [name, bySeed(ofMethod(name), metric)] as const)))
  const methods = names.map((name) => {
    const own = ofMethod(name)
    const seconds = own.flatMap(({ trainingSeconds }) => trainingSeconds ?? [])
    const memory = own.flatMap(({ peakMemory }) => peakMemory ?? [])
    const notes = [...new Set(own.flatMap(({ note }) => note ?? []))]
    return {
      name,
      isBaseline: !trained.includes(name),
      metrics: Object.fromEntries(metrics.map((metric) => [metric, meanInterval([...bySeed(own, metric).values()])] as const).filter(([, { count }]) => count > 0)),
      best: columns.filter((column) => isBest(name, trained, comparisons.filter(({ metric }) => metric === column.name), column)).map((column) => column.name),
      ...(seconds.length > 0 && { trainingSeconds: meanInterval(seconds) }),
      ...(memory.length > 0 && { peakMemory: Math.max(...memory) }),
      ...(notes.length > 0 && { note: `${notes[0]!}${notes.length > 1 ? ` And so ${notes.length - 1} more.` : ''}` }),
    }
  })
  return { view, metrics: columns, methods, comparisons }
}

function columnOf({ key: name, label, better, inPercent = false }: ReportedMetric, rows: readonly ResultRow[]): MetricColumn {
  const largest = Math.max(0, ...rows.map(({ metrics }) => Math.abs(metrics[name] ?? 0)))
  return { name, label, better, inPercent, decimals: inPercent || largest === 0 ? 1 : Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(largest)))) }
}

/** The mean over folds of each repeat. One that lacks a fold has none: it would be compared with those of all folds, and only folds that broke less would count. */
function bySeed(rows: readonly ResultRow[], metric: string): ReadonlyMap<number, number> {
  const seeds = [...new Set(rows.map(({ seed }) => seed))]
  const means = seeds.map((seed) => {
    const own = rows.filter((row) => row.seed === seed)
    return [seed, own.reduce((sum, row) => sum + (row.metrics[metric] ?? NaN), 0) / own.length] as const
  })
  return new Map(means.filter(([, mean]) => Number.isFinite(mean)))
}

function compared(metric: string, methods: readonly (readonly [string, ReadonlyMap<number, number>])[]): readonly Comparison[] {
  const pairs = methods.flatMap(([method, own], i) =>
    methods.slice(i + 1).flatMap(([other, theirs]) => {
      const shared = [...own.keys()].filter((seed) => theirs.has(seed))
      if (shared.length === 0) return []
      return [{ metric, method, other, difference: pairedDifference(shared.map((seed) => own.get(seed)!), shared.map((seed) => theirs.get(seed)!)) }]
    }),
  )
  const tested = pairs.filter(({ difference }) => difference.p !== undefined)
  const adjusted = holm(tested.map(({ difference }) => difference.p!))
  return pairs.map((pair) => (pair.difference.p === undefined ? pair : { ...pair, adjusted: adjusted[tested.indexOf(pair)]! }))
}

/** Whether a method is better than each other one, in every comparison beyond chance. */
function isBest(name: string, methods: readonly string[], comparisons: readonly Comparison[], { better }: Pick<MetricColumn, 'better'>): boolean {
  const others = methods.filter((other) => other !== name)
  return (
    methods.includes(name) &&
    others.length > 0 &&
    others.every((other) => {
      const found = comparisons.find(({ method, other: second }) => (method === name && second === other) || (method === other && second === name))
      if (found?.adjusted === undefined || found.adjusted >= SIGNIFICANCE) return false
      const sign = (found.method === name ? 1 : -1) * (better === 'larger' ? 1 : -1)
      return sign * found.difference.mean > 0
    })
  )
}
