import { compareMethods, formatGain, formatSpread, type Comparison, type ComparisonColumn, type ComparisonRow } from './comparison.js'
import { headlineOf } from '../metrics/metric-description.js'
import type { Method } from './method.js'

/**
 * The result in one sentence: who is best on which metrics, and how far above the untrained model; of a single method, whether it is better
 * than that.
 *
 * @example 'Triplet is best on all 7 metrics, with P@1 at 0.353 (+0.242 over untrained).'
 */
export function summarise(methods: readonly Method[]): string {
  const comparison = compareMethods(methods)
  const trained = comparison.columns.filter(({ method, metrics }) => method && Object.keys(metrics).length > 0)
  if (trained.length === 0) {
    const evaluated = methods.some(({ runs }) => runs.some(({ evaluations }) => evaluations.some(({ epoch }) => epoch > 0)))
    return evaluated ? 'No run has metrics after training: there was nothing to judge.' : 'No run was evaluated after training.'
  }
  const clauses = winners(comparison).map(({ columns, rows }) => {
    const names = listWords(columns.map((column) => comparison.columns[column]!.name))
    const all = rows.length === comparison.rows.length && rows.length > 1
    const metrics = all ? `all ${rows.length} metrics` : listWords(rows.map(({ metric }) => metric.label))
    return `${names} ${standing(comparison, trained, columns)}${metrics}${headline(comparison, rows, columns[0]!)}`
  })
  return `${clauses.join('; ')}.`
}

/** `is best on `; of a single method `is better than untrained on ` or, where nothing is there to compare it with, `was judged by `. */
function standing({ columns }: Comparison, trained: readonly ComparisonColumn[], leading: readonly number[]): string {
  if (leading.length > 1) return 'are level on '
  if (trained.length > 1) return 'is best on '
  const others = columns.filter(({ metrics }, column) => column !== leading[0] && Object.keys(metrics).length > 0)
  if (others.length === 0) return 'was judged by '
  return `is better than ${listWords(others.map(({ name, method }) => (method ? name : 'untrained')))} on `
}

interface Winners {
  readonly columns: readonly number[]
  readonly rows: ComparisonRow[]
}

/** Metrics by who is best on them; those who are best on most come first. */
function winners({ rows }: Comparison): Winners[] {
  const groups = new Map<string, Winners>()
  for (const row of rows) {
    const leads = row.best.includes(true) ? row.best : row.values.map((value) => value !== undefined)
    const columns = [...leads.keys()].filter((column) => leads[column])
    const group = groups.get(columns.join()) ?? { columns, rows: [] }
    group.rows.push(row)
    groups.set(columns.join(), group)
  }
  return [...groups.values()].sort((a, b) => b.rows.length - a.rows.length)
}

/** `, with P@1 at 0.353 (+0.242 over untrained)`; of a single metric `: 0.353 (…)`. */
function headline({ columns }: Comparison, rows: readonly ComparisonRow[], column: number): string {
  const headline = headlineOf(rows.map(({ metric }) => metric))
  const row = rows.find(({ metric }) => metric === headline)!
  const value = row.values[column]!
  const baseline = columns[column]!.baseline
  const before = baseline === undefined ? undefined : row.values[baseline]
  const gain = before === undefined ? '' : ` (${formatGain(value.mean, before.mean)} over untrained)`
  return `${rows.length === 1 ? ':' : `, with ${row.metric.label} at`} ${formatSpread(value)}${gain}`
}

/** `a`, `a and b`, `a, b and c`. */
function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`
}
