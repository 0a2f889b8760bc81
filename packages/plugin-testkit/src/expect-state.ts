import type { Plain, State, Stateful } from '@metric-learning/contracts'
import { expectThat } from './expectations.js'

/** Expects values of a state that are fit for JSON. */
export function expectPlain(what: string, state: State): void {
  const fault = notPlain(state.values ?? {})
  expectThat(fault === undefined, { what: `the values of ${what}`, wanted: 'plain data, fit for JSON: null, booleans, finite numbers, texts, lists and objects', got: String(fault) })
}

/** Takes the state of one object to another, as a file would, and expects that the other has it then. */
export function expectStateReturns(from: Stateful, to: Stateful): void {
  const state = from.state()
  expectPlain('state()', state)
  to.restore(throughFile(state))
  const [saved, restored] = [state, to.state()].map(({ values = {} }) => JSON.stringify(values))
  expectThat(saved === restored, { what: 'the values of state() after restore()', wanted: String(saved), got: String(restored) })
}

/** The values as they come out of a file; tensors as they are. */
export const throughFile = (state: State): State => ({
  ...state,
  ...(state.values && { values: JSON.parse(JSON.stringify(state.values)) as Record<string, Plain> }),
})

/** Where values are no plain data. */
function notPlain(value: unknown, path = 'values'): string | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path}: ${value}`
  if (typeof value !== 'object') return `${path}: ${value === undefined ? 'undefined' : `a ${typeof value}`}`
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return `${path}: an object of type ${value.constructor?.name}`
  for (const [key, part] of Object.entries(value)) {
    const fault = notPlain(part, `${path}.${key}`)
    if (fault !== undefined) return fault
  }
  return undefined
}
