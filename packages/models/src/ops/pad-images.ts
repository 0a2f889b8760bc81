import * as tf from '@tensorflow/tfjs-core'

/** Puts `margin` pixels of one value around images: [n, h, w, c] → [n, h + 2 margin, w + 2 margin, c]. */
export function padImages(x: tf.Tensor4D, margin: number, value: number): tf.Tensor4D {
  if (margin === 0) return x
  const sides: [number, number] = [margin, margin]
  return tf.pad(x, [[0, 0], sides, sides, [0, 0]], value)
}
