import type * as tf from '@tensorflow/tfjs-core'
import type { Batch, Dataset, LabelRelations, LoadedSamples, MetricDescription, Selection } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'
import type { Outputs } from '../schemes/scheme.js'
import type { RunningTrainer } from './running-trainer.js'

/** Where a run stands. */
export interface Progress {
  readonly trainer: RunningTrainer
  /** The epoch under way, or the one that has just ended, from 1; 0 before the first. */
  readonly epoch: number
  /** Steps so far; never reset. */
  readonly step: number
}

export type SetupContext = Progress

export interface EpochStartContext extends Progress {
  /** Epochs that this call of `train` will reach. */
  readonly epochs: number
  /** Steps in this epoch. */
  readonly steps: number
  /** Steps of this epoch that are done: above 0 where a run goes on within an epoch. */
  readonly stepInEpoch: number
}

export interface EpochEndContext extends Progress {
  /** Epochs that this call of `train` will reach. */
  readonly epochs: number
  /** Steps in this epoch. */
  readonly steps: number
  /** Seconds of training in this epoch, evaluation not counted; only those since a run went on within it. */
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
  /** Milliseconds that the step waited for its data; the first of an epoch also for what its sampler prepared. */
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
  /** What its miner looks at: float32 [n, dim]. */
  readonly embeddings: tf.Tensor2D
  /** What these are compared with: float32 [m, dim]; `undefined` = each other. */
  readonly refEmbeddings: tf.Tensor2D | undefined
  readonly relations: LabelRelations
  /** What its miner selected; `undefined` = all that the labels allow. */
  readonly selection: Selection | undefined
}

/** Inside the step. */
export interface LossContext {
  /** Name of the update under way; schemes with one update call it by their own name. */
  readonly update: string
  /** The whole batch; where it goes through the modules in chunks, without its samples. */
  readonly batch: Batch
  /** What the scheme computed, by name. */
  readonly outputs: Outputs
  /** The output `embeddings`, float32 [n, dim]; where a scheme has none of that name, its first. */
  readonly embeddings: tf.Tensor2D
  /** Those of the dataset's `labels`. */
  readonly relations: LabelRelations
  /** Adds one named term, float32 [], times `weight` (default 1). Names are unique within a run. */
  add(name: string, value: tf.Scalar, weight?: Schedulable): void
}

/** Inside the step. */
export interface GradientContext {
  /** Name of the update under way. */
  readonly update: string
  /** Gradient of each parameter, by qualified name such as `trunk.blocks.0.conv.weight`. A tap returns a new map. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>
}

/** Inside the step. */
export interface UpdatedContext {
  /** Names of the updates of this step that were carried out: without those that a tap of `hooks.exchange` held. */
  readonly updates: readonly string[]
}

/** Between the gradients of an update and the update. */
export interface ExchangeContext extends Progress {
  /** Name of the update under way. */
  readonly update: string
  /** Gradient of each parameter, by qualified name, as the taps before left them. Valid until the hook returns: keep a `tf.clone`. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>
  /** Has the update use these gradients: of the same names and shapes. They become the trainer's, which frees them. */
  replace(gradients: ReadonlyMap<string, tf.Tensor>): void
  /** Leaves parameters and optimizers as they are in this step; running statistics move all the same. */
  hold(): void
}

export interface EvalStartContext extends Progress {
  /** Epochs that this call of `train` will reach; the last evaluation is the one where `epoch` is that, and not `withinEpoch`. */
  readonly epochs: number
  /** Whether the epoch goes on after it: testers that tap with `everySteps` are asked then, and no others. */
  readonly withinEpoch: boolean
}

export interface EvaluateContext extends EvalStartContext {
  /** Tells `hooks.evalProgress` how far a tester is, as often as it likes. */
  report(progress: EvaluationProgress): void
}

/** How far a tester is with one of its tasks. */
export interface EvaluationProgress {
  /** Name of the tester. */
  readonly tester: string
  /** What it is at, such as `embedding val`. */
  readonly task: string
  /** Samples that are done, or whatever else the task consists of. */
  readonly done: number
  /** All of them. */
  readonly total: number
}

export interface EvalProgressContext extends EvalStartContext, EvaluationProgress {}

/** What a tester found. */
export interface Evaluation {
  /** Name of the tester. */
  readonly tester: string
  /** Metrics of each split that was judged, such as `metrics.val.precisionAt1`; null where there is no value. NaN is taken for null. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  /** Of each split why metrics are null, such as `reasons.val.precisionAt1`. Default none. */
  readonly reasons?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** By metric how it is called, and which value is the better one. Default none: by its name, and larger is better. */
  readonly descriptions?: Readonly<Record<string, MetricDescription>>
  /** Embeddings and labels of each split. Default none. */
  readonly splits?: readonly EvaluatedSplit[]
  /** Whether it is the best of the run so far, by the tester's primary metric. Default false. */
  readonly isBest?: boolean
  /** What one should know before trusting the numbers, such as queries without a match. Default none. */
  readonly warnings?: readonly string[]
  /** Seconds of embedding and scoring. */
  readonly seconds: number
}

/** The embeddings that a tester judged, on the host. */
export interface EvaluatedSplit {
  readonly name: string
  /** Its samples, with the labels that it was judged by. */
  readonly dataset: Dataset
  /** The same as it was given to the tester, with all its label columns and views, for the losses of the run. Default: `dataset`. */
  readonly given?: Dataset
  /** Row-major float32 [count, dim]. */
  readonly embeddings: Float32Array
  readonly labels: Int32Array
  readonly dim: number
}

/** An {@link Evaluation} with all that was left out filled in. Its splits are valid until the hook returns. */
export interface EvalEndContext extends Progress, Required<Evaluation> {}

export type SaveContext = Progress

export type RestoredContext = Progress

export interface DoneContext extends Progress {
  /** Why the run ended before its last epoch; `undefined` when it did not. */
  readonly stopReason: string | undefined
}

export interface FailedContext extends Progress {
  readonly error: unknown
  /** The step in which it came up; `undefined` where it was between steps. */
  readonly failedStep: FailedStepContext | undefined
}

/** A step that failed. It changed nothing, unless it {@link hasChanged}. */
export interface FailedStepContext {
  /** Rows of the dataset in its batch. */
  readonly rows: Int32Array
  /** Its batch as it was loaded, one for each view, before normalisation. */
  readonly views: readonly LoadedSamples[]
  /** Whether parameters have changed all the same: backends that `useBackend` did not set up find a broken loss after the step. */
  readonly hasChanged: boolean
  /**
   * Takes the step again, operation by operation and in pieces, with the draws that it had: update after update, as long as `look`
   * returns true. Tensors are valid until `look` returns; all variables are put back.
   *
   * @throws what the step threw, once that piece is asked for.
   */
  retake(look: (update: RetakenUpdate) => boolean): void
}

/** An update in pieces, each computed when it is asked for. What taps of `exchange` do is none of them. */
export interface RetakenUpdate {
  readonly name: string
  /** What the scheme makes of the batch, by name. */
  outputs(): Outputs
  /** Loss terms of these by name, weighted: float32 []. */
  terms(): ReadonlyMap<string, tf.Scalar>
  /** The gradient of a term at each of the outputs that it follows from, by name. */
  outputGradients(term: string): ReadonlyMap<string, tf.Tensor>
  /** The gradient of all terms at each parameter, by qualified name, as taps of `gradients` leave them. */
  gradients(): ReadonlyMap<string, tf.Tensor>
}
