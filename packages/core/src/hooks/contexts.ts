import type * as tf from '@tensorflow/tfjs-core'
import type { Dataset, LabelRelations, Selection } from '@metric-learning/contracts'
import type { Trainer } from '../trainer/trainer.js'

/** Where a run stands. */
export interface Progress {
  readonly trainer: Trainer
  /** From 1; 0 before the first epoch. */
  readonly epoch: number
  /** Updates so far; never reset. */
  readonly step: number
}

export type SetupContext = Progress

export interface EpochStartContext extends Progress {
  /** Epochs that this call of `train` will reach. */
  readonly epochs: number
  /** Steps in this epoch. */
  readonly steps: number
}

export interface EpochEndContext extends EpochStartContext {
  /** Seconds of training in this epoch, evaluation not counted. */
  readonly seconds: number
  /** Samples trained on per second in this epoch. */
  readonly samplesPerSecond: number
}

export interface BatchStartContext extends Progress {
  /** Rows of the dataset in this batch. */
  readonly rows: Int32Array
}

export interface BatchEndContext extends BatchStartContext {
  /** Steps of this epoch that are done. */
  readonly stepInEpoch: number
  /** Steps in this epoch. */
  readonly steps: number
  /** Milliseconds that the step waited for its data. */
  readonly dataWait: number
  /**
   * The weighted sum of all loss terms of this step. Reads the device: call it only when the number
   * is needed, and before the hook returns.
   */
  loss(): Promise<number>
  /** Each named term, weighted, read from the device. Same rule as for `loss`. */
  losses(): Promise<Readonly<Record<string, number>>>
}

/** Inside the step. */
export interface MineContext {
  /** Name of the objective that mines. */
  readonly objective: string
  /** float32 [n, dim] */
  readonly embeddings: tf.Tensor2D
  readonly relations: LabelRelations
  /** What its miner selected; `undefined` = all that the labels allow. */
  readonly selection: Selection | undefined
}

/** Inside the step. */
export interface LossContext {
  /** float32 [n, dim] */
  readonly embeddings: tf.Tensor2D
  readonly relations: LabelRelations
  /** Adds one named term, float32 [], times `weight` (default 1). Names are unique within a run. */
  add(name: string, value: tf.Scalar, weight?: number): void
}

/** Inside the step. */
export interface GradientContext {
  /** Gradient of each parameter, by qualified name such as `trunk.blocks.0.conv.weight`. A tap returns a new map. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>
}

export interface EvalStartContext extends Progress {
  /** Name of the tester. */
  readonly tester: string
  /** Names of the query splits to come. */
  readonly splits: readonly string[]
}

/** The embeddings that a tester judged, on the host. */
export interface EvaluatedSplit {
  readonly name: string
  readonly dataset: Dataset
  /** Row-major float32 [count, dim]. */
  readonly embeddings: Float32Array
  readonly labels: Int32Array
  readonly dim: number
}

export interface EvalEndContext extends Progress {
  readonly tester: string
  /** Accuracies of each query split, such as `metrics.val.precisionAt1`. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Embeddings and labels of each split; valid until the hook returns. */
  readonly splits: readonly EvaluatedSplit[]
  /** Whether this is the best evaluation so far, by the tester's primary metric. */
  readonly isBest: boolean
  /** What one should know before trusting the numbers, such as queries without a match. */
  readonly warnings?: readonly string[]
  /** Seconds of embedding and scoring. */
  readonly seconds: number
}

/** One thing to log. Loggers subscribe; nobody else writes files. */
export type LogEntry =
  | { readonly kind: 'scalar'; readonly tag: string; readonly step: number; readonly value: number }
  | { readonly kind: 'histogram'; readonly tag: string; readonly step: number; readonly values: ArrayLike<number> }
  | { readonly kind: 'image'; readonly tag: string; readonly step: number; readonly image: LoggedImage }
  | { readonly kind: 'embedding'; readonly tag: string; readonly step: number; readonly table: EmbeddingTable }

/** An encoded PNG. */
export interface LoggedImage {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** Embeddings with what is known of each row. */
export interface EmbeddingTable {
  /** Row-major float32 [count, dim]. */
  readonly embeddings: Float32Array
  readonly dim: number
  /** One name a row. */
  readonly labels: readonly string[]
}

export interface DoneContext extends Progress {
  /** Why the run ended before its last epoch; `undefined` when it did not. */
  readonly stopReason: string | undefined
}

export interface FailedContext extends Progress {
  readonly error: unknown
}
