import type { LossName } from './nets.js'

/** Whose cost is asked for. */
export interface LoggingRequest {
  /** Name of the net. */
  readonly net: string
  readonly loss: LossName
}

/** What it costs to log all that is logged by default, with a look every 20 steps; milliseconds of a step, medians of turns. */
export interface LoggingCost {
  readonly without: number
  readonly with: number
}

/** Of a step. */
export const loggingShare = ({ without, with: logged }: LoggingCost): number => logged / without - 1
