import { checkedRows, expectNumber, OptionError, type BatchSampler, type Dataset, type LoadedSamples } from '@metric-learning/contracts'
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
    yield* prefetch(wanted, (batch) => this.#load(epoch, batch), this.#depth)
  }

  async #load(epoch: number, batch: number): Promise<LoadedBatch> {
    const at = { seed: this.#seed, epoch, batch }
    // A copy: a sampler may use its array again, and a dataset sort it.
    const rows = Int32Array.from(checkedRows(this.#sampler.name, this.#sampler.batch(at), this.#sampleCount))
    const views = await Promise.all(Array.from({ length: this.#views }, (_, view) => this.#dataset.load(rows.slice(), { ...at, view })))
    for (const samples of views) expectSamples(this.#dataset.name, samples, rows.length)
    return { rows, views, position: drawPosition(this.#seed, epoch, batch) }
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
