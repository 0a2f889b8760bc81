import type { Optimizer } from '@metric-learning/contracts'
import { isScheduled, reachableFields, type Scheduled } from '@metric-learning/ops'

/**
 * The scheduled numbers in public fields, by where they are: `objectives.triplet.loss.margin`; one that is in several places by the first.
 *
 * @param roots what is looked through, by the names that paths begin with; each by itself, so that a large one does not use up what is
 * looked at of the others
 * @param others numbers that are none of them
 */
export function scheduledNumbers(roots: readonly Readonly<Record<string, object>>[], others: ReadonlySet<unknown>): ReadonlyMap<string, Scheduled> {
  const found = new Map<Scheduled, string>()
  for (const { path, value } of roots.flatMap((one) => [...reachableFields(one)])) {
    if (isScheduled(value) && !found.has(value) && !others.has(value)) found.set(value, path)
  }
  return new Map([...found].map(([number, path]) => [path, number]))
}

/** The learning rates of optimizers that have them in a field, as those of core do. */
export const ratesOf = (optimizers: ReadonlyMap<string, Optimizer>): ReadonlySet<unknown> =>
  new Set([...optimizers.values()].map((optimizer) => (optimizer as { readonly rate?: unknown }).rate))
