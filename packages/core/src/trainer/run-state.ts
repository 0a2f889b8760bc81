import type { State } from '@metric-learning/contracts'

/**
 * All of a run, in sections: `trainer`, `scheme`, `modules.<name>`, `losses.<objective>`, `miners.<objective>`, `optimizers.<group>`,
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
