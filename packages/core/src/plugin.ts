import type { Stateful } from '@metric-learning/contracts'
import type { RunningTrainer } from './hooks/running-trainer.js'
import type { TrainerHooks } from './hooks/trainer-hooks.js'

/** The trainer as a plugin sees it while it taps. */
export interface TappableTrainer extends RunningTrainer {
  readonly hooks: TrainerHooks
}

/** What taps a trainer. A plugin object belongs to one trainer. One with a state of its own takes part in checkpoints, under its name. */
export interface Plugin extends Partial<Stateful> {
  /** Shown in errors and used to order taps; unique within a trainer. */
  readonly name: string
  /** Taps the trainer's hooks. Called once, before `setup`. */
  apply(trainer: TappableTrainer): void
}
