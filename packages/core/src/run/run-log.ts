import * as tf from '@tensorflow/tfjs-core'
import type { Optimizer } from '@metric-learning/contracts'
import type { Scheduled } from '@metric-learning/ops'
import type { BatchEndContext, EpochEndContext, EvalEndContext } from '../hooks/contexts.js'
import type { LogEntry } from '../hooks/log-entry.js'
import type { FoundValidation } from './validation-loss.js'

const OF_STEPS = /^(train\/(loss(\/.+)?|(emptySelections|miner|sampler|norm|spread|positiveDistance|negativeDistance|active)\/.+|samplesPerSecond|dataWait)|gradientNorm\/.+)$/
const OF_EPOCHS = /^((rate|scheduled)\/.+|memory\/(rss|peakRss|tensors|tensorBytes)|epoch\/(seconds|samplesPerSecond))$/
/** What histograms are made of. */
const VALUES = /^(train\/(norms|positiveDistances|negativeDistances)|gradients)\//

/** Why a number of a step has no value. */
const REASONS: readonly (readonly [tag: RegExp, reason: string])[] = [
  [/^train\/positiveDistance\//, 'The batch has no pair of one class.'],
  [/^train\/negativeDistance\//, 'The batch has no pair of two classes.'],
  [/^train\/active\//, 'The loss looked at no pair or triplet.'],
]

const reasonOf = (tag: string): string => REASONS.find(([one]) => one.test(tag))?.[1] ?? 'It is not a number.'

/**
 * Whether a tag is one of what the trainer measures while it trains, many times an epoch: `train/loss`, `train/loss/<term>`,
 * `train/emptySelections/<objective>`, `train/samplesPerSecond`, `train/dataWait`, `train/miner/<objective>/<statistic>`,
 * `train/sampler/<statistic>`, `train/norm/<output>`, `gradientNorm/<group>` and so on. Other tags that begin with `train/` are those of a split of that name.
 */
export const isTagOfSteps = (tag: string): boolean => OF_STEPS.test(tag)

/** Whether a tag is one of those that the trainer logs by itself in every epoch, tester or not: those of steps, rates, memory, speed. */
export const isTagOfTrainer = (tag: string): boolean => OF_STEPS.test(tag) || OF_EPOCHS.test(tag)

/** What of a run is logged, and under which tags: docs/logging.md. The one place where tags are written. */
export class RunLog {
  /** The tester that was the first to judge a split of this name. */
  readonly #ownerOf = new Map<string, string>()
  /** Reasons that were given. */
  readonly #said = new Set<string>()
  #samples = 0
  #steps = 0
  #waited = 0
  #since = performance.now()

  constructor(private readonly send: (entry: LogEntry) => void) {}

  /** Which tester's tags of a split stand alone; saved with the run. */
  get owners(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#ownerOf)
  }

  restoreOwners(owners: Readonly<Record<string, string>>): void {
    this.#ownerOf.clear()
    for (const [split, tester] of Object.entries(owners)) this.#ownerOf.set(split, tester)
  }

  configuration(values: Extract<LogEntry, { kind: 'configuration' }>['values']): void {
    this.send({ kind: 'configuration', tag: 'configuration', step: 0, values })
  }

  /** Counting begins anew: what was in between was no training. */
  restart(): void {
    this.#samples = 0
    this.#steps = 0
    this.#waited = 0
    this.#since = performance.now()
  }

  /** Milliseconds that were no training, and do not count for its speed. */
  pause(milliseconds: number): void {
    this.#since += milliseconds
  }

  /** Counts a step, seen or not. */
  count(samples: number, dataWait: number): void {
    this.#samples += samples
    this.#steps += 1
    this.#waited += dataWait
  }

  /** A look at a step: losses, rates, speed, memory; in how many steps miners selected nothing. */
  async step(
    { step, loss, losses }: Pick<BatchEndContext, 'step' | 'loss' | 'losses'>,
    emptySelections: Readonly<Record<string, number>>,
    optimizers: ReadonlyMap<string, Optimizer>,
    scheduled: ReadonlyMap<string, Scheduled>,
  ): Promise<void> {
    this.#scalar('train/loss', await loss(), step)
    for (const [term, value] of Object.entries(await losses())) this.#scalar(`train/loss/${term}`, value, step)
    for (const [objective, count] of Object.entries(emptySelections)) this.#scalar(`train/emptySelections/${objective}`, count, step)
    // After the loss has been read, so that the time counts in which the device worked.
    this.#scalar('train/samplesPerSecond', (1000 * this.#samples) / (performance.now() - this.#since), step)
    this.#scalar('train/dataWait', this.#waited / Math.max(1, this.#steps), step)
    for (const [name, { learningRate }] of optimizers) this.#scalar(`rate/${name}`, learningRate, step)
    for (const [path, { value }] of scheduled) this.#scalar(`scheduled/${path}`, value, step)
    this.#memory(step)
    this.restart()
  }

  /** What miners recorded in a step that is looked at. */
  statistics(recorded: Readonly<Record<string, number>>, step: number): void {
    for (const [name, value] of Object.entries(recorded)) this.#scalar(`train/miner/${name}`, value, step)
  }

  /** What a sampler measured for the epoch, under its own names. No NaN: there was nothing to measure. */
  samplerStatistics(measured: Readonly<Record<string, number>>, step: number): void {
    for (const [name, value] of Object.entries(measured)) if (!Number.isNaN(value)) this.#scalar(`train/sampler/${name}`, value, step)
  }

  /**
   * What was computed to be looked at in a step.
   *
   * @param isLast whether it is the last of an epoch, which has histograms
   */
  async watched(found: tf.NamedTensorMap, step: number, isLast: boolean): Promise<void> {
    for (const [name, tensor] of Object.entries(found)) {
      if (VALUES.test(name) && !isLast) continue
      this.#watched(name, name, [await tensor.data<'float32'>()], step)
    }
  }

  /**
   * All values of a histogram; or the mean of those numbers that are some.
   *
   * @param name what was watched, as steps call it
   */
  #watched(tag: string, name: string, ofBatches: readonly Float32Array[], step: number): void {
    if (VALUES.test(name)) {
      const values = ofBatches.length === 1 ? ofBatches[0]! : Float32Array.from(ofBatches.flatMap((of) => [...of]))
      // Distances of pairs of another kind are below 0.
      const own = tag.includes('Distances/') ? values.filter((value) => value >= 0) : values
      if (own.length > 0) this.send({ kind: 'histogram', tag, step, values: own })
      return
    }
    const values = ofBatches.map(([value]) => value!).filter((value) => !Number.isNaN(value))
    if (values.length === 0) this.send({ kind: 'missing', tag, step, reason: reasonOf(name) })
    else this.#scalar(tag, values.reduce((sum, value) => sum + value, 0) / values.length, step)
  }

  epoch({ step, seconds, samplesPerSecond }: EpochEndContext): void {
    this.#scalar('epoch/seconds', seconds, step)
    this.#scalar('epoch/samplesPerSecond', samplesPerSecond, step)
  }

  evaluation({ tester, metrics, reasons, splits, warnings, step }: EvalEndContext): void {
    for (const [split, values] of Object.entries(metrics)) {
      const title = this.#titleOf(split, tester)
      for (const [metric, value] of Object.entries(values)) {
        const tag = `${title}/${metric}`
        if (value === null) this.send({ kind: 'missing', tag, step, reason: reasons[split]![metric]! })
        else this.#scalar(tag, value, step)
      }
      const found = splits.find(({ name }) => name === split)
      if (!found) continue
      const { embeddings, dim, dataset, labels } = found
      const names = Array.from(labels, (label) => dataset.classNames[label] ?? String(label))
      this.send({ kind: 'embedding', tag: title, step, table: { embeddings, dim, labels: names, dataset } })
    }
    if (warnings.length > 0) {
      this.send({ kind: 'text', tag: `${tester}/warnings`, step, text: warnings.map((warning) => `- ${warning}\n`).join('') })
    }
  }

  /** Whether a tester is the one whose tags of a split stand alone: losses on it are logged once. */
  owns(split: string, tester: string): boolean {
    return this.#titleOf(split, tester) === split
  }

  /** What the losses of the run, and the numbers of its steps, are on a split that a tester has judged. */
  validation(split: string, tester: string, { terms, reasons, watched }: FoundValidation, step: number): void {
    // The names are those of steps, which log under `train`.
    const prefix = split === 'train' ? `${tester}/train` : split
    const missing = (tag: string, reason: string) => { this.send({ kind: 'missing', tag: `${prefix}/${tag}`, step, reason }) }
    const [reason] = Object.values(reasons)
    if (reason !== undefined) missing('loss', reason)
    else this.#scalar(`${prefix}/loss`, Object.values(terms).reduce((sum, term) => sum + term, 0), step)
    for (const [term, value] of Object.entries(terms)) this.#scalar(`${prefix}/loss/${term}`, value, step)
    for (const [term, why] of Object.entries(reasons)) {
      missing(`loss/${term}`, why)
      this.#sayOnce(why)
    }
    for (const [name, ofBatches] of Object.entries(watched)) this.#watched(`${prefix}/${name.slice('train/'.length)}`, name, ofBatches, step)
  }

  #sayOnce(what: string): void {
    if (this.#said.has(what)) return
    this.#said.add(what)
    globalThis.process?.emitWarning(what)
  }

  /** Where two testers have a split of one name, the second one's tags begin with its own name. */
  #titleOf(split: string, tester: string): string {
    const owner = this.#ownerOf.get(split) ?? tester
    this.#ownerOf.set(split, owner)
    return owner === tester ? split : `${tester}/${split}`
  }

  #memory(step: number): void {
    if (typeof process !== 'undefined') {
      this.#scalar('memory/rss', process.memoryUsage.rss(), step)
      this.#scalar('memory/peakRss', 1024 * process.resourceUsage().maxRSS, step)
    }
    const { numTensors, numBytes } = tf.memory()
    this.#scalar('memory/tensors', numTensors, step)
    this.#scalar('memory/tensorBytes', numBytes, step)
  }

  #scalar(tag: string, value: number, step: number): void {
    this.send({ kind: 'scalar', tag, step, value })
  }
}
