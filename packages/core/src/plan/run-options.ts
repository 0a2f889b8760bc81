import type { BatchSampler, Dataset, Module, Optimizer } from '@metric-learning/contracts'
import type { CompileMode, Precision } from '@metric-learning/ops'
import type { Objective } from '../schemes/objective.js'
import type { Scheme } from '../schemes/scheme.js'

/** Parts of what is computed of a step to be looked at. */
export const WATCHED_PARTS = ['embeddings', 'distances', 'active', 'gradients'] as const
export type WatchedPart = (typeof WATCHED_PARTS)[number]

/** A part of the log that a run may do without. */
export type UnloggedPart = WatchedPart | 'validationLoss'

/** For the default scheme, `metricLossOnly`. */
export interface DefaultSchemeOptions {
  /** From samples to features. */
  readonly trunk: Module
  /** From features to embeddings. Left out: the trunk gives the embeddings. */
  readonly embedder?: Module
  readonly scheme?: undefined
}

/** For any other. */
export interface SchemeOptions {
  /** What a step computes. */
  readonly scheme: Scheme
  readonly trunk?: undefined
  readonly embedder?: undefined
}

/** What a run takes, plugins apart. */
export interface RunOptions {
  /** What is trained on. */
  readonly dataset: Dataset
  /** Which of its samples make up a batch. */
  readonly sampler: BatchSampler
  /**
   * What is minimised: the weighted sum of these. At least one, unless plugins add terms in `hooks.loss`; none where the scheme's
   * updates name their own. Default none.
   */
  readonly objectives?: readonly Objective[]
  /**
   * For the parameters of modules, by the names that the scheme gives them, such as `trunk`, and for parts of them by the paths of their
   * parameters: `trunk.blocks.0`, `trunk.blocks.*.norm`, where `*` is any one part. The longest path that leads to a parameter holds.
   * Each its own. Default `new Adam()`.
   *
   * @example { trunk: new Adam({ learningRate: 1e-5 }), 'trunk.blocks.3': new Adam({ learningRate: 1e-4 }), embedder: new Adam() }
   */
  readonly optimizers?: Readonly<Record<string, Optimizer>>
  /** What a run draws at random follows from this. Default 0. */
  readonly seed?: number
  /**
   * Whether the step runs as one graph: `true` where the backend can, with one warning if the step
   * can't be captured; `'require'`: an error then; `false`: never. Default true.
   */
  readonly compile?: CompileMode
  /**
   * `'bfloat16'`: layers and their gradients compute in bfloat16, everything else, weights included, in float32. Exists in
   * compiled steps only, and is an error where the step can't be one. Evaluations are float32 in any case. Default `'float32'`.
   */
  readonly precision?: Precision
  /**
   * Samples that go through the modules at once. A larger batch goes in chunks of so many, twice: once for its outputs, and, when
   * the losses of the whole batch are known, once more for gradients. Gradients are those of the batch as a whole, memory is that of
   * a chunk, and a step takes about one forward pass more. Batch norm sees a chunk at a time. Batches of at most so many are
   * taken as a whole. See docs/large-batches.md. Default: all of a batch.
   */
  readonly chunkSize?: number
  /**
   * Batches that are loaded or loading while one is trained on; no more are asked for until one is used
   * up. More of them even out loads that take now longer, now shorter, and hold that much more memory;
   * 0 loads a batch only when it is needed. Default 2.
   */
  readonly prefetch?: number
  /**
   * Steps between two looks at the loss for `hooks.log`, each of which waits for the device; the last step of an epoch is looked
   * at in any case. Nothing is read where nobody taps that hook. Default 20.
   */
  readonly logEverySteps?: number
  /**
   * Parts that are left out of the log, and not computed then: `'embeddings'` (norm and spread), `'distances'`, `'active'` (the share of
   * pairs or triplets with a loss), `'gradients'`, `'validationLoss'` (losses on the splits of testers). See docs/logging.md. Default none.
   */
  readonly unlogged?: readonly UnloggedPart[]
}

/** What a run takes, with what says its scheme. */
export type PlanOptions = RunOptions & (DefaultSchemeOptions | SchemeOptions)
