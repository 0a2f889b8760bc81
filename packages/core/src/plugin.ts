import type * as tf from '@tensorflow/tfjs-core'
import type { Stateful } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'
import type { RunningTrainer } from './hooks/running-trainer.js'
import type { TrainerHooks } from './hooks/trainer-hooks.js'

/** A parameter or buffer of a module with its average. */
export interface AveragedWeight {
  /** As in `trainer.parameters`, such as `trunk.blocks.0.conv.weight`; of a buffer `trunk.blocks.0.norm.runningMean`. */
  readonly name: string
  /** What training changes. */
  readonly weight: tf.Variable
  /** Of its shape: a copy of it until somebody moves it. */
  readonly average: tf.Variable
  /** Whether gradients do not change it, such as a running mean. */
  readonly isBuffer: boolean
}

/** What a plugin says of the averages that it keeps. */
export interface AveragesOptions {
  /** Whether evaluations see them by now; until then what is saved of them are the weights. Default: always. */
  readonly areShown?: () => boolean
}

/** The trainer as a plugin sees it while it taps. */
export interface TappableTrainer extends RunningTrainer {
  readonly hooks: TrainerHooks
  /**
   * Makes an average of each parameter and buffer of the modules that training changes, for the plugin to move, in `hooks.updated` or
   * between steps. Evaluations then see averages in place of weights, and so does whoever has the modules when the run has ended, from
   * `hooks.done` on, until it goes on. They are saved with the run, apart from the weights, and freed with the trainer.
   *
   * Until the first step they are copies of the weights.
   *
   * @throws {PluginError} when another plugin keeps averages, or it is not called from `apply`.
   */
  keepAverages(options?: AveragesOptions): readonly AveragedWeight[]
}

/** What taps a trainer. A plugin object belongs to one trainer. One with a state of its own takes part in checkpoints, under its name. */
export interface Plugin extends Partial<Stateful> {
  /** Shown in errors and used to order taps; unique within a trainer. */
  readonly name: string
  /**
   * Options that the run follows from, as they were given. They are part of the configuration that is logged, by
   * `plugins.<name>.settings.<option>`, and a run that goes on with others says so. Absent: none.
   */
  readonly settings?: Readonly<Record<string, Schedulable | boolean | string | undefined>>
  /** Taps the trainer's hooks. Called once, before `setup`. */
  apply(trainer: TappableTrainer): void
}

export interface PluginOptions {
  /** Falsy entries are skipped, so that `condition && plugin` works. */
  readonly plugins?: readonly (Plugin | false | null | undefined)[]
}
