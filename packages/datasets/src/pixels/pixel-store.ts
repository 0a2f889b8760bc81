import type { Normalization } from '@metric-learning/contracts'

/** Where decoded images are kept: in memory, or in a file. All are of one shape and known by number from 0. */
export interface PixelStore {
  /** Images held. */
  readonly count: number
  /** The bytes of the given images one after the other, in that order; the array belongs to the caller. */
  read(images: Int32Array): Promise<Uint8Array>
  /** Mean and standard deviation of each channel over the given images; see `pixelStatistics`. */
  statistics(images: Int32Array): Normalization
}
