import type { OperationTotal } from './operation-totals.js'

/** Time inside TensorFlow's library, in milliseconds. */
export interface LibraryTime {
  /** Operations that ran one by one. */
  readonly operations: number
  /** Compiled graphs. */
  readonly graphs: number
  /** Making compiled graphs, and moving weights into and out of them. */
  readonly transfers: number
  /** Reading values on the host; on a GPU also the wait for what was asked of it before. */
  readonly reads: number
}

/** One part of a run, in milliseconds. */
export interface PartTime {
  readonly total: number
  readonly library: LibraryTime
  /** The rest: JavaScript. */
  readonly host: number
}

/** A compiled graph. */
export interface GraphTotal {
  /** Its number, from 1. */
  readonly graph: number
  /** Operations in it that compute something, by type, the most frequent first. */
  readonly operations: readonly (readonly [type: string, count: number])[]
  readonly runs: number
  /** Milliseconds of all runs. */
  readonly total: number
  /** Milliseconds of the first run, in which TensorFlow optimises the graph. */
  readonly first: number
}

/** What a profile found. */
export interface ProfileSummary {
  /** Name of the backend in tfjs: `tensorflow`, `wasm`, `cpu`. */
  readonly backend: string
  /** Whether calls into the backend were seen; only those into the native one are. */
  readonly isObserved: boolean
  readonly epochs: number
  readonly steps: number
  /** Steps in which no compiled graph ran. */
  readonly eagerSteps: number
  readonly evaluations: number
  /** Milliseconds that steps waited for their data. */
  readonly dataWait: number
  /** From the loaded batch to the updated weights. */
  readonly step: PartTime
  /** Between steps within an epoch: plugins, which read losses and write logs. */
  readonly between: PartTime
  readonly evaluation: PartTime
  /** Operations that ran one by one in steps. */
  readonly stepOperations: readonly OperationTotal[]
  readonly evaluationOperations: readonly OperationTotal[]
  readonly graphs: readonly GraphTotal[]
  readonly memory: MemoryReadings
  /** Spans and readings that are missing in the trace, since it was full. */
  readonly untraced: number
}

/** In bytes, where no other unit stands. */
export interface MemoryReadings {
  /** Tensors of tfjs after the first step, and after the last. */
  readonly tensors: readonly [first: number, last: number]
  /** What tensors of tfjs held at the most after a step; weights inside compiled graphs not counted. */
  readonly tensorBytes: number
  /** Resident memory of the process after the last step. */
  readonly resident: number
  /** Its peak, loading included. */
  readonly peak: number
}
