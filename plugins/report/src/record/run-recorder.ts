import {
  expectKnownOptions,
  expectNumber,
  expectOneOf,
  expectText,
  StateError,
  type MetricDescription,
  type Plain,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import type { BatchEndContext, EpochStartContext, EvalEndContext, EvaluatedSplit, LogEntry, Plugin, Trainer } from '@metric-learning/core'
import { classSample } from './class-sample.js'
import type { EmbeddingsRecord, EpochRecord, EvaluationRecord, LossReading, RunRecord, RunStatus, ScalarReading } from './run-record.js'
import { writeRecord } from './write-record.js'

export interface RunRecorderOptions {
  /** Name of the run: `Triplet`. */
  readonly name: string
  /** What the run is one of several of, which differ in their seed alone: `Triplet`, of `Triplet, seed 1`. Default none: it stands for itself. */
  readonly method?: string
  /** Where the record is kept, as JSON: after each epoch and at the end of the run, whole each time. Default nowhere. */
  readonly file?: string
  /** What distinguishes the run, in words. Default nothing. */
  readonly description?: string
  /** The split whose embeddings are kept. Default the first one that is evaluated. */
  readonly split?: string
  /** Embeddings kept; a larger split is thinned to whole classes. Default 2,000. */
  readonly maxEmbeddings?: number
  /** Which evaluation after training counts: the last, or the best by the tester's primary metric. Default `'last'`. */
  readonly result?: 'last' | 'best'
}

/** A plugin that remembers what a report needs of its run. */
export type RunRecorder = Plugin &
  Stateful & {
    /** All that happened so far; may be read at any moment, also of a run that was cut short. */
    readonly record: RunRecord
  }

type Open<T> = { -readonly [K in keyof T]: T[K] }

/** Embeddings of a split as they are kept. */
interface KeptEmbeddings extends Omit<EmbeddingsRecord, 'untrained' | 'trained'> {
  untrained?: Float32Array
  trained?: Float32Array
}

/**
 * Records the metrics of every evaluation, the loss and all other scalars whenever they are logged (those of the trainer every
 * `logEverySteps` steps, and at the last of each epoch), training time, and the embeddings of one split before and after training.
 *
 * The record belongs to the state of a run: that of a resumed run covers all of it.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {PluginError} in `epochEnd`, `done` and `failed`, when `file` can't be written.
 */
export function runRecorder(options: RunRecorderOptions): RunRecorder {
  expectKnownOptions('runRecorder', options, ['name', 'method', 'file', 'description', 'split', 'maxEmbeddings', 'result'])
  const { maxEmbeddings = 2000, result = 'last', method, file } = options
  if (method !== undefined) expectText('runRecorder', 'method', method, 'a name', "Pass what the runs have in common, such as 'Triplet'.")
  if (file !== undefined) expectText('runRecorder', 'file', file, 'the path of a file', "Pass one, such as 'runs/first/record.json'.")
  expectNumber('runRecorder', 'maxEmbeddings', maxEmbeddings, { min: 1, integer: true })
  expectOneOf('runRecorder', 'result', result, ['last', 'best'])
  return new Recorder({ ...options, maxEmbeddings, result })
}

/** What {@link runRecorder} makes; the live page looks into it without a copy. */
export class Recorder implements RunRecorder {
  #epochs: Open<EpochRecord>[] = []
  #losses: LossReading[] = []
  #scalars = new Map<string, ScalarReading[]>()
  #evaluations: EvaluationRecord[] = []
  #descriptions: Readonly<Record<string, MetricDescription>> = {}
  #embeddings: KeptEmbeddings | undefined
  #keptIsBest = false
  #status: RunStatus = 'running'
  #stopReason: string | undefined
  #plannedEpochs = 0
  /** The epoch under way: when it began or went on, the seconds that it took before, the step before its first, its steps. */
  #current = { started: 0, before: 0, firstStep: 0, steps: 1 }

  constructor(
    private readonly options: RunRecorderOptions & Required<Pick<RunRecorderOptions, 'maxEmbeddings' | 'result'>>,
    /** Of the plugin. */
    readonly name = 'runRecorder',
  ) {}

  get record(): RunRecord {
    const { embeddings } = this
    return { ...structuredClone(this.view), ...(embeddings && { embeddings }) }
  }

  /** A copy of the embeddings that are kept. */
  get embeddings(): EmbeddingsRecord | undefined {
    return this.#embeddings && structuredClone(withEmbeddings(this.#embeddings, (values) => Array.from(values)))
  }

  /** The record as it is, without a copy and without embeddings: to be looked at, and not kept. */
  get view(): RunRecord {
    const { name, method, description, result } = this.options
    return {
      name,
      ...(method === undefined ? {} : { method }),
      ...(description === undefined ? {} : { description }),
      result,
      status: this.#status,
      ...(this.#stopReason === undefined ? {} : { stopReason: this.#stopReason }),
      plannedEpochs: this.#plannedEpochs,
      epochs: this.#epochs.map((epoch) => ({ ...epoch, ...meanLoss(epoch, this.#losses) })),
      losses: this.#losses,
      ...(this.#scalars.size > 0 && { scalars: Object.fromEntries(this.#scalars) }),
      evaluations: this.#evaluations,
      ...(Object.keys(this.#descriptions).length > 0 && { descriptions: this.#descriptions }),
    }
  }

  apply({ hooks }: Trainer): void {
    const tap = { name: this.name, stage: 'report' } as const
    hooks.epochStart.tap(tap, (context) => this.#begin(context))
    hooks.log.tap(tap, (entry) => this.#log(entry))
    hooks.batchEnd.tap(tap, (context) => this.#batch(context))
    hooks.epochEnd.tap({ ...tap, stage: 'measure' }, ({ seconds }) => {
      const epoch = this.#epochs.at(-1)!
      epoch.complete = true
      epoch.seconds = this.#current.before + seconds
    })
    hooks.evalEnd.tap(tap, (context) => {
      const { epoch, step, tester, metrics, isBest, seconds } = context
      const reasons = Object.fromEntries(Object.entries(context.reasons).filter(([, ofSplit]) => Object.keys(ofSplit).length > 0))
      const missing = Object.keys(reasons).length > 0 && { reasons }
      this.#evaluations.push({ epoch, step, tester, metrics: numbersOf(metrics), ...missing, isBest, seconds })
      this.#descriptions = { ...this.#descriptions, ...context.descriptions }
      this.#dropMetrics(context)
      this.#keepEmbeddings(context)
    })
    hooks.epochEnd.tapPromise(tap, () => this.#write())
    hooks.done.tapPromise(tap, ({ stopReason }) => {
      this.#status = stopReason === undefined ? 'complete' : 'stopped'
      this.#stopReason = stopReason
      return this.#write()
    })
    hooks.failed.tapPromise(tap, ({ error }) => {
      this.#status = 'failed'
      this.#stopReason = error instanceof Error ? error.message : String(error)
      return this.#write()
    })
  }

  state(): State {
    const embeddings = this.#embeddings ? withEmbeddings(this.#embeddings, toText) : null
    const scalars = Object.fromEntries(this.#scalars)
    const kept = { epochs: this.#epochs, losses: this.#losses, scalars, evaluations: this.#evaluations, descriptions: this.#descriptions, embeddings }
    const values = { ...kept, plannedEpochs: this.#plannedEpochs, keptIsBest: this.#keptIsBest }
    return { values: structuredClone(values) as unknown as Readonly<Record<string, Plain>> }
  }

  /** @throws {StateError} when it is no state of a recorder. */
  restore({ values = {} }: State): void {
    const { epochs, losses, scalars = {}, evaluations, descriptions = {}, embeddings, plannedEpochs, keptIsBest } = structuredClone(values) as unknown as SavedValues
    if (![epochs, losses, evaluations].every(Array.isArray)) {
      throw new StateError({
        who: 'runRecorder',
        wanted: 'epochs, losses and evaluations of a run',
        got: Object.keys(values).join(', ') || 'nothing',
        fix: 'Pass what `state()` gave.',
      })
    }
    this.#epochs = epochs
    this.#losses = losses
    this.#scalars = new Map(Object.entries(scalars))
    this.#evaluations = evaluations
    this.#descriptions = descriptions
    this.#embeddings = embeddings ? withEmbeddings(embeddings, toNumbers) : undefined
    this.#plannedEpochs = plannedEpochs
    this.#keptIsBest = keptIsBest
  }

  /** An epoch that goes on keeps its record. */
  #begin({ epoch, epochs, steps, step, stepInEpoch }: EpochStartContext): undefined {
    this.#status = 'running'
    this.#stopReason = undefined
    this.#plannedEpochs = epochs
    if (this.#epochs.at(-1)?.epoch !== epoch) {
      this.#epochs.push({ epoch, complete: false, steps: 0, samples: 0, seconds: 0, dataWaitSeconds: 0 })
    }
    this.#current = { started: performance.now(), before: this.#epochs.at(-1)!.seconds, firstStep: step - stepInEpoch, steps }
  }

  #log(entry: LogEntry): undefined {
    if (entry.kind !== 'scalar') return
    const { tag, step, value } = entry
    const { firstStep, steps } = this.#current
    const current = this.#epochs.at(-1)
    const epoch = current ? current.epoch - 1 + (step - firstStep) / steps : 0
    if (tag === 'train/loss') {
      if (current) this.#losses.push({ step, epoch, loss: value })
      return
    }
    if (!this.#scalars.has(tag)) this.#scalars.set(tag, [])
    this.#scalars.get(tag)!.push({ step, epoch, value })
  }

  /** Metrics have been logged just before; they are in the evaluations. */
  #dropMetrics({ tester, metrics }: EvalEndContext): void {
    for (const [split, values] of Object.entries(metrics)) {
      for (const metric of Object.keys(values)) {
        this.#scalars.delete(`${split}/${metric}`)
        this.#scalars.delete(`${tester}/${split}/${metric}`)
      }
    }
  }

  async #write(): Promise<void> {
    if (this.options.file !== undefined) await writeRecord(this.options.file, this.record)
  }

  #batch({ rows, stepInEpoch, dataWait }: BatchEndContext): undefined {
    const current = this.#epochs.at(-1)!
    current.steps = stepInEpoch
    current.samples += rows.length
    current.dataWaitSeconds += dataWait / 1000
    current.seconds = this.#current.before + (performance.now() - this.#current.started) / 1000
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

/** What is null has no result: no match, or no way to fail. */
function numbersOf(metrics: EvalEndContext['metrics']): EvaluationRecord['metrics'] {
  const isResult = (entry: [string, number | null]): entry is [string, number] => entry[1] !== null
  return Object.fromEntries(Object.entries(metrics).map(([split, values]) => [split, Object.fromEntries(Object.entries(values).filter(isResult))]))
}

/** Embeddings as text, since they are many. */
type SavedEmbeddings = Omit<EmbeddingsRecord, 'untrained' | 'trained'> & { readonly untrained?: string; readonly trained?: string }

interface SavedValues {
  readonly epochs: Open<EpochRecord>[]
  readonly losses: LossReading[]
  /** Absent in states of before there was one. */
  readonly scalars?: Record<string, ScalarReading[]>
  readonly evaluations: EvaluationRecord[]
  /** Absent in states of before there were any. */
  readonly descriptions?: Readonly<Record<string, MetricDescription>>
  readonly embeddings: SavedEmbeddings | null
  readonly plannedEpochs: number
  readonly keptIsBest: boolean
}

/** The same with its embeddings in another form. */
function withEmbeddings<From, To>(
  { untrained, trained, ...rest }: Omit<EmbeddingsRecord, 'untrained' | 'trained'> & { readonly untrained?: From; readonly trained?: From },
  change: (values: From) => To,
): Omit<EmbeddingsRecord, 'untrained' | 'trained'> & { untrained?: To; trained?: To } {
  return {
    ...rest,
    ...(untrained === undefined ? {} : { untrained: change(untrained) }),
    ...(trained === undefined ? {} : { trained: change(trained) }),
  }
}

/** Little-endian float32 as base64. */
const toText = (values: Float32Array): string => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')

const toNumbers = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)

/** Of the losses that were logged in an epoch; nothing when none was. */
function meanLoss({ epoch }: EpochRecord, losses: readonly LossReading[]): Pick<EpochRecord, 'meanLoss'> {
  const own = losses.filter((reading) => Math.ceil(reading.epoch) === epoch)
  return own.length === 0 ? {} : { meanLoss: own.reduce((sum, { loss }) => sum + loss, 0) / own.length }
}

function describeSplit({ name, dataset, labels, dim }: EvaluatedSplit, limit: number): KeptEmbeddings {
  const rows = classSample(labels, limit)
  return { split: name, classNames: [...dataset.classNames], rows, labels: rows.map((row) => labels[row]!), dim }
}

function takeRows({ embeddings, dim }: EvaluatedSplit, rows: readonly number[]): Float32Array {
  const taken = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    taken.set(embeddings.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return taken
}
