import type { Trainer } from '../trainer/trainer.js'

/** What taps a trainer. A plugin object belongs to one trainer. */
export interface Plugin {
  /** Shown in errors and used to order taps; unique within a trainer. */
  readonly name: string
  /** Taps the trainer's hooks. Called once, before `setup`. */
  apply(trainer: Trainer): void
}
