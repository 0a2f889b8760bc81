import { checkedRows, DataError, expectNumber, OptionError, PluginError, type BatchPosition, type BatchSampler, type Dataset, type LoadedSamples } from '@metric-learning/contracts'
import { drawPosition, expectSamples, prefetch } from '@metric-learning/ops'
import type { RunOptions } from '../plan/run-options.js'
import type { Scheme } from '../schemes/scheme.js'

/** A batch as it was loaded. */
export interface LoadedBatch {
  readonly rows: Int32Array
  readonly views: readonly LoadedSamples[]
  /** Where random draws stand. */
  readonly position: Int32Array
}

/** Loads the batches of a run, each as follows from its position alone, ahead of the steps that take them. */
export class BatchLoader {
  readonly #dataset: Dataset
  readonly #sampler: BatchSampler
  readonly #sampleCount: number
  readonly #seed: number
  readonly #views: number
  readonly #depth: number
  /** Of the first batch. */
  #hasPixels: boolean | undefined

  /**
   * @param sampleCount samples of the data set
   * @throws {OptionError} when the data set does not have the views that the scheme wants.
   */
  constructor({ dataset, sampler, seed = 0, prefetch: depth = 2 }: RunOptions, scheme: Scheme, sampleCount: number) {
    expectViews(scheme, dataset)
    this.#dataset = dataset
    this.#sampler = sampler
    this.#sampleCount = sampleCount
    this.#seed = seed
    this.#views = scheme.views ?? 1
    this.#depth = depth
  }

  /** Batches `from` to `end`, without the latter, of an epoch, for which the sampler prepares first. */
  async *batches(epoch: number, from: number, end: number): AsyncGenerator<LoadedBatch, void, undefined> {
    const wanted = Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i)
    if (wanted.length > 0) await this.#sampler.prepare?.({ seed: this.#seed, epoch, batch: from })
    const held = new Set<LoadedBatch>()
    for await (const loaded of prefetch(wanted, (batch) => this.#load(epoch, batch, held), this.#depth)) {
      yield loaded
      held.delete(loaded)
    }
  }

  /** @param held batches that were loaded, and are not done with */
  async #load(epoch: number, batch: number, held: Set<LoadedBatch>): Promise<LoadedBatch> {
    const at = { seed: this.#seed, epoch, batch }
    // A copy: a sampler may use its array again, and a dataset sort it.
    const rows = Int32Array.from(checkedRows(this.#sampler.name, this.#sampler.batch(at), this.#sampleCount))
    expectSize(this.#sampler, rows.length, at)
    const views = await Promise.all(Array.from({ length: this.#views }, (_, view) => this.#dataset.load(rows.slice(), { ...at, view })))
    for (const samples of views) expectSamples(this.#dataset.name, samples, rows.length, this.#dataset)
    for (const { values } of views) this.#expectOneKind(values)
    const loaded = { rows, views, position: drawPosition(this.#seed, epoch, batch) }
    expectOwnMemory(this.#dataset.name, loaded, held)
    held.add(loaded)
    return loaded
  }

  /** Pixels are divided by 255, and values are not: batches that are now one and now the other would be of two scales. */
  #expectOneKind(values: LoadedSamples['values']): void {
    const hasPixels = values.BYTES_PER_ELEMENT === 1
    this.#hasPixels ??= hasPixels
    if (hasPixels === this.#hasPixels) return
    throw new DataError({
      who: `${this.#dataset.name}.load`,
      wanted: `\`values\` as ${this.#hasPixels ? 'Uint8Array' : 'Float32Array'}, as in the first batch`,
      got: hasPixels ? 'Uint8Array' : 'Float32Array',
      fix: 'Load pixels always or never: they are scaled, and other values are taken as they are.',
    })
  }
}

/** A data set that shows a sample in one way only would give the same view twice. */
function expectViews({ name, views = 1 }: Scheme, dataset: Dataset): void {
  expectNumber(`Scheme ${name}`, 'views', views, { min: 1, integer: true })
  const { views: available = 1 } = dataset
  if (views <= available) return
  throw new OptionError({
    who: 'Trainer',
    wanted: `a dataset with ${views} views of a sample, for the scheme ${name}`,
    got: `${dataset.name}, which has ${available}`,
    fix: 'Wrap it in `augmented`, so that each view is drawn anew, or pass a dataset that says how many `views` it has.',
  })
}

/** @throws {PluginError} when a batch has more or fewer samples than its sampler says: options were checked against that. */
function expectSize({ name, batchSize, minBatchSize = batchSize }: BatchSampler, size: number, { epoch, batch }: BatchPosition): void {
  if (size >= minBatchSize && size <= batchSize) return
  throw new PluginError({
    who: name,
    wanted: minBatchSize === batchSize ? `batches of ${batchSize} samples, as \`batchSize\` says` : `batches of ${minBatchSize} to ${batchSize} samples, as \`minBatchSize\` and \`batchSize\` say`,
    got: `${size} in batch ${batch} of epoch ${epoch}`,
    fix: size > batchSize ? 'Have `batchSize` be the largest batch.' : 'Have `minBatchSize` be the smallest batch, or leave smaller ones out.',
  })
}

/**
 * Batches are loaded ahead: one that lies where another does, which is not trained on yet, has written over it.
 *
 * @throws {DataError} when it does, or two views of its samples lie in one place.
 */
function expectOwnMemory(dataset: string, { rows, views }: LoadedBatch, held: Iterable<LoadedBatch>): void {
  const other = [...held].find((batch) => batch.views.some((view) => views.some((own) => isOneMemory(own, view))) && batch.rows.join() !== rows.join())
  const isTwice = views.some((view, i) => views.slice(0, i).some((before) => isOneMemory(view, before)))
  if (!other && !isTwice) return
  throw new DataError({
    who: `${dataset}.load`,
    wanted: `\`values\` of its own for each ${isTwice ? 'view' : 'batch'}`,
    got: isTwice ? 'one array for two views of the same samples' : 'one array for two batches, of which the first is not trained on yet',
    fix: 'Give a new array in each call: what is loaded next would be written over it.',
  })
}

const isOneMemory = ({ values: a }: LoadedSamples, { values: b }: LoadedSamples): boolean => a.buffer === b.buffer && a.byteOffset === b.byteOffset
