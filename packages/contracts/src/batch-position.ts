/** Which batch of which run: all that random draws for it follow from. */
export interface BatchPosition {
  /** Of the run. */
  readonly seed: number
  /** From 1. */
  readonly epoch: number
  /** Within the epoch, from 0. */
  readonly batch: number
}

/** Which view of which batch of which run. */
export interface DrawPosition extends BatchPosition {
  /** From 0. */
  readonly view: number
}
