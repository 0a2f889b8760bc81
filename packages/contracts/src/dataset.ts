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

/** A labelled set of samples. */
export interface Dataset {
  readonly name: string
  /** Class of each sample, host data: integers from 0. */
  readonly labels: Int32Array
  /** Name of each class, by label. */
  readonly classNames: readonly string[]
  /** Shape of one sample: [height, width, channels] for images. */
  readonly sampleShape: readonly number[]
  /** How to normalise pixels; absent when `load` gives `Float32Array`. */
  readonly normalization?: Normalization
  /** Loads the given rows, in that order. */
  load(rows: Int32Array): Promise<LoadedSamples>
}
