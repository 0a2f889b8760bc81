import { OptionError } from '@metric-learning/contracts'
import type { RunRecord } from '../record/run-record.js'

/** What is compared: runs that differ in their seed alone, or a single run. */
export interface Method {
  readonly name: string
  /** What distinguishes it, in words; absent where its runs say different things. */
  readonly description?: string
  /** At least one. */
  readonly runs: readonly RunRecord[]
}

/**
 * Runs by their `method`, in the order in which these first come; a run without one stands for itself.
 *
 * @throws {OptionError} when there is no run, two share a name, or one is called as a method of others is.
 */
export function methodsOf(who: string, runs: readonly RunRecord[]): Method[] {
  const names = runs.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  const methods = new Set(runs.flatMap(({ method }) => method ?? []))
  const both = runs.find(({ name, method }) => method === undefined && methods.has(name))
  if (runs.length === 0 || twice !== undefined || both) {
    throw new OptionError({
      who,
      wanted: 'at least one run, each with a name of its own, that is not the method of others',
      got: both ? `a run and a method "${both.name}"` : twice === undefined ? 'no run' : `"${twice}" twice`,
      fix: 'Give each `runRecorder` another `name`, and those that differ in their seed alone the same `method`.',
    })
  }
  const byName = new Map<string, RunRecord[]>()
  for (const run of runs) {
    const name = run.method ?? run.name
    byName.set(name, [...(byName.get(name) ?? []), run])
  }
  return [...byName].map(([name, own]) => {
    const { description } = own[0]!
    const isShared = description !== undefined && own.every((run) => run.description === description)
    return { name, ...(isShared && { description }), runs: own }
  })
}

/** Whether any method has several runs, so that figures are means. */
export const hasRepeats = (methods: readonly Method[]): boolean => methods.some(({ runs }) => runs.length > 1)
