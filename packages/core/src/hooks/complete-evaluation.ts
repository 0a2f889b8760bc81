import type { Evaluation } from './contexts.js'

/** Fills in what a tester left out. NaN is no value: it becomes null, and each null has a reason. */
export function completeEvaluation(found: Evaluation): Required<Evaluation> {
  const { metrics, reasons = {} } = found
  const whole = mapValues(metrics, (values) => mapValues(values, (value) => (value !== null && Number.isNaN(value) ? null : value)))
  const missing = mapValues(whole, (values, split) => {
    const names = Object.keys(values).filter((name) => values[name] === null)
    return Object.fromEntries(names.map((name) => [name, reasons[split]?.[name] ?? 'The tester gave no value.']))
  })
  return { splits: [], isBest: false, warnings: [], descriptions: {}, ...found, metrics: whole, reasons: missing }
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
