import type { CurvePoint } from '../charts/curve-chart.js'
import type { Method } from '../comparison/method.js'
import type { RunRecord } from '../record/run-record.js'

/** A scalar that was logged, by method; of one without it there is nothing. */
export interface LoggedScalar {
  readonly tag: string
  /** By method, by run: its readings, or its one value where that never changed. */
  readonly readings: readonly (readonly (readonly CurvePoint[])[])[]
  /** By method: the value, where it is one for all its runs; only where no run of any method saw it change. */
  readonly constants?: readonly (number | undefined)[]
}

/** All other scalars of runs, tag by tag; a loss of one term has no curve of that term beside its own. */
export function loggedScalars(methods: readonly Method[]): LoggedScalar[] {
  const tags = new Set(methods.flatMap(({ runs }) => runs.flatMap(tagsOf)))
  return [...tags].map((tag) => {
    const readings = methods.map(({ runs }) => runs.flatMap((run) => (tagsOf(run).includes(tag) ? [run.scalars![tag]!] : [])))
    const constants = readings.map((own) => [...new Set(own.flat().map(({ value }) => value))])
    if (constants.some((values) => values.length > 1)) return { tag, readings }
    return { tag, readings, constants: constants.map(([value]) => value) }
  })
}

const TERM = /^train\/loss\/.+$/

function tagsOf({ scalars = {} }: RunRecord): string[] {
  const tags = Object.keys(scalars)
  const terms = tags.filter((tag) => TERM.test(tag)).length
  return terms > 1 ? tags : tags.filter((tag) => !TERM.test(tag))
}
