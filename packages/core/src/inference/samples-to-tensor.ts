import * as tf from '@tensorflow/tfjs-core'
import type { LoadedSamples, Normalization } from '../contracts/dataset.js'

/**
 * Loaded samples as a float32 tensor, normalised on the device: x = (pixel / 255 - mean) / std per
 * channel for `Uint8Array` with a normalization, pixel / 255 without one, values as they are for
 * `Float32Array`.
 *
 * @returns float32 of `samples.shape`; the caller disposes it
 */
export function samplesToTensor(samples: LoadedSamples, normalization?: Normalization): tf.Tensor {
  const shape = [...samples.shape]
  const { values } = samples
  if (values instanceof Float32Array) return tf.tensor(values, shape)
  return tf.tidy(() => {
    const pixels = tf.cast(tf.tensor(values, shape, 'int32'), 'float32')
    const { scale, shift } = affine(normalization)
    return tf.add(tf.mul(pixels, scale), shift)
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
