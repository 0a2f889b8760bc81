import type { Dataset, Module } from '@metric-learning/contracts'
import type { Evaluation } from '@metric-learning/core'
import type { Accuracy, AccuracyCalculator, MetricName } from '@metric-learning/evaluation'
import type { CompileMode } from '@metric-learning/ops'

/** A split with a say in where its neighbours are looked up. */
export interface SplitWithReferences {
  readonly dataset: Dataset
  /**
   * Names of the splits among which neighbours are looked up. A query is never a neighbour of itself when its own
   * split is among them. Default: the split itself.
   */
  readonly references?: readonly string[]
  /** False: only looked up among, not judged itself. Default true. */
  readonly query?: boolean
}

/** Splits by name. */
export type Splits = Readonly<Record<string, Dataset | SplitWithReferences>>

export interface GlobalEmbeddingSpaceTesterOptions {
  /**
   * What is judged: `{ val }`, or with a reference set
   * `{ val: { dataset: val, references: ['val', 'train'] }, train: { dataset: train, query: false } }`.
   */
  readonly splits: Splits
  /** Name of the label column of all splits by which they are judged: one of a class a sample. Default: their `labels`. */
  readonly labels?: string
  /** Name of the tester, for hooks and logs; unique within a trainer. Default `'GlobalEmbeddingSpaceTester'`. */
  readonly name?: string
  /** Divides embeddings by their Euclidean norm before they are judged. Default true. */
  readonly normalizeEmbeddings?: boolean
  /** Judges what the trunk gives and skips the embedder. Default false. */
  readonly useTrunkOutput?: boolean
  /** Samples that are embedded at a time, at most. Default 256. */
  readonly batchSize?: number
  /**
   * Whether a batch is embedded as one graph: `true` where the backend can, with one warning if the model can't be
   * captured; `'require'`: an error then; `false`: never. Default: the trainer's `compile`; true without a trainer.
   */
  readonly compile?: CompileMode
  /** Default `new AccuracyCalculator()`: all seven metrics. */
  readonly accuracyCalculator?: AccuracyCalculator<string>
  /**
   * The metric by which evaluations are compared, one of the calculator's; it knows whether larger or smaller is better. Default
   * `'meanAveragePrecisionAtR'`.
   */
  readonly primaryMetric?: MetricName | (string & {})
  /** The split whose metric that is. Default: the first that is judged. */
  readonly primarySplit?: string
  /** Epochs from one evaluation to the next; the last epoch is judged in any case. Default 1. */
  readonly everyEpochs?: number
  /** Judges the model before the first epoch too. Default true. */
  readonly beforeTraining?: boolean
  /** Called at the end of every test, before the trainer hears of its results. */
  readonly endOfTestingHook?: (result: TestResult) => void | Promise<void>
}

/** What is tested. */
export interface TestedModel {
  readonly trunk: Module
  /** Left out: the trunk's output is judged. */
  readonly embedder?: Module
}

/**
 * What a test found. Metrics that have no value or cannot fail, as of a split of one class, are null, with the reason in `reasons`, and so are all
 * where all embeddings are one point. Its splits are those that were compared,
 * normalised if the tester does so, judged ones first; each of its warnings has its split in front.
 */
export interface TestResult extends Required<Pick<Evaluation, 'metrics' | 'reasons' | 'descriptions' | 'splits' | 'warnings' | 'seconds'>> {
  /** All that the calculator says of each split that was judged, accuracies per class included. */
  readonly accuracies: Readonly<Record<string, Accuracy<string>>>
}

/** The best evaluation of a run. */
export interface BestEvaluation {
  /** 0 = before training. */
  readonly epoch: number
  readonly value: number
  readonly metric: string
  readonly split: string
}
