import { describeValue } from './errors/describe-value.js'
import { expectNumber } from './errors/expectations.js'
import { OptionError } from './errors/metric-learning-error.js'

/** Which batch of which run: all that random draws for it follow from. */
export interface BatchPosition {
  /** Of the run. */
  readonly seed: number
  /** From 1. */
  readonly epoch: number
  /** Within the epoch, from 0. */
  readonly batch: number
}

/** Decides which samples make up a batch. */
export interface BatchSampler {
  readonly name: string
  /** Samples in a batch; no batch has more. */
  readonly batchSize: number
  /** No batch has fewer samples, such as the last one of an epoch. A compiled step has a graph for each size. Default: `batchSize`. */
  readonly minBatchSize?: number
  /** Batches in one epoch. */
  readonly batchesPerEpoch: number
  /** Samples of the data set that it was made for, where it was made for one: it goes with no set of another size. */
  readonly sampleCount?: number
  /** Of one over several data sets as one: samples of each that it was made for, in their order. The column `source` of that set tells others. */
  readonly sourceCounts?: readonly number[]
  /**
   * The dataset rows of a batch. They follow from the position alone (and from what {@link prepare} worked out for its epoch),
   * whatever was asked for before, so that any batch of any epoch can be had at once: draw from `Random.at(seed, name, epoch, batch)`.
   *
   * @returns int32 [samples], in [0, samples of the data set)
   */
  batch(at: BatchPosition): Int32Array
  /**
   * What has to be worked out before the batches of an epoch can be asked for, and takes time or a look at the model. The trainer
   * waits for it before it loads the first batch of an epoch, with `batch` 0; and once more, with the batch that comes next, where
   * a run goes on within an epoch.
   *
   * What follows from a model is state: the model has moved on since the epoch began. So `state()` has it, and with `batch`
   * above 0 it is not worked out anew.
   */
  prepare?(from: BatchPosition): Promise<void>
  /**
   * What it measured when it prepared the epoch under way, such as what its miner records of what it selected: numbers by name, which the
   * trainer logs at looks, and which its state has. Absent: nothing.
   */
  statistics?(): Readonly<Record<string, number>>
}

/**
 * Checks where a batch is that a sampler is asked for.
 *
 * @param batches of an epoch
 * @throws {OptionError} when that is no position, or no epoch has that batch.
 */
export function expectBatchPosition(who: string, at: BatchPosition, batches: number): void {
  if (typeof at !== 'object' || (at as object | null) === null) {
    throw new OptionError({ who, wanted: 'the position of a batch', got: describeValue(at), fix: 'Pass `{ seed: 0, epoch: 1, batch: 0 }`.' })
  }
  expectNumber(who, 'seed', at.seed, { integer: true })
  expectNumber(who, 'epoch', at.epoch, { min: 1, integer: true, hint: 'Epochs count from 1.' })
  expectNumber(who, 'batch', at.batch, { min: 0, max: batches - 1, integer: true, hint: `An epoch has ${batches} batches, from 0.` })
}
