import * as tf from '@tensorflow/tfjs-core'

/** The gradient of a function by central differences, element by element: float32 rounding leaves about three digits. */
export function differences(f: (x: tf.Tensor) => tf.Scalar, at: tf.Tensor, step: number): Float32Array {
  const values = at.dataSync()
  const moved = (i: number, by: number): number =>
    tf.tidy(() => f(tf.tensor(Float32Array.from(values, (value, j) => (i === j ? value + by : value)), at.shape)).dataSync()[0]!)
  return Float32Array.from(values, (_, i) => (moved(i, step) - moved(i, -step)) / (2 * step))
}
