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
  /** Samples in a batch. */
  readonly batchSize: number
  /** Batches in one epoch. */
  readonly batchesPerEpoch: number
  /** Samples of the data set that it was made for, where it was made for one: it goes with no set of another size. */
  readonly sampleCount?: number
  /**
   * The dataset rows of a batch. They follow from the position alone, whatever was asked for before, so that any batch of
   * any epoch can be had at once: draw from `Random.at(seed, name, epoch, batch)`.
   *
   * @returns int32 [samples], in [0, samples of the data set)
   */
  batch(at: BatchPosition): Int32Array
}
