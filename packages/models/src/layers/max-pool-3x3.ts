import * as tf from '@tensorflow/tfjs-core'
import { padImages } from '../ops/pad-images.js'

/**
 * Largest value of each 3×3 window, two pixels apart, what is beyond the border left out; PyTorch's
 * `MaxPool2d(3, stride=2, padding=1)`.
 *
 * @returns float32 [n, ⌈height / 2⌉, ⌈width / 2⌉, channels]
 */
export function maxPool3x3(x: tf.Tensor4D): tf.Tensor4D {
  return tf.maxPool(padImages(x, 1, -Infinity), 3, 2, 'valid')
}
