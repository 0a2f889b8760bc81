import { StateError, type State } from '@metric-learning/contracts'

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

/**
 * How far the run of a state was.
 *
 * @throws {StateError} when it does not say so.
 */
export function positionOf(state: RunState): RunPosition & { readonly seed: number; readonly step: number } {
  const { seed, epoch, batch, step } = state['trainer']?.values ?? {}
  if ([seed, epoch, batch, step].every(Number.isInteger)) return { seed, epoch, batch, step } as ReturnType<typeof positionOf>
  throw new StateError({
    who: 'Trainer.restore',
    wanted: 'a state with seed, epoch, batch and step of the `trainer`',
    got: state['trainer'] ? 'something else there' : 'none',
    fix: 'Pass what `trainer.state()` gave.',
  })
}
