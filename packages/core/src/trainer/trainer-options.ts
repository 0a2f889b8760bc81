import type { BatchSampler, Dataset, Module, Optimizer } from '@metric-learning/contracts'
import type { CompileMode, Precision } from '@metric-learning/ops'
import type { Plugin } from '../plugins/plugin.js'
import type { Objective } from './objective.js'

export interface TrainerOptions {
  /** From samples to features. */
  readonly trunk: Module
  /** From features to embeddings. */
  readonly embedder: Module
  /** What is trained on. */
  readonly dataset: Dataset
  /** Which of its samples make up a batch. */
  readonly sampler: BatchSampler
  /** What is minimised: the weighted sum of these. At least one, unless plugins add terms in `hooks.loss`. */
  readonly objectives: readonly Objective[]
  /** For the parameters of the trunk. Default `new Adam()`. */
  readonly trunkOptimizer?: Optimizer
  /** For the parameters of the embedder. Default `new Adam()`. */
  readonly embedderOptimizer?: Optimizer
  /** What a run draws at random follows from this. Default 0. */
  readonly seed?: number
  /**
   * Whether the step runs as one graph: `true` where the backend can, with one warning if the step
   * can't be captured; `'require'`: an error then; `false`: never. Default true.
   */
  readonly compile?: CompileMode
  /**
   * `'bfloat16'`: layers and their gradients compute in bfloat16, everything else, weights included, in float32. Exists in
   * compiled steps only, and is an error where the step can't be one; the steps that are captured run in float32. Evaluations
   * are float32 in any case. Default `'float32'`.
   */
  readonly precision?: Precision
  /**
   * Batches that are loaded or loading while one is trained on; no more are asked for until one is used
   * up. More of them even out loads that take now longer, now shorter, and hold that much more memory;
   * 0 loads a batch only when it is needed. Default 2.
   */
  readonly prefetch?: number
  /** Falsy entries are skipped, so that `condition && plugin` works. */
  readonly plugins?: readonly (Plugin | false | null | undefined)[]
}

export interface TrainOptions {
  /** The run ends when this many epochs are done in all, those before this call included. */
  readonly epochs: number
}
