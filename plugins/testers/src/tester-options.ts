import type { Dataset, Module } from '@metric-learning/contracts'
import type { Evaluation } from '@metric-learning/core'
import type { AccuracyCalculator, ConfidenceInterval } from '@metric-learning/evaluation'
import type { CompileMode } from '@metric-learning/ops'

/** A split with a say in where its neighbours are looked up. */
export interface SplitWithReferences {
  readonly dataset: Dataset
  /**
   * Names of the splits among which neighbours are looked up. A query is never a neighbour of itself when its own
   * split is among them. Classes of two splits are the same where their names are, whatever their numbers; where classes have no names, numbers count.
   * Default: the split itself.
   */
  readonly references?: readonly string[]
  /** False: only looked up among, not judged itself. Default true. */
  readonly query?: boolean
}

/** Splits by name. */
export type Splits = Readonly<Record<string, Dataset | SplitWithReferences>>

/** Options of every tester. */
export interface TesterOptions<Found extends Judgement = Judgement> {
  /**
   * What is judged: `{ val }`, or with a reference set
   * `{ val: { dataset: val, references: ['val', 'train'] }, train: { dataset: train, query: false } }`.
   */
  readonly splits: Splits
  /**
   * Name of the label column of all splits by which they are judged: one of a class a sample. Several are levels of a hierarchy,
   * finest first: a metric is then the mean over levels, and `<level>/<metric>` that of each. `'labels'` is the splits' own. Default: those.
   */
  readonly labels?: string | readonly string[]
  /** Name of the tester, for hooks and logs; unique within a trainer. Default: that of its class. */
  readonly name?: string
  /** Divides embeddings by their Euclidean norm before they are judged, after `pca`. Default true. */
  readonly normalizeEmbeddings?: boolean
  /**
   * Judges this many principal components of the embeddings, standardised column by column: worked out on the references of
   * each split, and applied to them and to its queries. That takes about a second where embeddings have 512 numbers, eight times as long for twice
   * as many. Default: embeddings as they are.
   */
  readonly pca?: number
  /** Judges what the trunk gives and skips the embedder. Default false. */
  readonly useTrunkOutput?: boolean
  /** Samples that are embedded at a time, at most. Default 256. */
  readonly batchSize?: number
  /**
   * Bytes of embeddings that are kept in memory from embedding to judging. Splits beyond lie in a file of the temporary folder
   * (`TMPDIR`), which has no name any more once it is open, so that nothing of it is left however the process ends; one split and its
   * references at a time are read back. Default 2^30, 1 GiB: 2,097,152 embeddings of 128 numbers.
   */
  readonly embeddingBytes?: number
  /**
   * Whether a batch is embedded as one graph: `true` where the backend can, with one warning if the model can't be
   * captured; `'require'`: an error then; `false`: never. Default: the trainer's `compile`; true without a trainer.
   */
  readonly compile?: CompileMode
  /**
   * The metric by which evaluations are compared; it knows whether larger or smaller is better. With several levels also `<level>/<metric>`.
   * Default: the tester's own, `'meanAveragePrecisionAtR'` of those that have an `accuracyCalculator`.
   */
  readonly primaryMetric?: string
  /** The split whose metric that is. Default: the first that is judged. */
  readonly primarySplit?: string
  /** Epochs from one evaluation to the next; the last epoch is judged in any case. Default 1. */
  readonly everyEpochs?: number
  /** Steps from one evaluation to the next, counted over the whole run; in place of `everyEpochs`. The last step is judged in any case. */
  readonly everySteps?: number
  /** Judges the model before the first epoch too. Default true. */
  readonly beforeTraining?: boolean
  /**
   * Judges the weights that training changes, also where a plugin keeps averages of them, which testers judge otherwise. With a `name` of
   * its own, such a tester has the metrics of both in one run. Default false.
   */
  readonly rawWeights?: boolean
  /** Called at the end of every test, before the trainer hears of its results. */
  readonly endOfTestingHook?: (result: TestResult<Found>) => void | Promise<void>
}

/** Options of testers that judge by an `AccuracyCalculator`. */
export interface AccuracyTesterOptions<Found extends Judgement = Judgement> extends TesterOptions<Found> {
  /** Default `new AccuracyCalculator()`: all seven metrics. */
  readonly accuracyCalculator?: AccuracyCalculator<string>
}

/** What is tested. */
export interface TestedModel {
  readonly trunk: Module
  /** Left out: the trunk's output is judged. */
  readonly embedder?: Module
}

/** Embeddings with their labels. */
export interface LabelledEmbeddings {
  /** Row-major float32 [rows, dim]. */
  readonly embeddings: Float32Array
  readonly dim: number
  /** Label of each row, at the level that is judged. */
  readonly labels: Int32Array
  /** Label of each row at every level that `labels` names, finest first. */
  readonly levels: readonly Int32Array[]
}

/** What is compared with what: a split with its references, at one level. */
export interface Comparison {
  /** Name of the split. */
  readonly split: string
  /** Which of the levels is judged: its place in `query.levels`. */
  readonly level: number
  readonly query: LabelledEmbeddings
  /** Where neighbours are looked up. The same object as `query` where a split is looked up in itself. */
  readonly reference: LabelledEmbeddings
  /** The references begin with the queries, in order, and a query is no neighbour of itself. */
  readonly refIncludesQuery: boolean
  /** To be told how many queries are done, of how many. */
  readonly onProgress: (done: number, total: number) => void
}

/** What a tester says of a {@link Comparison}. An `Accuracy` is one. */
export interface Judgement {
  /** By name; null where there is no value. NaN is taken for null. */
  readonly metrics: Readonly<Partial<Record<string, number | null>>>
  /** Why metrics are null, a sentence each. Default none. */
  readonly reasons?: Readonly<Partial<Record<string, string>>>
  /** Metrics that would be what they are whatever the embeddings were, and so are no results, with the reason. Default none. */
  readonly certain?: Readonly<Partial<Record<string, string>>>
  /** Where metrics would lie were other queries drawn. Given and logged beside them, as `<metric>/lower` and `<metric>/upper`. Default none. */
  readonly intervals?: Readonly<Partial<Record<string, ConfidenceInterval>>>
  /** What one should know before trusting the numbers. Default none. */
  readonly warnings?: readonly string[]
}

/**
 * What a test found, of each split that was judged: `metrics.val.precisionAt1`. Metrics that have no value or cannot fail, as of a split of one
 * class, are null, with the reason in `reasons`, and so are all where all embeddings are one point. With several levels
 * `metrics.val['family/precisionAt1']` is that of one, and `metrics.val.precisionAt1` their mean: null where that of a level is. With `bootstrap`
 * of the calculator `metrics.val['precisionAt1/lower']` and `'precisionAt1/upper'` are the ends of its confidence interval; a mean over levels has none.
 *
 * Its splits are those that were compared, as they were compared (with `pca`: references as the first split was that looked among them), judged ones
 * first. What lay in a file is read anew each time that its `embeddings` are asked for, until the next test or `dispose()`. Each of its
 * warnings has its split, and its level where there are several, in front.
 */
export interface TestResult<Found extends Judgement = Judgement> extends Required<Pick<Evaluation, 'metrics' | 'reasons' | 'descriptions' | 'splits' | 'warnings' | 'seconds'>> {
  /** All that was said of each split: `accuracies.val`; with several levels `accuracies['val/family']`. */
  readonly accuracies: Readonly<Record<string, Found>>
}

/** The best evaluation of a run. */
export interface BestEvaluation {
  /** 0 = before training; with `everySteps` the one under way. */
  readonly epoch: number
  readonly value: number
  readonly metric: string
  readonly split: string
}
