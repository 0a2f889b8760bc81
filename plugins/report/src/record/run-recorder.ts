import { expectKnownOptions, expectNumber, expectOneOf } from '@metric-learning/contracts'
import type { BatchEndContext, EvalEndContext, EvaluatedSplit, Plugin, Trainer } from '@metric-learning/core'
import { classSample } from './class-sample.js'
import type {
  EmbeddingsRecord,
  EpochRecord,
  EvaluationRecord,
  LossReading,
  RunRecord,
  RunStatus,
} from './run-record.js'

export interface RunRecorderOptions {
  /** Name of the run: `Triplet`. */
  readonly name: string
  /** What distinguishes the run, in words. Default nothing. */
  readonly description?: string
  /** Steps between two looks at the loss; each look waits for the device. Default 20. */
  readonly everySteps?: number
  /** The split whose embeddings are kept. Default the first one that is evaluated. */
  readonly split?: string
  /** Embeddings kept; a larger split is thinned to whole classes. Default 2,000. */
  readonly maxEmbeddings?: number
  /** Which evaluation after training counts: the last, or the best by the tester's primary metric. Default `'last'`. */
  readonly result?: 'last' | 'best'
}

/** A plugin that remembers what a report needs of its run. */
export interface RunRecorder extends Plugin {
  /** All that happened so far; may be read at any moment, also of a run that was cut short. */
  readonly record: RunRecord
}

type Open<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Records the metrics of every evaluation, the loss (a look every `everySteps` steps, and at the last
 * of each epoch), training time, and the embeddings of one split before and after training.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export function runRecorder(options: RunRecorderOptions): RunRecorder {
  const known = ['name', 'description', 'everySteps', 'split', 'maxEmbeddings', 'result']
  expectKnownOptions('runRecorder', options, known)
  const { everySteps = 20, maxEmbeddings = 2000, result = 'last' } = options
  expectNumber('runRecorder', 'everySteps', everySteps, { min: 1, integer: true })
  expectNumber('runRecorder', 'maxEmbeddings', maxEmbeddings, { min: 1, integer: true })
  expectOneOf('runRecorder', 'result', result, ['last', 'best'])
  return new Recorder({ ...options, everySteps, maxEmbeddings, result })
}

class Recorder implements RunRecorder {
  readonly name = 'runRecorder'
  readonly #epochs: Open<EpochRecord>[] = []
  readonly #losses: LossReading[] = []
  readonly #evaluations: EvaluationRecord[] = []
  #embeddings: Open<EmbeddingsRecord> | undefined
  #keptIsBest = false
  #status: RunStatus = 'running'
  #stopReason: string | undefined
  #plannedEpochs = 0
  #epochStarted = 0
  /** Losses read in this epoch. */
  #looks = 0

  constructor(
    private readonly options: RunRecorderOptions &
      Required<Pick<RunRecorderOptions, 'everySteps' | 'maxEmbeddings' | 'result'>>,
  ) {}

  get record(): RunRecord {
    const { name, description, result } = this.options
    return structuredClone({
      name,
      ...(description === undefined ? {} : { description }),
      result,
      status: this.#status,
      ...(this.#stopReason === undefined ? {} : { stopReason: this.#stopReason }),
      plannedEpochs: this.#plannedEpochs,
      epochs: this.#epochs,
      losses: this.#losses,
      evaluations: this.#evaluations,
      ...(this.#embeddings === undefined ? {} : { embeddings: this.#embeddings }),
    })
  }

  apply({ hooks }: Trainer): void {
    const { name } = this
    hooks.epochStart.tap({ name, stage: 'report' }, ({ epoch, epochs }) => {
      this.#status = 'running'
      this.#stopReason = undefined
      this.#plannedEpochs = epochs
      this.#epochs.push({ epoch, complete: false, steps: 0, samples: 0, seconds: 0, dataWaitSeconds: 0 })
      this.#epochStarted = performance.now()
      this.#looks = 0
    })
    hooks.batchEnd.tapPromise({ name, stage: 'report' }, (context) => this.#batch(context))
    hooks.epochEnd.tap({ name, stage: 'measure' }, ({ seconds }) => {
      const epoch = this.#epochs.at(-1)!
      epoch.complete = true
      epoch.seconds = seconds
    })
    hooks.evalEnd.tap({ name, stage: 'report' }, (context) => {
      const { epoch, step, tester, metrics, isBest, seconds } = context
      this.#evaluations.push({ epoch, step, tester, metrics: structuredClone(metrics), isBest, seconds })
      this.#keepEmbeddings(context)
    })
    hooks.done.tap({ name, stage: 'report' }, ({ stopReason }) => {
      this.#status = stopReason === undefined ? 'complete' : 'stopped'
      this.#stopReason = stopReason
    })
    hooks.failed.tap({ name, stage: 'report' }, ({ error }) => {
      this.#status = 'failed'
      this.#stopReason = error instanceof Error ? error.message : String(error)
    })
  }

  async #batch({ epoch, step, rows, stepInEpoch, steps, dataWait, loss }: BatchEndContext): Promise<void> {
    const current = this.#epochs.at(-1)!
    if (stepInEpoch % this.options.everySteps === 0 || stepInEpoch === steps) {
      const value = await loss()
      this.#losses.push({ step, epoch: epoch - 1 + stepInEpoch / steps, loss: value })
      this.#looks += 1
      current.meanLoss = (current.meanLoss ?? 0) + (value - (current.meanLoss ?? 0)) / this.#looks
    }
    current.steps = stepInEpoch
    current.samples += rows.length
    current.dataWaitSeconds += dataWait / 1000
    current.seconds = (performance.now() - this.#epochStarted) / 1000
  }

  #keepEmbeddings({ splits, epoch, isBest }: EvalEndContext): void {
    const wanted = this.#embeddings?.split ?? this.options.split ?? splits[0]?.name
    const split = splits.find(({ name }) => name === wanted)
    if (!split) return
    this.#embeddings ??= describeSplit(split, this.options.maxEmbeddings)
    const counts = this.options.result === 'last' || isBest || !this.#keptIsBest
    if (epoch === 0) this.#embeddings.untrained = takeRows(split, this.#embeddings.rows)
    else if (counts) {
      this.#embeddings.trained = takeRows(split, this.#embeddings.rows)
      this.#keptIsBest = isBest
    }
  }
}

function describeSplit({ name, dataset, labels, dim }: EvaluatedSplit, limit: number): EmbeddingsRecord {
  const rows = classSample(labels, limit)
  return { split: name, classNames: [...dataset.classNames], rows, labels: rows.map((row) => labels[row]!), dim }
}

function takeRows({ embeddings, dim }: EvaluatedSplit, rows: readonly number[]): number[] {
  return rows.flatMap((row) => Array.from(embeddings.subarray(row * dim, (row + 1) * dim)))
}
