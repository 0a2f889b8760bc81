import type { Random } from './random/random.js'

/** Decides which samples make up a batch. */
export interface BatchSampler {
  readonly name: string
  /** Samples in a batch. */
  readonly batchSize: number
  /** Batches in one epoch. */
  readonly batchesPerEpoch: number
  /**
   * The batches of one epoch, each the dataset rows of its samples. Everything random is drawn from
   * `random`, so that its state is the state of the sampler.
   */
  batches(random: Random): Iterable<Int32Array>
}
