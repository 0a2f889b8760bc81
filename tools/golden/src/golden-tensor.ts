import * as tf from '@tensorflow/tfjs-core'
import { goldenNumber, type GoldenTensor } from './golden-case.js'

/** A tensor of a golden file on the device. */
export function toTensor(value: unknown): tf.Tensor {
  const { shape, data } = value as GoldenTensor
  return tf.tensor(Float32Array.from(data, goldenNumber), [...shape])
}

/** The same, of two axes. */
export const toMatrix = (value: unknown): tf.Tensor2D => toTensor(value) as tf.Tensor2D
