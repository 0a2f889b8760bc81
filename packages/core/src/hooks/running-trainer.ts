import type { Optimizer, Parameters, State } from '@metric-learning/contracts'
import type { Scheduled } from '@metric-learning/ops'
import type { RunOptions } from '../plan/run-options.js'
import type { EmbeddingPath, Scheme } from '../schemes/scheme.js'
import type { LogEntry } from './log-entry.js'

/**
 * All of a run, in sections: `trainer`, `scheme`, `modules.<name>`, `averages.<module>`, `losses.<objective>`, `miners.<objective>`, `optimizers.<group>`,
 * `scheduled`, `dataset`, `sampler`, `plugins.<name>`. Its tensors belong to those who gave them: read them before the next step.
 */
export type RunState = Readonly<Record<string, State>>

/** How far a run is. */
export interface RunPosition {
  /** Epochs that have ended. */
  readonly epoch: number
  /** Batches that are done in the one under way. */
  readonly batch: number
}

/** The trainer as taps see it, in the context of every hook. */
export interface RunningTrainer {
  readonly options: RunOptions
  /** Epochs that have ended, and batches that are done in the one under way. */
  readonly position: RunPosition
  /** The epoch under way, or the one that has just ended, from 1; 0 before the first. */
  readonly epoch: number
  /** Steps so far. */
  readonly step: number
  /** Why {@link stop} was called, if it was. */
  readonly stopReason: string | undefined
  /** What a step computes. */
  readonly scheme: Scheme
  /** What evaluations embed with. */
  readonly embedding: EmbeddingPath
  /** All that gradients change, by qualified names such as `trunk.blocks.0.conv.weight`. */
  readonly parameters: Parameters
  /** By the names of modules (`trunk`, `embedder`, …), and `losses.<objective>` for those of losses with parameters. */
  readonly optimizers: ReadonlyMap<string, Optimizer>
  /** The scheduled numbers that objectives, modules and the scheme use, by where they are: `objectives.triplet.loss.margin`. Learning rates are those of {@link optimizers}. */
  readonly scheduled: ReadonlyMap<string, Scheduled>
  /** Ends the run after the step that is under way; `reason` is reported to `done` and in the progress. */
  stop(reason: string): void
  /** Hands an entry to every logger. */
  log(entry: LogEntry): void
  /** All that the run is, once plugins have prepared for it in `hooks.save`. Its tensors are the run's own: read or copy them before the next step. */
  state(): Promise<RunState>
  /**
   * Makes this run the one whose state that is; plugins hear of it in `hooks.restored`. Before `train`, in `hooks.setup`, or between
   * two calls of `train`.
   *
   * @throws {StateError} when the state is of a run with other parts, or another seed.
   */
  restore(state: RunState): Promise<void>
  /**
   * Has code that changed what it does inside the step take effect at the next one. Without this, a compiled step notices fields
   * that changed at once, and closures and private fields later: see docs/compiled-steps.md.
   */
  recapture(): void
}
