import * as tf from '@tensorflow/tfjs-core'
import type { LoadedSamples, Normalization } from '@metric-learning/contracts'

/** Loaded samples on the device as they are: int32 for pixels, float32 for values. The caller disposes it. */
export function uploadSamples({ values, shape }: LoadedSamples): tf.Tensor {
  return tf.tensor(values, [...shape], values instanceof Float32Array ? 'float32' : 'int32')
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
