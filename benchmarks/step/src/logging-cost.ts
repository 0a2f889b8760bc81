import { LOOK } from './stepped-trainer.js'
import type { LossName } from './nets.js'

/** Whose cost is asked for. */
export interface LoggingRequest {
  /** Name of the net. */
  readonly net: string
  readonly loss: LossName
}

/** What it costs to log all that is logged by default: milliseconds, medians. */
export interface LoggingCost {
  /** A step that nobody looks at. */
  readonly step: number
  /** How much longer one takes that is looked at. */
  readonly look: number
}

/** Of a step, with a look every {@link LOOK} steps. */
export const loggingShare = ({ step, look }: LoggingCost): number => look / LOOK / step
