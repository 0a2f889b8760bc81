import * as tf from '@tensorflow/tfjs-core'
import { DataError, describeValue, type Dataset, type LoadedSamples, type Normalization } from '@metric-learning/contracts'

const kindOf = (values: unknown): string => Object.prototype.toString.call(values).slice(8, -1)

/**
 * Checks that a dataset gave what it was asked for: what fits neither would be cut to integers, or lie beside other labels.
 *
 * @param who the dataset
 * @param count samples that were asked for
 * @param of what the dataset says of its samples. Default: nothing is known.
 * @throws {DataError} when values are neither bytes nor float32, or do not fill the shape, or there are more or fewer samples, or one is of
 * another shape than `sampleShape`, or there is a `normalization`, which pixels have, for values that are none.
 */
export function expectSamples(who: string, samples: LoadedSamples, count: number, of: Partial<Pick<Dataset, 'sampleShape' | 'normalization'>> = {}): void {
  const given: Partial<LoadedSamples> | null | undefined = samples
  if (typeof given !== 'object' || (given as unknown) === null || !given.values || !Array.isArray(given.shape)) {
    throw new DataError({ who: `${who}.load`, wanted: '`values` and `shape`', got: describeValue(given), fix: 'Return both, such as { values: Float32Array, shape: [rows, ...sample] }.' })
  }
  const { values, shape } = samples
  const kind = kindOf(values)
  const size = Array.isArray(shape) ? shape.reduce((product: number, extent: number) => product * extent, 1) : NaN
  const fault =
    kind !== 'Uint8Array' && kind !== 'Float32Array'
      ? { wanted: '`values` as Uint8Array (pixels) or Float32Array', got: kind, fix: 'Pass one of them, such as `Float32Array.from(values)`.' }
      : shape[0] !== count
        ? { wanted: `${count} samples, one for each row that was asked for`, got: `\`shape\` [${shape.join(', ')}]`, fix: 'Load exactly these rows, in their order.' }
        : size !== values.length
          ? { wanted: `${size} values for \`shape\` [${shape.join(', ')}]`, got: String(values.length), fix: 'Check `shape`: samples first, then that of one sample.' }
          : unlikeSaid(samples, kind, of)
  if (fault) throw new DataError({ who: `${who}.load`, ...fault })
}

/** What is not as the dataset says. */
function unlikeSaid({ shape: [, ...shape] }: LoadedSamples, kind: string, { sampleShape, normalization }: Partial<Pick<Dataset, 'sampleShape' | 'normalization'>>) {
  if (sampleShape !== undefined && sampleShape.join() !== shape.join()) {
    return { wanted: `samples of [${sampleShape.join(', ')}], as \`sampleShape\` says`, got: `[${shape.join(', ')}]`, fix: 'Correct `sampleShape`, or what is loaded.' }
  }
  if (normalization === undefined || kind === 'Uint8Array') return undefined
  return { wanted: '`values` as Uint8Array, pixels for its `normalization`', got: kind, fix: 'Load pixels from 0 to 255; or leave `normalization` out, and load values that need none: they are taken as they are.' }
}

/** Loaded samples on the device as they are: int32 for pixels, float32 for values. The caller disposes it. */
export function uploadSamples({ values, shape }: LoadedSamples): tf.Tensor {
  return tf.tensor(values, [...shape], kindOf(values) === 'Float32Array' ? 'float32' : 'int32')
}

/**
 * Uploaded samples as a network takes them: x = (pixel / 255 - mean) / std per channel for pixels with
 * a normalization, pixel / 255 without one, values as they are. Runs on the device.
 *
 * @returns float32 of the same shape
 */
export function normalizeSamples(uploaded: tf.Tensor, normalization?: Normalization): tf.Tensor {
  if (uploaded.dtype === 'float32') return uploaded
  return tf.tidy(() => {
    const { scale, shift } = affine(normalization)
    return tf.add(tf.mul(tf.cast(uploaded, 'float32'), scale), shift)
  })
}

/** (p / 255 - mean) / std = p · scale + shift. */
function affine(normalization: Normalization = { mean: [0], std: [1] }): { scale: tf.Tensor; shift: tf.Tensor } {
  const { mean, std } = normalization
  return {
    scale: tf.tensor1d(std.map((deviation) => 1 / (255 * deviation))),
    shift: tf.tensor1d(mean.map((centre, channel) => -centre / std[channel]!)),
  }
}
