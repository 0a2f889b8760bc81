import type { Optimizer } from '@metric-learning/contracts'
import type { Trainer } from '@metric-learning/core'

/** Plain data, fit for JSON. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

/** What something remembers. */
export interface State {
  readonly values?: Readonly<Record<string, Plain>>
}

export interface Stateful {
  state(): State
  restore(state: State): void
}

/** All optimizers of a run, by name: `trunk`, `embedder`, `losses.<objective>`. */
export const optimizersOf = (trainer: Trainer): ReadonlyMap<string, Optimizer> =>
  (trainer as Trainer & { readonly optimizers: ReadonlyMap<string, Optimizer> }).optimizers

/** Hears every scalar of a run; what testers publish, also where nobody logs it. */
export function tapScalars({ hooks }: Trainer, name: string, hear: (tag: string, value: number, step: number) => void): void {
  const logged = new Set<string>()
  hooks.log.tap({ name }, (entry) => {
    if (entry.kind !== 'scalar') return
    logged.add(entry.tag)
    hear(entry.tag, entry.value, entry.step)
  })
  hooks.evalEnd.tap({ name }, ({ metrics, step }) => {
    for (const [split, found] of Object.entries(metrics)) {
      for (const [metric, value] of Object.entries(found)) {
        if (!logged.has(`${split}/${metric}`)) hear(`${split}/${metric}`, value, step)
      }
    }
  })
}
