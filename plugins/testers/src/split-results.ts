import type { MetricDescription } from '@metric-learning/contracts'
import type { Judgement } from './tester-options.js'

/** Metrics of a split, null where there is no result, and why. */
export interface Results {
  readonly metrics: Readonly<Record<string, number | null>>
  /** Ends of the confidence intervals of those that have one. */
  readonly bounds: Readonly<Record<string, number>>
  readonly reasons: Readonly<Record<string, string>>
}

/** What a judgement comes to: those of its metrics say nothing that cannot fail, or are of one point. */
export function resultsOf({ metrics, reasons = {}, certain = {}, intervals = {} }: Judgement): Results {
  const values = Object.entries(metrics).map(([name, value = null]) => [name, name in certain || Number.isNaN(value) ? null : value] as const)
  const missing = values.flatMap(([name, value]) => (value === null ? [[name, certain[name] ?? reasons[name] ?? 'The tester gave no value.'] as const] : []))
  const bounds = values.flatMap(([name, value]) => {
    const interval = value === null ? undefined : intervals[name]
    return interval ? BOUNDS.map((bound) => [`${name}/${bound}`, interval[bound]] as const) : []
  })
  return { metrics: Object.fromEntries(values), bounds: Object.fromEntries(bounds), reasons: Object.fromEntries(missing) }
}

const BOUNDS = ['lower', 'upper'] as const

/** How the ends of confidence intervals are called that were found. */
export function withBounds(descriptions: Readonly<Record<string, MetricDescription>>, found: readonly Readonly<Record<string, number | null>>[]): Readonly<Record<string, MetricDescription>> {
  const names = new Set(found.flatMap((metrics) => Object.keys(metrics)))
  const bounds = Object.entries(descriptions).flatMap(([metric, description]) =>
    BOUNDS.filter((bound) => names.has(`${metric}/${bound}`)).map((bound) => {
      const meaning = `The ${bound} end of the confidence interval of ${description.label}, by the bootstrap over queries.`
      return [`${metric}/${bound}`, { ...description, label: `${description.label} ${bound}`, title: '', meaning }] as const
    }),
  )
  return bounds.length > 0 ? { ...descriptions, ...Object.fromEntries(bounds) } : descriptions
}
