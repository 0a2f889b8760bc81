import type { BatchPosition } from './batch-sampler.js'
import type { LabelComparison, LabelRow } from './labels/label-comparison.js'

/** Samples as the loader delivers them: raw on the host. */
export interface LoadedSamples {
  /** Pixels 0 to 255 (`Uint8Array`), normalised on the device; or values that need nothing more (`Float32Array`). */
  readonly values: Uint8Array | Float32Array
  /** [samples, height, width, channels] for images, [samples, size] for vectors. */
  readonly shape: readonly number[]
}

/** Per channel, for pixels scaled to [0, 1]: x = (pixel / 255 - mean) / std. */
export interface Normalization {
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** A label column of one class a sample. */
export interface ClassColumn {
  /** Class of each sample: int32 [samples]. */
  readonly labels: Int32Array
  /** Name of each class, by label. */
  readonly classNames?: readonly string[]
}

/** A label column of several integers a sample: levels of a hierarchy, or multi-hot. */
export interface ComparedColumn {
  /** One row a sample, all of one width: [samples, width]. */
  readonly labelRows: readonly LabelRow[]
  /** Which rows agree. Default: those that are equal. */
  readonly labelComparison?: LabelComparison
}

/** What samples show, seen in one way. A dataset has one by default and any number of further ones by name. */
export type LabelColumn = ClassColumn | ComparedColumn

/** Which view of which batch of which run. */
export interface DrawPosition extends BatchPosition {
  /** From 0. */
  readonly view: number
}

/** A labelled set of samples. */
export interface Dataset {
  readonly name: string
  /** Class of each sample, host data: integers from 0. */
  readonly labels: Int32Array
  /** Name of each class, by label: no two the same. */
  readonly classNames: readonly string[]
  /** Further label columns by name, each with one entry a sample. Default: none. */
  readonly columns?: Readonly<Record<string, LabelColumn>>
  /** Shape of one sample: [height, width, channels] for images. */
  readonly sampleShape: readonly number[]
  /** How to normalise pixels; absent when `load` gives `Float32Array`. */
  readonly normalization?: Normalization
  /** How many different views of a sample it has: `Infinity` where each is drawn at random. Default 1. */
  readonly views?: number
  /**
   * Loads the given rows, in that order.
   *
   * @param at where in a run they are wanted, for datasets that draw at random: equal rows at an equal position are equal
   *   samples, whatever was loaded before. Default: one fixed position.
   */
  load(rows: Int32Array, at?: DrawPosition): Promise<LoadedSamples>
}
