import type { MetricDescription } from '@metric-learning/contracts'

/** One evaluation of a run. */
export interface EvaluationRecord {
  /** Epochs done; 0 = the untrained model. */
  readonly epoch: number
  /** Updates done. */
  readonly step: number
  /** Who evaluated. */
  readonly tester: string
  /** Accuracies by split, then by metric, such as `metrics.heldOut.precisionAt1`; those that are null are left out. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** By split, then by metric, why it is null. Absent where none is. */
  readonly reasons?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Whether it was the best so far, by the tester's primary metric. */
  readonly isBest: boolean
  /** Seconds of embedding and scoring. */
  readonly seconds: number
}

/** The training of one epoch. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number
  /** False when the run ended inside the epoch. */
  readonly complete: boolean
  readonly steps: number
  readonly samples: number
  /** Seconds of training, evaluation not counted. */
  readonly seconds: number
  /** Seconds of these in which steps waited for their data. */
  readonly dataWaitSeconds: number
  /** Mean of the losses that were logged in this epoch; absent when none was. */
  readonly meanLoss?: number
}

/** The loss of one step. */
export interface LossReading {
  /** Updates done, this one included. */
  readonly step: number
  /** The same in epochs: 1.5 is the middle of the second. */
  readonly epoch: number
  readonly loss: number
}

/** One reading of a scalar that was logged. */
export interface ScalarReading {
  /** Updates done. */
  readonly step: number
  /** The same in epochs: 1.5 is the middle of the second. */
  readonly epoch: number
  readonly value: number
}

/** Embeddings of a split before and after training; the same rows both times. */
export interface EmbeddingsRecord {
  readonly split: string
  /** Name of each class, by label. */
  readonly classNames: readonly string[]
  /** Rows of the split's dataset that were kept. */
  readonly rows: readonly number[]
  /** Label of each kept row. */
  readonly labels: readonly number[]
  readonly dim: number
  /** Row-major [rows, dim], of the evaluation at epoch 0; absent when there was none. */
  readonly untrained?: readonly number[]
  /** Row-major [rows, dim], of the evaluation that counts (see {@link RunRecord.result}); absent before the first. */
  readonly trained?: readonly number[]
}

/** How a run ended; `running` while it has not. */
export type RunStatus = 'running' | 'complete' | 'stopped' | 'failed'

/** All that a report says of one run: plain data, fit for JSON. */
export interface RunRecord {
  readonly name: string
  /** What the run is one of several runs of, which differ in their seed alone: a report shows their mean. Absent where it stands for itself. */
  readonly method?: string
  /** What distinguishes the run, in words: its loss, its miner. */
  readonly description?: string
  /** Which evaluation counts as the run's result. */
  readonly result: 'last' | 'best'
  readonly status: RunStatus
  /** Why the run stopped early or failed. */
  readonly stopReason?: string
  /** Epochs that were asked for; 0 before the first began. */
  readonly plannedEpochs: number
  readonly epochs: readonly EpochRecord[]
  readonly losses: readonly LossReading[]
  /**
   * Other scalars that were logged, by tag: terms of the loss, distances, norms, rates, speed, memory, what plugins log. Not in it: metrics,
   * which are in `evaluations`. Absent when there was none.
   */
  readonly scalars?: Readonly<Record<string, readonly ScalarReading[]>>
  readonly evaluations: readonly EvaluationRecord[]
  /** How testers call their metrics, by key. Absent where none says. */
  readonly descriptions?: Readonly<Record<string, MetricDescription>>
  readonly embeddings?: EmbeddingsRecord
}
