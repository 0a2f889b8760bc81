import * as tf from '@tensorflow/tfjs-core'

/** PyTorch's `clip_grad_norm_`: all of them times min(1, maxNorm / (norm + 1e-6)), without a look at the device. */
export function clippedByNorm(gradients: readonly tf.Tensor[], maxNorm: number): readonly tf.Tensor[] {
  if (gradients.length === 0) return gradients
  const norm = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))))
  const scale = tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)))
  return gradients.map((gradient) => tf.mul(gradient, scale))
}
