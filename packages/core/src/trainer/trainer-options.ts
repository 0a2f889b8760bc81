import type { Plugin } from '../plugin.js'
import type { DefaultSchemeOptions, RunOptions, SchemeOptions } from './run-options.js'

/** Options of a {@link Trainer}: `trunk` and `embedder`, or a `scheme`. */
export type TrainerOptions = RunOptions & PluginOptions & (DefaultSchemeOptions | SchemeOptions)

export interface PluginOptions {
  /** Falsy entries are skipped, so that `condition && plugin` works. */
  readonly plugins?: readonly (Plugin | false | null | undefined)[]
}

export interface TrainOptions {
  /** The run ends when this many epochs are done in all, those before this call included. */
  readonly epochs: number
}
