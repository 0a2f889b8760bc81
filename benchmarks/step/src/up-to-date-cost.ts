import type { LossName } from './nets.js'

/** Whose cost is asked for. */
export interface UpToDateRequest {
  /** Name of the net. */
  readonly net: string
  readonly loss: LossName
}

/** What it costs that a compiled step is never out of date; times in milliseconds. */
export interface UpToDateCost {
  /** A step without guards. */
  readonly step: number
  /** How many fields are guarded. */
  readonly fields: number
  /** The guards of a step. */
  readonly guards: number
  /** A comparison beyond the step that it comes with. */
  readonly comparison: number
}

/** Guards and the one comparison at the start of an epoch, as a share of its steps. */
export const upToDateShare = ({ step, guards, comparison }: UpToDateCost, stepsOfEpoch: number): number =>
  (guards + comparison / stepsOfEpoch) / step
