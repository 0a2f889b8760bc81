import type { Precision } from '@metric-learning/ops'
import type { LossName, Net } from './nets.js'

export const DEVICES = ['cpu', 'cuda'] as const
export type Device = (typeof DEVICES)[number]

/** What one turn measures: a step of this kind. */
export interface Work {
  readonly net: Net
  readonly loss: LossName
  readonly precision: Precision
  readonly device: Device
  /** Steps before time is taken. */
  readonly warmUp: number
  readonly steps: number
}

/** What the process of a turn is told, as JSON. */
export interface TurnRequest extends Omit<Work, 'net'>, Pick<Net, 'batch' | 'imageSize' | 'channels'> {
  /** Name of the net. */
  readonly net: string
  readonly compile: boolean
  /** Of the processor. */
  readonly threads: number
}

/** What one turn measured. */
export interface Turn {
  /** Of a step: on a CPU the median, on a card the mean, since only its last step is waited for. */
  readonly milliseconds: number
  /** Resident memory of the process before there was a net. */
  readonly baseMiB: number
  /** Peak of its resident memory. */
  readonly peakMiB: number
}

/** The line that a turn prints when its warm-up is over. */
export const TIMING = 'timing'
